package queries

import "strings"

// export is a copy of the table, or of its changes, in a bucket.
func export(r reach, c *call) reach {
	to := ""
	if c.S3Bucket != "" {
		to = " to s3://" + c.S3Bucket
		if c.S3Prefix != "" {
			to += "/" + c.S3Prefix
		}
	}
	if owner := c.S3BucketOwner; owner != "" && owner != c.text(colAccount) {
		r.notes = append(r.notes, "the bucket is of account "+owner)
	}
	if strings.EqualFold(c.ExportType, "INCREMENTAL_EXPORT") {
		r.text, r.changes = "export of the table's changes"+to, true
		r.from = 0
		if at, said, ok := requestTime(c.IncrementalExportSpecification.ExportFromTime); said != "" {
			r.text += " from " + said
			if ok {
				r.from = at
			}
		}
		if at, said, ok := requestTime(c.IncrementalExportSpecification.ExportToTime); said != "" {
			r.text += " to " + said
			if ok {
				r.to = at
			}
		}
		return r
	}
	r.text, r.certainty = "export of the table"+to, Likely
	r.asOf(c.ExportTime)
	return r
}

// asOf adds the moment that a copy is of, where the request names one.
func (r *reach) asOf(v any) {
	at, said, ok := requestTime(v)
	if said != "" {
		r.text += " as of " + said
	}
	if ok {
		r.from, r.to = at-second, at
	}
}

// tableCopy is a backup, a restore, a replica, a stream to Kinesis, or the end of
// the table. Other settings of a table show no item.
func tableCopy(r reach, c *call) (reach, bool) {
	event := c.text(colEvent)
	r.certainty = Likely
	switch event {
	case "CreateBackup", "StartAwsBackupJob", "StartBackupJob":
		r.text = "backup of the table"
		if c.BackupName != "" {
			r.text += " as " + c.BackupName
		}
		r.text += ": a copy lives on there"
	case "RestoreTableFromBackup", "RestoreTableToPointInTime", "RestoreTableFromAwsBackup":
		restore(&r, c)
	case "StartCopyJob", "StartRestoreJob":
		r.text, r.certainty = event+": a copy of a backup of the table", Possible
		r.from = 0 // of whenever the backup was made
	case "EnableKinesisStreamingDestination":
		r.text, r.certainty = "changes of the table are copied to a Kinesis stream from here on", Possible
		if c.StreamARN != "" {
			r.notes = append(r.notes, c.StreamARN)
		}
		r.changes, r.to = true, untilNow
	case "DeleteTable":
		r.text = "the table was deleted, and all items with it"
	default:
		regions, ok := replicas(event, c)
		if !ok {
			return r, false
		}
		r.text, r.to = "replica of the table"+regions+": a copy lives on there", untilNow
	}
	return r, true
}

// restore is a copy of a table in a new one. Both have a row.
func restore(r *reach, c *call) {
	if c.TargetTableName != "" && c.text(colTableARN) != "" && strings.HasSuffix(c.text(colTableARN), ":table/"+c.TargetTableName) {
		r.text = "the table was restored from a copy: the item may have come with it"
		r.certainty, r.wrote = Possible, true
		return
	}
	r.text = "restore of the table"
	if at, ok := backupTime(c.BackupARN); ok {
		r.asOf(float64(at) / second)
	} else if c.text(colEvent) == "RestoreTableToPointInTime" {
		r.from = c.at - latestRestorable
		r.asOf(c.RestoreDateTime)
	} else {
		r.from = 0 // of whenever the backup was made
	}
	if c.TargetTableName != "" {
		r.text += " to table " + c.TargetTableName + ": a copy lives on there"
	}
}

// latestRestorable is how far the latest moment that a table can be restored to lies
// behind, at most.
const latestRestorable = 10 * 60 * second

// replicas are the Regions in which a call began to keep a copy of the table.
func replicas(event string, c *call) (regions string, ok bool) {
	var names []string
	for _, u := range c.ReplicaUpdates {
		if u.Create != nil {
			names, ok = append(names, u.Create.RegionName), true
		}
	}
	switch event {
	case "CreateGlobalTable":
		for _, g := range c.ReplicationGroup {
			names = append(names, g.RegionName)
		}
		ok = true
	case "CreateTableReplica", "AssociateTableReplica":
		ok = true
	}
	if len(names) > 0 {
		regions = " in " + strings.Join(names, ", ")
	}
	return regions, ok
}
