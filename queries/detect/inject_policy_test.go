package detect_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
)

// policyText expects what the cast does, but for half of the workloads and the
// developers, of whom nobody has written anything down: what they do has to be told from
// what they always do.
func (w *world) policyText() string {
	var b strings.Builder
	fmt.Fprintf(&b, `version: 1
defaults: {timezone: UTC}
org_accounts: ["%s", "%s"]
partners:
  "%s": {name: Acme, contract: C-1, expires: "2026-12-31"}
pipelines:
  - {role: "arn:aws:iam::*:role/ci/deploy-*", networks: ["10.9.0.0/16"], sessions: ["tf-*"], agents: ["**Terraform/**"]}
tables:
`, ownAccount, dataAccount, partnerAccount)
	for _, t := range w.tables {
		fmt.Fprintf(&b, "  - {match: %q, class: %s, protected: %v, owner: team}\n", t.arn(), t.class, t.restricted())
	}
	b.WriteString("groups:\n  workloads:\n")
	for _, m := range w.cast[workload] {
		if m.expected {
			fmt.Fprintf(&b, "    - %q\n", m.arn())
		}
	}
	b.WriteString("rules:\n")
	for n, rule := range []string{
		`who: {group: workloads}, ops: [READ_POINT, READ_RANGE, WRITE_ITEM, DELETE_ITEM], where: {networks: ["10.0.0.0/8"]}`,
		`who: {role: "arn:aws:iam::*:role/ci/deploy-*"}, ops: [SCHEMA, PROTECT, SHARE, TAG, SCALE, META_READ, AUDIT], where: {networks: ["10.9.0.0/16"]}`,
		`who: {sso: {permission_set: DataSupport}}, ops: [READ_POINT, READ_RANGE, META_READ], where: {networks: ["198.51.100.0/24"]}, when: {hours: "07:00-19:00"}, limits: {distinct_keys_per_hour: 40}`,
		`who: {sso: {permission_set: OnCall}}, ops: [READ_POINT, READ_RANGE, META_READ]`,
		fmt.Sprintf(`who: {account: %q}, ops: [READ_POINT]`, partnerAccount),
		fmt.Sprintf(`who: {account: %q}, ops: [READ_POINT]`, dataAccount),
	} {
		fmt.Fprintf(&b, "  - {id: AL-%d, effect: allow, %s, reason: duty, owner: team, created: \"2026-01-01\", expires: \"2026-12-31\"}\n", n, rule)
	}
	return b.String()
}

func (w *world) policy(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(w.policyText()))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// settings say what only the owner of the tables can know.
func (w *world) settings(t testing.TB) map[string]detect.Setting {
	t.Helper()
	snapshot := w.snapshot(t)
	s, err := detect.ParseSettings("settings.yaml", []byte(fmt.Sprintf(`
DDB-EXF-001: {params: {export_buckets: ["org-*"]}}
DDB-SEC-001: {params: {org_ids: [o-ours]}}
DDB-IAM-008: {params: {regions: [%s]}}
DDB-IAM-012: {params: {egress_cidrs: ["198.51.100.0/24"]}}
DDB-IAM-015: {params: {on_call: ["sso/*/OnCall/*"]}}
DDB-AUD-002: {params: {snapshot: [%q]}}
DDB-COV-004: {params: {snapshot: [%q]}}
`, worldRegion, snapshot, snapshot)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// snapshot is a file with the trails there are, as the command line prints them.
func (w *world) snapshot(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trails.json")
	text, err := json.Marshal(map[string]any{"trailList": []params{{"Name": "main", "S3BucketName": "logs", "IsMultiRegionTrail": true, "HomeRegion": worldRegion,
		"TrailARN": worldTrail, "LogFileValidationEnabled": true, "HasCustomEventSelectors": true}}})
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
