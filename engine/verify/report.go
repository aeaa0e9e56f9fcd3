package verify

import (
	"fmt"
	"sync"

	"github.com/keytrail/keytrail/engine/lake"
)

// Kind is what a finding is about.
type Kind string

// Kinds of findings.
const (
	KindFormat     Kind = "format"
	KindStray      Kind = "stray"
	KindCorrupt    Kind = "corrupt"
	KindMetadata   Kind = "metadata"
	KindMissing    Kind = "missing-file"
	KindLeftover   Kind = "leftover"
	KindSplit      Kind = "unfinished-split"
	KindOrder      Kind = "order"
	KindDuplicate  Kind = "duplicate"
	KindDay        Kind = "day"
	KindTable      Kind = "table"
	KindBucket     Kind = "bucket"
	KindBloom      Kind = "bloom"
	KindStatistics Kind = "statistics"
	KindBytes      Kind = "bytes"
	KindLedger     Kind = "ledger"
	KindAccounts   Kind = "accounts"
	KindRollup     Kind = "rollup"
	KindQuarantine Kind = "quarantine"
	KindFindings   Kind = "findings"
	KindConfig     Kind = "config"
	KindJournal    Kind = "journal"
	KindCoverage   Kind = "coverage"
	KindUnread     Kind = "unread"
	KindChanged    Kind = "changed"
	KindGone       Kind = "gone"
)

// why says why a finding of a kind matters, and what to do.
var why = map[Kind]string{
	KindFormat:     "nothing else was checked: no program can tell how to read this lake",
	KindStray:      "keytrail never reads it, but whoever globs the lake may; move it out",
	KindCorrupt:    "its rows cannot be read; move it out, with the ledger of its objects' delivery days, and ingest again",
	KindMetadata:   "readers go by it to know which files count and what columns mean",
	KindMissing:    "its rows are lost to every reader; move the ledger of their delivery days out and ingest again",
	KindLeftover:   "it holds rows that other files have too: who globs the lake counts them twice; the next ingest into this partition replaces it",
	KindSplit:      "a run was cut short while it replaced this partition; the next ingest into it finishes",
	KindOrder:      "searches by key and merges rely on the order, and would miss rows",
	KindDuplicate:  "a touch is counted twice",
	KindDay:        "queries for a day do not find it, and find it for another day",
	KindTable:      "it is shown as a touch of another table",
	KindBucket:     "searches by key look for it in another file",
	KindBloom:      "searches for that value pass over rows that have it",
	KindStatistics: "searches pass over rows that they should find",
	KindBytes:      "damage, another hand or another writer: some part that readers go by differs from what keytrail writes for these rows",
	KindLedger:     "the ledger proves what was read, and tells the next run what to read",
	KindAccounts:   "rows that no object accounts for were lost, made up or not committed; after a run that was cut short, ingest again",
	KindRollup:     "counts that do not match the rows mean that one of them was changed, lost or not committed; after a run that was cut short, ingest again",
	KindQuarantine: "records that could not be understood would be lost quietly",
	KindConfig:     "settings of tables are shown that AWS Config did not record, or others than it did",
	KindFindings:   "somebody else has changed what was found, or people are told otherwise than programs; judge the day again",
	KindJournal:    "the journal says which commit left which file and why; a file or entry it does not know was changed by another hand, or by a run that was cut short: then ingest again",
	KindCoverage:   "answers go by it to say what they may lack; move it out, and the next ingest writes it anew, also one that finds nothing new to read",
	KindUnread:     "its records are not in the lake; run ingest",
	KindChanged:    "what the lake holds is from another version; find out who replaced it, and run ingest",
	KindGone:       "the evidence behind its rows can no longer be shown",
}

// Finding is one thing that does not hold.
type Finding struct {
	Kind  Kind   `json:"kind"`
	Where string `json:"where"` // the file in the lake, or the object
	What  string `json:"what"`
	Why   string `json:"why"` // why it matters, and what to do
}

// maxFindings is how many findings of a kind are kept; the rest are counted.
const maxFindings = 1000

// Report is what was checked and what was found.
type Report struct {
	Lake            string         `json:"lake"`
	TouchFiles      int64          `json:"touch_files"`
	Partitions      int64          `json:"partitions"`
	Rows            int64          `json:"rows"` // live, in files that could be read
	Bytes           int64          `json:"bytes"`
	Probes          int64          `json:"bloom_probes"`
	Objects         int64          `json:"objects"` // rows of the ledger
	ObjectsDone     int64          `json:"objects_done"`
	Touches         int64          `json:"touches"`     // given by the objects done
	Duplicates      int64          `json:"duplicates"`  // touches that are no row of their own, and were not taken out
	RowsErased      int64          `json:"rows_erased"` // by the journal: removed to forget somebody
	RowsPruned      int64          `json:"rows_pruned"` // by the journal: removed because they were old
	Quarantined     int64          `json:"quarantined"`
	Commits         int64          `json:"commits"` // entries of the journal
	Journal         lake.Head      `json:"journal"` // the last of them
	ObjectsInSource int64          `json:"objects_in_source"`
	Notes           []string       `json:"notes"`
	Counts          map[Kind]int64 `json:"counts"` // findings by kind
	Total           int64          `json:"total"`  // findings, of which Findings has up to 1,000 of each kind
	Findings        []Finding      `json:"findings"`

	mu sync.Mutex
}

// Clean reports whether nothing was found.
func (r *Report) Clean() bool { return r.Total == 0 }

func (r *Report) add(k Kind, where, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Total++
	r.Counts[k]++
	if r.Counts[k] <= maxFindings {
		r.Findings = append(r.Findings, Finding{k, where, fmt.Sprintf(format, args...), why[k]})
	}
}
