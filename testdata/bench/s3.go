package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// far is keytrail with its objects behind S3's latency.
type far struct {
	race
	proxy     *proxy
	buckets   string // the server's directory
	latencies []time.Duration
	rounds    int
}

// trip is one run of keytrail.
type trip struct {
	usage
	connections int
	lists, gets traffic
	records     int64
	touches     string // hash of the lake's touches
}

func s3Cmd(args []string) error {
	var f far
	flags := flag.NewFlagSet("s3", flag.ExitOnError)
	questions := flags.String("questions", "6MB 1kB year", "sizes of objects to compare with a directory; a year to list")
	server := flags.String("s3server", "", "testdata/s3server's binary")
	latencies := flags.String("latencies", "0s,20ms,100ms", "what every request waits, in turn")
	flags.StringVar(&f.keytrail, "keytrail", "", "the binary")
	flags.StringVar(&f.root, "corpus", "", "directory made by bench corpus")
	flags.StringVar(&f.scratch, "scratch", "", "directory to write to")
	flags.StringVar(&f.cores, "cores", "0", "processors for keytrail; server and proxy have those that this program has")
	flags.IntVar(&f.rounds, "rounds", 3, "times that everything runs")
	flags.Parse(args)
	for text := range strings.SplitSeq(*latencies, ",") {
		latency, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		f.latencies = append(f.latencies, latency)
	}
	stop, err := f.begin(*server)
	if err != nil {
		return err
	}
	defer stop()
	for question := range strings.FieldsSeq(*questions) {
		if question == "year" {
			err = f.listYear()
		} else {
			err = f.compareClass(question)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// begin starts the server and the proxy before it.
func (f *far) begin(server string) (stop func(), err error) {
	if f.about, err = loadCorpus(f.root); err != nil {
		return nil, err
	}
	f.buckets = filepath.Join(f.scratch, "buckets")
	if err := os.RemoveAll(f.scratch); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(f.buckets, 0o777); err != nil {
		return nil, err
	}
	endpoint, end, err := startServer(server, f.buckets)
	if err != nil {
		return nil, err
	}
	stop = func() {
		end()
		os.RemoveAll(f.scratch)
	}
	if f.proxy, endpoint, err = startProxy(endpoint); err == nil {
		err = useServer(endpoint, f.scratch)
	}
	if err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// fresh is ingest into a lake that is not there yet.
func (f *far) fresh(latency time.Duration, source string, flags ...string) (trip, error) {
	lake := filepath.Join(f.scratch, "lake")
	if err := os.RemoveAll(lake); err != nil {
		return trip{}, err
	}
	return f.ingest(lake, latency, source, flags...)
}

// ingest runs keytrail once and holds its report against itself.
func (f *far) ingest(lake string, latency time.Duration, source string, flags ...string) (trip, error) {
	f.proxy.reset(latency)
	u, stdout, err := f.pinned(append([]string{f.keytrail, "ingest", source, "--lake", lake, "--json"}, flags...), "")
	if err != nil {
		return trip{}, fmt.Errorf("%s: %w", source, err)
	}
	var rep struct {
		Records, Quarantined int64
		RowsAdded            int64 `json:"rows_added"`
		ObjectsFailed        int64 `json:"objects_failed"`
	}
	if err := json.Unmarshal(stdout, &rep); err != nil {
		return trip{}, err
	}
	if rep.Quarantined+rep.ObjectsFailed > 0 {
		return trip{}, fmt.Errorf("%s: %d records in quarantine, %d objects failed", source, rep.Quarantined, rep.ObjectsFailed)
	}
	t := trip{usage: u, records: rep.Records}
	t.rows = rep.RowsAdded
	t.connections, t.lists, t.gets = f.proxy.counted()
	if t.touches, err = hashTree(filepath.Join(lake, "touches")); err != nil {
		return trip{}, err
	}
	return t, nil
}
