package sample

// Calls that copy tables: backups, restores, exports, imports.
var copyKinds = []kind{
	{service: dynamodb, name: "CreateBackup", make: createBackup},
	{service: dynamodb, name: "DeleteBackup", make: byBackup},
	{service: dynamodb, name: "DescribeBackup", read: true, make: byBackup},
	{service: dynamodb, name: "ListBackups", read: true, make: named},
	{service: dynamodb, name: "RestoreTableFromBackup", make: restoreBackup},
	{service: dynamodb, name: "RestoreTableToPointInTime", make: restorePoint},
	{service: dynamodb, name: "ExportTableToPointInTime", make: exportTable},
	{service: dynamodb, name: "DescribeExport", read: true, make: byExport},
	{service: dynamodb, name: "ListExports", read: true, make: byTableARN},
	{service: dynamodb, name: "ImportTable", make: importTable},
	{service: dynamodb, name: "DescribeImport", read: true, make: byImport},
	{service: dynamodb, name: "ListImports", read: true, make: byTableARN},
}

const backupLabel = "/backup/01772412345678-1f2e3d4c"

func createBackup(g *gen) {
	g.call.params.open('{').member("tableName", g.table.name).member("backupName", g.table.name, "-before-deploy").close('}')
	g.call.response.open('{').key("backupDetails").open('{').member("backupArn", g.arn(g.table), backupLabel).member("backupType", "USER").
		member("backupStatus", "CREATING").member("backupCreationDateTime", locale(g.call.at)).close('}').close('}')
	g.touches(g.table)
}

func byBackup(g *gen) {
	g.call.params.open('{').member("backupArn", g.arn(g.table), backupLabel).close('}')
	g.touches(g.table)
}

// restored adds the new table to the resources, before the one it was made from.
func (g *gen) restored() {
	g.call.resources.open('{').member("accountId", g.acct.id).member("type", "AWS::DynamoDB::Table").member("ARN", g.arn(g.table), "-restored").close('}')
	g.touches(g.table)
}

func restoreBackup(g *gen) {
	g.call.params.open('{').member("targetTableName", g.table.name, "-restored").member("backupArn", g.arn(g.table), backupLabel).close('}')
	g.restored()
}

func restorePoint(g *gen) {
	g.call.params.open('{').member("sourceTableName", g.table.name).member("targetTableName", g.table.name, "-restored").
		key("useLatestRestorableTime").bool(false).member("restoreDateTime", locale(g.call.at-3*hour)).close('}')
	g.restored()
}

func exportTable(g *gen) { g.export("shop-datalake-exports", g.acct.id) }

// export writes an export of the table to a bucket of an account.
func (g *gen) export(bucket, owner string) {
	g.call.params.open('{').member("tableArn", g.arn(g.table)).member("s3Bucket", bucket).member("s3BucketOwner", owner).
		member("s3Prefix", "dynamodb/", g.table.name).member("exportFormat", "DYNAMODB_JSON").member("exportType", "FULL_EXPORT").member("exportTime", locale(g.call.at-60)).close('}')
	g.call.response.open('{').key("exportDescription").open('{').member("exportArn", g.arn(g.table), "/export/01772490000000-5b6c7d8e").member("exportStatus", "IN_PROGRESS").close('}').close('}')
	g.touches(g.table)
}

func byExport(g *gen) {
	g.call.params.open('{').member("exportArn", g.arn(g.table), "/export/01772490000000-5b6c7d8e").close('}')
}

func byImport(g *gen) {
	g.call.params.open('{').member("importArn", g.arn(g.table), "/import/01772490000000-9a8b7c6d").close('}')
}

func byTableARN(g *gen) {
	g.call.params.open('{').member("tableArn", g.arn(g.table)).key("maxResults").num(25).close('}')
}

func importTable(g *gen) {
	w := g.call.params.open('{').key("s3BucketSource").open('{').member("s3Bucket", "shop-datalake-exports").member("s3KeyPrefix", "dynamodb/", g.table.name).close('}')
	w.member("inputFormat", "DYNAMODB_JSON").member("inputCompressionType", "GZIP")
	w.key("tableCreationParameters").open('{').member("tableName", g.table.name, "-import").member("billingMode", "PAY_PER_REQUEST").close('}').close('}')
	g.call.response.open('{').key("importTableDescription").open('{').member("importArn", g.arn(g.table), "-import/import/01772490000000-9a8b7c6d").member("tableArn", g.arn(g.table), "-import").close('}').close('}')
}
