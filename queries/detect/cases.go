package detect

import (
	"embed"
	"strings"
)

// The cases that every detection is tested with: what it is for, and what looks alike.
//
//go:embed testdata/DDB-*.txtar
var caseFiles embed.FS

// Case is one of the cases that a detection is tested with.
type Case struct {
	Name  string // in words: "hour missing"
	Fires bool
	Text  string // records of a day, one a line, less what all records have
}

// CasesOf are a detection's cases, in the order they are written.
func CasesOf(id string) (cases []Case) {
	text, err := caseFiles.ReadFile("testdata/" + id + ".txtar")
	if err != nil {
		return nil
	}
	at := -1
	for line := range strings.Lines(string(text)) {
		head, ok := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		if !ok {
			if at >= 0 {
				cases[at].Text += line
			}
			continue
		}
		at = -1
		if c, ok := caseOf(strings.TrimSuffix(head, " --")); ok {
			cases = append(cases, c)
			at = len(cases) - 1
		}
	}
	return cases
}

// caseOf reads the name of a file; ok is false where it is no case.
func caseOf(file string) (c Case, ok bool) {
	name, _, _ := strings.Cut(file, ".json")
	name, _, _ = strings.Cut(name, "-x")
	rest, fires := strings.CutPrefix(name, "fires")
	rest, quiet := strings.CutPrefix(rest, "quiet")
	if !fires && !quiet {
		return c, false
	}
	c.Name, c.Fires = strings.ReplaceAll(strings.Trim(rest, "-"), "-", " "), fires
	if c.Name == "" {
		c.Name = "the plain case"
	}
	return c, true
}
