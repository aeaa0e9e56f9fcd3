// Package setup writes the Terraform module that gives an account the trail, the
// buckets and the role that an audit needs.
//
// The module is text for people to review: templates that read like the files they
// make, with every choice of the command line as the default of a variable, so that a
// later edit of a value needs no new run. [Options] say what is wanted and are checked
// before anything is written; [Options.Files] are the files, always the same for the
// same options; [Write] puts them into a directory and keeps what stands there.
package setup
