package evidence

import (
	"context"
	"errors"
	"fmt"

	"github.com/keytrail/keytrail/engine/lake"
)

// excerpt is what a journal says of some touches files.
type excerpt struct {
	first   int64                 // the first commit that changed one of them; 0: none did
	changes []changeLine          // of them, in order
	states  map[string]changeLine // the last change of each
	objects map[string]struct{}   // that caused changes, canonical names
}

// errChain says that a journal is not the one that a report was made from.
var errChain = errors.New("the journal was rewritten, or is not of that lake")

// readJournal follows the journal up to head and keeps what it says of the touches files
// of some days. Each entry must follow from the one before, as far as that is there.
func (x *excerpt) readJournal(ctx context.Context, l *lake.Lake, head lake.Head, fromDay, toDay string) error {
	*x = excerpt{states: map[string]changeLine{}, objects: map[string]struct{}{}}
	numbers, err := l.Journal(ctx)
	if err != nil {
		return err
	}
	var before lake.Head
	for _, n := range numbers {
		if n > head.Number {
			break
		}
		c, err := l.Commit(ctx, n)
		if err != nil {
			return err
		}
		if before.Number != 0 && (before.Number+1 != n || c.Previous != before.SHA256) {
			return fmt.Errorf("journal entry %d does not follow from entry %d: %w", n, before.Number, errChain)
		}
		x.add(&c, fromDay, toDay)
		before = c.Head
	}
	if before != head {
		return fmt.Errorf("the journal ends at %s, not at %s: %w", before, head, errChain)
	}
	return nil
}

func (x *excerpt) add(c *lake.Commit, fromDay, toDay string) {
	for i := range c.Changes {
		h := &c.Changes[i]
		if day := h.Partition.DayString(); day < fromDay || day > toDay {
			continue
		}
		if x.first == 0 {
			x.first = c.Number
		}
		line := changeLine{
			c.Number, c.At, c.SHA256, c.Previous, lake.TouchKey(h.Partition, h.Bucket),
			h.OldSHA256, h.NewSHA256, h.RowsBefore, h.Rows, len(h.SourceObjects),
		}
		x.changes = append(x.changes, line)
		x.states[line.File] = line
		for _, o := range h.SourceObjects {
			x.objects[o] = struct{}{}
		}
	}
}
