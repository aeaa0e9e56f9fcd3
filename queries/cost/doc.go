// Package cost says what the data events of DynamoDB tables cost, by table, caller and
// call, and what a narrower choice of events would save and hide.
//
// CloudTrail asks by the event delivered, not by the item: a call is counted once, with
// the first table that it reached, whatever number of items and rows it has. So the sums
// of all tables, callers and calls are one number. Prices come from a dated file; nothing
// here is a bill.
package cost
