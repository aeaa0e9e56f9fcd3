package schema

// Version is the version of the touches contract, written into the metadata of
// every Parquet file under [MetadataVersion]. It changes when a column is added
// or the meaning of one changes, which changes the bytes of a lake.
const Version = "1"

// MetadataVersion is the key of [Version] in a Parquet file's key-value metadata.
const MetadataVersion = "keytrail.schema"
