package setup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/keytrail/keytrail/engine/nightly"
	"github.com/keytrail/keytrail/schema"
)

const (
	orders  = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
	audit   = "arn:aws:sns:eu-central-1:111122223333:audit"
	clients = "arn:aws:dynamodb:eu-west-1:111122223333:table/clients"
)

// eachModule calls fn with every combination of the options that change what is written.
// Readers go with the age of archives: they matter to the role's trust, and to it alone.
func eachModule(t *testing.T, fn func(t *testing.T, o Options, files []File, m *tree)) {
	for i := range 3 * 3 * 3 * 1 << 4 {
		n := i
		of := func(count int) int { defer func() { n /= count }(); return n % count }
		o := Options{Bucket: "example-trail", Region: "eu-central-1"}
		switch of(3) {
		case 1:
			o.Tables = []string{orders, clients}
		case 2:
			o.Regions = []string{"eu-west-1", "eu-central-1"}
		}
		switch of(3) {
		case 1:
			o.GlacierDays = 1
			o.Readers = []string{"arn:aws:iam::111122223333:role/audit"}
		case 2:
			o.GlacierDays, o.GlacierClass = 90, Deep
		}
		switch of(3) {
		case 1:
			o.LockDays = 30
		case 2:
			o.LockDays, o.LockMode = 30, Compliance
		}
		if of(2) == 1 {
			o.Organization = true
		}
		if of(2) == 1 {
			o.KMS = true
		}
		if of(2) == 1 {
			o.ExpireDays = 400
		}
		if of(2) == 1 {
			o.Nightly = Fargate
			o.Topics = []string{audit}
			o.Lake = "s3://example-lake/audit/dynamodb"
		}
		files, err := o.Files()
		if err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		m := parse(t, files, "aws_glue_catalog_table") // many, and much alike: TestGlueTables
		fn(t, o, files, m)
		if t.Failed() {
			t.Fatalf("with %+v", o)
		}
	}
}

// Whatever is chosen, the module parses, its references resolve, the provider takes its
// arguments, and every setting that an audit needs is in it.
func TestEveryModule(t *testing.T) {
	eachModule(t, func(t *testing.T, o Options, files []File, m *tree) {
		m.checkArguments()
		m.checkReferences()
		checkFormat(t, files)
		checkTrail(t, o, m)
		checkSelectors(t, o, m)
		checkBuckets(t, o, m)
		checkTrailBucketPolicy(t, o, m)
		checkLifecycle(t, o, m)
		checkKeys(t, o, m)
		checkRole(t, o, m)
		checkNightly(t, o, m)
		checkVariables(t, m)
	})
}

// Terraform's own formatter has nothing to change.
func checkFormat(t *testing.T, files []File) {
	for _, f := range files {
		if !strings.HasSuffix(f.Name, ".tf") || formatted[string(f.Data)] {
			continue
		}
		formatted[string(f.Data)] = true
		if got := hclwrite.Format(f.Data); !bytes.Equal(got, f.Data) {
			t.Errorf("%s is not formatted:\n%s", f.Name, difference(string(f.Data), string(got)))
		}
	}
}

// formatted are the files looked at: many modules share most of theirs.
var formatted = map[string]bool{}

// difference is the first line in which two texts differ.
func difference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return fmt.Sprintf("line %d: %q, not %q", i+1, bs[i], as[i])
		}
	}
	return "their ends"
}

func trailARN(o Options) string {
	if o.Organization {
		return "arn:aws:cloudtrail:eu-central-1:999988887777:trail/keytrail"
	}
	return "arn:aws:cloudtrail:eu-central-1:111122223333:trail/keytrail"
}

