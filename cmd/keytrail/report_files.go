package main

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
)

// readReportPolicy reads a policy for a report; none where no file is named.
func readReportPolicy(file string, stderr io.Writer) (*policy.Policy, error) {
	f := unexpectedFlags{policy: file}
	return f.readPolicy(stderr)
}

// maxTrails is how large a snapshot of trails' settings is read.
const maxTrails = 64 << 20

// readTrails reads saved settings of trails; none where no file is named.
func readTrails(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--trails: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxTrails+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("--trails: %w", err)
	case len(data) > maxTrails:
		return nil, fmt.Errorf("--trails: %s is larger than %d MiB: no snapshot of trails' settings is", name, maxTrails>>20)
	}
	return data, nil
}

// reportCommand is the command line as it was given, to be pasted: but for where the
// report goes, which is no part of it.
func reportCommand(kind string) string {
	words := []string{"keytrail report " + kind}
	skip := false
	started := false
	for _, arg := range os.Args[1:] {
		switch {
		case !started:
			started = arg == kind
		case skip:
			skip = false
		case goesOut(arg):
			skip = !strings.Contains(arg, "=")
		default:
			words = append(words, queries.ShellWord(arg))
		}
	}
	return strings.Join(words, " ")
}

// goesOut reports whether a word of the command line says where something is written.
func goesOut(arg string) bool {
	name, _, _ := strings.Cut(arg, "=")
	switch name {
	case "--out", "--json-out", "--csv-out", "--access-log":
		return true
	}
	return false
}

// osUser is whom the operating system says runs this.
func osUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return fmt.Sprint(os.Getuid())
}
