// Package subject makes the report on one key value: everything that touched it in any
// table, what may have without naming it, and what no log would show.
//
// The report comes in two renderings of one answer. The investigator's has who it was,
// from where, and the events to look up. That of the person concerned has dates,
// categories and purposes: whose hands they were is the employees' own personal data. No
// text from the log but names of tables and of their keys' members gets into that one, so
// that nothing which was not thought of can.
package subject
