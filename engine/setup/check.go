package setup

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)
	trailName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$`)
	regionName = regexp.MustCompile(`^[a-z]{2,8}(-[a-z]{2,16}){1,3}-[0-9]{1,2}$`)
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	prefixName = regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$`)
	principal  = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/[A-Za-z0-9+=,.@_/-]{1,512})$`)
	topic      = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,251}(\.fifo)?$`)
	subnetID   = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
	schedule   = regexp.MustCompile(`^(rate\([1-9][0-9]* (minute|hour|day)s?\)|cron\(([0-9A-Za-z*?,/#-]+ ){5}[0-9A-Za-z*?,/#-]+\))$`)
	database   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,127}$`)
)

// Amazon S3 User Guide, "General purpose bucket naming rules".
var reservedBuckets = regexp.MustCompile(`^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$`)

const (
	maxName      = 40 // names of roles end in more and are at most 64 long
	accessSuffix = "-access"
	maxBucket    = 63
	maxDays      = 36500
)

// IsRegion tells whether a text has the form of a Region's name, and so may be a part of
// the name of a host.
func IsRegion(s string) bool { return regionName.MatchString(s) }

// Check says what is wrong with the options, all of it, each an [*Error].
func (o Options) Check() error {
	o = o.withDefaults()
	return errors.Join(slices.Concat(o.names(), o.places(), o.tables(), o.ages(), o.nights())...)
}

func (o *Options) names() (all []error) {
	if !trailName.MatchString(o.Name) || len(o.Name) < 3 || len(o.Name) > maxName {
		all = append(all, wrong("name", "%q is no name for a trail: take 3 to %d letters and digits, with single dashes between", o.Name, maxName))
	}
	switch {
	case o.Region == "":
		all = append(all, wrong("region", "which Region is the home of the trail and its bucket? Such as eu-central-1"))
	case !regionName.MatchString(o.Region):
		all = append(all, wrong("region", "%q is no Region: write it as eu-central-1", o.Region))
	}
	if !database.MatchString(o.Database) {
		all = append(all, wrong("database", "%q is no name for a database of Athena: take lower-case letters, digits and _, and begin with a letter", o.Database))
	}
	for _, arn := range o.Readers {
		if !principal.MatchString(arn) {
			all = append(all, wrong("reader", "%q names nobody who can take a role: write arn:aws:iam::111122223333:role/audit. \"*\" would be everybody", arn))
		}
	}
	return all
}

func (o *Options) places() (all []error) {
	if o.Bucket == "" {
		return append(all, wrong("bucket", "which bucket is CloudTrail to deliver to? A name that no other bucket of AWS has, such as example-audit-trail"))
	}
	if err := checkBucket("bucket", o.Bucket, maxBucket-len(accessSuffix)); err != nil {
		all = append(all, err)
	}
	if o.Lake == "" { // which would be beside a bucket whose name is wrong
		return all
	}
	if !strings.HasPrefix(o.Lake, "s3://") {
		return append(all, wrong("lake", "%q is no place in a bucket: write s3://bucket/prefix", o.Lake))
	}
	bucket, prefix := o.lakePlace()
	if err := checkBucket("lake", bucket, maxBucket); err != nil {
		all = append(all, err)
	}
	if prefix != "" && !prefixName.MatchString(prefix) {
		all = append(all, wrong("lake", "%q: take letters, digits, _, . and - for the prefix", o.Lake))
	}
	if bucket == o.Bucket || bucket == o.Bucket+accessSuffix {
		all = append(all, wrong("lake", "%q is in a bucket of the log itself: who may write the lake could write the evidence. Take another bucket", o.Lake))
	}
	return all
}

func checkBucket(option, name string, longest int) error {
	switch {
	case strings.Contains(name, "."):
		return wrong(option, "%q has a dot, with which TLS to the bucket's own host name fails: take dashes", name)
	case !bucketName.MatchString(name) || reservedBuckets.MatchString(name):
		return wrong(option, "%q is no name for a bucket: take 3 to %d lower-case letters, digits and dashes", name, longest)
	case len(name) > longest:
		return wrong(option, "%q is too long: at most %d characters, since a bucket beside it has a longer name", name, longest)
	}
	return nil
}

func (o *Options) tables() (all []error) {
	accounts := map[string]bool{}
	for _, text := range o.Tables {
		arn, err := checkTable(text)
		if err != nil {
			all = append(all, err)
			continue
		}
		accounts[arn.Account] = true
	}
	switch {
	case len(o.Tables) > maxTables:
		all = append(all, wrong("tables", "%d tables do not fit into the selectors of a trail, which take %d: take all, perhaps with --regions", len(o.Tables), maxTables))
	case len(accounts) > 1 && !o.Organization:
		all = append(all, wrong("tables", "they are of %d accounts, of which this trail would log one: --organization logs all", len(accounts)))
	case len(o.Tables) > 0 && len(o.Regions) > 0:
		all = append(all, wrong("regions", "the tables are named already, by --tables; Regions are for all tables there"))
	}
	for _, r := range o.Regions {
		if !regionName.MatchString(r) {
			all = append(all, wrong("regions", "%q is no Region: write it as eu-central-1", r))
		}
	}
	return all
}

// checkTable refuses what selects no table, or not the one that was meant.
func checkTable(text string) (schema.TableARN, error) {
	arn, ok := schema.ParseTableARN(text)
	switch {
	case strings.ContainsAny(text, "*?"):
		return arn, wrong("tables", "%q: selectors know no wildcards, this one would log nothing. Leave --tables out for all tables, or name each", text)
	case !ok || arn.ARN == "":
		return arn, wrong("tables", "%q is no ARN of a table: write arn:aws:dynamodb:eu-central-1:111122223333:table/orders", text)
	case arn.Sub != "":
		return arn, wrong("tables", "%q is a part of a table, whose calls are logged under the table: write %s", text, arn.ARN)
	case !regionName.MatchString(arn.Region) || !accountID.MatchString(arn.Account) || !schema.LegalTableName(arn.Table) || !strings.HasPrefix(text, "arn:aws"):
		return arn, wrong("tables", "%q is no ARN of a table that there can be: its Region, its account of 12 digits or its name is wrong", text)
	}
	return arn, nil
}

func (o *Options) ages() (all []error) {
	for option, days := range map[string]int{"glacier-days": o.GlacierDays, "expire-days": o.ExpireDays, "lock-days": o.LockDays} {
		if days < 0 || days > maxDays {
			all = append(all, wrong(option, "%d is no number of days: take 1 to %d, or 0 for never", days, maxDays))
		}
	}
	slices.SortFunc(all, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	class, ok := storageClasses[o.GlacierClass]
	switch {
	case !ok:
		all = append(all, wrong("glacier-class", "%q is none: take instant, flexible or deep", o.GlacierClass))
	case o.GlacierDays > 0 && o.GlacierClass != Instant && o.GlacierDays < lateDays:
		all = append(all, wrong("glacier-days", "what is archived as %s cannot be read without being restored, and logs arrive up to 30 days late: take %d days or more, or --glacier-class instant", o.GlacierClass, lateDays))
	case o.GlacierDays > 0 && o.ExpireDays > 0 && o.ExpireDays < o.GlacierDays+class.paid:
		all = append(all, wrong("expire-days", "what is archived as %s is paid for %d days at least: take %d days or more, or do not archive", o.GlacierClass, class.paid, o.GlacierDays+class.paid))
	}
	if o.ExpireDays > 0 && o.ExpireDays < lateDays {
		all = append(all, wrong("expire-days", "logs arrive up to 30 days late, and a run may be missed: take %d days or more", lateDays))
	}
	if o.LockMode != Governance && o.LockMode != Compliance {
		all = append(all, wrong("lock-mode", "%q is none: take governance or compliance", o.LockMode))
	}
	if o.ExpireDays > 0 && o.LockDays > o.ExpireDays {
		all = append(all, wrong("lock-days", "logs that are locked for %d days cannot be deleted after %d", o.LockDays, o.ExpireDays))
	}
	return all
}

func (o *Options) nights() (all []error) {
	if o.Nightly != Fargate && o.Nightly != NoNightly {
		all = append(all, wrong("nightly", "%q is none: take fargate or none", o.Nightly))
	}
	if !schedule.MatchString(o.Schedule) {
		all = append(all, wrong("schedule", "%q is no schedule of EventBridge: write cron(5 1 * * ? *), six fields, in UTC", o.Schedule))
	}
	for _, arn := range o.Topics {
		if !topic.MatchString(arn) {
			all = append(all, wrong("alert-topic", "%q is no ARN of a topic: write arn:aws:sns:eu-central-1:111122223333:audit", arn))
		}
	}
	for _, id := range o.Subnets {
		if !subnetID.MatchString(id) {
			all = append(all, wrong("subnets", "%q is no id of a subnet: write subnet-0123456789abcdef0", id))
		}
	}
	return all
}
