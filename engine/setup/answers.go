package setup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Answer is what a service of AWS answered to one call, as JSON whose members are those
// that the AWS command line prints.
//
// A file of answers has them one after the other in any order, each an object: the
// answer's own members, and beside them Call, About and Error, which the command line
// does not print and which may be missing. So what that prints, put together, is such a
// file too; and one that was written here is a snapshot of trails to the detections.
type Answer struct {
	Call  string // cloudtrail:GetTrailStatus
	About string // ARN of the trail or key, name of the bucket; empty when nobody said
	Error *Fault // in place of an answer

	JSON json.RawMessage // all of it, as it stands in the file
}

// Fault is the error of a call.
type Fault struct {
	Code, Message string
}

func (f *Fault) Error() string { return strings.TrimSuffix(f.Code+": "+f.Message, ": ") }

// maxAnswers bounds a file, which may come from anywhere.
const maxAnswers = 64 << 20

// ReadAnswers reads a file of answers. What is no answer of a call that is asked for is an
// error.
func ReadAnswers(r io.Reader) (all []Answer, err error) {
	limited := &io.LimitedReader{R: r, N: maxAnswers}
	d := json.NewDecoder(limited)
	for n := 1; ; n++ {
		var raw json.RawMessage
		switch err := d.Decode(&raw); {
		case errors.Is(err, io.EOF) && n == 1:
			return nil, errors.New("it is empty")
		case errors.Is(err, io.EOF):
			return all, nil
		case limited.N <= 0:
			return nil, fmt.Errorf("it is larger than %d MiB", maxAnswers>>20)
		case err != nil:
			return nil, fmt.Errorf("answer %d: %w", n, err)
		}
		a := Answer{JSON: raw}
		if err := a.read(); err != nil {
			return nil, fmt.Errorf("answer %d: %w", n, err)
		}
		all = append(all, a)
	}
}

// memberOf tells calls by a member that no other's answer has; the first that is there
// decides.
var memberOf = []struct{ member, call string }{
	{"trailList", "cloudtrail:DescribeTrails"},
	{"InsightSelectors", "cloudtrail:GetInsightSelectors"},
	{"AdvancedEventSelectors", "cloudtrail:GetEventSelectors"},
	{"EventSelectors", "cloudtrail:GetEventSelectors"},
	{"IsLogging", "cloudtrail:GetTrailStatus"},
	{"PublicAccessBlockConfiguration", "s3:GetPublicAccessBlock"},
	{"ServerSideEncryptionConfiguration", "s3:GetBucketEncryption"},
	{"ObjectLockConfiguration", "s3:GetObjectLockConfiguration"},
	{"LoggingEnabled", "s3:GetBucketLogging"},
	{"Rules", "s3:GetBucketLifecycleConfiguration"},
	{"TableNames", "dynamodb:ListTables"},
	{"UserId", "sts:GetCallerIdentity"},
	{"PolicyName", "kms:GetKeyPolicy"},
	{"Policy", "s3:GetBucketPolicy"},
	{"Status", "s3:GetBucketVersioning"},
	{"TrailARN", "cloudtrail:GetEventSelectors"}, // of a trail without selectors
}

func (a *Answer) read() error {
	var known struct {
		Call, About, TrailARN string
		Error                 *Fault
	}
	if err := json.Unmarshal(a.JSON, &known); err != nil {
		return err
	}
	a.Call, a.About, a.Error = known.Call, known.About, known.Error
	if a.About == "" {
		a.About = known.TrailARN
	}
	if a.Call != "" {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(a.JSON, &members); err != nil {
		return err
	}
	for _, m := range memberOf {
		for name := range members {
			if strings.EqualFold(name, m.member) {
				a.Call = m.call
				return nil
			}
		}
	}
	return errors.New("it is of no call that is of use here: see the help for those that are")
}

// NewAnswer puts together an answer from its members.
func NewAnswer(call, about string, fault *Fault, members map[string]any) (Answer, error) {
	all := map[string]any{"Call": call}
	for name, v := range members {
		all[name] = v
	}
	if about != "" {
		all["About"] = about
	}
	if fault != nil {
		all["Error"] = fault
	}
	data, err := json.MarshalIndent(all, "", "  ")
	return Answer{Call: call, About: about, Error: fault, JSON: data}, err
}

// WriteAnswers writes a file that [ReadAnswers] reads.
func WriteAnswers(w io.Writer, all []Answer) error {
	for i := range all {
		if _, err := fmt.Fprintf(w, "%s\n", all[i].JSON); err != nil {
			return err
		}
	}
	return nil
}
