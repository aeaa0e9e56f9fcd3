package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// Format is the version of a new lake's layout: paths, small tables, lease. One that has come
// to need some of its small files has the next one. The columns of touches have their own,
// [schema.Version].
const Format = 1

// maxJSON bounds what is read of the small JSON files under _keytrail/.
const maxJSON = 1 << 20

// format is the content of _keytrail/format.json.
type format struct {
	Format int      `json:"format"`
	Schema string   `json:"schema"`
	Needs  []string `json:"needs"` // keys of files without which the lake must not be used, in order
}

// Open opens the lake at s. The error is [ErrNoLake] when the place holds none and
// [ErrNewer] when a newer keytrail made it. Open never writes.
func Open(ctx context.Context, s Store) (*Lake, error) {
	l := &Lake{store: s, needs: &needs{}}
	hint := fmt.Sprintf("it should read %s", bytes.TrimSpace(formatFile()))
	data, _, err := l.readAll(ctx, formatKey, maxJSON, hint)
	if errors.Is(err, object.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w: run \"keytrail ingest SOURCE --lake\" with this place first", s.URL(), ErrNoLake)
	}
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", s.URL(), err)
	}
	f, err := checkFormat(data, hint)
	if err != nil {
		return nil, fmt.Errorf("open lake %s: %w", s.URL(), err)
	}
	l.needs.set(f.Needs)
	return l, nil
}

// Create opens the lake at s, making one first where the place is empty. A place
// with files of others in it is refused with [ErrForeign].
func Create(ctx context.Context, s Store) (*Lake, error) {
	l, err := Open(ctx, s)
	if !errors.Is(err, ErrNoLake) {
		return l, err
	}
	if err := checkEmpty(ctx, s); err != nil {
		return nil, err
	}
	data := formatFile()
	_, err = s.Put(ctx, formatKey, bytes.NewReader(data), int64(len(data)), object.Condition{IfAbsent: true})
	if err != nil && !errors.Is(err, object.ErrCondition) {
		return nil, fmt.Errorf("create lake %s: %w", s.URL(), err)
	}
	return Open(ctx, s) // ours, or that of whoever was faster
}

func checkFormat(data []byte, hint string) (f format, err error) {
	if err := json.Unmarshal(data, &f); err != nil {
		return f, corrupt(formatKey, hint, err)
	}
	version, err := strconv.Atoi(f.Schema)
	if err != nil || version < 1 || f.Format < 1 {
		return f, corrupt(formatKey, hint, fmt.Errorf("it names format %d and schema %q", f.Format, f.Schema))
	}
	ours, err := strconv.Atoi(schema.Version)
	if err != nil {
		return f, fmt.Errorf("schema version %q of this program: %w", schema.Version, err)
	}
	if f.Format > needyFormat || version > ours {
		return f, fmt.Errorf("%w: it has format %d, schema %d, and this one knows format %d, schema %d: upgrade keytrail",
			ErrNewer, f.Format, version, needyFormat, ours)
	}
	return f, nil
}

// checkEmpty refuses a place that holds anything but our own leftovers and the
// empty objects that consoles make for folders.
func checkEmpty(ctx context.Context, s Store) error {
	err := s.List(ctx, "", func(o object.Info) error {
		folder := o.Size == 0 && (o.Key == "" || strings.HasSuffix(o.Key, "/"))
		if folder || strings.HasPrefix(o.Key, internalPrefix) {
			return nil
		}
		return fmt.Errorf("%s holds other files (such as %q); a lake needs an empty directory or prefix of its own: %w",
			s.URL(), o.Key, ErrForeign)
	})
	if err == nil || errors.Is(err, ErrForeign) {
		return err
	}
	return fmt.Errorf("create lake %s: %w", s.URL(), err)
}
