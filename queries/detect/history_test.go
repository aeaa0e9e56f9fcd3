package detect_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/lake/laketest"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/profile"
	"github.com/keytrail/keytrail/schema"
)

const (
	judged  = int32(20_532) // the day that is judged
	dayLong = int64(86_400_000_000)
)

// A history of profiles says what one does that looks through all touches, whatever is in
// the lake, and wherever it lies, also when more comes later.
func TestHistoryOfProfiles(t *testing.T) {
	server := s3test.Start(t)
	for name, c := range map[string]struct {
		seeds uint64
		open  func() (lake.Store, error)
	}{
		"memory":    {3, func() (lake.Store, error) { return objecttest.NewMem(), nil }},
		"directory": {1, func() (lake.Store, error) { return dir.Open(t.TempDir()) }},
		"bucket": {1, func() (lake.Store, error) {
			return s3.Open(t.Context(), "s3://"+server.NewBucket(t)+"/lake", s3.Options{})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range c.seeds {
				store, err := c.open()
				if err != nil {
					t.Fatal(err)
				}
				l, err := lake.Create(t.Context(), store)
				if err != nil {
					t.Fatal(err)
				}
				r := rand.New(rand.NewPCG(seed, 7))
				var touches []schema.Touch
				for range 3 {
					touches = append(touches, randomTouches(r, 100)...)
					laketest.Put(t, l, touches)
					compare(t, l, touches)
				}
			}
		})
	}
}

// compare asks both histories of everything.
func compare(t *testing.T, l *lake.Lake, touches []schema.Touch) {
	t.Helper()
	want := detect.Naive(judged, detect.Once(touches))
	got, err := profile.Open(t.Context(), l, judged, 12, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Note() != "" {
		t.Error(got.Note())
	}
	texts := textsOf(touches)
	for _, n := range []int{1, 5, 20} {
		if got, want := got.Days(n), want.Days(n); got != want {
			t.Fatalf("%d of %d days, not %d", got, n, want)
		}
		for _, table := range texts.tables {
			for _, principal := range texts.principals {
				for _, op := range texts.ops {
					same(t, "keys", got.Distinct(n, table, principal, op), want.Distinct(n, table, principal, op), n, table, principal, op)
					for _, outcome := range []string{"", schema.OutcomeOK, schema.OutcomeDenied, "never"} {
						same(t, "touches", got.Touched(n, table, principal, op, outcome), want.Touched(n, table, principal, op, outcome), n, table, principal, op, outcome)
					}
				}
			}
		}
	}
	compareSeen(t, got, want, texts)
	compareSettings(t, got, touches)
}

func compareSeen(t *testing.T, got, want detect.History, texts *texts) {
	t.Helper()
	for _, table := range texts.tables {
		if table != "" {
			d1, ok1 := got.FirstDay(table)
			d2, ok2 := want.FirstDay(table)
			if ok1 != ok2 || ok1 && d1 != d2 {
				t.Fatalf("first day of %q: %d %v, not %d %v", table, d1, ok1, d2, ok2)
			}
		}
		for _, principal := range texts.principals {
			for f := detect.ByTable; f <= detect.ByRegion; f++ {
				for _, value := range texts.values {
					d1, ok1 := got.LastSeen(f, table, principal, value)
					d2, ok2 := want.LastSeen(f, table, principal, value)
					if ok1 != ok2 || ok1 && d1 != d2 {
						t.Fatalf("%q on %q, family %d, %q: last seen %d %v, not %d %v", principal, table, f, value, d1, ok1, d2, ok2)
					}
				}
			}
		}
	}
}

func same(t *testing.T, what string, got, want []int64, of ...any) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s of %q: %v, not %v", what, of, got, want)
	}
}

// compareSettings holds the settings against those of all touches, less descriptions that
// a later one of the day replaces.
func compareSettings(t *testing.T, h *profile.History, touches []schema.Touch) {
	t.Helper()
	latest := map[string]*schema.Touch{}
	describes := func(t *schema.Touch) bool { return !t.Mutates && t.Plane != schema.PlaneTrail }
	name := func(t *schema.Touch) string {
		return fmt.Sprint(t.EventName, t.TableARN, schema.DayOf(t.EventTime))
	}
	var want []*schema.Touch
	detect.Naive(judged, touches).Settings(func(t *schema.Touch) {
		if describes(t) && t.Outcome == schema.OutcomeOK {
			latest[name(t)] = t
		}
	})
	detect.Naive(judged, touches).Settings(func(t *schema.Touch) {
		if !describes(t) || latest[name(t)] == t {
			want = append(want, t)
		}
	})
	var got []*schema.Touch
	h.Settings(func(t *schema.Touch) { got = append(got, t) })
	if len(want) == 0 || len(got) != len(want) {
		t.Fatalf("%d settings, not %d", len(got), len(want))
	}
	for i := range got {
		if fmt.Sprint(*got[i]) != fmt.Sprint(*want[i]) {
			t.Fatalf("setting %d:\n%+v\nnot\n%+v", i, *got[i], *want[i])
		}
	}
}

