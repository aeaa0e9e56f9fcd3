// Package report is what a report is made of, whatever it is about: sections with
// tiles, notes, plots and tables, and values that know what they are.
//
// A [Document] is the one source of all that people get: the page (package page), the
// JSON, the CSV files and the text for a terminal have the same numbers because they
// are written from the same values. Texts in it are as the log has them, and so may be
// hostile: each writer makes them safe for where they go.
//
// A document knows no clock. What it says of the past depends on the lake and on what was
// asked, so that whoever asks again gets the same bytes.
package report
