package nightly

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Run runs the hook's command with more variables in its environment. The error has the
// end of what it printed.
func (h *Hook) Run(ctx context.Context, env ...string) error {
	limit, err := h.timeout()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.Command[0], h.Command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = 10 * time.Second
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		if ctx.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("not done within %s", limit)
		}
		err = fmt.Errorf("%s: %w", cmp.Or(h.Name, h.Command[0]), err)
		if text := strings.TrimSpace(out.String()); text != "" {
			err = fmt.Errorf("%w: %s", err, text)
		}
		return err
	}
	return nil
}

// tail keeps the end of what is written to it, for commands that print without end.
type tail struct{ end []byte }

const tailBytes = 500

func (t *tail) Write(p []byte) (int, error) {
	t.end = append(t.end, p[max(0, len(p)-tailBytes):]...)
	t.end = t.end[max(0, len(t.end)-tailBytes):]
	return len(p), nil
}

func (t *tail) String() string { return strings.ToValidUTF8(string(t.end), "") }