// texts are what to ask for: what there is, nothing, and what is nowhere.
type texts struct{ tables, principals, ops, values []string }

func textsOf(touches []schema.Touch) *texts {
	s := texts{tables: []string{"", "nowhere"}, principals: []string{"nobody"}, ops: []string{"", "nothing"}, values: []string{"", "never"}}
	for i := range touches {
		v := &touches[i]
		s.tables = append(s.tables, v.TableARN)
		s.principals = append(s.principals, schema.PrincipalKey(v))
		s.ops = append(s.ops, v.Op)
		s.values = append(s.values, v.Op, v.EventName, v.AWSRegion, "10.0.1.0/24", "10.0.2.0/24", "vpce-1", "aws-cli")
	}
	for _, list := range []*[]string{&s.tables, &s.principals, &s.ops, &s.values} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return &s
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

var made int

func randomTouches(r *rand.Rand, n int) (all []schema.Touch) {
	for range n {
		made++
		day := judged - 12 + r.Int32N(13)
		if day%5 == 0 {
			continue // a day that the lake has nothing of
		}
		table := pick(r, "orders", "users", "users", "")
		t := schema.Touch{
			EventID: fmt.Sprintf("event-%06d", made), TouchIndex: r.Int32N(2), TouchCount: 2,
			EventTime: int64(day)*dayLong + r.Int64N(dayLong), EventName: pick(r, "GetItem", "PutItem", "Scan"),
			Plane: schema.PlaneData, Op: pick(r, schema.OpReadPoint, schema.OpWriteItem, schema.OpReadBulk), Outcome: pick(r, schema.OutcomeOK, schema.OutcomeOK, schema.OutcomeDenied),
			AWSRegion: pick(r, "eu-west-1", "us-east-1"), RecipientAccountID: "111122223333", PrincipalAccountID: "111122223333",
			TableName: table, ActorKind: pick(r, schema.ActorService, schema.ActorHuman),
			Actor:     pick(r, "arn:aws:iam::111122223333:role/orders-api", "arn:aws:iam::111122223333:role/ops", "arn:aws:iam::111122223333:user/bob"),
			ActorName: pick(r, "orders-api", "alice@example.com", "bob"), UserAgent: pick(r, "aws-cli/2.1", "aws-cli/2.2", "curl/8"),
			SourceIP: pick(r, "10.0.1.7", "10.0.1.8", "10.0.2.9", "dynamodb.amazonaws.com"), VPCEndpointID: pick(r, "", "", "vpce-1"),
			SourceObject: "o", KeyScope: schema.ScopeTable,
		}
		if table != "" {
			t.TableARN = "arn:aws:dynamodb:" + t.AWSRegion + ":111122223333:table/" + table
			if r.IntN(4) > 0 {
				t.ItemKey, t.KeyScope = fmt.Sprintf(`{"pk":"%d"}`, r.IntN(40)), schema.ScopeItem
			}
		}
		switch r.IntN(8) {
		case 0:
			setting(r, &t)
		case 1:
			t.SharedEventID = fmt.Sprint("shared-", made)
			other := t
			other.EventID, other.RecipientAccountID = t.EventID+"-there", pick(r, "999988887777", "000011112222")
			other.Actor, other.ActorName = "arn:aws:iam::111122223333:root", ""
			all = append(all, other)
		case 2:
			t.SharedEventID = "shared-insight"
			t.Plane = schema.PlaneInsight
		}
		all = append(all, t)
	}
	return all
}

// setting makes a touch one that a history may keep whole.
func setting(r *rand.Rand, t *schema.Touch) {
	t.ItemKey, t.Op = "", schema.OpSchema
	t.Plane = pick(r, schema.PlaneControl, schema.PlaneControl, schema.PlaneTrail, schema.PlaneKMS)
	t.EventName = pick(r, "UpdateTable", "DescribeTable", "DescribeContinuousBackups", "ListTables")
	t.Mutates = t.EventName == "UpdateTable"
	t.ReadOnly, t.MFA = schema.TriOf(!t.Mutates), pick(r, schema.Null, schema.True, schema.False)
	t.RequestParameters, t.Resources = `{"tableName":"orders"}`, "[]"
	t.KeyValues, t.Attributes = pick(r, nil, []string{"a", ""}), pick(r, nil, []string{"b"})
	t.SourceIndex = r.Int32N(9)
}
