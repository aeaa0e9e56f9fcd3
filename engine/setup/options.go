package setup

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Options say what the module makes. The zero value of everything but Bucket and
// Region is good for most.
type Options struct {
	Name   string // of the trail, and what other names begin with
	Region string // home of the trail and the buckets
	Bucket string // that CloudTrail delivers to
	Lake   string // s3://bucket/prefix; empty: a bucket beside Bucket

	Tables       []string // ARNs whose data events are logged; none: all tables
	Regions      []string // of all tables, only those there
	Organization bool     // log all accounts of the organization
	KMS          bool     // encrypt with keys of one's own, not those of S3

	GlacierDays  int    // age at which logs are archived; 0: never
	GlacierClass string // instant, flexible or deep
	ExpireDays   int    // age at which logs are deleted; 0: never
	LockDays     int    // how long nobody can delete a log; 0: no object lock
	LockMode     string // governance or compliance

	Readers  []string // ARNs of who may take the role of keytrail
	Topics   []string // ARNs of SNS topics that the night's alerts go to
	Nightly  string   // fargate or none
	Schedule string   // cron(...) or rate(...), in UTC
	Subnets  []string // of the nightly task
	Database string   // of Athena
}

// Words of [Options].
const (
	Instant    = "instant"
	Flexible   = "flexible"
	Deep       = "deep"
	Governance = "governance"
	Compliance = "compliance"
	Fargate    = "fargate"
	NoNightly  = "none"
)

// storageClasses are S3's names of the classes, and the days that are paid for at least.
var storageClasses = map[string]struct {
	name string
	paid int
}{Instant: {"GLACIER_IR", 90}, Flexible: {"GLACIER", 90}, Deep: {"DEEP_ARCHIVE", 180}}

// Defaults.
const (
	defaultName     = "keytrail"
	defaultSchedule = "cron(5 1 * * ? *)"
	defaultDatabase = "keytrail"
)

// lateDays is the age that a log must have before it is archived where it cannot be
// read at once: CloudTrail delivers late for up to 30 days, and a run may be missed.
const lateDays = 35

// maxTables is how many tables fit into the selectors of a trail, which take 500 values:
// each table one for itself and one for its streams, the rest five.
const maxTables = (500 - 5) / 2

// withDefaults fills in what was left out, and puts lists in order.
func (o Options) withDefaults() Options {
	o.Name = cmp.Or(o.Name, defaultName)
	o.GlacierClass = cmp.Or(o.GlacierClass, Instant)
	o.LockMode = cmp.Or(o.LockMode, Governance)
	o.Nightly = cmp.Or(o.Nightly, NoNightly)
	o.Schedule = cmp.Or(o.Schedule, defaultSchedule)
	o.Database = cmp.Or(o.Database, defaultDatabase)
	if o.Lake == "" && bucketName.MatchString(o.Bucket) {
		o.Lake = "s3://" + o.Bucket + "-lake"
	}
	for _, list := range []*[]string{&o.Tables, &o.Regions, &o.Readers, &o.Topics, &o.Subnets} {
		*list = slices.Compact(slices.Sorted(slices.Values(*list)))
	}
	return o
}

// lakePlace is the lake's bucket and the prefix in it, without slashes at its ends.
func (o *Options) lakePlace() (bucket, prefix string) {
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(o.Lake, "s3://"), "/")
	return bucket, strings.Trim(prefix, "/")
}

// Error says which option is wrong, why, and what to write.
type Error struct {
	Option string // as on the command line, without dashes
	What   string
}

func (e *Error) Error() string { return "--" + e.Option + ": " + e.What }

func wrong(option, format string, a ...any) error {
	return &Error{option, fmt.Sprintf(format, a...)}
}
