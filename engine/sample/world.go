package sample

// account is one AWS account of the sample.
type account struct {
	id     string
	org    string // organisation id when its trail is an organisation trail
	alias  string
	weight int // share of the traffic
	shares [3]int
	actors []actor
	tables []table
}

// regions of the sample; account.shares weighs them.
var regions = [3]string{"eu-west-1", "us-east-1", "ap-southeast-2"}

// partner is an account of somebody else that reads one of our tables.
const partner = "999988887777"

// index is a secondary index: its name, its key attribute and values it has.
type index struct {
	name, attr string
	values     []string
}

// table is one DynamoDB table.
type table struct {
	name    string
	pk, sk  string // key attributes; sk may be empty
	items   int    // distinct partition keys
	regions int    // the first so many regions hold it
	stream  bool
	sealed  bool // encrypted with a customer key: KMS calls show up
	attrs   []string
	indexes []index
	key     func(r *rng, pk, sk []byte) ([]byte, []byte)
}

// accounts is the world: who owns which tables and who works there.
var accounts = []account{
	{id: "111122223333", alias: "shop-prod", weight: 6, shares: [3]int{6, 3, 1}, tables: prodTables, actors: prodActors},
	{id: "444455556666", alias: "analytics", weight: 3, shares: [3]int{1, 4, 1}, tables: analyticsTables, actors: analyticsActors},
	{id: "777788889999", alias: "shop-dev", org: "o-9f3k2m8q1z", weight: 1, shares: [3]int{3, 1, 1}, tables: devTables, actors: devActors},
}

var prodTables = []table{
	{name: "customers", pk: "pk", sk: "sk", items: 60_000, regions: 2, stream: true, sealed: true, key: customerKey,
		attrs:   []string{"email", "name", "phone", "tier", "addresses", "iban", "marketing_consent", "updated_at"},
		indexes: []index{{"by-tier", "tier", []string{"STANDARD", "PLUS", "VIP"}}, {"by-email", "email", nil}}},
	{name: "orders", pk: "pk", sk: "sk", items: 60_000, regions: 3, stream: true, sealed: true, key: orderKey,
		attrs:   []string{"status", "total", "currency", "lines", "shipping", "created_at"},
		indexes: []index{{"by-status", "status", []string{"OPEN", "PAID", "PACKED", "SHIPPED", "RETURNED"}}}},
	{name: "sessions", pk: "session_id", items: 1 << 30, regions: 3, key: randomKey,
		attrs: []string{"user_id", "expires_at", "device", "csrf"}},
	{name: "payments", pk: "payment_id", items: 1 << 30, regions: 2, sealed: true, key: paymentKey,
		attrs:   []string{"amount", "currency", "state", "provider_ref", "captured_at"},
		indexes: []index{{"by-provider-ref", "provider_ref", nil}}},
	{name: "inventory", pk: "sku", sk: "warehouse", items: 8_000, regions: 3, key: stockKey,
		attrs:   []string{"on_hand", "reserved", "reorder_point", "bin"},
		indexes: []index{{"by-warehouse", "warehouse", warehouses}}},
	{name: "feature-flags", pk: "flag", items: 60, regions: 3, key: flagKey, attrs: []string{"enabled", "rollout", "owner"}},
	{name: "orders-stream-consumer", pk: "leaseKey", items: 24, regions: 2, key: leaseKey,
		attrs: []string{"leaseOwner", "leaseCounter", "checkpoint", "checkpointSubSequenceNumber", "ownerSwitchesSinceCheckpoint"}},
}

var analyticsTables = []table{
	{name: "clickstream", pk: "user_id", sk: "ts", items: 400_000, regions: 2, stream: true, key: clickKey,
		attrs: []string{"page", "referrer", "agent", "duration_ms"}},
	{name: "ml-features", pk: "entity", sk: "feature_set", items: 90_000, regions: 3, key: featureKey,
		attrs: []string{"embedding", "model_version", "computed_at"}, indexes: []index{{"by-vector", "embedding", nil}}},
	{name: "job-state", pk: "job", sk: "run", items: 300, regions: 3, key: jobKey, attrs: []string{"state", "cursor", "rows_done", "error"}},
}

var devTables = []table{
	{name: "customers", pk: "pk", sk: "sk", items: 500, regions: 3, key: customerKey, attrs: []string{"email", "name", "tier"},
		indexes: []index{{"by-tier", "tier", []string{"STANDARD", "VIP"}}}},
	{name: "orders-dev", pk: "pk", sk: "sk", items: 900, regions: 2, stream: true, key: orderKey, attrs: []string{"status", "total", "lines"},
		indexes: []index{{"by-status", "status", []string{"OPEN", "PAID"}}}},
	{name: "test.scratch", pk: "id", items: 100, regions: 1, key: numberKey, attrs: []string{"payload", "note"}},
}

// tableNamed finds a table of an account.
func (a *account) tableNamed(name string) *table {
	for i := range a.tables {
		if a.tables[i].name == name {
			return &a.tables[i]
		}
	}
	return nil
}

// in reports whether the table lives in a Region.
func (t *table) in(region int) bool { return region < t.regions }
