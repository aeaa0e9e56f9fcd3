package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/unexpected"
)

// readPolicyFile reads a file that is not larger than a policy is.
func readPolicyFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, policy.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	return data, nil
}

// checkPolicy tells all that is wrong with a policy file.
func checkPolicy(name string, strict bool, stdout io.Writer) error {
	data, err := readPolicyFile(name)
	if err != nil {
		return err
	}
	p, problems := policy.Read(name, data)
	printProblems(stdout, problems)
	wrong, warnings := problems.Count()
	if wrong > 0 || strict && warnings > 0 {
		return fmt.Errorf("%s has %s and %s", name, english.Plural(wrong, "error", ""), english.Plural(warnings, "warning", ""))
	}
	fmt.Fprintf(stdout, "%s: %s, no errors, %s\n", queries.Clean(name), english.Plural(len(p.Rules), "rule", ""), english.Plural(warnings, "warning", ""))
	return nil
}

// printProblems writes what is wrong in a file, which may come from anywhere.
func printProblems(w io.Writer, problems *policy.Problems) {
	for line := range strings.Lines(problems.String()) {
		fmt.Fprintln(w, queries.Clean(strings.TrimSuffix(line, "\n")))
	}
}

// readPolicy reads the file to judge by. One whose meaning is not certain is refused. It is
// nil for --learn where there is none yet.
func (f *unexpectedFlags) readPolicy(stderr io.Writer) (*policy.Policy, error) {
	if f.policy == "" {
		return nil, nil
	}
	data, err := readPolicyFile(f.policy)
	switch {
	case f.learn > 0 && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: --learn 30 proposes such a file from the last 30 days", err)
	case err != nil:
		return nil, err
	}
	p, problems := policy.Read(f.policy, data)
	if p == nil {
		return nil, refused(problems)
	}
	if wrong, _ := problems.Count(); wrong > 0 && !f.quiet {
		fmt.Fprintf(stderr, "keytrail: %s that change no verdict; --check %s tells them\n", english.Plural(wrong, "error in the policy", "errors in the policy"), oneLine(f.policy))
	}
	return p, nil
}

// refused is the first reason why a file cannot be judged by, in one line.
func refused(problems *policy.Problems) error {
	faults := problems.AtLeast(policy.Fault).List
	first := faults[0]
	s := fmt.Sprintf("%s:%d:%d: %s; nothing was judged", problems.Name, first.Line, first.Column, first.What)
	if more := len(faults) - 1; more > 0 {
		s += fmt.Sprintf("; keytrail unexpected --check %s tells %s more", problems.Name, english.Plural(more, "error", ""))
	}
	return errors.New(s)
}

// learn writes rules that what was seen would need, as a diff.
func (q *askUnexpected) learn(ctx context.Context, l *lake.Lake, days int, stop func(), stdout, stderr io.Writer) error {
	span, err := unexpected.LastDays(ctx, l, q.question.Table, days, q.question.To)
	if err != nil {
		return err
	}
	q.question.From, q.question.To = span.From, span.To
	learned, err := unexpected.Learn(ctx, l, q.question, q.now)
	stop()
	if err != nil {
		return err
	}
	name, data := q.view.Policy, []byte(nil)
	if q.question.Policy != nil {
		if data, err = readPolicyFile(name); err != nil {
			return err
		}
	}
	diff, err := learned.Diff(name, data)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(stdout, diff); err != nil || q.quiet {
		return err
	}
	if q.question.Policy == nil {
		fmt.Fprintln(stderr, "keytrail: there is no policy yet, so no table is protected: what people do is proposed for all of them")
	}
	if filepath.Base(name) != name && diff != "" {
		fmt.Fprintf(stderr, "keytrail: tell patch which file it is: patch %s < DIFF\n", oneLine(name))
	}
	for _, line := range learned.Summary() {
		fmt.Fprintf(stderr, "keytrail: %s\n", line)
	}
	return nil
}
