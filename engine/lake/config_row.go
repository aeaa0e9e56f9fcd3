package lake

import "github.com/keytrail/keytrail/schema"

// configRow is a schema.ConfigItem on disk. Its column names are promises to other
// people's SQL. The day is in the path.
type configRow struct {
	Kind               string   `parquet:"kind"`
	TableARN           string   `parquet:"table_arn"`
	TableName          string   `parquet:"table_name,optional"`
	Account            string   `parquet:"account_id,optional"`
	Region             string   `parquet:"aws_region,optional"`
	CapturedAt         int64    `parquet:"captured_at,timestamp(microsecond)"`
	ItemStatus         string   `parquet:"item_status,optional"`
	StateID            string   `parquet:"state_id,optional"`
	TableStatus        string   `parquet:"table_status,optional"`
	CreatedAt          *int64   `parquet:"created_at,timestamp(microsecond)"`
	SSEStatus          string   `parquet:"sse_status,optional"`
	SSEType            string   `parquet:"sse_type,optional"`
	KMSKey             string   `parquet:"kms_key,optional"`
	PITR               *bool    `parquet:"pitr"`
	PITRDays           int32    `parquet:"pitr_days,optional"`
	DeletionProtection *bool    `parquet:"deletion_protection"`
	Stream             *bool    `parquet:"stream"`
	StreamView         string   `parquet:"stream_view,optional"`
	Replicas           []string `parquet:"replicas,list"`
	BillingMode        string   `parquet:"billing_mode,optional"`
	TableClass         string   `parquet:"table_class,optional"`
	Tags               string   `parquet:"tags,optional"`
	Rule               string   `parquet:"rule,optional"`
	Compliance         string   `parquet:"compliance,optional"`
	SourceObject       string   `parquet:"source_object"`
	SourceIndex        int32    `parquet:"source_index"`
}

func encodeConfig(c schema.ConfigItem) configRow {
	return configRow{
		c.Kind, c.TableARN, c.TableName, c.Account, c.Region, c.CapturedAt, c.ItemStatus, c.StateID,
		c.TableStatus, unlessZero(c.CreatedAt), c.SSEStatus, c.SSEType, c.KMSKey, flag(c.PITR), c.PITRDays, flag(c.DeletionProtection),
		flag(c.Stream), c.StreamView, c.Replicas, c.BillingMode, c.TableClass, c.Tags, c.Rule, c.Compliance,
		c.SourceObject, c.SourceIndex,
	}
}

// decodeConfig is the inverse of [encodeConfig].
func decodeConfig(r configRow) schema.ConfigItem {
	c := schema.ConfigItem{
		Kind: r.Kind, TableARN: r.TableARN, TableName: r.TableName, Account: r.Account, Region: r.Region,
		CapturedAt: r.CapturedAt, ItemStatus: r.ItemStatus, StateID: r.StateID,
		TableStatus: r.TableStatus, SSEStatus: r.SSEStatus, SSEType: r.SSEType, KMSKey: r.KMSKey,
		PITR: triOf(r.PITR), PITRDays: r.PITRDays, DeletionProtection: triOf(r.DeletionProtection),
		Stream: triOf(r.Stream), StreamView: r.StreamView, Replicas: some(r.Replicas),
		BillingMode: r.BillingMode, TableClass: r.TableClass, Tags: r.Tags, Rule: r.Rule, Compliance: r.Compliance,
		SourceObject: r.SourceObject, SourceIndex: r.SourceIndex,
	}
	if r.CreatedAt != nil {
		c.CreatedAt = *r.CreatedAt
	}
	return c
}

func unlessZero(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

func flag(t schema.Tri) *bool {
	if t == schema.Null {
		return nil
	}
	is := t == schema.True
	return &is
}

func triOf(b *bool) schema.Tri {
	if b == nil {
		return schema.Null
	}
	return schema.TriOf(*b)
}
