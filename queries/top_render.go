package queries

import (
	"fmt"
	"io"
)

// TopFormats are the formats that a ranking can be written in.
var TopFormats = []Format{Table, JSON, JSONL, CSV}

// ParseTopFormat finds one of [TopFormats] by name.
func ParseTopFormat(s string) (Format, error) {
	for _, f := range TopFormats {
		if string(f) == s {
			return f, nil
		}
	}
	return "", fmt.Errorf("%q is no format for this: take one of %s", s, joined(TopFormats))
}

// RenderTop writes a ranking to w. width is the terminal's, 0 is any. JSON is one
// object: what holds for the whole, and rows; JSON lines and CSV are the rows alone.
func RenderTop(w io.Writer, r *Ranking, f Format, width int) error {
	if f == Table {
		_, err := io.WriteString(w, r.table(width))
		return err
	}
	rows := make([][]datum, len(r.Rows))
	for i := range r.Rows {
		rows[i] = r.data(&r.Rows[i])
	}
	return writeData(w, f, r.summary(), r.data(&Ranked{}), rows)
}

// Empty reports whether nothing was found.
func (r *Ranking) Empty() bool { return r.Total+r.Outside == 0 }

func (r *Ranking) by() string {
	if r.Question.ByEvents {
		return "events"
	}
	return "touches"
}

// summary is what holds for the whole ranking.
func (r *Ranking) summary() []datum {
	q := &r.Question
	source, unit := "touches", "second"
	if r.FromRollup {
		source, unit = "rollup", "hour"
	}
	return []datum{
		textDatum("subject", string(q.Subject)),
		textDatum("by", r.by()),
		textDatum("table", q.Where.Table),
		timeDatum("from", q.Where.From, q.Where.From != 0),
		timeDatum("to", q.Where.To, q.Where.To != 0),
		countDatum("total", r.Total),
		countDatum("outside", r.Outside),
		countDatum("distinct", r.Distinct),
		boolDatum("distinct_exact", r.DistinctExact),
		countDatum("unlisted_at_most", r.UnlistedAtMost),
		ratioDatum("first_share", r.FirstShare),
		ratioDatum("first_ten_share", r.TenShare),
		ratioDatum("evenness", r.Entropy),
		textDatum("source", source),
		textDatum("times", unit),
		listDatum("undecided_tables", r.Undecided),
	}
}

// data are the members of a row, the same ones for all rows of a subject.
func (r *Ranking) data(row *Ranked) []datum {
	data := []datum{countDatum("rank", int64(row.Rank))}
	data = append(data, r.valueData(row)...)
	data = append(data,
		countDatum("touches", row.Touches),
		countDatum("events", row.Events),
		ratioDatum("share", row.Share),
		ratioDatum("cumulative_share", row.CumulativeShare),
		boolDatum("place_certain", row.Certain),
		countDatum("reads", row.Reads),
		countDatum("writes", row.Writes),
		countDatum("bulk_reads", row.BulkReads),
		countDatum("denied", row.Denied),
		countDatum("failed", row.Failed),
		countDatum("throttled", row.Throttled),
		countDatum("condition_failed", row.Unmet),
		timeDatum("first_seen", row.First, row.Touches > 0),
		timeDatum("last_seen", row.Last, row.Touches > 0),
		timeDatum("busiest_hour", row.Hour.At, row.Touches > 0),
		countDatum("busiest_hour_touches", row.Hour.Touches),
	)
	if r.ofKeys() {
		data = append(data,
			timeDatum("busiest_minute", row.Minute.At, row.Touches > 0),
			countDatum("busiest_minute_touches", row.Minute.Touches),
			timeDatum("busiest_second", row.Second.At, row.Touches > 0),
			countDatum("busiest_second_touches", row.Second.Touches),
			countDatum("most_reads_in_a_second", row.Second.Reads),
			countDatum("most_writes_in_a_second", row.Second.Writes),
			boolDatum("request_hot", row.RequestHot()),
			boolDatum("dominant", r.Dominant(row)),
		)
	}
	if r.Question.Subject != TopKeys {
		data = append(data, countDatum("distinct_keys", row.Keys), boolDatum("distinct_keys_exact", !row.KeysAtLeast))
	}
	if r.Question.Subject != TopActors {
		data = append(data, countDatum("distinct_actors", row.Actors), textDatum("main_actor", row.MainActor), r.mainShare(row))
	}
	return data
}

func (r *Ranking) mainShare(row *Ranked) datum {
	if row.MainActor == "" {
		return datum{name: "main_actor_share"}
	}
	return ratioDatum("main_actor_share", row.MainActorShare)
}

// valueData are the members that name what a row is of.
func (r *Ranking) valueData(row *Ranked) []datum {
	switch q := r.Question.Subject; q {
	case TopKeys:
		return []datum{textDatum("table_name", row.TableName), textDatum("table_arn", row.TableARN), textDatum("item_key", row.Value)}
	case TopPartitionKeys:
		return []datum{textDatum("table_name", row.TableName), textDatum("table_arn", row.TableARN),
			textDatum("partition_key", row.Member), textDatum("partition_key_value", row.Value)}
	case TopTables:
		return []datum{textDatum("table_name", row.TableName), textDatum("table_arn", row.TableARN)}
	case TopActors:
		return []datum{textDatum("actor", row.Value), textDatum("actor_name", row.Name), textDatum("actor_kind", row.Kind), countDatum("distinct_names", row.Names)}
	case TopOperations:
		return []datum{textDatum("op", row.Value)}
	case TopErrors:
		return []datum{textDatum("error_code", row.Value)}
	default:
		return []datum{textDatum("agent", row.Value)}
	}
}

func (r *Ranking) ofKeys() bool {
	return r.Question.Subject == TopKeys || r.Question.Subject == TopPartitionKeys
}
