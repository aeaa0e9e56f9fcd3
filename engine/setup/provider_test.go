package setup

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// provider is what the provider of AWS takes, kept by hand from its documentation as far
// as the module uses it, since no provider can be asked here. A block is named by its
// path; "!" marks what is required. A name that is missing here fails the test: look it
// up before it is added.
var provider = map[string]struct {
	takes   string
	exports []string
}{
	"aws_cloudtrail":                                        {"name! s3_bucket_name! enable_logging is_multi_region_trail include_global_service_events enable_log_file_validation is_organization_trail kms_key_id advanced_event_selector insight_selector depends_on lifecycle", []string{"arn"}},
	"aws_cloudtrail.advanced_event_selector":                {"name field_selector!", nil},
	"aws_cloudtrail.advanced_event_selector.field_selector": {"field! equals starts_with ends_with not_equals not_starts_with not_ends_with", nil},
	"aws_cloudtrail.insight_selector":                       {"insight_type!", nil},

	"aws_s3_bucket":                                           {"bucket object_lock_enabled lifecycle", []string{"id", "arn"}},
	"aws_s3_bucket_public_access_block":                       {"bucket! block_public_acls block_public_policy ignore_public_acls restrict_public_buckets", nil},
	"aws_s3_bucket_ownership_controls":                        {"bucket! rule!", nil},
	"aws_s3_bucket_ownership_controls.rule":                   {"object_ownership!", nil},
	"aws_s3_bucket_versioning":                                {"bucket! versioning_configuration!", nil},
	"aws_s3_bucket_versioning.versioning_configuration":       {"status! mfa_delete", nil},
	"aws_s3_bucket_server_side_encryption_configuration":      {"bucket! rule!", nil},
	"aws_s3_bucket_server_side_encryption_configuration.rule": {"bucket_key_enabled apply_server_side_encryption_by_default", nil},
	"aws_s3_bucket_server_side_encryption_configuration.rule.apply_server_side_encryption_by_default": {"sse_algorithm! kms_master_key_id", nil},
	"aws_s3_bucket_logging":                                                        {"bucket! target_bucket! target_prefix! depends_on", nil},
	"aws_s3_bucket_object_lock_configuration":                                      {"bucket! rule depends_on", nil},
	"aws_s3_bucket_object_lock_configuration.rule":                                 {"default_retention!", nil},
	"aws_s3_bucket_object_lock_configuration.rule.default_retention":               {"mode days years", nil},
	"aws_s3_bucket_lifecycle_configuration":                                        {"bucket! rule! depends_on", nil},
	"aws_s3_bucket_lifecycle_configuration.rule":                                   {"id! status! filter transition expiration noncurrent_version_expiration abort_incomplete_multipart_upload", nil},
	"aws_s3_bucket_lifecycle_configuration.rule.filter":                            {"prefix", nil},
	"aws_s3_bucket_lifecycle_configuration.rule.transition":                        {"days storage_class!", nil},
	"aws_s3_bucket_lifecycle_configuration.rule.expiration":                        {"days", nil},
	"aws_s3_bucket_lifecycle_configuration.rule.noncurrent_version_expiration":     {"noncurrent_days! newer_noncurrent_versions", nil},
	"aws_s3_bucket_lifecycle_configuration.rule.abort_incomplete_multipart_upload": {"days_after_initiation", nil},
	"aws_s3_bucket_policy":                                                         {"bucket! policy! depends_on", nil},

	"aws_kms_key":   {"description enable_key_rotation deletion_window_in_days policy lifecycle", []string{"arn", "key_id"}},
	"aws_kms_alias": {"name target_key_id!", nil},

	"aws_glue_catalog_database":                                                        {"name! description", nil},
	"aws_glue_catalog_table":                                                           {"name! database_name! description table_type parameters partition_keys storage_descriptor", nil},
	"aws_glue_catalog_table.partition_keys":                                            {"name! type comment", nil},
	"aws_glue_catalog_table.storage_descriptor":                                        {"location input_format output_format ser_de_info columns", nil},
	"aws_glue_catalog_table.storage_descriptor.ser_de_info":                            {"name serialization_library parameters", nil},
	"aws_glue_catalog_table.storage_descriptor.columns":                                {"name! type comment", nil},
	"aws_athena_workgroup":                                                             {"name! configuration", nil},
	"aws_athena_workgroup.configuration":                                               {"enforce_workgroup_configuration result_configuration", nil},
	"aws_athena_workgroup.configuration.result_configuration":                          {"output_location encryption_configuration", nil},
	"aws_athena_workgroup.configuration.result_configuration.encryption_configuration": {"encryption_option! kms_key_arn", nil},

	"aws_iam_role":        {"name description assume_role_policy!", []string{"id", "arn"}},
	"aws_iam_role_policy": {"name role! policy!", nil},

	"aws_ecr_repository":                              {"name! image_tag_mutability image_scanning_configuration", []string{"arn", "repository_url"}},
	"aws_ecr_repository.image_scanning_configuration": {"scan_on_push!", nil},
	"aws_ecs_cluster":                                 {"name!", []string{"arn"}},
	"aws_ecs_task_definition":                         {"family! container_definitions! requires_compatibilities network_mode cpu memory task_role_arn execution_role_arn ephemeral_storage", []string{"arn"}},
	"aws_ecs_task_definition.ephemeral_storage":       {"size_in_gib!", nil},
	"aws_cloudwatch_log_group":                        {"name retention_in_days", []string{"arn"}},
	"aws_security_group":                              {"name description vpc_id egress", []string{"id"}},
	"aws_security_group.egress":                       {"description from_port! to_port! protocol! cidr_blocks", nil},

	"aws_scheduler_schedule":                                             {"name description schedule_expression! schedule_expression_timezone flexible_time_window! target!", nil},
	"aws_scheduler_schedule.flexible_time_window":                        {"mode! maximum_window_in_minutes", nil},
	"aws_scheduler_schedule.target":                                      {"arn! role_arn! ecs_parameters retry_policy", nil},
	"aws_scheduler_schedule.target.ecs_parameters":                       {"task_definition_arn! launch_type task_count network_configuration", nil},
	"aws_scheduler_schedule.target.ecs_parameters.network_configuration": {"subnets! security_groups assign_public_ip", nil},
	"aws_scheduler_schedule.target.retry_policy":                         {"maximum_retry_attempts maximum_event_age_in_seconds", nil},

	"data.aws_caller_identity":            {"", nil},
	"data.aws_partition":                  {"", nil},
	"data.aws_organizations_organization": {"", nil},
	"data.aws_subnet":                     {"id", nil},
}

