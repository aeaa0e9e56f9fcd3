package subject

import (
	"github.com/keytrail/keytrail/queries/coverage"
	"github.com/keytrail/keytrail/queries/report"
)

// method says how the report came about, in words for its audience.
func (a *answer) method() report.Section {
	if a.For == Person {
		return a.letter()
	}
	return report.Section{
		ID: "method", Title: "Method",
		Lead: "Rows of the lake whose key has the value were read from all tables that were searched, of any outcome; then the calls on the tables found that name no item.",
		Notes: []report.Note{
			{Text: "A value is compared whole and as logged: customer#1042 is not 1042. The log has no types: the number 42 and the text 42 are one."},
			{Text: "Categories come from what AWS attests of the caller; a session's name alone makes nobody a person. Purposes are those of the policy's rules that expect the call."},
			{Text: "The calls that may have shown the item are judged by their requests and by the item's life in the log, never by answers, which the log does not have."},
			{Level: report.Attention, Text: "This report has personal data, of the person asked about and of those who acted. Making it is itself an access, of which a record was written."},
		},
	}
}

// letter is the method for the person concerned.
func (a *answer) letter() report.Section {
	s := report.Section{
		ID: "method", Title: "About this report",
		Lead: "This report lists the recorded occasions on which data kept under your key was read, searched, changed or deleted, with the date, the purpose where one is recorded, and what kind of a caller it was.",
		Notes: []report.Note{
			{Text: "It was made from the access log of the databases searched. The log records requests, not what was shown: where a request did not name your data, the report says that it may have been reached, apart from the rest, and how likely that is."},
			{Text: "Staff are people employed or engaged by the organisation, or callers who may be. Applications are programs that run without a person, such as a shop's own systems. An AWS service acts on the organisation's behalf within its cloud."},
			{Text: "A purpose is what the organisation's own rules say the access is for. Where no rule says so, the purpose stands as not recorded, and those are counted."},
			{Text: "What the log cannot show is listed, with dates where they are known. You may ask the organisation about any entry in this report."},
			{Text: "Making this report was itself an access to your data, and was recorded."},
		},
	}
	if a.WithIdentities {
		s.Notes = append(s.Notes, report.Note{Level: report.Attention, Text: "This copy names those who acted. That was asked for expressly: their own rights have to be weighed against yours before it is handed over."})
	} else {
		s.Notes = append(s.Notes, report.Note{Text: "Those who acted are not named. Their identities are their own personal data, and are given only where you need them to exercise your rights and that outweighs theirs (Court of Justice of the EU, C-579/21, 22 June 2023)."})
	}
	return s
}

// provenance says what the report was made from.
func (a *answer) provenance() report.Section {
	t := report.Table{
		ID: "made_from", Title: "Made from", Columns: []report.Column{{Name: "what", Title: "What", Kind: report.Text}, {Name: "value", Title: "Value", Kind: report.Code}},
	}
	add := func(what, value string) { t.Add(report.TextOf(what), report.CodeOf(value)) }
	add("State of the lake (journal entry and its SHA-256)", coverage.HeadText(a.head))
	if a.Policy != nil {
		add("SHA-256 of the policy", a.Policy.SHA256)
	}
	add("Tool", a.Tool)
	if a.For != Person {
		add("Made again by", a.Command)
	}
	s := report.Section{
		ID: "provenance", Title: "Provenance", Lead: "The same lake and the same question give the same report, byte for byte.",
		Tiles: []report.Fact{
			{ID: "files", Name: "Files looked at", Value: report.CountOf(int64(a.read.Files)), Text: "those passed over by their names and indexes included"},
			{ID: "rows", Name: "Rows read", Value: report.CountOf(a.read.Rows)},
		},
		Tables: []report.Table{t},
	}
	return s
}
