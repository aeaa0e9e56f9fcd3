package s3

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSuite(t *testing.T) {
	server := s3test.Start(t)
	objecttest.Suite(t, func(t *testing.T) objecttest.Store {
		s, err := Open(t.Context(), "s3://"+server.NewBucket(t)+"/some/prefix", Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
