// Package sample writes CloudTrail objects that look like a real trail bucket.
//
// [Write] fills a directory with three days, unless told otherwise, of three accounts in three Regions:
// applications that read and write DynamoDB tables, engineers, pipelines, AWS
// services, calls of other services in between, two trails that both deliver,
// objects that arrive after midnight. People, pipelines and pods are given their
// sessions before they act (given.go). In all that noise lies one incident
// (story.go), so that the first question somebody asks has an answer worth having,
// and a few sessions that lead to somebody, or nowhere (chains.go).
//
// From two weeks on a sample is an ordinary month around the incident instead (month.go):
// everybody does about as much every day as on other days of its kind, and policy.yaml
// says that all of it is expected.
//
// The plan (plan.go) cuts the time into five-minute windows per account and
// Region and says how many calls fall into each. Every window draws from its own
// random stream, so windows are written in any order, on any number of cores, in
// constant memory, and the same seed and number of events give the same bytes on
// every host. Only integer arithmetic decides what is written.
//
// Shapes follow the record contents of the CloudTrail User Guide and the DynamoDB
// Developer Guide, logging using CloudTrail. All names, accounts and public
// addresses are made up or reserved for documentation.
package sample
