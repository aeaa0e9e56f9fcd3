package detect_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// share is how often something came out.
type share struct{ hit, of int }

func (s *share) count(hit bool) {
	s.of++
	if hit {
		s.hit++
	}
}

func (s *share) value() float64 { return float64(s.hit) / float64(max(s.of, 1)) }

// String has Wilson's interval of 95 %: drawing again says nothing where all came out.
func (s *share) String() string {
	const z = 1.96
	n, p := float64(max(s.of, 1)), s.value()
	middle, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return fmt.Sprintf("%.4f (%.4f to %.4f, n=%d)", p, max(0, (middle-half)/(1+z*z/n)), min(1, (middle+half)/(1+z*z/n)), s.of)
}

// score is what a scenario comes to over all worlds.
type score struct {
	recall    share // of what must be found
	unwanted  share // nights on which something is found that must not be
	precision share // findings of medium and above on the night that are about the act
	beside    map[string]int
	wrong     []string // what went wrong, in words
}

// add counts what was found on a night. One act is often found by several detections, a
// table deleted by hand as a change that nobody expects, too: all of them are right.
func (s *score) add(a *act, j *detect.Judgment, world string) {
	ids := map[string]bool{}
	for _, c := range a.calls {
		ids[c.id] = true
	}
	found, unwanted := map[string]bool{}, false
	for i := range j.Findings {
		f := &j.Findings[i]
		about := a.isAbout(f, ids)
		bad := about && (slices.Contains(a.never, f.Detection) || a.most != 0 && f.Severity > a.most)
		if about {
			found[f.Detection] = true
		}
		if f.Severity >= schema.SeverityMedium {
			s.precision.count(about && !bad)
			bad = bad || !about
		}
		unwanted = unwanted || bad
		if bad {
			s.wrong = append(s.wrong, fmt.Sprintf("%s: unwanted %s %s: %s", world, f.Severity, f.Detection, f.Explain))
		}
	}
	for _, id := range a.must {
		s.recall.count(found[id])
		if !found[id] {
			s.wrong = append(s.wrong, fmt.Sprintf("%s: no %s (not evaluated: %v)", world, id, j.Skipped[id]))
		}
		delete(found, id)
	}
	if a.most != 0 || len(a.never) > 0 {
		s.unwanted.count(unwanted)
	}
	for id := range found {
		s.beside[id]++
	}
}

// isAbout reports whether a finding is about the act whose calls have these ids: all calls
// that it shows are of the act. What counts a principal's day shows the first of them,
// which may be ordinary ones; there it has to be the principal and the table.
func (a *act) isAbout(f *schema.Finding, ids map[string]bool) bool {
	if f.Kind == schema.FindingCoverage {
		return a.table != nil && f.TableARN == a.table.arn()
	}
	if f.Kind == schema.FindingAggregate {
		return slices.ContainsFunc(a.calls, func(c *call) bool {
			return c.who.is(f) && (f.TableARN == "" || c.table != nil && f.TableARN == c.table.arn())
		})
	}
	for _, e := range f.Evidence {
		if !ids[e.EventID] {
			return false
		}
	}
	return len(f.Evidence) > 0
}

// is reports whether a finding is about the member.
func (m *member) is(f *schema.Finding) bool {
	return f.Actor == m.arn() && (m.form != person || f.ActorName == m.name)
}

// rows are the score as lines of a table.
func (s *score) rows(name string) string {
	var b strings.Builder
	for _, row := range []struct {
		what string
		*share
	}{{"recall", &s.recall}, {"unwanted", &s.unwanted}, {"precision", &s.precision}} {
		if row.of > 0 {
			fmt.Fprintf(&b, "\n%-50s %v", name+": "+row.what, row.share)
		}
	}
	if len(s.beside) > 0 {
		var also []string
		for _, id := range slices.Sorted(maps.Keys(s.beside)) {
			also = append(also, fmt.Sprintf("%s %d", strings.TrimPrefix(id, "DDB-"), s.beside[id]))
		}
		fmt.Fprintf(&b, "\n%-50s %s", name+": told as well, nights", strings.Join(also, ", "))
	}
	return b.String()
}
