package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrExists is the error of a file that is there already and is another.
var ErrExists = errors.New("there already, with other contents")

// Write puts files into a directory, which it makes. A file that is there with the same
// contents is left; one with others is an error that is [ErrExists] and names all such,
// before anything is written, unless force is set.
//
// Links in the directory are not followed: what is replaced is the link.
func Write(dir string, files []File, force bool) error {
	var others []string
	var write []File
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Name)))
		switch {
		case err == nil && string(data) == string(f.Data):
			continue
		case err == nil:
			others = append(others, f.Name)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		write = append(write, f)
	}
	if len(others) > 0 && !force {
		return fmt.Errorf("%s in %s: %w; --force replaces them, and a diff against another directory shows what would change", strings.Join(others, ", "), dir, ErrExists)
	}
	for _, f := range write {
		if err := put(filepath.Join(dir, filepath.FromSlash(f.Name)), f.Data); err != nil {
			return err
		}
	}
	return nil
}

// put writes a file aside and moves it in place, so that it is never half there.
func put(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	aside, err := os.CreateTemp(filepath.Dir(name), ".keytrail-")
	if err != nil {
		return err
	}
	defer os.Remove(aside.Name()) // fails once it has been moved
	_, err = aside.Write(data)
	if err := errors.Join(err, aside.Chmod(0o644), aside.Close()); err != nil {
		return err
	}
	return os.Rename(aside.Name(), name)
}