// Every block and argument is one that the provider takes, and those that it requires are
// there.
func (m *tree) checkArguments() {
	for _, b := range m.all {
		switch b.kind {
		case "resource":
			m.checkBlock(b.labels[0], b)
		case "data":
			m.checkBlock("data."+b.labels[0], b)
		}
	}
}

func (m *tree) checkBlock(path string, b *block) {
	known, ok := provider[path]
	if !ok {
		m.t.Errorf("%s is not known of the provider", path)
		return
	}
	words := strings.Fields(known.takes)
	has := slices.Clone(b.names)
	for _, c := range b.blocks {
		has = append(has, c.kind)
		if c.kind != "lifecycle" {
			m.checkBlock(path+"."+c.kind, c)
		}
	}
	for _, name := range has {
		if !slices.Contains(words, name) && !slices.Contains(words, name+"!") {
			m.t.Errorf("%s takes no %s", path, name)
		}
	}
	for _, word := range words {
		if name, required := strings.CutSuffix(word, "!"); required && !slices.Contains(has, name) {
			m.t.Errorf("%s lacks %s", path, name)
		}
	}
}

// Every name that an expression uses is declared, once, and every variable is used.
func (m *tree) checkReferences() {
	declared, used := map[string]bool{}, map[string]bool{}
	for _, b := range m.sources {
		names := []string{strings.Join(append([]string{map[string]string{"variable": "var", "data": "data", "output": "output"}[b.Type]}, b.Labels...), ".")}
		switch b.Type {
		case "resource":
			names = []string{strings.Join(b.Labels, ".")}
		case "locals":
			names = nil
			for name := range b.Body.Attributes {
				names = append(names, "local."+name)
			}
		case "terraform", "provider":
			names = nil
		}
		for _, name := range names {
			if declared[name] {
				m.t.Errorf("%s is declared twice", name)
			}
			declared[name] = true
		}
	}
	for _, b := range m.sources {
		m.resolve(b.Body, nil, declared, used)
	}
	for name := range declared {
		if strings.HasPrefix(name, "var.") && !used[name] {
			m.t.Errorf("nothing uses %s", name)
		}
		if strings.HasPrefix(name, "local.") && !used[name] && name != "local.log_folders" { // only where logs are archived
			m.t.Errorf("nothing uses %s", name)
		}
	}
}

