package reader

// Stats says what a scan did, level by level. Pruned ones are among the others. For a
// lake that nobody writes to it depends on the query alone.
type Stats struct {
	Tables                       int // that were listed
	Partitions, PartitionsPruned int // listed; of days that are not asked for

	Files, FilesPruned         int
	FilesByBucket              int // pruned because the key belongs in others
	RowGroups, RowGroupsPruned int
	GroupsByTime               int   // pruned because of event times
	GroupsByBounds             int   // because of least and greatest values
	GroupsByNames              int   // because no key in the file is made of what is asked for
	GroupsByKey                int   // because a Bloom filter denies the whole key
	GroupsByFilter             int   // because one denies a value
	GroupsByPages              int   // because no page can hold the values
	RowsSeen                   int64 // in all row groups
	RowsLeft                   int64 // in pages that were not pruned
	Rows                       int64 // handed out

	IndexBytes  int64 // footers, filters, page indexes that were read
	ColumnBytes int64 // pages of columns, as stored
}

// Add adds what another scan did, for the same answer.
func (s *Stats) Add(o Stats) {
	s.Tables += o.Tables
	s.Partitions += o.Partitions
	s.PartitionsPruned += o.PartitionsPruned
	s.Files += o.Files
	s.FilesPruned += o.FilesPruned
	s.FilesByBucket += o.FilesByBucket
	s.RowGroups += o.RowGroups
	s.RowGroupsPruned += o.RowGroupsPruned
	s.GroupsByTime += o.GroupsByTime
	s.GroupsByBounds += o.GroupsByBounds
	s.GroupsByNames += o.GroupsByNames
	s.GroupsByKey += o.GroupsByKey
	s.GroupsByFilter += o.GroupsByFilter
	s.GroupsByPages += o.GroupsByPages
	s.RowsSeen += o.RowsSeen
	s.RowsLeft += o.RowsLeft
	s.Rows += o.Rows
	s.IndexBytes += o.IndexBytes
	s.ColumnBytes += o.ColumnBytes
}
