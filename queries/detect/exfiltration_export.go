package detect

import (
	"fmt"

	"github.com/keytrail/keytrail/schema"
)

type foreignExportParams struct {
	ExportBuckets []string `yaml:"export_buckets"` // globs of the buckets that exports may go to
}

var foreignExport = apart(Detection{
	ID: "DDB-EXF-001", Version: 1, Title: "Table exported to a foreign or unlisted bucket", Severity: schema.SeverityCritical, Always: true,
	Needs: []Need{NeedControl}, Attack: []string{"T1537", "T1530"},
	Looks:       "an export to S3 whose bucket belongs to an account that is neither ours nor a partner's, or is none of export_buckets or of the buckets that the rule allowing it names. Until some bucket is named only the account is judged",
	FalseAlarms: "a new bucket of the analytics team that nobody has listed yet",
	Advice:      "find out whose bucket it is; the export holds the whole table, so if it is not ours treat the table's data as gone, stop the principal's credentials and have the bucket's owner delete it",
}, foreignExportParams{}, func(r *Run, p *foreignExportParams, e *Event) (why, about string) {
	if !e.Is("dynamodb", "ExportTableToPointInTime") || !e.OK() {
		return "", ""
	}
	request, ok := r.request(e)
	bucket, owner := request.At("s3Bucket").Text(), request.At("s3BucketOwner").Text()
	if ok && bucket == "" {
		r.NotEvaluated("the record does not say which bucket")
	}
	if bucket == "" {
		return "", ""
	}
	if owner == "" {
		owner = e.PrincipalAccountID // the bucket is one of the caller's account
	}
	foreign, known := owner != "" && owner != e.TableAccountID, true
	if foreign {
		foreign, known = r.stranger(owner)
	}
	allowed := p.ExportBuckets
	if e.Allowed() {
		allowed = append(allowed[:len(allowed):len(allowed)], e.Verdict.Rule.Where.ExportBuckets...)
	}
	switch {
	case foreign && known:
		return fmt.Sprintf("%s was exported to bucket %s of account %s, which is not ours", e.table(), shown(bucket), shown(owner)), bucket
	case len(allowed) > 0 && !listed(allowed, bucket):
		return fmt.Sprintf("%s was exported to bucket %s, which is not one that exports may go to", e.table(), shown(bucket)), bucket
	case len(allowed) == 0:
		r.NotEvaluated("export_buckets is empty")
	case !known:
		r.NotEvaluated(unknownAccounts)
	}
	return "", ""
})

var firstExport = event(Detection{
	ID: "DDB-EXF-002", Version: 1, Title: "Export by someone new to exporting", Severity: schema.SeverityHigh,
	Needs: []Need{NeedControl, NeedHistory}, Attack: []string{"T1530", "T1213.006"},
	Looks:       "an export to S3 by a principal that has not exported this table in the last 30 days",
	FalseAlarms: "the first run of a new pipeline, or one that runs less often than once a month",
	Advice:      "ask the table's owner whether the export was ordered, and look at who can read the bucket; allow the pipeline's role if it stays",
}, plain{}, func(r *Run, _ *plain, e *Event) string {
	if !e.Is("dynamodb", "ExportTableToPointInTime") || !e.OK() || !r.newTo(e, ByEvent, e.EventName) {
		return ""
	}
	return fmt.Sprintf("%s was exported by a principal that has not exported it in %d days", e.table(), forgotten)
})

type backupCopyParams struct {
	Vaults []string `yaml:"vaults"` // globs of ARNs of vaults elsewhere that copies may go to
}

var backupCopiedOut = apart(Detection{
	ID: "DDB-EXF-013", Version: 1, Title: "Backup of a table copied to a foreign account", Severity: schema.SeverityCritical, Always: true,
	Needs: []Need{NeedBackup, NeedAccounts}, Attack: []string{"T1537"},
	Looks:       "an AWS Backup copy job that puts a table's recovery point into a vault of an account that is not ours; vaults lists those that may hold copies all the same. Recovery points that AWS Backup keeps under ARNs of its own do not name the table and are not seen",
	FalseAlarms: "none expected: a vault kept by a partner should be in vaults",
	Advice:      "whoever owns the vault can restore the table; cancel the job if it runs, stop the principal's credentials, and ask the owner of the account to delete the copy",
}, backupCopyParams{}, func(r *Run, p *backupCopyParams, e *Event) (why, about string) {
	if !e.Is("backup", "StartCopyJob") || !e.OK() || e.TableARN == "" {
		return "", ""
	}
	vault := e.Request().At("destinationBackupVaultArn").Text()
	account := accountIn(vault)
	if account == "" {
		r.NotEvaluated("the record does not say which vault the copy goes to")
		return "", ""
	}
	ours, known := r.Policy.Ours(account)
	switch {
	case !known:
		r.NotEvaluated(unknownAccounts)
		return "", ""
	case ours, listed(p.Vaults, vault):
		return "", ""
	}
	return fmt.Sprintf("a backup of %s is copied to vault %s in account %s, which is not ours", e.table(), shown(vault), shown(account)), vault
})