// resolve looks at the expressions of a block; iterators are those of dynamic blocks
// around it.
func (m *tree) resolve(body *hclsyntax.Body, iterators []string, declared, used map[string]bool) {
	for name, attr := range body.Attributes {
		if name == "type" && len(attr.Expr.Variables()) > 0 && attr.Expr.Variables()[0].RootName() == "string" {
			continue // the type of a variable, which is no expression
		}
		for _, v := range attr.Expr.Variables() {
			if !slices.Contains(iterators, v.RootName()) {
				m.reference(v, declared, used)
			}
		}
	}
	for _, c := range body.Blocks {
		inner := iterators
		if c.Type == "dynamic" {
			inner = append(slices.Clone(iterators), c.Labels[0])
		}
		m.resolve(c.Body, inner, declared, used)
	}
}

func (m *tree) reference(v hcl.Traversal, declared, used map[string]bool) {
	steps := []string{v.RootName()}
	for _, step := range v[1:] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok {
			break
		}
		steps = append(steps, attr.Name)
	}
	parts := 2
	if steps[0] == "data" {
		parts = 3
	}
	switch steps[0] {
	case "string", "number", "bool": // in a variable's type: list(string)
		return
	}
	if len(steps) < parts {
		m.t.Errorf("%v: %s is no reference", v.SourceRange(), strings.Join(steps, "."))
		return
	}
	name := strings.Join(steps[:parts], ".")
	used[name] = true
	if !declared[name] {
		m.t.Errorf("%v: there is no %s", v.SourceRange(), name)
	}
	if known, ok := provider[steps[0]]; ok && len(steps) > 2 && !slices.Contains(known.exports, steps[2]) &&
		!slices.Contains(strings.Fields(strings.ReplaceAll(known.takes, "!", "")), steps[2]) {
		m.t.Errorf("%v: %s has no %s", v.SourceRange(), name, steps[2])
	}
}

// The checks find what is wrong.
func TestChecksOfTheModule(t *testing.T) {
	for name, text := range map[string]string{
		"no such variable":  `resource "aws_ecs_cluster" "a" { name = var.nam }`,
		"no such resource":  `resource "aws_ecs_cluster" "a" { name = aws_kms_key.b.arn }`,
		"no such attribute": "resource \"aws_ecs_cluster\" \"a\" { name = \"x\" }\noutput \"o\" { value = aws_ecs_cluster.a.url }",
		"no such argument":  "resource \"aws_ecs_cluster\" \"a\" {\n name = \"x\"\n nam = \"y\"\n}",
		"no such block":     "resource \"aws_ecs_cluster\" \"a\" {\n name = \"x\"\n rule {}\n}",
		"required":          `resource "aws_ecs_cluster" "a" {}`,
		"twice":             "resource \"aws_ecs_cluster\" \"a\" { name = \"x\" }\nresource \"aws_ecs_cluster\" \"a\" { name = \"x\" }",
		"unused":            `variable "v" { default = "x" }`,
	} {
		quiet := &testing.T{}
		m := parse(quiet, []File{{"a.tf", []byte(text)}})
		m.checkArguments()
		m.checkReferences()
		if !quiet.Failed() {
			t.Errorf("%s: not found", name)
		}
	}
}
