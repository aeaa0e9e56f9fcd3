package schema

// Planes: which part of the log a touch comes from.
const (
	PlaneData        = "data"
	PlaneControl     = "control"
	PlaneKMS         = "kms"
	PlaneConfig      = "config"
	PlaneAutoscaling = "autoscaling"
	PlaneTrail       = "trail"
	PlaneInsight     = "insight"
	PlaneSTS         = "sts"     // who was given credentials: STS, sign-in, Identity Center's portal
	PlaneIAM         = "iam"     // what identities may do
	PlaneStorage     = "storage" // S3: settings of buckets, objects of the log
	PlaneOther       = "other"   // services that reach into tables or watch over them
)

// Planes are all there are.
var Planes = []string{
	PlaneData, PlaneControl, PlaneKMS, PlaneConfig, PlaneAutoscaling, PlaneTrail,
	PlaneInsight, PlaneSTS, PlaneIAM, PlaneStorage, PlaneOther,
}

// Outcomes.
const (
	OutcomeOK     = "ok"
	OutcomeDenied = "denied"
	OutcomeFailed = "failed"
)

// Key scopes: what a call named or could see.
const (
	ScopeItem      = "item"      // one item, by its full primary key
	ScopePartition = "partition" // the items under one partition key
	ScopeIndex     = "index"     // items reached through a secondary index
	ScopeTable     = "table"     // any item of the table
	ScopeStream    = "stream"    // any change of the table
	ScopeNone      = "none"      // no item: settings, metadata
	ScopeUnknown   = "unknown"   // items, but the record does not say which
)

// Actor kinds.
const (
	ActorHuman    = "human"
	ActorService  = "service"
	ActorAWS      = "aws"
	ActorRoot     = "root"
	ActorExternal = "external"
	ActorUnknown  = "unknown"
)
