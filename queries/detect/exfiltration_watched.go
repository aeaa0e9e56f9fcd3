package detect

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

type watchedParams struct {
	WatchKeys []string `yaml:"watch_keys"` // key values, or name=value
}

var watchedKey = define(Detection{
	ID: "DDB-EXF-010", Version: 1, Title: "Watched item reached by a person", Severity: schema.SeverityHigh, Kind: schema.FindingEvent, Always: true,
	Needs: []Need{NeedData, NeedParams}, Attack: []string{"T1213.006"},
	Looks:       "a call on an item of watch_keys by a human, root or somebody unknown: people in the public eye, colleagues, test subjects. A finding tells the entry's number and not the key",
	FalseAlarms: "somebody who works on that case",
	Advice:      "ask which case it was; curiosity about a neighbour or a celebrity is a breach, too",
}, watchedParams{}, func(r *Run, p *watchedParams) Watcher {
	keys := newWatchlist(p.WatchKeys)
	return watch(func(e *Event) {
		if !e.Person() {
			return
		}
		if e.KeyScope == schema.ScopeUnknown && len(p.WatchKeys) > 0 {
			r.NotEvaluated(noItem)
			return
		}
		if n := keys.find(e); n > 0 {
			r.Found(Hit{Event: e, Explain: fmt.Sprintf("%s on an item of %s that is watched, entry %d of watch_keys", e.action(), e.table(), n), About: []string{p.WatchKeys[n-1]}})
		}
	})
})

// roleARN is the principal's ARN less the name of its session, which whoever opens the
// session makes up.
func (e *Event) roleARN() string {
	if at := strings.LastIndexByte(e.PrincipalARN, '/'); e.PrincipalType == "AssumedRole" && at > 0 {
		return e.PrincipalARN[:at+1]
	}
	return e.PrincipalARN
}

type decoyParams struct {
	Decoys    []string `yaml:"decoys"`     // names of tables or globs of their ARNs
	DecoyKeys []string `yaml:"decoy_keys"` // key values, or name=value
	Scanners  []string `yaml:"scanners"`   // globs of the ARNs of tools that look at every table
}

var decoyTouched = define(Detection{
	ID: "DDB-EXF-011", Version: 1, Title: "Decoy touched", Severity: schema.SeverityCritical, Kind: schema.FindingEvent, Always: true, KeepsLevel: true,
	Needs: []Need{NeedParams}, Attack: []string{"T1213.006"},
	Looks:       "any call on a table of decoys or a key of decoy_keys, descriptions and failed calls among them, but those of AWS itself and of the tools in scanners. Nobody has work there",
	FalseAlarms: "an inventory tool that describes all tables: add its role to scanners",
	Advice:      "take it for an intruder who looks around until proven otherwise: see what else the principal did that day and from where, and withdraw its credentials",
}, decoyParams{}, func(r *Run, p *decoyParams) Watcher {
	keys := newWatchlist(p.DecoyKeys)
	return watch(func(e *Event) {
		what := ""
		switch {
		case e.TableName != "" && listed(p.Decoys, e.TableName, e.TableARN):
			what = fmt.Sprintf("%s on %s, a decoy that nobody has work with", e.action(), e.table())
		case keys.find(e) > 0:
			what = fmt.Sprintf("%s on a decoy item of %s, entry %d of decoy_keys", e.action(), e.table(), keys.find(e))
		case e.KeyScope == schema.ScopeUnknown && len(p.DecoyKeys) > 0:
			r.NotEvaluated(noItem)
			return
		default:
			return
		}
		if e.ActorKind != schema.ActorAWS && !listed(p.Scanners, e.Actor, e.roleARN()) {
			r.Found(Hit{Event: e, Explain: what})
		}
	})
})
