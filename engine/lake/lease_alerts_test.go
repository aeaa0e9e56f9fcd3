package lake

import (
	"errors"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// The lease for alerts keeps out who wants to tell, and nobody who wants to write.
func TestAlertsLease(t *testing.T) {
	s := objecttest.NewMem()
	l, err := Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	alerts, err := l.Acquire(t.Context(), LeaseOptions{Name: AlertsLease})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Acquire(t.Context(), LeaseOptions{Name: AlertsLease}); !errors.Is(err, ErrLeased) {
		t.Errorf("two tell: %v", err)
	}
	write, err := l.Acquire(t.Context(), LeaseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(alerts.Release(t.Context()), write.Release(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{leaseKey, alerts.key()} {
		if _, err := s.OpenAt(t.Context(), key); !errors.Is(err, object.ErrNotExist) {
			t.Errorf("%s stays: %v", key, err)
		}
	}
}
