package sample

import (
	"strconv"
	"time"
)

// AWS Config's files of the sample: a snapshot of every account and Region each morning,
// with all tables and what two rules say of them, and on the first day a history, from
// when the recorder was switched on. Settings are those that the calls in the log leave
// them with. One is not: since the incident, point-in-time recovery of one table is found
// off, and no call in the log says who did that.

// configHour is when snapshots are made.
const configHour = 6

// classOf are the tags that say how much care a table needs.
var classOf = map[string]string{"customers": "pii", "payments": "cardholder", "orders": "confidential", "sessions": "confidential", "clickstream": "confidential"}

// config writes the files of AWS Config.
func (w *writer) config() error {
	for account := range accounts {
		for region := range regions {
			w.gen.acct, w.gen.region = &accounts[account], region
			for day := range w.Days {
				at := w.Start.AddDate(0, 0, day).Add(configHour * time.Hour)
				if day == 0 {
					if err := w.configFile("ConfigHistory", "AWS::DynamoDB::Table_", at.Add(-time.Hour), "ResourceDiscovered"); err != nil {
						return err
					}
				}
				if err := w.configFile("ConfigSnapshot", "", at, "OK"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// configFile writes one file with all tables of the account and Region.
func (w *writer) configFile(kind, of string, at time.Time, status string) error {
	g := &w.gen
	var t text
	t.open('{').member("fileVersion", "1.0").member("configSnapshotId", string(hashedUUID(nil, hash(kind+g.acct.id+g.regionName()+at.String()))))
	t.key("configurationItems").open('[')
	for i := range g.acct.tables {
		table := &g.acct.tables[i]
		if !table.in(g.region) {
			continue
		}
		g.table = table
		recovers := g.acct.alias != "shop-dev" && !w.recoveryFoundOff(table, at)
		w.configTable(&t, at, status, recovers)
		if of == "" {
			g.configVerdicts(&t, at, recovers)
		}
	}
	t.close(']').close('}')
	stamp := at.Format("20060102T150405Z")
	name := of + stamp + "_" + string(hashedUUID(nil, hash(g.acct.id+g.regionName()+stamp)))
	if of != "" {
		name = of + stamp + "_" + stamp + "_1"
	}
	path := "AWSLogs/"
	if g.acct.org != "" {
		path += g.acct.org + "/"
	}
	path += g.acct.id + "/Config/" + g.regionName() + at.Format("/2006/1/2/") + kind + "/" + g.acct.id + "_Config_" + g.regionName() + "_" + kind + "_"
	w.out.Reset()
	w.zip.Reset(&w.out)
	if _, err := w.zip.Write(t.b); err != nil {
		return err
	}
	return w.put(path+name+".json.gz", at.Unix())
}

// recoveryFoundOff reports the table that the incident left without recovery.
func (w *writer) recoveryFoundOff(t *table, at time.Time) bool {
	night := w.Start.AddDate(0, 0, w.IncidentDay-1)
	return !w.NoIncident && t.name == "customers" && w.gen.acct == &accounts[0] && w.gen.region == 0 && at.After(night)
}

// configItem begins an item.
func (g *gen) configItem(t *text, at time.Time, status, kind, id string) {
	t.open('{').member("configurationItemVersion", "1.3").member("configurationItemCaptureTime", at.Format("2006-01-02T15:04:05.000Z"))
	t.member("configurationItemStatus", status).key("configurationStateId").num(int(at.UnixMilli()))
	t.member("awsAccountId", g.acct.id).member("awsRegion", g.regionName()).member("resourceType", kind).member("resourceId", id)
}

// configTable writes a table as it is at that time.
func (w *writer) configTable(t *text, at time.Time, status string, recovers bool) {
	g := &w.gen
	table, production := g.table, g.acct.alias == "shop-prod"
	g.configItem(t, at, status, "AWS::DynamoDB::Table", table.name)
	t.member("resourceName", table.name).member("ARN", g.arn(table))
	t.key("tags").open('{').member("team", "team-"+table.name).member("cost-centre", "shop-4711")
	if class := classOf[table.name]; class != "" && g.acct.alias != "shop-dev" {
		t.member("data-class", class)
	}
	t.close('}').key("relatedEvents").open('[').close(']').key("relationships").open('[').close(']')
	t.key("configuration").open('{').member("tableName", table.name).member("tableArn", g.arn(table)).member("tableStatus", "ACTIVE")
	t.key("creationDateTime").num(int(w.Start.AddDate(0, 0, -90).UnixMilli())).key("deletionProtectionEnabled").bool(production)
	t.key("itemCount").num(min(table.items, 1<<20)).key("tableSizeBytes").num(min(table.items, 1<<20) * 412)
	t.key("billingModeSummary").open('{').member("billingMode", "PAY_PER_REQUEST").close('}')
	if table.sealed {
		t.key("ssedescription").open('{').member("status", "ENABLED").member("ssetype", "KMS").member("kmsmasterKeyArn", keyARN(g)).close('}')
	}
	if table.stream {
		t.key("streamSpecification").open('{').key("streamEnabled").bool(true).member("streamViewType", "NEW_AND_OLD_IMAGES").close('}')
	}
	t.close('}')
	t.key("supplementaryConfiguration").open('{').key("ContinuousBackupsDescription").open('{').member("continuousBackupsStatus", "ENABLED")
	state := "DISABLED"
	if recovers {
		state = "ENABLED"
	}
	t.key("pointInTimeRecoveryDescription").open('{').member("pointInTimeRecoveryStatus", state).close('}').close('}').close('}').close('}')
}

// configVerdicts writes what two rules say of a table.
func (g *gen) configVerdicts(t *text, at time.Time, recovers bool) {
	const kind = "AWS::DynamoDB::Table"
	verdict := map[bool]string{true: "COMPLIANT", false: "NON_COMPLIANT"}
	g.configItem(t, at, "OK", "AWS::Config::ResourceCompliance", kind+"/"+g.table.name)
	t.key("configuration").open('{').member("targetResourceType", kind).member("targetResourceId", g.table.name)
	t.member("complianceType", verdict[recovers && g.table.sealed]).key("configRuleList").open('[')
	for _, rule := range []struct {
		name string
		is   bool
	}{{"dynamodb-pitr-enabled", recovers}, {"dynamodb-table-encrypted-kms", g.table.sealed}} {
		t.open('{').member("configRuleName", rule.name).member("configRuleId", "config-rule-"+strconv.Itoa(len(rule.name))).member("complianceType", verdict[rule.is]).close('}')
	}
	t.close(']').close('}').close('}')
}
