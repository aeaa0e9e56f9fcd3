package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
)

// ingested is what keytrail says of a run.
type ingested struct {
	Records     int64
	Quarantined int64
	Known       int64 `json:"objects_known"`
	Done        int64 `json:"objects_done"`
	Failed      int64 `json:"objects_failed"`
	Rows        int64 `json:"rows_added"`
	Partitions  int64 `json:"partitions_merged"`
	Spilled     int64 `json:"sorted_runs_spilled"`
}

// ingest runs keytrail once. What it spills lies in the scratch directory, since
// the system's temporary one may be small.
func (r *race) ingest(lake string, args ...string) (usage, ingested, error) {
	argv := append([]string{r.keytrail, "ingest", "--lake", lake, "--temp-dir", r.scratch, "--json"}, args...)
	u, stdout, err := r.pinned(argv, "")
	if err != nil {
		return u, ingested{}, err
	}
	var rep ingested
	if err := json.Unmarshal(stdout, &rep); err != nil {
		return u, rep, err
	}
	if rep.Quarantined+rep.Failed > 0 {
		return u, rep, fmt.Errorf("%d records in quarantine, %d objects failed", rep.Quarantined, rep.Failed)
	}
	u.rows = rep.Rows
	u.output, err = treeSize(filepath.Join(lake, "touches"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // nothing was in scope
	}
	return u, rep, err
}

// whole reports whether dir was made to its end from the settings given.
func whole[T any](dir string, settings T) bool {
	var have T
	text, err := os.ReadFile(dir + ".json")
	return err == nil && json.Unmarshal(text, &have) == nil && reflect.DeepEqual(have, settings)
}

// begin removes what an earlier try or other settings left of dir.
func begin(dir string) error {
	return errors.Join(os.RemoveAll(dir+".json"), os.RemoveAll(dir))
}

// finish notes beside dir that it is whole.
func finish[T any](dir string, settings T) error {
	text, err := json.MarshalIndent(settings, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(dir+".json", text, 0o666)
}
