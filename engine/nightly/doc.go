// Package nightly is the one line in cron: what it is told to do ([Config]), which
// days that comes to ([Plan]), one step after the other ([Run]), and what became of it:
// the record that lies in the lake, metrics, and a ping that stays away when something
// is wrong, so that silence is loud.
//
// It knows the order of the steps and nothing of how they are done: a [Step] is a
// function. A step that fails does not take those after it along, unless they stand on
// it: people hear of a failed night on the same channels as of its findings.
package nightly
