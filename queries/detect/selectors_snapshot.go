package detect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// snapshotParams say where the settings of trails at the beginning are.
type snapshotParams struct {
	// Snapshot are files with the answers of DescribeTrails and GetEventSelectors.
	Snapshot []string `yaml:"snapshot" about:"files with the answers of DescribeTrails and GetEventSelectors"`
}

// Learn begins with the settings in a snapshot: the answers of DescribeTrails and of
// GetEventSelectors for each trail, as the AWS command line prints them, one after the
// other in any order. A trail that DescribeTrails names is taken to be logging, unless
// "IsLogging": false stands beside its name.
func (c *Coverage) Learn(r io.Reader) error {
	d := json.NewDecoder(r)
	d.UseNumber()
	for n := 1; ; n++ {
		var v any
		err := d.Decode(&v)
		switch {
		case errors.Is(err, io.EOF) && n == 1:
			return errors.New("it is empty")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("answer %d: %w", n, err)
		}
		if err := c.learn(Value{v}); err != nil {
			return fmt.Errorf("answer %d: %w", n, err)
		}
	}
}

func (c *Coverage) learn(v Value) error {
	if ofOtherCall(v) {
		return nil
	}
	if v.At("trailList").Exists() {
		c.complete = true
		for _, trail := range v.At("trailList").List() {
			c.learnTrail(trail)
		}
		return nil
	}
	arn := v.At("trailARN").Text()
	if !strings.HasPrefix(arn, "arn:") {
		return errors.New("it is neither of DescribeTrails nor of GetEventSelectors")
	}
	c.edit(arn, func(s *logState) {
		s.known = true // no selectors at all log nothing
		s.choose(v)
	})
	return nil
}

// ofOtherCall tells answers that say nothing of what is logged, or were refused, from
// those that do: files that setup check saves have all in one.
func ofOtherCall(v Value) bool {
	if call := v.At("call").Text(); call != "" {
		return v.At("error").Exists() || call != "cloudtrail:DescribeTrails" && call != "cloudtrail:GetEventSelectors"
	}
	return v.At("insightSelectors").Exists()
}

func (c *Coverage) learnTrail(v Value) {
	arn := v.At("trailARN").Text()
	if arn == "" {
		return
	}
	c.edit(arn, func(s *logState) {
		if region := v.At("homeRegion").Text(); region != "" {
			s.region = region
		}
		everywhere, _ := v.At("isMultiRegionTrail").Bool()
		organization, _ := v.At("isOrganizationTrail").Bool()
		logging, said := v.At("isLogging").Bool()
		s.everywhere, s.organization, s.logging = schema.TriOf(everywhere), schema.TriOf(organization), schema.TriOf(logging || !said)
		if own, known := v.At("hasCustomEventSelectors").Bool(); known && !own && !s.known {
			s.known, s.selectors = true, []selector{{management: true, reads: LoggedYes, writes: LoggedYes}}
		}
	})
}

// edit changes the first state that is known of a trail.
func (c *Coverage) edit(arn string, change func(*logState)) {
	if len(c.trails[arn]) == 0 {
		s := logState{}
		s.place(arn)
		c.trails[arn] = []logState{s}
	}
	change(&c.trails[arn][0])
}

// learnFiles is Learn of files.
func (c *Coverage) learnFiles(paths []string) error {
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		err = c.Learn(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}
