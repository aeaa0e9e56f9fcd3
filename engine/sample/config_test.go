package sample

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/awsconfig"
	"github.com/keytrail/keytrail/schema"
)

// Files of AWS Config come beside a sample that is the same without them, whoever writes it.
func TestConfigIsBeside(t *testing.T) {
	for _, o := range []Options{{Events: 1200, Seed: 3}, {Events: 3000, Days: 14, Seed: 3}} {
		o.Workers = 1
		without, _ := write(t, o)
		o.Config, o.Dir = true, ""
		with, sum := write(t, o)
		o.Workers, o.Dir = 3, ""
		again, _ := write(t, o)
		a, b, c := sums(t, without), sums(t, with), sums(t, again)
		files := 0
		for key, sum := range b {
			if c[key] != sum {
				t.Errorf("%s differs with more workers", key)
			}
			if strings.Contains(key, "/Config/") {
				files++
			} else if a[key] != sum {
				t.Errorf("%s is another one without AWS Config", key)
			}
		}
		if want := len(accounts) * len(regions) * (max(o.Days, defaultDays) + 1); files != want || len(a)+files != len(b) || sum.Objects != int64(len(b)) {
			t.Errorf("%d files of AWS Config, want %d; %d and %d in all", files, want, len(a), len(b))
		}
	}
}

// seen is a sink that keeps what files say.
type seen struct {
	t     *testing.T
	items []schema.ConfigItem
}

func (s *seen) Item(i schema.ConfigItem) error {
	s.items = append(s.items, i)
	return nil
}

func (s *seen) Quarantine(index int32, reason string, raw []byte) error {
	s.t.Errorf("item %d: %s: %s", index, reason, raw)
	return nil
}

// What is written can be read, and says of one table alone that it cannot be recovered
// any more since the incident.
func TestConfigCanBeRead(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		dir, _ := write(t, Options{Events: 300, Days: 5, IncidentDay: 3, NoIncident: quiet, Config: true})
		s := seen{t: t}
		walk(t, dir, func(key string, body []byte) {
			if !strings.Contains(key, "/Config/") {
				return
			}
			if !awsconfig.File(key) || !awsconfig.Within(key) {
				t.Errorf("%s has no name of AWS Config's", key)
			}
			if _, err := awsconfig.Read(body, &s); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		})
		recovery := map[string]map[schema.Tri]bool{}
		for _, i := range s.items {
			if i.Kind != schema.ConfigSettings {
				continue
			}
			if recovery[i.TableARN] == nil {
				recovery[i.TableARN] = map[schema.Tri]bool{}
			}
			recovery[i.TableARN][i.PITR] = true
		}
		for arn, states := range recovery {
			lost := !quiet && arn == "arn:aws:dynamodb:eu-west-1:111122223333:table/customers"
			if len(states) > 1 != lost {
				t.Errorf("%s, quiet %t: recovery was %v", arn, quiet, states)
			}
		}
		if len(recovery) == 0 {
			t.Error("no tables")
		}
	}
}
