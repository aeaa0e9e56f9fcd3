package digest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// listedBucket remembers what was listed.
type listedBucket struct {
	*bucket
	prefixes []string
}

func (l *listedBucket) List(ctx context.Context, prefix string, fn func(object.Info) error) error {
	l.prefixes = append(l.prefixes, prefix)
	return l.bucket.List(ctx, prefix, fn)
}

func judged(t *testing.T, src Source, prefix string, keys *Keys, o Options) (map[string]Verdict, Report) {
	t.Helper()
	verdicts := map[string]Verdict{}
	o.Each = func(v Verdict) error { verdicts[v.Key] = v; return nil }
	rep, err := Verify(t.Context(), src, prefix, keys, o)
	if err != nil {
		t.Fatal(err)
	}
	return verdicts, rep
}

// Every window gives its logs the verdicts that the whole history gives, whatever was
// done to it, and lists only folders of days around it.
func TestDigestWindow(t *testing.T) {
	r := newTrail(t)
	r.now = time.Date(2025, 12, 30, 20, 0, 0, 0, time.UTC) // across months and years
	for range 3 * 24 {
		r.hour(1)
	}
	r.to.edit(t, r.logs[20], "eventID", "eventid")
	r.to.remove(t, r.logs[33])
	r.to.remove(t, r.digests[40])
	r.to.edit(t, r.digests[60], `"awsAccountId"`, `"aws-account-id"`)
	keys := keysOf(t, r.signer)
	all, _ := judged(t, r.to, "", keys, Options{})
	days := []string{"", "2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02", "2026-02-01"}
	tried := 0
	for _, from := range days {
		for _, to := range days {
			if from <= to || to == "" {
				src := &listedBucket{bucket: r.to}
				got, rep := judged(t, src, "", keys, Options{From: from, To: to, Reads: 2})
				tried++
				w := window{from, to}
				for key, v := range all {
					g, ok := got[key]
					if ok != w.has(object.ParseKey(key).Day) || ok && (g.Status != v.Status || g.Planted != v.Planted) {
						t.Errorf("%s to %s: %s: %v %+v, in all %+v", from, to, key, ok, g, v)
					}
				}
				if len(got) > len(all) || int64(len(got)) != rep.Logs.Proven+rep.Logs.Unproven+rep.Logs.Altered+rep.Logs.Missing {
					t.Errorf("%s to %s: %d verdicts, %+v", from, to, len(got), rep.Logs)
				}
				for _, p := range src.prefixes {
					if day := object.ParseKey(p + "x.json.gz").Day; (from != "" || to != "") && (day == "" || !w.around().has(day)) {
						t.Errorf("%s to %s: listed %s", from, to, p)
					}
				}
			}
		}
	}
	t.Logf("%d windows over %d digests, 4 faults", tried, len(r.digests))

	if _, err := Verify(t.Context(), r.to, "", keys, Options{From: "yesterday"}); err == nil {
		t.Error("took yesterday for a day")
	}
	if _, err := Verify(t.Context(), r.to, "", keys, Options{From: "2026-01-02", To: "2026-01-01"}); err == nil {
		t.Error("took a window that ends before it begins")
	}
	day := "AWSLogs/111122223333/CloudTrail/eu-west-1/2025/12/31/"
	if got, _ := judged(t, r.to, day, keys, Options{From: "2025-12-31", To: "2025-12-31"}); len(got) != 24 {
		t.Errorf("%d logs of one day's folder", len(got))
	}
	if got, _ := judged(t, r.to, day, keys, Options{From: "2026-01-01"}); len(got) != 0 {
		t.Errorf("%d logs of another day's folder", len(got))
	}
}

// A trail that was silent for days is continued by a digest that names one from
// before: in a window, that one was not looked for, and is not missing.
func TestDigestWindowAfterSilence(t *testing.T) {
	r := newTrail(t)
	r.hour(1)
	r.now = r.now.Add(100 * time.Hour)
	r.hour(1)
	r.hour(0)
	got, rep := judged(t, r.to, "", keysOf(t, r.signer), Options{From: "2026-03-06"})
	if v := got[r.logs[1]]; len(got) != 1 || v.Status != Proven || rep.Findings() != 0 || rep.Chains[0].Before != r.digests[0] {
		t.Errorf("%+v: %+v", got, rep)
	}
}

// Nor is it when the digest that names it is not the first of the window.
func TestDigestWindowOfTwoChains(t *testing.T) {
	r := newTrail(t)
	r.hour(1)
	old := r.prev
	r.now, r.prev = r.now.Add(100*time.Hour), nil
	r.hour(1)
	r.prev = old
	r.hour(1)
	r.hour(0)
	got, rep := judged(t, r.to, "", keysOf(t, r.signer), Options{From: "2026-03-06"})
	if len(got) != 2 || rep.Logs.Proven != 2 || rep.Findings() != 0 {
		t.Errorf("%+v: %+v", got, rep)
	}
}

// What is known is not read, and judged all the same.
func TestDigestKnown(t *testing.T) {
	r := newTrail(t)
	r.hour(3)
	r.hour(0)
	sums := map[string][32]byte{r.logs[0]: hashed(t, r, r.logs[0]), r.logs[1]: {1}}
	r.to.put(t, r.logs[0], []byte("never read")) // somebody who says to know is believed
	r.to.Archive(r.logs[1], "GLACIER")
	got, _ := judged(t, r.to, "", keysOf(t, r.signer), Options{Known: func(o object.Info) ([32]byte, bool) {
		if o.ETag == "" {
			t.Errorf("asked for %s without its version", o.Key)
		}
		sum, ok := sums[o.Key]
		return sum, ok
	}})
	for i, want := range []Status{Proven, Altered, Proven} {
		v := got[r.logs[i]]
		if v.Status != want || !v.Listed || v.ETag == "" || !v.Signed() || v.Of(hashed(t, r, r.logs[2])) == Proven != (i == 2) {
			t.Errorf("log %d: %+v, want %s", i, v, want)
		}
	}
}

func hashed(t *testing.T, r *trail, key string) [32]byte {
	t.Helper()
	sum, err := hash(t.Context(), r.to, object.Info{Key: key})
	if err != nil && !strings.Contains(err.Error(), "archived") {
		t.Fatal(err)
	}
	return sum
}

func TestDigestRegions(t *testing.T) {
	r := newTrail(t)
	for range 30 {
		r.hour(0)
	}
	first, last := start.Add(time.Hour), start.Add(30*time.Hour)
	for _, c := range []struct {
		from, to string
		want     []Region
	}{
		{"", "", []Region{{testRegion, first.Add(-signedBefore), last.Add(signedAfter)}}},
		{"", "2026-03-01", []Region{{testRegion, first.Add(-signedBefore), start.Add(time.Hour).Add(signedAfter)}}},
		{"2026-03-08", "", nil},
	} {
		got, err := Regions(t.Context(), r.to, "", c.from, c.to)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s to %s: %v, %v; want %v", c.from, c.to, got, err, c.want)
		}
	}
	r.backfill = true
	r.hour(1)
	if got, err := Regions(t.Context(), r.to, "", "", ""); err != nil || len(got) != 1 || !got[0].To.IsZero() {
		t.Errorf("with backfill: %v, %v", got, err)
	}
}