func checkTrail(t *testing.T, o Options, m *tree) {
	trail := m.get("resource.aws_cloudtrail.audit")
	for name, want := range map[string]string{
		"name": "keytrail", "s3_bucket_name": "example-trail", "enable_logging": "true", "is_multi_region_trail": "true",
		"include_global_service_events": "true", "enable_log_file_validation": "true",
		"is_organization_trail": map[bool]string{true: "true"}[o.Organization],
		"kms_key_id":            map[bool]string{true: "(aws_kms_key.trail.arn)"}[o.KMS],
	} {
		if got := trail.text(name); got != want {
			t.Errorf("the trail's %s: %q, want %q", name, got, want)
		}
	}
	var insights []string
	for _, b := range trail.under("insight_selector") {
		insights = append(insights, b.text("insight_type"))
	}
	if !slices.Equal(insights, []string{"ApiCallRateInsight", "ApiErrorRateInsight"}) {
		t.Errorf("Insights: %q", insights)
	}
	if !slices.Contains(trail.names, "depends_on") {
		t.Error("the trail does not wait for the policy of its bucket")
	}
}

func checkSelectors(t *testing.T, o Options, m *tree) {
	got := map[string]map[string]string{}
	values := 0
	for _, s := range m.get("resource.aws_cloudtrail.audit").under("advanced_event_selector") {
		fields := map[string]string{}
		for _, f := range s.under("field_selector") {
			for _, how := range []string{"equals", "starts_with", "ends_with", "not_equals", "not_starts_with", "not_ends_with"} {
				if list := f.list(how); list != nil {
					fields[f.text("field")] = how + " " + strings.Join(list, " ")
					values += len(list)
				}
			}
		}
		got[fields["eventCategory"]+fields["resources.type"]] = fields
	}
	const management, tables, streams = "equals Management", "equals Dataequals AWS::DynamoDB::Table", "equals Dataequals AWS::DynamoDB::Stream"
	if len(got) != 3 || len(got[management]) != 1 {
		t.Errorf("selectors: %v", got) // that of management events leaves nothing out
	}
	var ofTables, ofStreams string
	switch {
	case len(o.Tables) > 0:
		ofTables = "equals " + orders + " " + clients
		ofStreams = "starts_with " + orders + "/stream/ " + clients + "/stream/"
	case len(o.Regions) > 0:
		ofTables = "starts_with arn:aws:dynamodb:eu-central-1: arn:aws:dynamodb:eu-west-1:"
		ofStreams = ofTables
	}
	if got[tables]["resources.ARN"] != ofTables || got[streams]["resources.ARN"] != ofStreams {
		t.Errorf("tables: %q, streams: %q", got[tables]["resources.ARN"], got[streams]["resources.ARN"])
	}
	for _, fields := range got {
		for _, name := range []string{"readOnly", "eventName", "eventSource"} {
			if fields[name] != "" {
				t.Errorf("only some events: %s %s", name, fields[name])
			}
		}
	}
	if want := 5 + 2*(len(o.Tables)+len(o.Regions)); values != want {
		t.Errorf("%d values in selectors, want %d: the limit on tables counts them", values, want)
	}
}

