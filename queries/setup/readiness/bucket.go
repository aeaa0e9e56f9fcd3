package readiness

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// lateDays is how old a log must be before it may become unreadable: deliveries come up
// to 30 days late, and a run may be missed.
const lateDays = 35

func ofBucket(t *trail) string { return "s3://" + t.S3BucketName }

// bucketRequirements are about where a trail delivers to.
var bucketRequirements = []requirement{
	{
		id: "BKT-01", title: "No public access", severity: schema.SeverityHigh, about: ofBucket,
		hides: "nothing, but shows: the log tells keys of items and who works on what",
		mend:  "aws s3api put-public-access-block, all four; terraform: aws_s3_bucket_public_access_block",
		ask: func(f *facts, t *trail) (Status, string) {
			var answer struct {
				PublicAccessBlockConfiguration struct{ BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool }
			}
			if why := f.read("s3:GetPublicAccessBlock", t.S3BucketName, &answer); why != "" {
				return Unknown, why
			}
			c := answer.PublicAccessBlockConfiguration
			return yes(c.BlockPublicAcls && c.IgnorePublicAcls && c.BlockPublicPolicy && c.RestrictPublicBuckets, "it is blocked", "the bucket does not block all four kinds; whether its account does was not asked")
		},
	},
	{
		id: "BKT-02", title: "Delivery by this trail alone", severity: schema.SeverityHigh, about: ofBucket,
		hides: "whose log it is: a stranger's trail can deliver into the bucket, and its records look like others",
		mend:  "conditions with aws:SourceArn in the statements for cloudtrail.amazonaws.com; terraform: bucket.tf",
		ask: func(f *facts, t *trail) (Status, string) {
			return f.delivery(t)
		},
	},
	{
		id: "BKT-03", title: "Over TLS alone", severity: schema.SeverityLow, about: ofBucket,
		hides: "nothing, but lets the log be read on its way",
		mend:  "a Deny of s3:* where aws:SecureTransport is false; terraform: bucket.tf",
		ask: func(f *facts, t *trail) (Status, string) {
			p, why := f.policy("s3:GetBucketPolicy", t.S3BucketName)
			if why != "" {
				return Unknown, why
			}
			return yes(p.deniesPlain(), "the policy denies the rest", "the policy does not deny the rest")
		},
	},
	{
		id: "BKT-04", title: "Older versions are kept", severity: schema.SeverityMedium, about: ofBucket,
		hides: "what stood in a log that was written over or deleted",
		mend:  "aws s3api put-bucket-versioning; terraform: aws_s3_bucket_versioning",
		ask: func(f *facts, t *trail) (Status, string) {
			var answer struct{ Status string }
			if why := f.read("s3:GetBucketVersioning", t.S3BucketName, &answer); why != "" {
				return Unknown, why
			}
			return yes(answer.Status == "Enabled", "versioning is on", "versioning is "+cmp.Or(answer.Status, "off"))
		},
	},
	{
		id: "BKT-05", title: "Logs cannot be deleted", severity: schema.SeverityMedium, about: ofBucket,
		hides: "what somebody took away: digests tell that a log is gone (DDB-COV-003), not what it said",
		mend:  "object lock, or a Deny of s3:DeleteObject and s3:DeleteObjectVersion for everybody; terraform: --lock-days, bucket.tf",
		ask: func(f *facts, t *trail) (Status, string) {
			return f.undeletable(t)
		},
	},
	{
		id: "BKT-06", title: "Logs stay readable", severity: schema.SeverityHigh, about: ofBucket,
		hides: "what is archived or expired before it was ingested: logs come up to 30 days late, and a lost lake is made again from them",
		mend:  fmt.Sprintf("archive in classes that must be restored, and expire, after %d days or more; terraform: --glacier-days, --expire-days", lateDays),
		ask: func(f *facts, t *trail) (Status, string) {
			return f.readable(t)
		},
	},
	{
		id: "BKT-07", title: "Access logs of the bucket", severity: schema.SeverityLow, about: ofBucket,
		hides: "who read the log, where data events of S3 are not logged (DDB-AUD-008)",
		mend:  "aws s3api put-bucket-logging; terraform: access.tf",
		ask: func(f *facts, t *trail) (Status, string) {
			var answer struct {
				LoggingEnabled *struct{ TargetBucket string }
			}
			if why := f.read("s3:GetBucketLogging", t.S3BucketName, &answer); why != "" {
				return Unknown, why
			}
			if answer.LoggingEnabled == nil {
				return Missing, "there are none"
			}
			return Met, "they go to " + answer.LoggingEnabled.TargetBucket
		},
	},
	{
		id: "BKT-08", title: "Encrypted at rest", severity: schema.SeverityLow, about: ofBucket,
		hides: "nothing, but an auditor asks: S3 encrypts what comes without a word on it since 2023, other stores that speak its language may not",
		mend:  "aws s3api put-bucket-encryption; terraform: aws_s3_bucket_server_side_encryption_configuration, --kms",
		ask: func(f *facts, t *trail) (Status, string) {
			return f.encrypted(t)
		},
	},
	{
		id: "KMS-01", title: "Key of the log", severity: schema.SeverityMedium,
		about: func(t *trail) string { return cmp.Or(t.KmsKeyID, ofBucket(t)) },
		hides: "everything, once CloudTrail may not use the key or the key is gone; without conditions others may use it through CloudTrail",
		mend:  "statements for cloudtrail.amazonaws.com with aws:SourceArn and kms:EncryptionContext:aws:cloudtrail:arn; terraform: --kms",
		ask: func(f *facts, t *trail) (Status, string) {
			return f.key(t)
		},
	},
}

