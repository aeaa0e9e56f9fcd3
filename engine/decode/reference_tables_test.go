package decode_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// named is a table given by name or by ARN.
func named(s string) tableRef {
	if arn, ok := schema.ParseTableARN(s); ok {
		return tableRef{arn.Table, arn.ARN}
	}
	return tableRef{name: s}
}

// addARN adds the table that s is the ARN of, if it is.
func addARN(found map[string]tableRef, s string) {
	if arn, ok := schema.ParseTableARN(s); ok && arn.ARN != "" {
		found[arn.ARN] = tableRef{arn.Table, arn.ARN}
	}
}

func byARN(found map[string]tableRef) []tableRef {
	var tables []tableRef
	for _, arn := range slices.Sorted(maps.Keys(found)) {
		tables = append(tables, found[arn])
	}
	return tables
}

// tables are the tables of a call that has no list of items: the one its
// parameters name, else those in resources, else the one in the response or the
// error message, else one without a name.
func (rec *refRecord) tables() []tableRef {
	if table := rec.requested(); table.name != "" {
		return []tableRef{table}
	}
	found := map[string]tableRef{}
	for _, table := range rec.resourceTables() {
		found[table.arn] = table
	}
	if len(found) > 0 {
		return byARN(found)
	}
	if table := rec.responded(); table.name != "" {
		return []tableRef{table}
	}
	if arn, ok := schema.FindTableARN(rec.node.get("errorMessage").str()); ok {
		return []tableRef{{arn.Table, arn.ARN}}
	}
	return []tableRef{{}}
}

// table is the table of a call that can have but one.
func (rec *refRecord) table() tableRef {
	if tables := rec.tables(); len(tables) == 1 {
		return tables[0]
	}
	return tableRef{}
}

// requested is the table that requestParameters name.
func (rec *refRecord) requested() tableRef {
	rp := rec.rp
	for _, n := range []*node{rp.get("tableName"), rp.get("targetTableName")} {
		if n.str() != "" {
			return named(n.str())
		}
	}
	iterator, _, _ := strings.Cut(rp.get("shardIterator").str(), "|")
	for _, s := range []string{
		rp.get("tableArn").str(), rp.get("sourceTableArn").str(), rp.get("resourceArn").str(), rp.get("streamArn").str(),
		iterator, rp.get("backupArn").str(), rp.get("exportArn").str(), rp.get("importArn").str(),
	} {
		if arn, ok := schema.ParseTableARN(s); ok {
			return tableRef{arn.Table, arn.ARN}
		}
	}
	for _, n := range []*node{rp.get("tableCreationParameters", "tableName"), rp.get("globalTableName")} {
		if n.str() != "" {
			return named(n.str())
		}
	}
	return tableRef{}
}

// resourceTables are the tables in resources, in their order: the entries of type
// table, or when there is none the tables that other entries belong to.
func (rec *refRecord) resourceTables() []tableRef {
	var tables, others []tableRef
	for _, entry := range rec.node.get("resources").list() {
		arn, ok := schema.ParseTableARN(entry.get("ARN").str())
		switch {
		case !ok || arn.ARN == "":
		case entry.get("type").str() == tableType:
			tables = append(tables, tableRef{arn.Table, arn.ARN})
		default:
			others = append(others, tableRef{arn.Table, arn.ARN})
		}
	}
	if tables != nil {
		return tables
	}
	return others
}

// responded is the table that responseElements name.
func (rec *refRecord) responded() tableRef {
	response := rec.node.get("responseElements")
	description := response.get("tableDescription")
	if arn, ok := schema.ParseTableARN(description.get("tableArn").str()); ok {
		return tableRef{arn.Table, arn.ARN}
	}
	if name := description.get("tableName").str(); name != "" {
		return named(name)
	}
	found := map[string]tableRef{}
	response.strings(func(s string) { addARN(found, s) })
	if tables := byARN(found); len(tables) > 0 {
		return tables[0]
	}
	return tableRef{}
}

// arnOf is the ARN of a table known by name: from wherever the record has one with
// this name, else put together. owner is the account, when known.
func (rec *refRecord) arnOf(name, owner string) string {
	for _, entry := range rec.node.get("resources").list() {
		if arn, ok := schema.ParseTableARN(entry.get("ARN").str()); ok && arn.Table == name && arn.ARN != "" {
			return arn.ARN
		}
	}
	found := map[string]tableRef{}
	rec.node.get("responseElements").strings(func(s string) { addARN(found, s) })
	for _, table := range byARN(found) {
		if table.name == name {
			return table.arn
		}
	}
	if arn, ok := schema.FindTableARN(rec.node.get("errorMessage").str()); ok && arn.Table == name && arn.ARN != "" {
		return arn.ARN
	}
	region := rec.node.get("awsRegion").str()
	for _, account := range []string{owner, rec.node.get("recipientAccountId").str(), rec.node.get("userIdentity", "accountId").str()} {
		if account != "" && region != "" {
			return "arn:" + schema.ARNPartition(region) + ":dynamodb:" + region + ":" + account + ":table/" + name
		}
	}
	return ""
}
