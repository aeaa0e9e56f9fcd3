package compliance

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// provenance makes the section that lets somebody else make the report again, and look
// behind its numbers.
type provenance struct {
	books  *books
	seed   uint64
	sample []sampled // the calls with the least hashes
}

// sampled is a call that was picked for a closer look.
type sampled struct {
	hash                                uint64
	event, table, tableARN, name, actor string
	account                             string
	time                                int64
	object                              string
	index                               int32
}

// sampleSize is how many calls are picked.
const sampleSize = 25

// newProvenance seeds the picks by the journal's head: nobody chooses them, and everybody
// who makes the report again has the same.
func newProvenance(f *Frame, b *books) *provenance {
	h := fnv.New64a()
	h.Write([]byte(f.Head.String()))
	return &provenance{books: b, seed: h.Sum64()}
}

func (p *provenance) touch(e *detect.Event) {
	if e.TouchIndex > 0 {
		return
	}
	hash := mix(p.seed, e.EventID, e.RecipientAccountID)
	if len(p.sample) == sampleSize && hash > p.sample[sampleSize-1].hash {
		return
	}
	s := sampled{hash, strings.Clone(e.EventID), strings.Clone(e.TableName), strings.Clone(e.TableARN), strings.Clone(e.EventName), strings.Clone(cmp.Or(e.ActorName, e.Actor)), strings.Clone(e.RecipientAccountID), e.EventTime, strings.Clone(e.SourceObject), e.SourceIndex}
	at, same := slices.BinarySearchFunc(p.sample, &s, func(a sampled, b *sampled) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.event, b.event), cmp.Compare(a.account, b.account), cmp.Compare(a.object, b.object), cmp.Compare(a.index, b.index))
	})
	if same {
		return
	}
	p.sample = slices.Insert(p.sample, at, s)
	p.sample = p.sample[:min(len(p.sample), sampleSize)]
}

