// Package policy says who is expected to do what: a YAML file that people review, and
// the verdict on a touch.
//
// A file names the accounts that are ours, partners, pipelines, tables with their class
// and owner, and rules. A rule allows or denies: who, on which tables, which
// operations, from where, when, with a reason, an owner and a day it ends. All keys of
// a rule must hold; of a list one is enough. [Policy.Judge] answers for one touch,
// [Policy.Explain] says why.
//
// [Read] tells all that is wrong in a file at once, by line and column. There is no
// regular expression, no anchor and no order that matters but that of the rules' ids: what
// stands in the file is read by people, and means to them what it means here.
package policy

// Policy is a file, read and checked by [Parse]. A nil Policy expects nothing of
// anybody: every verdict is [None] and no table has a class.
type Policy struct {
	Version     int                 `yaml:"version"`
	Defaults    Defaults            `yaml:"defaults"`
	OrgAccounts []string            `yaml:"org_accounts"`
	Partners    map[string]Partner  `yaml:"partners"`
	Pipelines   []Pipeline          `yaml:"pipelines"`
	BreakGlass  []string            `yaml:"break_glass"` // globs of role ARNs
	Tables      []Table             `yaml:"tables"`
	TableTags   TableTags           `yaml:"table_tags"`
	Groups      map[string][]string `yaml:"groups"` // globs of role and user ARNs
	Rules       []Rule              `yaml:"rules"`

	// SHA256 is of the file's bytes, in hex.
	SHA256 string `yaml:"-"`

	compiled compiled
}

// Defaults hold where a rule says nothing else.
type Defaults struct {
	MaxLifetime string `yaml:"max_lifetime"` // longest time from created to expires: 365d
	Grace       string `yaml:"grace"`        // how long an expired rule still says "expired": 7d
	Timezone    string `yaml:"timezone"`     // of hours and days: Europe/Berlin
}

// Partner is an account of somebody else that works with ours.
type Partner struct {
	Name     string `yaml:"name"`
	Contract string `yaml:"contract"`
	Expires  string `yaml:"expires"`
}

// Pipeline is a role that only an automated deployment uses.
type Pipeline struct {
	Role     string   `yaml:"role"`     // glob of role ARNs
	Networks []string `yaml:"networks"` // CIDRs, or globs of VPC endpoints
	Sessions []string `yaml:"sessions"` // globs of session names
	Agents   []string `yaml:"agents"`   // globs of user agents
}

// Table says how much care tables need whose ARN matches.
type Table struct {
	Match      string   `yaml:"match"` // glob of table ARNs
	Class      string   `yaml:"class"` // public, internal, confidential or restricted
	Protected  bool     `yaml:"protected"`
	Frameworks []string `yaml:"frameworks"`
	Owner      string   `yaml:"owner"`
}

// Rule allows, or denies, some access.
type Rule struct {
	ID         string   `yaml:"id"`
	Effect     string   `yaml:"effect"` // allow or deny
	Who        Who      `yaml:"who"`
	Tables     []string `yaml:"tables"` // globs of table ARNs; none: all; "!" leaves some out
	Ops        []string `yaml:"ops"`    // operation classes or API names; "!" leaves one out
	Where      Where    `yaml:"where"`
	When       When     `yaml:"when"`
	Limits     Limits   `yaml:"limits"`
	Cadence    string   `yaml:"cadence"` // how often it is used: daily, weekly, monthly, quarterly
	Purpose    string   `yaml:"purpose"`
	Reason     string   `yaml:"reason"`
	Owner      string   `yaml:"owner"`
	Ticket     string   `yaml:"ticket"`
	Created    string   `yaml:"created"` // YYYY-MM-DD
	Expires    string   `yaml:"expires"` // YYYY-MM-DD, its last day; or never. A deny rule need not end
	ApprovedBy string   `yaml:"approved_by"`
}

// Who says whom a rule is about.
type Who struct {
	Any     bool     `yaml:"any"`
	Group   string   `yaml:"group"`
	Role    string   `yaml:"role"`    // glob of the role's ARN, with its path
	RoleID  string   `yaml:"role_id"` // AROA...: this very role, not one made anew with its name
	User    string   `yaml:"user"`    // glob of the IAM user's ARN
	Service string   `yaml:"service"` // glob of the service: dynamodb.amazonaws.com
	Account string   `yaml:"account"`
	Kind    []string `yaml:"kind"`    // actor kinds
	Persons []string `yaml:"persons"` // globs of names; "!" leaves one out
	Session []string `yaml:"session"` // globs of session names; "!" leaves one out
	SSO     *SSO     `yaml:"sso"`
}

// SSO is people who come through IAM Identity Center.
type SSO struct {
	PermissionSet string   `yaml:"permission_set"`
	Account       string   `yaml:"account"`
	Persons       []string `yaml:"persons"`
}

// Where says from where.
type Where struct {
	Networks      []string `yaml:"networks"` // CIDRs, or globs of VPC endpoints and services
	Regions       []string `yaml:"regions"`
	ExportBuckets []string `yaml:"export_buckets"` // globs of buckets that exports go to; other calls have none
}

// When says at what times, in the policy's time zone.
type When struct {
	Days  []string `yaml:"days"`  // mon to sun; of hours over midnight the day they begin on
	Hours string   `yaml:"hours"` // 08:00-18:00, the end not included; 22:00-06:00 is over midnight
}

// Limits bound what a rule allows.
type Limits struct {
	DistinctKeysPerHour int `yaml:"distinct_keys_per_hour"`
}

// Effect is what a policy says of a touch.
type Effect string

const (
	None    Effect = "none"    // no rule speaks of it
	Allowed Effect = "allowed" // a rule expects it
	Expired Effect = "expired" // a rule did until lately
	Denied  Effect = "denied"  // a rule forbids it, whatever others say
)

// Verdict is an [Effect] and the rule it comes from: of several the first by id.
type Verdict struct {
	Effect Effect
	Rule   *Rule // nil when none speaks of it
}

// RuleID is the rule's id, or empty.
func (v Verdict) RuleID() string {
	if v.Rule == nil {
		return ""
	}
	return v.Rule.ID
}

// Classes of tables, the least first. A table that no entry matches has none.
var Classes = []string{"public", "internal", "confidential", "restricted"}
