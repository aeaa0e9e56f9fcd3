package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// A lake may come to depend on small files of its own: which keys are tokens, whom to keep
// forgotten, which days not to bring back. One that is lost would let the next ingest write
// what must not be there. So the format file names those that the lake needs, and such a
// lake has format 2: an older keytrail, which would pass over them, refuses it.

// needyFormat is the format of a lake that needs files.
const needyFormat = 2

// needs are the keys of the files that a lake needs; nil of a lake that nobody has opened.
type needs struct {
	mu   sync.Mutex
	keys []string
}

func (n *needs) has(key string) bool {
	if n == nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.keys, key)
}

func (n *needs) set(keys []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keys = keys
}

// need notes in the format file that the lake needs a file, which is there by now. Somebody
// who is killed between the two leaves a lake that does not know yet: whoever writes the
// file again notes it.
func (l *Lake) need(ctx context.Context, key string) error {
	for try := 0; !l.needs.has(key); try++ {
		data, info, err := l.readAll(ctx, formatKey, maxJSON, "")
		if err != nil {
			return err
		}
		var f format
		if err := json.Unmarshal(data, &f); err != nil {
			return corrupt(formatKey, "", err)
		}
		if !slices.Contains(f.Needs, key) {
			f.Format, f.Needs = needyFormat, slices.Sorted(slices.Values(append(f.Needs, key)))
			text := f.encode()
			_, err = l.store.Put(ctx, formatKey, bytes.NewReader(text), int64(len(text)), object.Condition{IfMatch: info.ETag})
			if errors.Is(err, object.ErrCondition) && try < maxTries {
				continue // somebody else has noted something
			}
			if err != nil {
				return fmt.Errorf("note that %s needs %s: %w", l.URL(), key, err)
			}
		}
		if l.needs == nil {
			return nil
		}
		l.needs.set(f.Needs)
	}
	return nil
}

// lost is the error for a file that the lake needs and does not have; nil where it does not
// need it.
func (l *Lake) lost(key, hint string) error {
	if !l.needs.has(key) {
		return nil
	}
	return corrupt(key, hint, errors.New("the lake needs this file, and it is not there"))
}

// encode is the content of the format file.
func (f *format) encode() []byte {
	text := fmt.Appendf(nil, "{\"format\":%d,\"schema\":%q", f.Format, f.Schema)
	if len(f.Needs) > 0 {
		keys, err := json.Marshal(f.Needs)
		if err != nil {
			panic(err) // a list of texts has no way to fail
		}
		text = fmt.Appendf(text, ",\"needs\":%s", keys)
	}
	return append(text, "}\n"...)
}

func formatFile() []byte { return (&format{Format: Format, Schema: schema.Version}).encode() }