// mix is a hash of a call's name, FNV-1a without an allocation, its bits stirred so that
// ids with the same end are not picked together.
func mix(seed uint64, texts ...string) uint64 {
	h := seed
	for _, s := range texts {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return h
}

func (p *provenance) write(_ context.Context, f *Frame, made sections) error {
	s := &report.Section{Title: "Provenance"}
	s.Lead = fmt.Sprintf("Made by %s from %s of the lake, which are the state of commit %s. The command below makes it again.",
		cmp.Or(f.Tool, "keytrail (version not said)"), many(int64(len(p.books.files)), "file"), f.Head)
	s.Level = badIf(p.books.differing() > 0, report.Alarm)
	s.Tables = append(s.Tables, p.inputs(f), p.runTable(), p.statuses(), p.fileTable(), p.queryTable(f), p.samples())
	made[Provenance] = s
	return nil
}

// inputs are all that the report depends on.
func (p *provenance) inputs(f *Frame) report.Table {
	t := report.Table{ID: "inputs", Title: "What went into it", Columns: []report.Column{col("what", "What", report.Text), col("value", "Value", report.Code)}}
	add := func(what, value string) { t.Add(report.TextOf(what), report.CodeOf(value)) }
	add("version", f.Tool)
	add("command", f.Command)
	add("journal head", f.Head.String())
	add("head of the last report", headText(f.Since))
	add("first day", f.Question.From)
	add("last day", f.Question.To)
	add("tables", strings.Join(f.Tables, ", "))
	add("frameworks", strings.Join(f.Frameworks, ", "))
	for _, name := range slices.Sorted(maps.Keys(f.Files)) {
		add("SHA-256 of "+name, f.Files[name])
	}
	add("detections", fingerprintOfCatalogue())
	return t
}

func headText(h lake.Head) string {
	if h == (lake.Head{}) {
		return ""
	}
	return h.String()
}

// fingerprintOfCatalogue changes with every detection and its version.
func fingerprintOfCatalogue() string {
	h := fnv.New64a()
	for i := range detect.Catalogue {
		fmt.Fprintf(h, "%s %d\n", detect.Catalogue[i].ID, detect.Catalogue[i].Version)
	}
	return fmt.Sprintf("%d, fnv1a:%s", len(detect.Catalogue), hex.EncodeToString(binary.BigEndian.AppendUint64(nil, h.Sum64())))
}

func (p *provenance) runTable() report.Table {
	t := report.Table{ID: "runs", Title: "Nightly runs", Empty: "No nightly run is recorded for the period.",
		Columns: []report.Column{
			col("run", "Run", report.Code), col("started", "Started", report.Time), col("ended", "Ended", report.Time), col("tool", "Version", report.Code), col("status", "Exit status", report.Count),
			col("days", "Days judged", report.List), col("failed_steps", "Steps that failed", report.List), col("config_sha256", "SHA-256 of its configuration", report.Code), col("policy_sha256", "SHA-256 of its policy", report.Code),
		}}
	for i := range p.books.runs {
		r := &p.books.runs[i]
		var days, failed []string
		for _, d := range r.Days {
			days = append(days, d.Day)
		}
		for _, step := range r.Steps {
			if step.Outcome == "failed" {
				failed = append(failed, step.Name)
			}
		}
		t.Add(report.CodeOf(r.RunID), report.TimeOf(micros(r.Started)), report.TimeOf(micros(r.Ended)), report.CodeOf(r.Tool), report.CountOf(int64(r.Status)), report.ListOf(days), report.ListOf(failed), report.CodeOf(r.Config), report.CodeOf(r.Policy))
	}
	return t
}

// statuses are the source objects by what became of them.
func (p *provenance) statuses() report.Table {
	t := report.Table{ID: "source_objects", Title: "Source objects", Empty: "The ledger has no object of the period.",
		Columns: []report.Column{
			col("account_id", "Account", report.Code), col("aws_region", "Region", report.Code), col("read", "Read", report.Count), col("failed", "Not readable", report.Count), col("missing", "Gone", report.Count), col("archived", "Archived", report.Count),
			col("digests", "Digests", report.Count), col("other", "Other", report.Count), col("records", "Records", report.Count), col("touches", "Touches", report.Count), col("bytes", "Bytes", report.Count),
		}}
	for _, area := range p.books.ledger.sorted() {
		a := p.books.ledger.areas[area]
		t.Add(report.CodeOf(area.Account), report.CodeOf(area.Region), report.CountOf(a.done), report.CountOf(a.failed), report.CountOf(a.missing), report.CountOf(a.archived), report.CountOf(a.digests), report.CountOf(a.other),
			report.CountOf(a.records), report.CountOf(a.touches), report.CountOf(a.bytes))
	}
	return t
}

func (p *provenance) fileTable() report.Table {
	t := report.Table{ID: "files", Shown: 20, Title: "Files of the lake that were read", Empty: "No file has rows of the period.", Lead: "With the hash that the journal recorded. Each was read again and hashed: as recorded says whether it is that file.",
		Columns: []report.Column{
			col("file", "File", report.Code), col("rows", "Rows", report.Count), col("bytes", "Bytes", report.Count), col("commit", "Commit", report.Count), col("sha256", "SHA-256", report.Code), col("as_recorded", "As recorded", report.Word),
		}}
	for i := range p.books.files {
		s := &p.books.files[i]
		t.Add(report.CodeOf(fileName(s)), report.CountOf(s.Rows), report.CountOf(s.size), report.CountOf(s.Commit), report.CodeOf(s.SHA256),
			yesNo(s.same(), report.WordOf("yes", report.OK), report.WordOf("no", report.Alarm)))
	}
	return t
}

// queryTable has the main numbers as SQL for DuckDB.
func (p *provenance) queryTable(f *Frame) report.Table {
	t := report.Table{ID: "queries", Title: "The main numbers again, with DuckDB", Lead: "Run from the directory of the lake. They count all tables; add a condition on table_arn where the report is about some.",
		Columns: []report.Column{col("number", "Number", report.Text), col("sql", "SQL", report.Code)}}
	from := func(dir string) string {
		return "FROM read_parquet('" + dir + "', hive_partitioning=true, hive_types={'day': DATE})"
	}
	where := fmt.Sprintf(" WHERE day BETWEEN '%s' AND '%s'", f.Question.From, f.Question.To)
	touches := from("touches/**/*.parquet") + where
	for _, q := range [][2]string{
		{"touches", "SELECT count(*) " + touches},
		{"calls", "SELECT count(DISTINCT (recipient_account_id, event_id)) " + touches},
		{"touches by table", "SELECT table_arn, count(*) " + touches + " GROUP BY ALL ORDER BY ALL"},
		{"touches by class of operation", "SELECT table_arn, op, outcome, count(*) " + touches + " GROUP BY ALL ORDER BY ALL"},
		{"identities", "SELECT actor, actor_kind, count(*) " + touches + " GROUP BY ALL ORDER BY ALL"},
		{"denied calls", "SELECT actor, table_arn, op, count(DISTINCT event_id) " + touches + " AND outcome = 'denied' GROUP BY ALL ORDER BY ALL"},
		{"findings by severity", "SELECT severity, count(*) " + from("findings/**/*.parquet") + where + " GROUP BY ALL ORDER BY ALL"},
		{"records by delivery day", "SELECT delivery_day, sum(records), sum(in_scope), sum(out_of_scope), sum(quarantined), sum(touches) FROM read_parquet('ledger/**/*.parquet', hive_partitioning=true) WHERE status = 'done' GROUP BY ALL ORDER BY ALL"},
		{"objects by verdict of the digests", "SELECT account_id, aws_region, status, digest_verdict, count(*) FROM read_parquet('ledger/**/*.parquet', hive_partitioning=true) GROUP BY ALL ORDER BY ALL"},
		{"rows by hourly counts", "SELECT sum(touches) " + from("rollup/**/*.parquet") + where},
	} {
		t.Add(report.TextOf(q[0]), report.CodeOf(q[1]))
	}
	return t
}

// samples are calls to look at one by one, down to the record in its object.
func (p *provenance) samples() report.Table {
	t := report.Table{ID: "samples", Title: "Calls picked for a closer look", Empty: "There are no calls.", Lead: fmt.Sprintf("%d calls at most, picked by the hash of their ids and of the journal's head: nobody chose them. The record stands in the object at that place, counted from 0.", sampleSize),
		Columns: []report.Column{
			col("event_id", "Event", report.Code), col("time", "Time", report.Time), col("event_name", "Call", report.Code), col("table_name", "Table", report.Text), col("actor", "Who", report.Text), col("source_object", "Object", report.Code), col("source_index", "Place", report.Count), col("command", "To see it", report.Code),
		}}
	for i := range p.sample {
		s := &p.sample[i]
		t.Add(report.CodeOf(s.event), report.TimeOf(s.time), report.CodeOf(s.name), report.TextOf(cmp.Or(s.table, s.tableARN)), report.TextOf(s.actor), report.CodeOf(s.object), report.CountOf(int64(s.index)), report.CodeOf(p.command(s)))
	}
	return t
}

// command shows the rows of a call's second. What is from the log and not plainly harmless
// is left out: people paste this into a shell.
func (*provenance) command(s *sampled) string {
	table := ""
	if schema.LegalTableName(s.table) {
		table = " " + s.table
	}
	second := time.UnixMicro(s.time).UTC().Format(time.RFC3339)
	return fmt.Sprintf("keytrail who%s --lake LAKE --from %s --to %s --format json", table, second, second)
}
