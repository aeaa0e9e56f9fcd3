package compliance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// fileOf is a touches file of the period, as the manifest has it and as it is.
type fileOf struct {
	lake.FileState
	size  int64
	found string // SHA-256 of the file as it lies there; empty when it is gone
}

// same reports whether the file is the one that the manifest is of.
func (s *fileOf) same() bool { return s.found == s.SHA256 }

// readFiles reads the manifest: of the period's files the hashes are computed anew.
func (b *books) readFiles(ctx context.Context, f *Frame) error {
	days, err := f.Lake.ManifestDays(ctx)
	if err != nil {
		return err
	}
	for _, day := range days {
		states, err := f.Lake.Manifest(ctx, day)
		if err != nil {
			return err
		}
		for _, s := range states {
			b.rows += s.Rows
			if day < f.Question.From || day > f.Question.To {
				continue
			}
			file := fileOf{FileState: s}
			if file.found, file.size, err = hashOf(ctx, f.Lake, &s); err != nil {
				return err
			}
			b.files = append(b.files, file)
		}
	}
	return nil
}

func hashOf(ctx context.Context, l *lake.Lake, s *lake.FileState) (sum string, size int64, err error) {
	file, err := l.OpenTouches(ctx, s.Partition, s.Bucket)
	if errors.Is(err, object.ErrNotExist) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	h := sha256.New()
	size, err = io.Copy(h, io.NewSectionReader(file, 0, file.Info().Size))
	return hex.EncodeToString(h.Sum(nil)), size, err
}

// differing are the files that are not as the manifest says.
func (b *books) differing() (n int64) {
	for i := range b.files {
		if !b.files[i].same() {
			n++
		}
	}
	return n
}

// manifestRows are the rows of the period, by the manifest.
func (b *books) manifestRows() (n int64) {
	for i := range b.files {
		n += b.files[i].Rows
	}
	return n
}

// fileName is the file's key in the lake.
func fileName(s *fileOf) string { return lake.TouchKey(s.Partition, s.Bucket) }