func checkBuckets(t *testing.T, o Options, m *tree) {
	for name, bucket := range map[string]string{"trail": "example-trail", "access": "example-trail-access", "lake": "example-trail-lake"} {
		if name == "lake" && o.Lake != "" {
			bucket = "example-lake"
		}
		b := m.get("resource.aws_s3_bucket." + name)
		if b.text("bucket") != bucket || b.under("lifecycle")[0].text("prevent_destroy") != "true" {
			t.Errorf("bucket %s: %v", name, b)
		}
		public := m.get("resource.aws_s3_bucket_public_access_block." + name)
		for _, block := range []string{"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"} {
			if public.text(block) != "true" || public.text("bucket") != bucket {
				t.Errorf("%s: %s is not set", name, block)
			}
		}
		owner := m.get("resource.aws_s3_bucket_ownership_controls." + name)
		if got := owner.under("rule")[0].text("object_ownership"); got != "BucketOwnerEnforced" || owner.text("bucket") != bucket {
			t.Errorf("%s: objects are of %q", name, got)
		}
		versions := m.get("resource.aws_s3_bucket_versioning." + name)
		if got := versions.under("versioning_configuration")[0].text("status"); got != "Enabled" || versions.text("bucket") != bucket {
			t.Errorf("%s: versions %q", name, got)
		}
		encryption := m.get("resource.aws_s3_bucket_server_side_encryption_configuration." + name)
		rule := encryption.under("rule")[0].under("apply_server_side_encryption_by_default")[0]
		algorithm, key := "AES256", ""
		if o.KMS && name != "access" {
			algorithm, key = "aws:kms", "(aws_kms_key."+name+".arn)"
		}
		if rule.text("sse_algorithm") != algorithm || rule.text("kms_master_key_id") != key || encryption.text("bucket") != bucket {
			t.Errorf("%s: encrypted with %q %q", name, rule.text("sse_algorithm"), rule.text("kms_master_key_id"))
		}
		policy := m.get("resource.aws_s3_bucket_policy." + name)
		tls := policy.policy(t, "policy")["OnlyOverTLS"]
		if tls.Effect != "Deny" || tls.Principal != "*" || !slices.Equal(tls.Action, list{"s3:*"}) || tls.Condition["Bool"]["aws:SecureTransport"] != "false" ||
			!slices.Equal(tls.Resource, list{"arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/*"}) || policy.text("bucket") != bucket {
			t.Errorf("%s: not over TLS alone: %+v", name, tls)
		}
	}
	logging := m.get("resource.aws_s3_bucket_logging.trail")
	if logging.text("bucket") != "example-trail" || logging.text("target_bucket") != "example-trail-access" || logging.text("target_prefix") != "s3/example-trail/" {
		t.Errorf("access logs: %v", logging.args)
	}
	access := m.get("resource.aws_s3_bucket_policy.access").policy(t, "policy")["S3DeliversAccessLogs"]
	if access.service() != "logging.s3.amazonaws.com" || !slices.Equal(access.Resource, list{"arn:aws:s3:::example-trail-access/s3/*"}) ||
		access.Condition["ArnLike"]["aws:SourceArn"] != "arn:aws:s3:::example-trail" || access.Condition["StringEquals"]["aws:SourceAccount"] != "111122223333" {
		t.Errorf("delivery of access logs: %+v", access)
	}
	lock := m.find("resource.aws_s3_bucket_object_lock_configuration.trail")
	if (lock != nil) != (o.LockDays > 0) || (m.get("resource.aws_s3_bucket.trail").text("object_lock_enabled") == "true") != (o.LockDays > 0) {
		t.Errorf("object lock: %v", lock)
	}
	if lock != nil {
		rule := lock.under("rule")[0].under("default_retention")[0]
		if rule.text("days") != "30" || rule.text("mode") != map[bool]string{true: "COMPLIANCE", false: "GOVERNANCE"}[o.LockMode == Compliance] {
			t.Errorf("object lock: %v", rule.args)
		}
	}
}

func checkTrailBucketPolicy(t *testing.T, o Options, m *tree) {
	all := m.get("resource.aws_s3_bucket_policy.trail").policy(t, "policy")
	if len(all) != 4 {
		t.Errorf("%d statements in the policy of the trail's bucket", len(all))
	}
	looks := all["CloudTrailLooks"]
	if looks.Effect != "Allow" || looks.service() != "cloudtrail.amazonaws.com" || !slices.Equal(looks.Action, list{"s3:GetBucketAcl"}) ||
		!slices.Equal(looks.Resource, list{"arn:aws:s3:::example-trail"}) || looks.Condition["StringEquals"]["aws:SourceArn"] != trailARN(o) {
		t.Errorf("%+v", looks)
	}
	paths := list{"arn:aws:s3:::example-trail/AWSLogs/111122223333/*"}
	if o.Organization {
		paths = list{"arn:aws:s3:::example-trail/AWSLogs/999988887777/*", "arn:aws:s3:::example-trail/AWSLogs/o-abcdefghij/*"}
	}
	delivers := all["CloudTrailDelivers"]
	if delivers.Effect != "Allow" || delivers.service() != "cloudtrail.amazonaws.com" || !slices.Equal(delivers.Action, list{"s3:PutObject"}) || !slices.Equal(delivers.Resource, paths) ||
		delivers.Condition["StringEquals"]["aws:SourceArn"] != trailARN(o) || delivers.Condition["StringEquals"]["s3:x-amz-acl"] != "bucket-owner-full-control" {
		t.Errorf("%+v", delivers)
	}
	deletes := all["NobodyDeletes"]
	if deletes.Effect != "Deny" || deletes.Principal != "*" || deletes.Condition != nil || !slices.Equal(deletes.Action, list{"s3:DeleteObject", "s3:DeleteObjectVersion"}) ||
		!slices.Equal(deletes.Resource, list{"arn:aws:s3:::example-trail/*"}) {
		t.Errorf("%+v", deletes)
	}
}

