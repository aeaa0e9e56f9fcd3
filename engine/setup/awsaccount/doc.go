// Package awsaccount asks an account how its trails, their buckets and their keys are
// set. It only looks: every call is a Get, List, Head or Describe. What may not be asked
// comes back as an answer with its error, since an auditor's role seldom may ask all.
package awsaccount
