package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Patch is a unified diff that puts lines behind the last rule of a policy file, each
// indented as the rules there are. data is nil for a file that does not exist: then
// lines are the file. name goes into the diff, for the program patch to find it.
func Patch(name string, data []byte, lines []string) (string, error) {
	var b strings.Builder
	label := name
	if strings.Contains(name, " ") {
		label += "\t" // without which patch takes the first word for the name
	}
	if data == nil {
		fmt.Fprintf(&b, "--- /dev/null\n+++ %s\n@@ -0,0 +1,%d @@\n", label, len(lines))
		added(&b, "", lines)
		return b.String(), nil
	}
	have, ended := splitLines(data)
	at, indent, err := ruleEnd(name, data, documentEnd(have))
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", label, label)
	const context = 3
	from, to := max(0, at-context), min(len(have), at+context)
	start := from + 1
	if to == from {
		start = 0 // of an empty file
	}
	more := len(lines)
	if indent < 0 {
		more++
	}
	fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@\n", start, to-from, from+1, to-from+more)
	kept(&b, have[from:at], at == len(have) && !ended)
	if indent < 0 { // there is no list of rules yet
		b.WriteString("+rules:\n")
		indent = 2
	}
	added(&b, strings.Repeat(" ", indent), lines)
	for i, line := range have[at:to] {
		b.WriteString(" " + line + "\n")
		if at+i+1 == len(have) && !ended {
			b.WriteString(noNewline)
		}
	}
	return b.String(), nil
}

const noNewline = "\\ No newline at end of file\n"

// kept writes lines of context. The file's last line, should it lack its end, is given
// one.
func kept(b *strings.Builder, lines []string, unended bool) {
	for i, line := range lines {
		if unended && i == len(lines)-1 {
			b.WriteString("-" + line + "\n" + noNewline + "+" + line + "\n")
			continue
		}
		b.WriteString(" " + line + "\n")
	}
}

func added(b *strings.Builder, indent string, lines []string) {
	for _, line := range lines {
		b.WriteString(strings.TrimRight("+"+indent+line, " ") + "\n")
	}
}

func splitLines(data []byte) (lines []string, ended bool) {
	text := string(data)
	if text == "" {
		return nil, true
	}
	ended = strings.HasSuffix(text, "\n")
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n"), ended
}

// documentEnd is behind which line the document ends: with the last, or before "...".
func documentEnd(lines []string) int {
	for i, line := range slices.Backward(lines) {
		switch line = strings.TrimSpace(line); {
		case line == "...":
			return i
		case line != "" && line[0] != '#':
			return len(lines)
		}
	}
	return len(lines)
}

// ruleEnd is behind which line of a file its rules end, and how far they are indented: -1
// when it has no key of that name.
func ruleEnd(name string, data []byte, lines int) (line, indent int, err error) {
	r := newReading(name, data)
	body := r.parseYAML(data)
	if len(r.problems.List) > 0 {
		return 0, 0, &r.problems
	}
	mapping, ok := body.(ast.MapNode)
	if !ok {
		return lines, -1, nil
	}
	next := lines + 1
	var rules *ast.MappingValueNode
	for iter := mapping.MapRange(); iter.Next(); {
		pair := iter.KeyValue()
		if rules != nil {
			next = pair.Key.GetToken().Position.Line
			break
		}
		if pair.Key.GetToken().Value == "rules" {
			rules = pair
		}
	}
	if flow, ok := body.(*ast.MappingNode); rules == nil && ok && flow.IsFlowStyle {
		return 0, 0, fmt.Errorf("%s: the whole file stands in brackets, where no rules can be added: write each key in a line of its own", name)
	}
	if rules == nil {
		return lines, -1, nil
	}
	line, indent = rules.Key.GetToken().Position.Line, 2
	if list, ok := rules.Value.(*ast.SequenceNode); ok {
		if list.IsFlowStyle {
			return 0, 0, fmt.Errorf("%s:%d: the rules stand in brackets, where no line can be added: write \"rules:\" and each rule below it, beginning with \"- id\"", name, line)
		}
		indent = list.GetToken().Position.Column - 1
	}
	// Comments right above the next key belong to that.
	for at := line; at < next-1 && at < lines; at++ {
		if text := strings.TrimRight(r.lines[at], " \t\r"); text != "" && (!strings.HasPrefix(text, "#") || next > lines) {
			line = at + 1
		}
	}
	return line, indent, nil
}
