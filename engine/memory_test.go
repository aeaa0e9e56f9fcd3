package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
)

// crowd is a source that is made up as it is read, so that nothing but the run
// takes memory, and a run over it in a process of its own.
type crowd struct {
	Lake    string
	Memory  int64
	From    int // number of the first object
	Objects int
	Records int // in each of them
	Tables  int // that they are spread over
}

const crowdEnv = "KEYTRAIL_TEST_CROWD"

const crowdDay = "2024-03-10"

// A test binary with a crowd in its environment is the process of that run. It
// prints its peak resident set, in KiB.
func init() {
	text := os.Getenv(crowdEnv)
	if text == "" {
		return
	}
	var c crowd
	err := json.Unmarshal([]byte(text), &c)
	if err == nil {
		err = c.do(context.Background())
	}
	if err == nil {
		err = printPeak()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (c crowd) do(ctx context.Context) error {
	debug.SetMemoryLimit(c.Memory) // as the program does
	store, err := dir.Open(c.Lake)
	if err != nil {
		return err
	}
	l, err := lake.Open(ctx, store)
	if err != nil {
		return err
	}
	rep, err := (&Engine{Lake: l, Memory: c.Memory, Jobs: 2}).Ingest(ctx, Request{Inputs: []Input{{Source: c}}})
	if err == nil && (rep.ObjectsDone != int64(c.Objects) || rep.RowsAdded != int64(c.Objects*c.Records)) {
		err = fmt.Errorf("not all was read: %+v", rep)
	}
	return err
}

// printPeak prints what the kernel says of this program. What it says to a parent of
// its child's peak has the parent's own in it, from before the child's exec.
func printPeak() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if peak == nil {
		return fmt.Errorf("no peak in %q", status)
	}
	_, err = fmt.Printf("%s\n", peak[1])
	return err
}

// key is that of the i-th object.
func (c crowd) key(i int) string {
	return fmt.Sprintf("AWSLogs/123456789012/CloudTrail/eu-west-1/2024/03/10/123456789012_CloudTrail_eu-west-1_20240310T1200Z_%016d.json.gz", c.From+i)
}

func (c crowd) URL() string { return "s3://crowd/" }

func (c crowd) info(i int, size int64) object.Info {
	at, _ := time.Parse(time.DateOnly, crowdDay)
	return object.Info{Key: c.key(i), Size: size, ETag: fmt.Sprintf("%032d", i), LastModified: at}
}

// Children says where the only day lies.
func (c crowd) Children(_ context.Context, prefix string) (dirs []string, objects []object.Info, err error) {
	rest, _ := strings.CutPrefix(c.key(0), prefix)
	return []string{prefix + rest[:strings.Index(rest, "/")+1]}, nil, nil
}

func (c crowd) List(_ context.Context, _ string, fn func(object.Info) error) error {
	body, err := c.body(0)
	if err != nil {
		return err
	}
	for i := range c.Objects {
		if err := fn(c.info(i, int64(len(body)))); err != nil {
			return err
		}
	}
	return nil
}

func (c crowd) Open(_ context.Context, obj object.Info) (io.ReadCloser, error) {
	number, err := strconv.Atoi(obj.Key[len(obj.Key)-24 : len(obj.Key)-8])
	if err != nil {
		return nil, err
	}
	body, err := c.body(number)
	return io.NopCloser(bytes.NewReader(body)), err
}

// body is an object's stored bytes: not compressed, so that all have the same size.
func (c crowd) body(number int) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err != nil {
		return nil, err
	}
	text := []byte(`{"Records":[`)
	for i := range c.Records {
		if i > 0 {
			text = append(text, ',')
		}
		n := number*c.Records + i
		text = fmt.Appendf(text, `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:app-%02[1]d","arn":"arn:aws:sts::123456789012:assumed-role/app/app-%02[1]d","accountId":"123456789012"},`+
			`"eventTime":"%[5]sT%02[2]d:00:00Z","eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","awsRegion":"eu-west-1","sourceIPAddress":"10.0.0.1","userAgent":"crowd",`+
			`"requestParameters":{"tableName":"table-%05[3]d","key":{"pk":"item-%012[4]d"}},"responseElements":null,"requestID":"R%012[4]d","eventID":"00000000-0000-4000-8000-%012[4]d","readOnly":true,`+
			`"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"123456789012","eventCategory":"Data"}`, n%100, n%24, n%c.Tables, n, crowdDay)
	}
	if _, err := z.Write(append(text, "]}"...)); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// A run's peak resident set stays within 1.3 times its memory, whatever the input.
// The shapes are those that cost something beside the rows: many objects, on a day of
// which the ledger has many already; and many partitions.
func TestMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("only Linux tells a process its own peak")
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" && s.Value == "true" {
				t.Skip("the race detector takes memory of its own")
			}
		}
	}
	const memory = 128 << 20
	for _, c := range []struct {
		name  string
		known int // objects of the day that the ledger has
		crowd
	}{
		{"tiny objects", 300_000, crowd{Objects: 6_000, Records: 1, Tables: 3}},
		{"partitions", 0, crowd{Objects: 100, Records: 400, Tables: 300}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLake(t)
			l.pretend(t, c.known)
			c.Lake, c.Memory, c.From = filepath.Clean(l.path), memory, c.known
			peak := c.peak(t)
			t.Logf("peak %d MiB of %d", peak>>20, int64(memory)>>20)
			if peak > memory*13/10 {
				t.Errorf("peak resident set %d MiB with a memory of %d MiB", peak>>20, int64(memory)>>20)
			}
		})
	}
}

// pretend enters objects of the day that nobody ever read.
func (l *testLake) pretend(t *testing.T, n int) {
	t.Helper()
	var entries []lake.Entry
	for i := range n {
		info := crowd{}.info(i, 900)
		entries = append(entries, lake.Entry{
			SourceObject: info.Key, Source: "s3://crowd/", ETag: info.ETag, Size: info.Size, InflatedBytes: 2000, LastModified: info.LastModified,
			SHA256: fmt.Sprintf("%064d", i), AccountID: "123456789012", AWSRegion: "eu-west-1", Kind: string(object.KindCloudTrail),
			Status: lake.Done, Records: 1, InScope: 1, Touches: 1, FirstEventTime: info.LastModified, LastEventTime: info.LastModified,
		})
	}
	if err := l.MergeLedger(t.Context(), crowdDay, entries); err != nil {
		t.Fatal(err)
	}
}

// peak runs c in a process and returns its peak resident set, in bytes.
func (c crowd) peak(t *testing.T) int64 {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crowdEnv+"="+string(text))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.Bytes())
	}
	kib, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}
