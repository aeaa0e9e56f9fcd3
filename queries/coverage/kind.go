package coverage

import "github.com/keytrail/keytrail/schema"

// Kind is a kind of events, as trails log them or leave them out.
type Kind uint8

// The kinds.
const (
	ManagementRead Kind = iota
	ManagementWrite
	DataRead
	DataWrite
	StreamRead
	KeyUse // of a table's key, in KMS
	Other
	kinds
)

// kindNames are the names of columns, and what people are told.
var kindNames = [kinds]struct{ column, title string }{
	{"management_reads", "Management reads"}, {"management_writes", "Management writes"}, {"data_reads", "Data reads"}, {"data_writes", "Data writes"},
	{"stream_reads", "Stream reads"}, {"key_uses", "Key uses"}, {"others", "Others"},
}

// KindOf is the kind of a touch's event.
func KindOf(t *schema.Touch) Kind {
	switch t.Plane {
	case schema.PlaneData:
		switch {
		case t.Op == schema.OpReadStream:
			return StreamRead
		case t.Mutates:
			return DataWrite
		}
		return DataRead
	case schema.PlaneControl:
		if t.Mutates {
			return ManagementWrite
		}
		return ManagementRead
	case schema.PlaneKMS:
		return KeyUse
	}
	return Other
}
