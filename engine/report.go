package engine

import (
	"sync/atomic"

	"github.com/keytrail/keytrail/engine/lake"
)

// Report sums up a run. Its JSON form is what --json prints.
type Report struct {
	Lake string `json:"lake"`

	// Objects listed = known + done + failed + skipped + archived.
	ObjectsListed   int64            `json:"objects_listed"`
	ObjectsKnown    int64            `json:"objects_known"`    // in the ledger already
	ObjectsDone     int64            `json:"objects_done"`     // read to the end
	ObjectsFailed   int64            `json:"objects_failed"`   // entered not at all; tried again next time
	ObjectsSkipped  int64            `json:"objects_skipped"`  // recognised, but no trail objects
	ObjectsArchived int64            `json:"objects_archived"` // in a storage class that needs a restore
	SkippedKinds    map[string]int64 `json:"skipped_kinds"`
	StoredBytes     int64            `json:"stored_bytes"`
	InflatedBytes   int64            `json:"inflated_bytes"`

	// Records = in scope + out of scope + quarantined.
	Records     int64 `json:"records"`
	InScope     int64 `json:"in_scope"`
	OutOfScope  int64 `json:"out_of_scope"`
	Quarantined int64 `json:"quarantined"`

	// Of the objects done, those of AWS Config, and their records in scope: these give no
	// touches.
	ConfigFiles int64 `json:"config_files,omitempty"`
	ConfigItems int64 `json:"config_items,omitempty"`

	Touches            int64 `json:"touches"`            // rows that came in
	RowsAdded          int64 `json:"rows_added"`         // rows that the lake did not have
	Duplicates         int64 `json:"duplicates"`         // rows that dropped out
	Withheld           int64 `json:"withheld,omitempty"` // touches that a rewriter kept out: they are neither
	Conflicts          int64 `json:"conflicts"`          // rows of one event and touch that differ, all kept
	PartitionsMerged   int64 `json:"partitions_merged"`
	PartitionsReplaced int64 `json:"partitions_replaced"`
	SortedRunsSpilled  int64 `json:"sorted_runs_spilled"`

	Journal  lake.Head `json:"journal"`  // the journal's last entry
	Failures []Failure `json:"failures"` // the first of them
	Seconds  float64   `json:"seconds"`
}

// Failure is an object that could not be read.
type Failure struct {
	Object string `json:"object"`
	Error  string `json:"error"`
}

// maxFailures is how many failures a report names; the ledger has them all.
const maxFailures = 20

// Complete reports whether everything listed was read or is known not to be a
// trail object, and every record understood.
func (r *Report) Complete() bool {
	return r.ObjectsFailed == 0 && r.ObjectsArchived == 0 && r.Quarantined == 0
}

// Progress is how far a run is. All fields only grow, except that the plan may
// still be growing while objects are read.
type Progress struct {
	Objects      atomic.Int64 // read, of ObjectsPlanned
	Bytes        atomic.Int64 // stored bytes read, of BytesPlanned
	Records      atomic.Int64
	Partitions   atomic.Int64 // merged, of PartitionsPlanned
	planned      atomic.Int64
	plannedBytes atomic.Int64
	partsPlanned atomic.Int64
	listed       atomic.Bool
}

// ObjectsPlanned is how many objects the run will read, and their stored bytes;
// final once listing has ended.
func (p *Progress) ObjectsPlanned() (n, bytes int64, final bool) {
	return p.planned.Load(), p.plannedBytes.Load(), p.listed.Load()
}

// PartitionsPlanned is how many partitions are to be merged.
func (p *Progress) PartitionsPlanned() int64 { return p.partsPlanned.Load() }