func checkLifecycle(t *testing.T, o Options, m *tree) {
	expires := 0
	var archived []string
	for _, rule := range m.get("resource.aws_s3_bucket_lifecycle_configuration.trail").under("rule") {
		if rule.text("status") != "Enabled" || len(rule.under("filter")) != 1 {
			t.Errorf("rule %q: %v", rule.text("id"), rule)
		}
		prefix := rule.under("filter")[0].text("prefix")
		for _, b := range rule.under("transition") {
			archived = append(archived, prefix)
			if b.text("days") != fmt.Sprint(o.GlacierDays) || b.text("storage_class") != map[bool]string{true: "DEEP_ARCHIVE", false: "GLACIER_IR"}[o.GlacierClass == Deep] {
				t.Errorf("archived: %v", b.args)
			}
		}
		for _, b := range rule.under("expiration") {
			expires++
			if b.text("days") != "400" || prefix != "" {
				t.Errorf("expires: %q %v", prefix, b.args)
			}
		}
	}
	if (expires == 1) != (o.ExpireDays > 0) {
		t.Errorf("%d rules expire logs", expires)
	}
	want := []string{"AWSLogs/111122223333/CloudTrail/"} // and not .../CloudTrail-Digest/
	if o.Organization {
		want = []string{"AWSLogs/999988887777/CloudTrail/", "AWSLogs/o-abcdefghij/111122223333/CloudTrail/", "AWSLogs/o-abcdefghij/999988887777/CloudTrail/"}
	}
	if o.GlacierDays == 0 {
		want = nil
	}
	if !slices.Equal(archived, want) {
		t.Errorf("archived: %q, want %q", archived, want)
	}
	for _, rule := range m.get("resource.aws_s3_bucket_lifecycle_configuration.lake").under("rule") {
		for _, b := range slices.Concat(rule.under("transition"), rule.under("expiration")) {
			if prefix := rule.under("filter")[0].text("prefix"); b.kind != "expiration" || prefix != "athena-results/" {
				t.Errorf("the lake is not left alone: %s of %q", b.kind, prefix)
			}
		}
	}
}

func checkKeys(t *testing.T, o Options, m *tree) {
	key := m.find("resource.aws_kms_key.trail")
	if (key != nil) != o.KMS {
		t.Fatalf("key of the trail: %v", key)
	}
	if !o.KMS {
		return
	}
	for _, name := range []string{"trail", "lake"} {
		k := m.get("resource.aws_kms_key." + name)
		if k.text("enable_key_rotation") != "true" || k.text("deletion_window_in_days") != "30" || k.under("lifecycle")[0].text("prevent_destroy") != "true" {
			t.Errorf("key of the %s: %v", name, k.args)
		}
	}
	all := key.policy(t, "policy")
	encrypts, looks := all["CloudTrailEncrypts"], all["CloudTrailLooks"]
	if encrypts.service() != "cloudtrail.amazonaws.com" || !slices.Equal(encrypts.Action, list{"kms:GenerateDataKey*"}) || encrypts.Condition["StringEquals"]["aws:SourceArn"] != trailARN(o) ||
		encrypts.Condition["StringLike"]["kms:EncryptionContext:aws:cloudtrail:arn"] != strings.NewReplacer(":eu-central-1:", ":*:", "/keytrail", "/*").Replace(trailARN(o)) {
		t.Errorf("%+v", encrypts)
	}
	if looks.service() != "cloudtrail.amazonaws.com" || !slices.Equal(looks.Action, list{"kms:DescribeKey"}) || looks.Condition["StringEquals"]["aws:SourceArn"] != trailARN(o) {
		t.Errorf("%+v", looks)
	}
}

