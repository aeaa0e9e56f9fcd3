package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
)

// A month is listed at once where that takes one request and many days of it are
// wanted, and every object is found once, however it was listed.
func TestListMonths(t *testing.T) {
	for _, c := range []struct {
		name    string
		objects []int // of each day of February, in one Region
		from    string
		want    []string
		listed  int64
	}{
		{"ten days", []int{1, 2, 1, 1, 1, 1, 1, 1, 1, 3}, "", []string{"02/"}, 13},
		{"nine days", []int{2, 2, 2, 2, 2, 2, 2, 2, 2}, "", days(1, 9), 18},
		{"ten days of the window", []int{4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, "2026-02-03", []string{"02/"}, 10},
		{"nine days of the window", []int{4, 1, 1, 1, 1, 1, 1, 1, 1, 1}, "2026-02-02", days(2, 10), 9},
		{"a page but one", []int{100, 100, 100, 100, 100, 100, 100, 100, 100, 99}, "", []string{"02/"}, 999},
		{"a page", []int{100, 100, 100, 100, 100, 100, 100, 100, 100, 100}, "", append([]string{"02/"}, days(1, 10)...), 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := makeTrail(t, "eu-test-1", c.objects)
			rep, err := listTrail(t, source, &Engine{}, c.from)
			if err != nil {
				t.Fatal(err)
			}
			if slices.Sort(source.folders); !slices.Equal(source.folders, c.want) {
				t.Errorf("listed %q, not %q", source.folders, c.want)
			}
			if rep.ObjectsListed != c.listed || rep.ObjectsSkipped != c.listed {
				t.Errorf("%d objects listed and %d skipped, not %d", rep.ObjectsListed, rep.ObjectsSkipped, c.listed)
			}
		})
	}
}

// days are the folders of some days of February.
func days(from, to int) (folders []string) {
	for day := from; day <= to; day++ {
		folders = append(folders, fmt.Sprintf("02/%02d/", day))
	}
	return folders
}

// A month that cannot be listed ends the run, as a day does.
func TestListMonthFails(t *testing.T) {
	source := makeTrail(t, "eu-test-1", []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
	source.fault = errors.New("no more pages")
	if _, err := listTrail(t, source, &Engine{}, ""); !errors.Is(err, source.fault) {
		t.Errorf("the run's error is %v", err)
	}
}

// Where months would take more memory than they may, days are listed.
func TestListMonthsInLittleMemory(t *testing.T) {
	source := makeTrail(t, "eu-test-1", []int{60, 60, 60, 60, 60, 60, 60, 60, 60, 60})
	for region := 2; region <= 4; region++ {
		source.add(t, fmt.Sprintf("eu-test-%d", region), []int{60, 60, 60, 60, 60, 60, 60, 60, 60, 60})
	}
	rep, err := listTrail(t, source, &Engine{Memory: 16 << 20}, "") // room for 2048
	if err != nil {
		t.Fatal(err)
	}
	if len(source.folders) != 2+2*10 || rep.ObjectsListed != 2400 {
		t.Errorf("listed %d objects in %q", rep.ObjectsListed, source.folders)
	}
}

// listings is a trail whose objects are not read, for their names. It notes which
// folders of it are listed, from the month on.
type listings struct {
	Source
	logs  string
	fault error // after the first object of a listing, unless nil

	mu      sync.Mutex
	folders []string
}

func makeTrail(t *testing.T, region string, objects []int) *listings {
	t.Helper()
	l := &listings{logs: t.TempDir()}
	l.add(t, region, objects)
	l.Source = input(t, l.logs).Source
	return l
}

// add makes a Region's objects, so many for each day of February.
func (l *listings) add(t *testing.T, region string, objects []int) {
	t.Helper()
	for day, n := range objects {
		path := filepath.Join(l.logs, "AWSLogs/111122223333/CloudTrail", region, fmt.Sprintf("2026/02/%02d", day+1))
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			write(t, filepath.Join(path, fmt.Sprintf("%d.txt", i)), nil)
		}
	}
}

func (l *listings) List(ctx context.Context, prefix string, fn func(object.Info) error) error {
	_, folder, _ := strings.Cut(prefix, "/2026/")
	l.mu.Lock()
	l.folders = append(l.folders, folder)
	l.mu.Unlock()
	return l.Source.List(ctx, prefix, func(o object.Info) error {
		return errors.Join(fn(o), l.fault)
	})
}

func listTrail(t *testing.T, source *listings, e *Engine, from string) (Report, error) {
	t.Helper()
	e.Lake = newLake(t).Lake
	return e.Ingest(t.Context(), Request{Inputs: []Input{{Source: source}}, From: from})
}
