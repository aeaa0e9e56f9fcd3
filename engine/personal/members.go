package personal

// action is what becomes of a member of a document.
type action uint8

const (
	leaveOut   action = iota
	keep              // as it stands
	within            // its own members by the same rules
	number            // kept if it is a number, true, false or null
	word              // kept if it is letters and underscores: one of a list of the API
	table             // kept if it is a table's name or ARN
	index             // kept if it is a name that an index may have
	names             // a list of attributes' names
	keyed             // a key, or a list of them: values become tokens
	byTable           // a list, or an object whose members are called as tables
	present           // that it is there is kept, and not what it says
	condition         // the condition on a key: it has names and operators only
	statement         // PartiQL
	iterator          // of a stream: its ARN is kept
	shard             // a shard's id
	digits            // a number written as text
	reason            // why parameters were omitted
	token             // a text that becomes a token
	encryption        // an encryption context: values of members that are not AWS's become tokens
	policy            // a policy: values that leading keys are compared with become tokens
)

// rules say what becomes of members, by their names in lower case.
type rules struct {
	by    map[string]action
	other action // of a member that is not there
	least bool   // of values that are not in a member
}

// itemRules are for calls that name items. What is not listed is left out: a member that
// some later API adds may hold anything.
var itemRules = &rules{by: map[string]action{
	"tablename": table, "tablearn": table, "resourcearn": table, "streamarn": table, "indexname": index,
	"key": keyed, "keys": keyed, "exclusivestartkey": keyed, "lastevaluatedkey": keyed,

	"requestitems": byTable, "transactitems": byTable, "transactstatements": byTable, "statements": byTable,
	"put": within, "get": within, "update": within, "delete": within, "conditioncheck": within,
	"putrequest": within, "deleterequest": within,
	"statement": statement,

	"keyconditionexpression": condition,
	"filterexpression":       present, "projectionexpression": present, "updateexpression": present, "conditionexpression": present,
	"queryfilter": present, "scanfilter": present, "keyconditions": present, "expected": present, "nexttoken": present,
	"attributestoget": names, "items": names,

	"operation": word, "select": word, "returnvalues": word, "returnconsumedcapacity": word, "returnitemcollectionmetrics": word,
	"returnvaluesonconditioncheckfailure": word, "conditionaloperator": word, "sharditeratortype": word,
	"limit": number, "segment": number, "totalsegments": number, "consistentread": number, "scanindexforward": number,
	"omitted": number, "reason": reason, "originalsize": number,

	"sharditerator": iterator, "shardid": shard, "sequencenumber": digits,
}}

// settingRules are for calls that name no items: few members can hold values of theirs.
var settingRules = &rules{other: within, least: true, by: map[string]action{
	"s3prefix": token, "s3keyprefix": token, "exportmanifest": token, "dynamodb:leadingkeys": token,
	"filtercriteria":    present, // of a stream's records, which have items in them
	"encryptioncontext": encryption, "encryptioncontextsubset": encryption, "encryptioncontextequals": encryption,
	"policy": policy, "policydocument": policy, "resourcepolicy": policy, "policydocumenttext": policy,
}}
