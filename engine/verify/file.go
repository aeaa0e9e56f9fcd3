package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// maxTries is how often a file is read again because it was replaced meanwhile.
const maxTries = 10

// fileRows is what a file's rows add up to.
type fileRows struct {
	of     int // files its partition was split into when it was written
	rows   int64
	sha256 string // of the file
	// objects are the rows by source object, and strangers those of objects without an
	// account.
	objects   map[*account]int64
	strangers strangers
	hours     map[hourKey]int64
}

// checkFile checks one touches file. It returns nil when the file cannot be read,
// which is a finding; an error is about the store.
func (c *check) checkFile(ctx context.Context, p schema.Partition, bucket int) (*fileRows, error) {
	for try := 1; ; try++ {
		f := &fileCheck{ctx: ctx, key: lake.TouchKey(p, bucket), partition: p, bucket: bucket, accounts: &c.accounts, first: map[Kind]*spot{}}
		err := f.run(c.lake)
		if errors.Is(err, object.ErrChanged) && try < maxTries {
			continue
		}
		corrupt := errors.Is(err, parquetio.ErrCorrupt) || errors.Is(err, object.ErrNotExist)
		if err != nil && !corrupt {
			return nil, fmt.Errorf("read %s: %w", f.key, err)
		}
		if err != nil {
			f.report(KindCorrupt, "%v", err)
		}
		c.take(f)
		if err != nil {
			return nil, nil
		}
		c.checkJournaled(p, bucket, f.sum.sha256, f.sum.rows)
		return f.sum, nil
	}
}

// take adds what a file check found to the report.
func (c *check) take(f *fileCheck) {
	for kind, s := range f.first {
		more := ""
		if s.n > 1 {
			more = fmt.Sprintf(" (and %d more like it)", s.n-1)
		}
		c.add(kind, f.key, "%s%s", s.what, more)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.TouchFiles++
	c.Bytes += f.size
	c.Probes += f.probes
}

// fileCheck is the check of one file in one version.
type fileCheck struct {
	ctx       context.Context
	key       string
	partition schema.Partition
	bucket    int
	accounts  *index[account]
	size      int64
	probes    int64
	file      *parquetio.File
	sum       *fileRows
	first     map[Kind]*spot
}

// spot is the first place where something does not hold, and how often it does not.
type spot struct {
	what string
	n    int64
}

func (f *fileCheck) report(k Kind, format string, args ...any) {
	if s := f.first[k]; s != nil {
		s.n++
		return
	}
	f.first[k] = &spot{fmt.Sprintf(format, args...), 1}
}

func (f *fileCheck) run(l *lake.Lake) error {
	at, err := l.OpenTouches(f.ctx, f.partition, f.bucket)
	if err != nil {
		return err
	}
	defer at.Close()
	f.size = at.Info().Size
	if f.file, err = parquetio.Open(at, f.size); err != nil {
		return err
	}
	f.sum = &fileRows{objects: map[*account]int64{}, strangers: newStrangers(), hours: map[hourKey]int64{}}
	again := f.checkMetadata()
	var copied *rewrite
	if again {
		_, named := f.file.Metadata(schema.MetadataKeyNames)
		copied = newRewrite(at, f.size, f.sum.of, named)
		defer copied.writer.Abort()
	}
	if err := f.checkGroups(copied); err != nil {
		return err
	}
	if copied != nil {
		if err := copied.finish(); err != nil {
			return err
		}
		if copied.differs && len(f.first) == 0 {
			f.report(KindBytes, "byte %d of %d is not what these rows are written as", copied.at, f.size)
		}
	}
	sum := sha256.New()
	if copied != nil && !copied.differs {
		sum = copied.sum // what was written is what is stored
	} else if _, err := io.Copy(sum, io.NewSectionReader(at, 0, f.size)); err != nil {
		return err
	}
	f.sum.sha256 = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// checkMetadata checks the file's key-value metadata. It reports whether this
// program would write the same file for the same rows.
func (f *fileCheck) checkMetadata() bool {
	version, _ := f.file.Metadata(schema.MetadataVersion)
	if n, err := strconv.Atoi(version); err != nil || n < 1 {
		f.report(KindMetadata, "%s is %q, no version", schema.MetadataVersion, version)
	}
	text, _ := f.file.Metadata(schema.MetadataBuckets)
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n&(n-1) != 0 || n > maxBucket+1 {
		f.report(KindMetadata, "%s is %q, not a power of two", schema.MetadataBuckets, text)
		n = 1
	}
	f.sum.of = n
	if f.bucket >= n {
		f.report(KindMetadata, "it says that its partition has %d files, and is number %d (from 0) itself", n, f.bucket)
	}
	return version == schema.Version
}

func (f *fileCheck) checkGroups(copied *rewrite) error {
	rows := &rowCheck{fileCheck: f}
	defer rows.close()
	if f.file.NumRows() == 0 {
		f.report(KindMetadata, "it holds no rows, and such a file is never written")
	}
	for rg := range f.file.NumRowGroups() {
		rows.begin(rg)
		in := f.file.Rows(rg, 0, f.file.RowGroupRows(rg), nil, 0)
		for {
			if err := f.ctx.Err(); err != nil {
				return err
			}
			rec, err := in.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			err = copied.append(rec)
			if err == nil {
				err = rows.batch(rec)
			}
			if err != nil {
				return err
			}
		}
		rows.end()
	}
	return nil
}
