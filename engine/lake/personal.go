package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/keytrail/keytrail/engine/object"
)

// keysKey is where a lake says what became of the values of keys.
const keysKey = internalPrefix + "keys.json"

const keysHint = "put this file back from a backup: without it nobody can tell which keys in the lake are tokens, or of which secret"

// errRows ends a listing that found what must not be there.
var errRows = errors.New("the lake has rows")

// KeyPin returns what [Lake.PutKeyPin] put, and its ETag; nothing in a lake whose keys are
// as logged.
func (l *Lake) KeyPin(ctx context.Context) (text []byte, etag string, err error) {
	text, info, err := l.readAll(ctx, keysKey, maxJSON, keysHint)
	if errors.Is(err, object.ErrNotExist) {
		return nil, "", l.lost(keysKey, keysHint)
	}
	return text, info.ETag, err
}

// PutKeyPin pins what becomes of the values of keys, in the place of the pin with an ETag,
// "" for none: [object.ErrCondition] when there is another by now.
func (l *Lake) PutKeyPin(ctx context.Context, text []byte, etag string) error {
	cond := object.Condition{IfMatch: etag, IfAbsent: etag == ""}
	if _, err := l.store.Put(ctx, keysKey, bytes.NewReader(text), int64(len(text)), cond); err != nil {
		return fmt.Errorf("pin the key modes of %s: %w", l.URL(), err)
	}
	return l.need(ctx, keysKey)
}

// CorruptKeyPin is the error for a pin that makes no sense.
func CorruptKeyPin(cause error) error { return corrupt(keysKey, keysHint, cause) }

// HasRowsFrom reports whether the lake has touches of an event day or later ones,
// YYYY-MM-DD, or, for no day, anything that was read from records, records in quarantine
// among it.
func (l *Lake) HasRowsFrom(ctx context.Context, day string) (bool, error) {
	err := l.TouchFiles(ctx, "", day, "", func(TouchFile) error { return errRows })
	switch {
	case err == errRows:
		return true, nil
	case err != nil || day != "":
		return false, err
	}
	days, err := l.QuarantineDays(ctx)
	return len(days) > 0, err
}
