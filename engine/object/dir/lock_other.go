//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package dir

import (
	"context"
	"errors"
)

// lock refuses to write where writers cannot be kept apart.
func (s *Store) lock(context.Context) (unlock func(), err error) {
	return nil, errors.New("this system has no file locks: directories can only be read here")
}
