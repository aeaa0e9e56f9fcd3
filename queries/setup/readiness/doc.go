// Package readiness judges how an account logs against what the audit needs, from the
// answers of its services ([setup.Answer]): what is met, what is missing, what nobody was
// allowed to say, and what each of those hides from the questions, detections and reports.
package readiness
