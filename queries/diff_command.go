package queries

import (
	"strings"
	"time"
)

// command is the question that shows the touches of a change, to paste into a shell.
func (q *Diff) command(c *Change) string {
	args := []string{"keytrail", "who"}
	if c.ofTable || c.Tables == 1 && c.Detail == "" {
		args = append(args, tableArgument(c)...)
	}
	if c.ofActor && c.Actor != "" {
		args = append(args, "--actor", shellQuoted(pattern(c.Actor)))
	}
	if c.ofTable && c.ofActor || len(args) == 2 {
		args = append(args, "--op", strings.Join(c.Ops, ","))
	}
	from, to := c.First, c.Last
	if c.Kind == More || c.Kind == Less {
		from, to = q.After.From, q.After.To-1
	}
	return strings.Join(append(args, "--from", moment(from), "--to", moment(to), "--lake", shellQuoted(orElse(q.Lake, "LAKE"))), " ")
}

// tableArgument is the table's ARN where its name alone would not do.
func tableArgument(c *Change) []string {
	name := c.TableARN
	if name == "" {
		name = c.TableName
	}
	if name == "" {
		return nil
	}
	return []string{shellQuoted(name)}
}

func moment(at int64) string { return time.UnixMicro(at).UTC().Format(time.RFC3339) }

// pattern finds an actor whose id may have what nobody should paste into a terminal.
func pattern(actor string) string {
	return strings.Map(func(r rune) rune {
		if hostile(r) || r == '\ufffd' {
			return '?'
		}
		return r
	}, actor)
}

// shellQuoted is s as one word of a POSIX shell.
func shellQuoted(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_./:@%+,-", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(pattern(s), "'", `'\''`) + "'"
}
