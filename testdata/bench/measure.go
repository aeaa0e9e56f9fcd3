package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what one run took and gave.
type usage struct {
	cpu, wall time.Duration
	rss       int64 // bytes, at most
	output    int64 // bytes
	rows      int64
}

// pinned runs a command on the race's processors and returns what the kernel says
// it took.
func (r *race) pinned(argv []string, stdin string) (usage, []byte, error) {
	cmd := exec.Command("taskset", append([]string{"-c", r.cores}, argv...)...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return usage{}, nil, fmt.Errorf("%w: %s", err, stderr.Bytes())
	}
	u := usage{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall: time.Since(start)}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.rss = ru.Maxrss << 10
	}
	return u, stdout.Bytes(), nil
}

// threads is how many processors -cores names: 0, 0,1 or 0-3.
func (r *race) threads() (n int) {
	for part := range strings.SplitSeq(r.cores, ",") {
		first, last, found := strings.Cut(part, "-")
		a, _ := strconv.Atoi(first)
		b, _ := strconv.Atoi(last)
		if !found {
			b = a
		}
		n += b - a + 1
	}
	return n
}

func treeSize(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

// report prints the medians, and how far the rounds' ratios to ours lie apart.
// A ratio is of two runs of the same round, so that a change in the machine's
// mood between rounds does less harm.
func (r *race) report(all []*contestant) {
	fmt.Printf("processors %s; %d rounds, in turn; medians; %s MB raw\n\n", r.cores, len(all[0].runs), f1(float64(r.about.Raw)/1e6))
	t := newTable("", "CPU s", "wall s", "MB/s per core", "peak MB", "output MB", "rows", "CPU, × ours", "from", "to")
	for _, c := range all {
		cpu := median(c.runs, func(u usage) float64 { return u.cpu.Seconds() })
		var ratios []float64
		for i := range c.runs {
			ratios = append(ratios, c.runs[i].cpu.Seconds()/all[0].runs[i].cpu.Seconds())
		}
		slices.Sort(ratios)
		out, rows := "", ""
		if c.runs[0].rows > 0 {
			out, rows = f1(median(c.runs, func(u usage) float64 { return float64(u.output) })/1e6), count(c.runs[0].rows)
		}
		t.row(c.name, f2(cpu), f2(median(c.runs, func(u usage) float64 { return u.wall.Seconds() })), f1(float64(r.about.Raw)/1e6/cpu),
			f1(median(c.runs, func(u usage) float64 { return float64(u.rss) })/1e6), out, rows,
			f2(ratios[len(ratios)/2]), f2(ratios[0]), f2(ratios[len(ratios)-1]))
	}
	t.print()
}

func median(runs []usage, of func(usage) float64) float64 {
	var v []float64
	for _, u := range runs {
		v = append(v, of(u))
	}
	slices.Sort(v)
	return v[len(v)/2]
}
