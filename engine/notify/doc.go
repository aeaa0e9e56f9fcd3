// Package notify tells people what a run has found: one digest per run and channel,
// and apart from it no more than a few messages for what is critical.
//
// A [Message] is what there is to tell. A [Channel] puts it into the form of a service,
// within its limits whatever the numbers and names are: an incoming webhook of Slack, a
// webhook of one's own with a signature, an SNS topic, or text for a terminal.
// [Deliver] sends it to all of them, tries again what may succeed later, and spools what
// could not be sent for the next run, so that nothing is lost quietly and no delivery
// holds up the run.
//
// What stands in a message comes from logs, and whoever is logged chooses names. No
// channel lets them address anybody, break out of their place or hide text. Values of
// item keys and requests never go into one. Addresses of webhooks are secrets: no error
// names them.
package notify
