//go:build unix

package cache

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// private refuses a directory in which others could put blocks of their making, or read
// ours as they are written.
func private(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errors.New("not a directory")
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("others may write to it (mode %#o)", mode)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
		return errors.New("it belongs to another user")
	}
	return nil
}
