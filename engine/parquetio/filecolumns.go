package parquetio

import (
	"bytes"
	"slices"

	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// mapColumns finds each column of schema.Columns in the file.
func (f *File) mapColumns(footer []byte) error {
	version, ok := f.Metadata(schema.MetadataVersion)
	if !ok {
		return corrupt("no %s in its metadata", schema.MetadataVersion)
	}
	if bytes.Equal(f.meta.schema, ownSchema) {
		f.at = inOrder
		return nil
	}
	var meta format.FileMetaData
	if _, err := decodeThrift("footer", footer, &meta); err != nil {
		return err
	}
	found, err := fileLeaves(meta.Schema)
	if err != nil {
		return err
	}
	f.at = make([]int, len(leaves))
	for i, want := range leaves {
		at, ok := found[want.column.Name]
		switch {
		case !ok && (version == schema.Version || !want.column.Nullable):
			return corrupt("no column %s", want.column.Name)
		case !ok:
			f.at[i] = -1
		case !slices.Equal(at.path, want.path) || at.kind != want.kind || at.maxDef != want.maxDef || at.maxRep != want.maxRep:
			return corrupt("column %s is not of the type it should be", want.column.Name)
		default:
			f.at[i] = at.index
		}
	}
	return nil
}

// inOrder says that a file has all columns, at their places.
var inOrder = func() []int {
	at := make([]int, len(leaves))
	for i := range at {
		at[i] = i
	}
	return at
}()

// fileLeaf is a column as a file declares it.
type fileLeaf struct {
	leaf
	index int
}

// fileLeaves lists the leaves of a flattened schema tree, by their first name.
func fileLeaves(tree []format.SchemaElement) (map[string]fileLeaf, error) {
	type group struct {
		left int32
		leaf leaf // what a leaf in it has so far
	}
	found := map[string]fileLeaf{}
	var open []group
	n := 0
	for i, e := range tree {
		var l leaf
		if len(open) > 0 {
			parent := &open[len(open)-1]
			parent.left--
			l = parent.leaf
			l.path = append(slices.Clip(l.path), e.Name)
		} else if i > 0 {
			return nil, corrupt("schema: an element outside the tree")
		}
		switch e.RepetitionType.V {
		case format.Optional:
			l.maxDef++
		case format.Repeated:
			l.maxDef++
			l.maxRep++
		}
		switch {
		case e.NumChildren.V > 0:
			if len(open) > maxThriftDepth {
				return nil, corrupt("schema: too deep")
			}
			open = append(open, group{e.NumChildren.V, l})
		case len(open) == 0:
			return nil, corrupt("schema: no columns")
		default:
			l.kind = e.Type.V
			found[l.path[0]] = fileLeaf{l, n}
			n++
		}
		for len(open) > 0 && open[len(open)-1].left == 0 {
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return nil, corrupt("schema: cut")
	}
	return found, nil
}
