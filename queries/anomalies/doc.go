// Package anomalies asks what was odd on one day: which counts rose or fell beyond what
// the days before lead one to expect, who was denied more, what is new, who read more
// different keys or did other things than before.
//
// Counts come from the lake's hourly rollups. [Ask] reads those of three months into a
// series for each table, actor and class of operation, judges each one that has enough
// history (package stats), and keeps of the unlikely ones as many as the number of tests
// allows. What is left becomes findings, each with what was expected, what came and
// the series; only for those are touches read, to name who it was.
//
// What could not be judged is counted, by why: a quiet answer is not taken for health.
package anomalies
