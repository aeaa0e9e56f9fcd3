package decode

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// tableRef is a table as some part of a record names it. arn is empty when only
// the name is known, both are when nothing is.
type tableRef struct {
	name, arn, account string
}

// named is a table given by its name or by an ARN.
func named(s string) tableRef {
	if strings.HasPrefix(s, "arn:") {
		if arn, ok := schema.ParseTableARN(s); ok {
			return refOf(arn)
		}
	}
	return tableRef{name: s}
}

func refOf(arn schema.TableARN) tableRef {
	if arn.ARN == "" {
		return tableRef{name: arn.Table} // a global table, in no one place
	}
	return tableRef{arn.Table, arn.ARN, arn.Account}
}

// Where a record mentions a table beside its request.
type mention uint8

const (
	inTableResource mention = iota // a resources entry of type table
	inResource                     // another resources entry, such as a stream
	inResponse
	inMessage
)

type mentioned struct {
	tableRef
	where mention
}

const tableType = "AWS::DynamoDB::Table"

// mentions lists the tables whose ARNs the record contains: resources in their
// order, then the response's sorted, then the first of the error message.
func (d *Decoder) mentions() []mentioned {
	if d.mentionsRead {
		return d.mentioned
	}
	d.mentionsRead = true
	found := d.mentioned[:0]
	r := &d.rec
	found = r.mentionedResources(found)
	fromResponse := len(found)
	d.found = d.arnsIn(d.found[:0], d.touch.ResponseElements)
	for _, ref := range d.found {
		found = append(found, mentioned{ref, inResponse})
	}
	slices.SortFunc(found[fromResponse:], func(a, b mentioned) int { return strings.Compare(a.arn, b.arn) })
	if arn, ok := schema.FindTableARN(d.touch.ErrorMessage); ok {
		found = append(found, mentioned{refOf(arn), inMessage})
	}
	d.mentioned = found
	return found
}

// arnsIn appends the tables whose ARNs are strings (not names of members) in a
// canonical JSON text.
func (d *Decoder) arnsIn(refs []tableRef, canonical string) []tableRef {
	const opening = `"arn:`
	for i := 0; ; {
		n := strings.Index(canonical[i:], opening)
		if n < 0 {
			return refs
		}
		start := i + n + 1
		i += n + len(opening)
		if start >= 2 && canonical[start-2] == '\\' {
			continue // a quote within a string
		}
		end, escaped := start, false
		for canonical[end] != '"' {
			if canonical[end] == '\\' {
				escaped = true
				end++
			}
			end++
		}
		i = end + 1
		if i < len(canonical) && canonical[i] == ':' {
			continue
		}
		s := canonical[start:end]
		if escaped {
			s = d.arena.unescape(s)
		}
		if arn, ok := schema.ParseTableARN(s); ok && arn.ARN != "" {
			refs = append(refs, refOf(arn))
		}
	}
}

// requested is the table that requestParameters name.
func (d *Decoder) requested() tableRef {
	r := &d.rec
	for _, slot := range [...]int{paramTableName, paramTargetTableName} {
		if s := r.paramText(slot); s != "" {
			return named(s)
		}
	}
	for _, slot := range [...]int{
		paramTableARN, paramSourceTableARN, paramResourceARN, paramStreamARN,
		paramShardIterator, paramBackupARN, paramExportARN, paramImportARN,
	} {
		if r.rp[slot] == 0 {
			continue
		}
		s := r.paramText(slot)
		if slot == paramShardIterator {
			s, _, _ = strings.Cut(s, "|") // what follows the stream's ARN is opaque
		}
		if arn, ok := schema.ParseTableARN(s); ok {
			return refOf(arn)
		}
	}
	if s := r.t.memberText(r.param(paramTableCreation), "tableName"); s != "" {
		return named(s)
	}
	return named(r.paramText(paramGlobalTableName))
}

// callTables are the tables of a call that has no list of items: the one its
// parameters name, else those in resources, else the one in the response or the
// error message, else one without a name. The result is scratch space.
func (d *Decoder) callTables() []tableRef {
	ref := d.requested()
	if ref.name == "" {
		mentions := d.mentions()
		if d.inResources(mentions); len(d.tables) > 0 {
			return d.tables
		}
		if ref = d.described(); ref.name == "" && len(mentions) > 0 {
			ref = mentions[0].tableRef // of the response, else of the message
		}
	}
	d.tables = append(d.tables[:0], ref)
	return d.tables
}

// inResources sets tables to those among the record's resources, sorted by ARN:
// those of type table, or when there is none those that others belong to.
func (d *Decoder) inResources(mentions []mentioned) {
	d.tables = d.tables[:0]
	for _, where := range [...]mention{inTableResource, inResource} {
		for _, m := range mentions {
			if m.where == where {
				d.tables = append(d.tables, m.tableRef)
			}
		}
		if len(d.tables) > 0 {
			break
		}
	}
	d.uniqueTables()
}

// uniqueTables sorts tables by ARN and drops repetitions.
func (d *Decoder) uniqueTables() {
	slices.SortFunc(d.tables, byARN)
	d.tables = slices.CompactFunc(d.tables, func(a, b tableRef) bool { return a.arn == b.arn })
}

func byARN(a, b tableRef) int { return strings.Compare(a.arn, b.arn) }

// described is the table whose description the response is.
func (d *Decoder) described() tableRef {
	r := &d.rec
	description := r.t.member(r.at(envResponseElements), "tableDescription")
	if arn, ok := schema.ParseTableARN(r.t.memberText(description, "tableArn")); ok {
		return refOf(arn)
	}
	return named(r.t.memberText(description, "tableName"))
}

// callTable is the table of a call that can have but one.
func (d *Decoder) callTable() tableRef {
	if refs := d.callTables(); len(refs) == 1 {
		return refs[0]
	}
	return tableRef{}
}

// located completes a table known by name with its ARN: from wherever the record
// has one of that name, else put together. owner is the account that has it, if
// that is known.
func (d *Decoder) located(ref tableRef, owner string) tableRef {
	if ref.name == "" || ref.arn != "" {
		return ref
	}
	if ref.name == d.last.name && owner == "" {
		return d.last
	}
	for _, m := range d.mentions() {
		if m.name == ref.name && m.arn != "" {
			d.last = m.tableRef
			return d.last
		}
	}
	region := d.touch.AWSRegion
	for _, account := range [...]string{owner, d.touch.RecipientAccountID, d.touch.PrincipalAccountID} {
		if account != "" && region != "" {
			ref.arn = d.builtARN(region, account, ref.name)
			// Not account as it is: what stands in the record need not be one.
			arn, _ := schema.ParseTableARN(ref.arn)
			ref.account = arn.Account
			break
		}
	}
	if owner == "" {
		d.last = ref
	}
	return ref
}

func (d *Decoder) builtARN(region, account, name string) string {
	partition := schema.ARNPartition(region)
	b := d.arena.take(len("arn::dynamodb:::table/") + len(partition) + len(region) + len(account) + len(name))
	for _, part := range [...]string{"arn:", partition, ":dynamodb:", region, ":", account, ":table/", name} {
		b = append(b, part...)
	}
	return view(b)
}
