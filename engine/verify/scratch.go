package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keytrail/keytrail/engine/object"
)

// maxTable bounds the stored size of a small table's file, which is read whole.
const maxTable = 4 << 30

// scratch is a store in memory for one small lake, used by one goroutine.
type scratch struct {
	files map[string][]byte
	tags  map[string]int
}

func newScratch() *scratch { return &scratch{files: map[string][]byte{}, tags: map[string]int{}} }

func (s *scratch) URL() string { return "scratch:///" }

func (s *scratch) List(context.Context, string, func(object.Info) error) error { return nil }

func (s *scratch) OpenAt(_ context.Context, key string) (object.File, error) {
	data, ok := s.files[key]
	if !ok {
		return nil, &object.Error{Op: "open", Key: key, Err: object.ErrNotExist}
	}
	return scratchFile{bytes.NewReader(data), object.Info{Key: key, Size: int64(len(data)), ETag: s.etag(key)}}, nil
}

func (s *scratch) etag(key string) string { return fmt.Sprint(s.tags[key]) }

func (s *scratch) Put(_ context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (string, error) {
	_, there := s.files[key]
	if cond.IfAbsent && there || cond.IfMatch != "" && (!there || cond.IfMatch != s.etag(key)) {
		return "", &object.Error{Op: "put", Key: key, Err: object.ErrCondition}
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(body, data); err != nil {
		return "", err
	}
	s.files[key] = data
	s.tags[key]++
	return s.etag(key), nil
}

func (s *scratch) Delete(_ context.Context, key string) error {
	delete(s.files, key)
	return nil
}

type scratchFile struct {
	*bytes.Reader
	info object.Info
}

func (f scratchFile) Info() object.Info { return f.info }
func (f scratchFile) Close() error      { return nil }

// unlessGone is nil for a file that is not there and should not be.
func (c *check) unlessGone(err error, want []byte) error {
	if errors.Is(err, object.ErrNotExist) && len(want) == 0 {
		return nil
	}
	return err
}