// The role may do these things and nothing else.
func checkRole(t *testing.T, o Options, m *tree) {
	log, lake := list{"arn:aws:s3:::example-trail/AWSLogs/111122223333/*"}, "arn:aws:s3:::example-trail-lake"
	if o.Organization {
		log = list{"arn:aws:s3:::example-trail/AWSLogs/999988887777/*", "arn:aws:s3:::example-trail/AWSLogs/o-abcdefghij/*"}
	}
	objects := lake + "/*"
	if o.Lake != "" {
		lake, objects = "arn:aws:s3:::example-lake", "arn:aws:s3:::example-lake/audit/dynamodb/*"
	}
	want := map[string]statement{
		"ListBoth":     {Action: list{"s3:ListBucket"}, Resource: list{"arn:aws:s3:::example-trail", lake}},
		"ReadTheLog":   {Action: list{"s3:GetObject"}, Resource: log},
		"KeepTheLake":  {Action: list{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}, Resource: list{objects}},
		"CheckDigests": {Action: list{"cloudtrail:ListPublicKeys"}, Resource: list{"*"}},
	}
	if o.KMS {
		through := map[string]map[string]string{"StringLike": {"kms:ViaService": "s3.eu-central-1.amazonaws.com*"}}
		want["DecryptTheLog"] = statement{Action: list{"kms:Decrypt"}, Resource: list{"(aws_kms_key.trail.arn)"}, Condition: through}
		want["EncryptTheLake"] = statement{Action: list{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: list{"(aws_kms_key.lake.arn)"}, Condition: through}
	}
	if o.Topics != nil {
		want["TellPeople"] = statement{Action: list{"sns:Publish"}, Resource: list{audit}}
	}
	got := m.get("resource.aws_iam_role_policy.keytrail").policy(t, "policy")
	for sid, s := range want {
		s.Sid, s.Effect = sid, "Allow"
		if fmt.Sprintf("%+v", got[sid]) != fmt.Sprintf("%+v", s) {
			t.Errorf("the role: %+v, want %+v", got[sid], s)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the role may do more: %v", got)
	}
	trust := m.get("resource.aws_iam_role.keytrail").policy(t, "assume_role_policy")
	readers := "map[AWS:[arn:aws:iam::111122223333:root]]"
	if o.Readers != nil {
		readers = "map[AWS:[arn:aws:iam::111122223333:role/audit]]"
	}
	task, isTask := trust["NightlyTask"]
	if isTask != (o.Nightly == Fargate) || isTask && (task.service() != "ecs-tasks.amazonaws.com" || task.Condition["StringEquals"]["aws:SourceAccount"] != "111122223333") {
		t.Errorf("trusts %+v", trust)
	}
	if s, ok := trust["Readers"]; ok != (o.Readers != nil || !isTask) || ok && fmt.Sprint(s.Principal) != readers {
		t.Errorf("trusts %+v", trust)
	}
}

func checkNightly(t *testing.T, o Options, m *tree) {
	schedule := m.find("resource.aws_scheduler_schedule.nightly")
	if (schedule != nil) != (o.Nightly == Fargate) {
		t.Fatalf("schedule: %v", schedule)
	}
	if schedule == nil {
		return
	}
	if schedule.text("schedule_expression") != "cron(5 1 * * ? *)" || schedule.text("schedule_expression_timezone") != "UTC" {
		t.Errorf("schedule: %v", schedule.args)
	}
	target := schedule.under("target")[0]
	ecs := target.under("ecs_parameters")[0]
	if ecs.text("launch_type") != "FARGATE" || ecs.text("task_count") != "1" || ecs.text("task_definition_arn") != "(aws_ecs_task_definition.nightly.arn)" || target.text("role_arn") != "(aws_iam_role.schedule.arn)" {
		t.Errorf("target: %v %v", target.args, ecs.args)
	}
	task := m.get("resource.aws_ecs_task_definition.nightly")
	var containers []struct {
		Image   string
		Command []string
	}
	if err := json.Unmarshal([]byte(task.text("container_definitions")), &containers); err != nil || len(containers) != 1 || strings.Join(containers[0].Command, " ") != "nightly --config /etc/keytrail/nightly.yaml" {
		t.Errorf("%v: %+v", err, containers)
	}
	if task.text("task_role_arn") != "(aws_iam_role.keytrail.arn)" || task.text("execution_role_arn") != "(aws_iam_role.start.arn)" {
		t.Errorf("roles of the task: %v", task.args)
	}
	pass := m.get("resource.aws_iam_role_policy.schedule").policy(t, "policy")["WithItsRoles"]
	if !slices.Equal(pass.Resource, list{"(aws_iam_role.keytrail.arn)", "(aws_iam_role.start.arn)"}) || pass.Condition["StringEquals"]["iam:PassedToService"] != "ecs-tasks.amazonaws.com" {
		t.Errorf("%+v", pass)
	}
	if in := m.get("resource.aws_security_group.nightly").under("ingress"); len(in) > 0 {
		t.Error("the task can be reached from outside")
	}
}

// The defaults pass the variables' own validation.
func checkVariables(t *testing.T, m *tree) {
	for _, b := range m.all {
		for _, v := range b.under("validation") {
			if v.text("condition") != "true" || v.text("error_message") == "" {
				t.Errorf("%s: %v", b.path(), v.args)
			}
		}
	}
}

// The tables of Athena are those of the lake's own SQL, column by column.
func TestGlueTables(t *testing.T) {
	o := Options{Bucket: "example-trail", Region: "eu-central-1", Lake: "s3://example-lake/a/b"}
	files, err := o.Files()
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, files)
	m.checkArguments()
	m.checkReferences()
	catalog, err := schema.DDL{Location: o.Lake, Database: "keytrail"}.Catalog()
	if err != nil || len(catalog) < 6 {
		t.Fatalf("%d tables: %v", len(catalog), err)
	}
	sql, err := schema.DDL{Location: o.Lake, Database: "keytrail"}.SQL("athena")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range catalog {
		b := m.get("resource.aws_glue_catalog_table." + want.Name)
		d := b.under("storage_descriptor")[0]
		if got := d.text("location"); got != "s3://example-lake/a/b"+want.Path || !strings.Contains(sql, "LOCATION '"+got+"'") {
			t.Errorf("%s: location %s", want.Name, got)
		}
		check := func(what string, got []*block, want []schema.CatalogColumn) {
			if len(got) != len(want) {
				t.Fatalf("%s: %d, want %d", what, len(got), len(want))
			}
			for i, c := range want {
				if got[i].text("name") != c.Name || got[i].text("type") != c.Type || got[i].text("comment") != c.Doc || len(c.Doc) > 255 {
					t.Errorf("%s: %v, want %v", what, got[i].args, c)
				}
			}
		}
		check(want.Name, d.under("columns"), want.Columns)
		check(want.Name+" partitions", b.under("partition_keys"), want.Partitions)
		parameters := b.args["parameters"].AsValueMap()
		for _, p := range want.Properties {
			if parameters[p.Name].AsString() != p.Value || !strings.Contains(sql, "'"+p.Name+"' = '"+p.Value+"'") {
				t.Errorf("%s: %s is %v", want.Name, p.Name, parameters[p.Name])
			}
		}
	}
}

// The configuration of the nightly task is one that keytrail takes.
func TestNightlyConfiguration(t *testing.T) {
	topics := []string{audit, audit + "-2.fifo"}
	files, err := Options{Bucket: "example-trail", Region: "eu-central-1", Nightly: Fargate, Topics: topics}.Files()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(files, func(f File) bool { return f.Name == "image/nightly.yaml" })
	c, err := nightly.ParseConfig("nightly.yaml", files[at].Data)
	if err != nil || c.Lake != "s3://example-trail-lake" || !slices.Equal(c.Sources, []string{"s3://example-trail"}) || !c.Verify.Digests {
		t.Errorf("%v: %+v", err, c)
	}
	var told []string
	for _, ch := range c.Alerts.Channels {
		if ch.SNS != nil {
			told = append(told, ch.SNS.TopicARN)
		}
	}
	if !slices.Equal(told, topics) {
		t.Errorf("the night tells %q, want %q", told, topics)
	}
}
