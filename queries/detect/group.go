package detect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// manyPrincipals make one finding of what a detection says of a table: a roll-out is
// told once, and not for every role that takes part.
const manyPrincipals = 10

// group joins the findings of a detection about one table, of one severity, where that
// many principals are concerned. Critical ones stand by themselves, and so do those about
// no table, which have nothing in common: nobody hides one among many of his making.
func group(all []schema.Finding) (out []schema.Finding) {
	type same struct {
		table    string
		severity schema.Severity
	}
	groups := map[same][]schema.Finding{}
	for _, f := range all {
		if f.TableARN == "" || f.Severity == schema.SeverityCritical {
			out = append(out, f)
			continue
		}
		at := same{f.TableARN, f.Severity}
		groups[at] = append(groups[at], f)
	}
	for _, of := range groups {
		principals := map[string]bool{}
		for i := range of {
			principals[of[i].Principal] = true
		}
		if len(principals) < manyPrincipals {
			out = append(out, of...)
			continue
		}
		out = append(out, joined(of, len(principals)))
	}
	return out
}

// joined is one finding of many, which are about one table and equally bad.
func joined(of []schema.Finding, principals int) schema.Finding {
	slices.SortFunc(of, func(a, b schema.Finding) int {
		return cmp.Or(cmp.Compare(kindRank(&a), kindRank(&b)), a.First.Compare(b.First), cmp.Compare(a.ID, b.ID))
	})
	f := of[0]
	f.Fingerprint = schema.Fingerprint(f.Detection, f.TableARN, "", "by many principals", f.Severity.String())
	f.ID = schema.FindingID(f.Fingerprint, f.Day)
	f.Explain = fmt.Sprintf("%d principals, among them %s; for one: %s", principals, principalNames(of), of[0].Explain)
	f.Principal, f.Actor, f.ActorName, f.SourceIP, f.UserAgent, f.Stat = "", "", "", "", "", nil
	f.Count, f.Evidence = 0, nil
	for i := range of {
		o := &of[i]
		f.Count += o.Count
		f.Evidence = mergeEvidence(f.Evidence, o.Evidence...)
		if o.First.Before(f.First) {
			f.First = o.First
		}
		if o.Last.After(f.Last) {
			f.Last = o.Last
		}
		for _, same := range []struct{ a, b *string }{{&f.ActorKind, &o.ActorKind}, {&f.Region, &o.Region}, {&f.Verdict, &o.Verdict}, {&f.Rule, &o.Rule}} {
			if *same.a != *same.b {
				*same.a = ""
			}
		}
	}
	return f
}

// kindRank puts people before machines.
func kindRank(f *schema.Finding) int {
	return slices.Index([]string{schema.ActorHuman, schema.ActorRoot, schema.ActorUnknown, schema.ActorExternal, schema.ActorService, schema.ActorAWS}, f.ActorKind)
}

// principalNames are the first few principals of findings, each once.
func principalNames(of []schema.Finding) string {
	const few = 5
	var list []string
	for i := range of {
		name := cmp.Or(of[i].ActorName, of[i].Principal, "somebody unknown")
		if len(list) < few && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}
