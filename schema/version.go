package schema

// Version is the version of the touches contract, written into the metadata of
// every Parquet file under [MetadataVersion]. It changes when a column is added
// or the meaning of one changes, which changes the bytes of a lake.
const Version = "1"

// MetadataVersion is the key of [Version] in a Parquet file's key-value metadata.
const MetadataVersion = "keytrail.schema"

// MetadataBuckets is the key, in the metadata of a touches file, of the number of
// files its partition was split into when it was written. Files above those that
// part-00 and what it leads to account for are left over from a split that was
// cut short.
const MetadataBuckets = "keytrail.buckets"