// encrypted judges what the bucket does with objects that say nothing themselves.
func (f *facts) encrypted(t *trail) (Status, string) {
	var answer struct {
		ServerSideEncryptionConfiguration struct {
			Rules []struct {
				ApplyServerSideEncryptionByDefault struct{ SSEAlgorithm, KMSMasterKeyID string }
			}
		}
	}
	if why := f.read("s3:GetBucketEncryption", t.S3BucketName, &answer); why != "" {
		return Unknown, why
	}
	for _, r := range answer.ServerSideEncryptionConfiguration.Rules {
		switch by := r.ApplyServerSideEncryptionByDefault; by.SSEAlgorithm {
		case "":
		case "AES256":
			return Met, "by default with keys of S3"
		default:
			return Met, "by default with " + cmp.Or(by.KMSMasterKeyID, "the account's key for S3")
		}
	}
	return Missing, "the bucket has no default"
}

// readable judges the lifecycle rules of the bucket.
func (f *facts) readable(t *trail) (Status, string) {
	var answer struct {
		Rules []struct {
			ID, Status  string
			Transitions []struct {
				Days         *int
				StorageClass string
			}
			Expiration *struct {
				Days *int
				Date *string
			}
		}
	}
	if why := f.read("s3:GetBucketLifecycleConfiguration", t.S3BucketName, &answer); why != "" {
		return Unknown, why
	}
	var early []string
	for _, r := range answer.Rules {
		if r.Status != "Enabled" {
			continue
		}
		for _, move := range r.Transitions {
			if slices.Contains([]string{"GLACIER", "DEEP_ARCHIVE"}, move.StorageClass) && (move.Days == nil || *move.Days < lateDays) {
				early = append(early, fmt.Sprintf("rule %q archives as %s after %s", r.ID, move.StorageClass, inDays(move.Days)))
			}
		}
		if e := r.Expiration; e != nil && (e.Date != nil || e.Days != nil && *e.Days < lateDays) {
			early = append(early, fmt.Sprintf("rule %q deletes after %s", r.ID, inDays(e.Days)))
		}
	}
	return yes(len(early) == 0, "no rule is too early", listed(early, "", ""))
}

func inDays(n *int) string {
	if n == nil {
		return "some date"
	}
	return fmt.Sprintf("%d days", *n)
}

// undeletable judges what keeps people from deleting.
func (f *facts) undeletable(t *trail) (Status, string) {
	var answer struct {
		ObjectLockConfiguration struct {
			Rule struct {
				DefaultRetention *struct {
					Mode        string
					Days, Years int
				}
			}
		}
	}
	unknown := f.read("s3:GetObjectLockConfiguration", t.S3BucketName, &answer)
	if r := answer.ObjectLockConfiguration.Rule.DefaultRetention; unknown == "" && r != nil {
		return Met, fmt.Sprintf("object lock, %s, %d days", r.Mode, r.Days+365*r.Years)
	}
	p, why := f.policy("s3:GetBucketPolicy", t.S3BucketName)
	switch {
	case why == "" && p.deniesDeletes():
		return Met, "the policy denies it to everybody"
	case unknown != "" || why != "":
		return Unknown, cmp.Or(unknown, why)
	}
	return Missing, "no object lock, and no policy denies it"
}
