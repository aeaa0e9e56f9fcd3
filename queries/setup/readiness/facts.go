package readiness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/setup"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// trail is one of the trails that log the account.
type trail struct {
	Name, TrailARN, HomeRegion, S3BucketName, KmsKeyID string
	IsMultiRegionTrail, IncludeGlobalServiceEvents     *bool // nil: not said
	LogFileValidationEnabled, IsLogging                *bool
	IsOrganizationTrail                                bool

	raw json.RawMessage
}

// account is the number of the account that a trail belongs to.
func (t *trail) account() string {
	if parts := strings.Split(t.TrailARN, ":"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}

// facts are the answers, by what they are about.
type facts struct {
	answers   []setup.Answer
	trails    []trail // those to be judged
	complete  bool    // trails were told, if there are none too
	refused   string  // why they were not
	elsewhere string  // why trails of other Regions may be missing; empty when all were told
	caller    string  // account that asked; empty when nobody said
	coverage  *detect.Coverage
}

// learn reads answers. name, of a trail or its ARN, picks one; empty takes all.
func learn(answers []setup.Answer, name string) (*facts, error) {
	f := &facts{answers: answers, coverage: detect.NewCoverage()}
	var others []string
	for i := range answers {
		a := &answers[i]
		if a.Call == "sts:GetCallerIdentity" && a.Error == nil {
			var identity struct{ Account string }
			if err := json.Unmarshal(a.JSON, &identity); err != nil {
				return nil, fmt.Errorf("answer of GetCallerIdentity: %w", err)
			}
			f.caller = identity.Account
		}
		if a.Call == "cloudtrail:ListTrails" && a.Error != nil {
			f.elsewhere = fmt.Sprintf("%s: %s", a.Call, a.Error)
		}
		if a.Call != "cloudtrail:DescribeTrails" {
			continue
		}
		if a.Error != nil {
			f.refused = a.Error.Error()
			f.elsewhere = strings.TrimSpace(fmt.Sprintf("%s %s", a.Call, a.About)) + ": " + f.refused
			continue
		}
		var list struct{ TrailList []json.RawMessage }
		if err := json.Unmarshal(a.JSON, &list); err != nil {
			return nil, fmt.Errorf("answer of DescribeTrails: %w", err)
		}
		f.complete = true
		for _, raw := range list.TrailList {
			t := trail{raw: raw}
			if err := json.Unmarshal(raw, &t); err != nil {
				return nil, fmt.Errorf("answer of DescribeTrails: %w", err)
			}
			if slices.ContainsFunc(f.trails, func(o trail) bool { return o.TrailARN == t.TrailARN }) {
				continue // seen from two Regions
			}
			if name == "" || t.Name == name || t.TrailARN == name {
				f.trails = append(f.trails, t)
			} else {
				others = append(others, t.Name)
			}
		}
	}
	if name != "" && f.complete && len(f.trails) == 0 {
		return nil, fmt.Errorf("there is no trail %q: %s", name, listed(others, "there are ", "there is none at all"))
	}
	if err := f.settle(); err != nil {
		return nil, err
	}
	return f, f.cover()
}

// settle finds what answers are about that do not say so: the one trail, its bucket, its key.
func (f *facts) settle() error {
	f.answers = slices.Clone(f.answers)
	for i := range f.answers {
		a := &f.answers[i]
		service, _, _ := strings.Cut(a.Call, ":")
		if a.About != "" || a.Call == "cloudtrail:DescribeTrails" || a.Call == "cloudtrail:ListTrails" || service == "dynamodb" || service == "sts" {
			continue
		}
		if len(f.trails) != 1 {
			return fmt.Errorf("answer %d, of %s, does not say what it is about, and there are %d trails: pick one with --trail, or have --save write the answers, which says it", i+1, a.Call, len(f.trails))
		}
		a.About = map[string]string{"cloudtrail": f.trails[0].TrailARN, "s3": f.trails[0].S3BucketName, "kms": f.trails[0].KmsKeyID}[service]
	}
	return nil
}

// cover tells the model of selectors, which detections use as well, what these trails log.
func (f *facts) cover() error {
	if !f.complete {
		return nil
	}
	var text bytes.Buffer
	text.WriteString(`{"trailList":[`)
	for i := range f.trails {
		if i > 0 {
			text.WriteByte(',')
		}
		t := &f.trails[i]
		var members map[string]any
		if err := json.Unmarshal(t.raw, &members); err != nil {
			return err
		}
		if on, why := f.logging(t); why == "" {
			members["IsLogging"] = on
		}
		raw, err := json.Marshal(members)
		if err != nil {
			return err
		}
		text.Write(raw)
	}
	text.WriteString("]}\n")
	for i := range f.trails {
		if a, why := f.answer("cloudtrail:GetEventSelectors", f.trails[i].TrailARN); why == "" && a.Error == nil {
			text.Write(a.JSON)
		}
	}
	return f.coverage.Learn(&text)
}

// audited are the trails that log calls on items, and all where none does: one that is kept
// for something else need not have what this audit needs.
func (f *facts) audited() (trails []*trail) {
	var all []*trail
	for i := range f.trails {
		t := &f.trails[i]
		all = append(all, t)
		var s selectors
		if f.read("cloudtrail:GetEventSelectors", t.TrailARN, &s) != "" || s.ofTables() {
			trails = append(trails, t)
		}
	}
	if len(trails) == 0 {
		return all
	}
	return trails
}

// asked tells whether somebody told of the trails of a table's account.
func (f *facts) asked(table string) bool {
	arn, ok := schema.ParseTableARN(table)
	if !ok {
		return false
	}
	return arn.Account == f.caller || slices.ContainsFunc(f.trails, func(t trail) bool { return t.account() == arn.Account })
}

// logging tells whether a trail is switched on; why, when that is not known.
func (f *facts) logging(t *trail) (on bool, why string) {
	var status struct{ IsLogging *bool }
	why = f.read("cloudtrail:GetTrailStatus", t.TrailARN, &status)
	switch {
	case why == "" && status.IsLogging != nil:
		return *status.IsLogging, ""
	case t.IsLogging != nil:
		return *t.IsLogging, ""
	case why == "":
		why = "the answer of GetTrailStatus does not say"
	}
	return false, why
}

// answer is what a call about something answered; why, when nobody knows.
func (f *facts) answer(call, about string) (a *setup.Answer, why string) {
	for i := range f.answers {
		a := &f.answers[i]
		if a.Call != call || a.About != about {
			continue
		}
		if a.Error != nil && !absent(a.Error.Code) {
			return nil, fmt.Sprintf("%s: %s", call, a.Error)
		}
		return a, ""
	}
	return nil, "nobody told: there is no answer of " + call
}

// absent tells the errors that say a setting is not there.
func absent(code string) bool {
	switch code {
	case "NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration", "NoSuchLifecycleConfiguration", "ObjectLockConfigurationNotFoundError",
		"ServerSideEncryptionConfigurationNotFoundError", "InsightNotEnabledException":
		return true
	}
	return false
}

// read fills to from an answer; a setting that is not there leaves it as it is.
func (f *facts) read(call, about string, to any) (why string) {
	a, why := f.answer(call, about)
	if why != "" || a.Error != nil {
		return why
	}
	if err := json.Unmarshal(a.JSON, to); err != nil {
		wrong := new(json.UnmarshalTypeError)
		if errors.As(err, &wrong) {
			return fmt.Sprintf("the answer of %s makes no sense: %s is a %s", call, wrong.Field, wrong.Value)
		}
		return fmt.Sprintf("the answer of %s makes no sense: %v", call, err)
	}
	return ""
}

// listed is a list in a sentence, the first few of it.
func listed(all []string, before, none string) string {
	const most = 6
	switch {
	case len(all) == 0:
		return none
	case len(all) > most:
		return fmt.Sprintf("%s%s and %d more", before, strings.Join(all[:most], ", "), len(all)-most)
	}
	return before + strings.Join(all, ", ")
}
