package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
)

// Schema names the form of the manifest.
const Schema = "keytrail-evidence/1"

const manifestName = "manifest.json"

// Manifest is what manifest.json says.
type Manifest struct {
	Schema  string    `json:"schema"`
	Tool    string    `json:"tool"`    // that made it, with its version
	Command string    `json:"command"` // that makes the report again
	From    string    `json:"from"`    // event days of the report, YYYY-MM-DD, both included
	To      string    `json:"to"`
	Journal lake.Head `json:"journal"` // the state of the lake
	// Touches are the files that have the rows of those days, in order.
	Touches []TouchesFile `json:"touches"`
	// Objects is how many logs have rows in them.
	Objects int64  `json:"objects"`
	Files   []File `json:"files"` // of the pack, but for the manifest itself, in order
}

// TouchesFile is a file of the lake, not of the pack.
type TouchesFile struct {
	Path   string `json:"path"` // in the lake
	SHA256 string `json:"sha256"`
	Rows   int64  `json:"rows"`
	Commit int64  `json:"commit"` // that left it so
}

// File is a file of the pack.
type File struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// readManifest reads one strictly: what this program does not know may matter.
func readManifest(data []byte) (*Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more behind its end")
	}
	if m.Schema != Schema {
		return nil, fmt.Errorf("it is of the form %q, and this program knows %q", m.Schema, Schema)
	}
	for _, f := range m.Files {
		if !local(f.Path) || f.Path == manifestName {
			return nil, fmt.Errorf("it names the file %q", f.Path)
		}
	}
	return &m, nil
}

// local reports whether a path stays in the pack: whoever sent it may mean harm.
func local(p string) bool {
	return p != "" && path.Clean(p) == p && !path.IsAbs(p) && p != ".." && !strings.HasPrefix(p, "../") && !strings.Contains(p, `\`)
}

func (m *Manifest) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	err := e.Encode(m)
	return b.Bytes(), err
}
