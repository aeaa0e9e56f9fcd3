package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// A block's file is a magic number, the identity of its version, its index, the bytes,
// and the CRC-32C of all before it.
const (
	magic      = "keytrail block 1"
	headerSize = len(magic) + sha256.Size + 8
	sumSize    = crc32.Size
	fileSize   = int64(headerSize + blockSize + sumSize) // of all but the last of an object

	shelfDigits   = 2 * sha256.Size
	versionDigits = 32
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// shelf is where the blocks of one version of an object stand.
type shelf struct {
	disk     *disk
	dir      string
	identity [sha256.Size]byte
	version  string // the start of identity, in file names
}

func (d *disk) shelf(url string, o object.Info) shelf {
	place := sha256.Sum256([]byte(url + "\x00" + o.Key))
	// Size and time stand beside the ETag, which not every service makes of the content.
	s := shelf{disk: d, dir: filepath.Join(d.dir, hex.EncodeToString(place[:]))}
	s.identity = sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d\x00%d", url, o.Key, o.ETag, o.Size, o.LastModified.Unix()))
	s.version = hex.EncodeToString(s.identity[:])[:versionDigits]
	return s
}

func (s shelf) path(index int64) string {
	return filepath.Join(s.dir, s.version+"-"+strconv.FormatInt(index, 16))
}

// parseName reads the name of a block's file.
func parseName(name string) (version string, index int64, ok bool) {
	version, number, _ := strings.Cut(name, "-")
	index, err := strconv.ParseInt(number, 16, 64)
	ok = err == nil && index >= 0 && isHex(version, versionDigits) && number == strconv.FormatInt(index, 16)
	return version, index, ok
}

func isHex(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789abcdef") == ""
}

// look says which blocks there are, and removes those of other versions.
func (s shelf) look() map[int64]bool {
	there := map[int64]bool{}
	for _, name := range names(s.dir) {
		switch version, index, ok := parseName(name); {
		case !ok:
		case version == s.version:
			there[index] = true
		default:
			s.remove(name)
		}
	}
	return there
}

func (s shelf) remove(name string) {
	if os.Remove(filepath.Join(s.dir, name)) != nil {
		return
	}
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if s.disk.blocks > 0 {
		s.disk.blocks--
	}
}

// load returns the n bytes of a block. What is not exactly that is removed.
func (s shelf) load(index int64, n int) (data []byte, ok bool) {
	path := s.path(index)
	f, err := os.Open(path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	all := make([]byte, headerSize+n+sumSize+1)
	got, err := io.ReadFull(f, all)
	if !errors.Is(err, io.ErrUnexpectedEOF) || got != len(all)-1 || !s.holds(all[:got], index) {
		s.remove(filepath.Base(path))
		return nil, false
	}
	if info, err := f.Stat(); err == nil && time.Since(info.ModTime()) > touchAge {
		now := time.Now()
		_ = os.Chtimes(path, now, now)
	}
	return all[headerSize : headerSize+n : headerSize+n], true
}

// holds reports whether a block's file is what save wrote.
func (s shelf) holds(file []byte, index int64) bool {
	body, sum := file[:len(file)-sumSize], file[len(file)-sumSize:]
	return bytes.Equal(body[:headerSize], s.header(index)) &&
		binary.LittleEndian.Uint32(sum) == crc32.Checksum(body, castagnoli)
}

func (s shelf) header(index int64) []byte {
	h := append([]byte(magic), s.identity[:]...)
	return binary.LittleEndian.AppendUint64(h, uint64(index))
}

// save writes a block, where there is room for it.
func (s shelf) save(index int64, data []byte) bool {
	if !s.disk.admit() {
		return false
	}
	body := append(s.header(index), data...)
	body = binary.LittleEndian.AppendUint32(body, crc32.Checksum(body, castagnoli))
	err := s.write(index, body)
	if errors.Is(err, fs.ErrNotExist) { // the directory is not there yet, or was just removed
		if err = os.MkdirAll(s.dir, 0o700); err == nil {
			err = s.write(index, body)
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.disk.failed(err)
	}
	return err == nil
}

// write puts a file in place whole. It is not synced: what a crash leaves of it does not
// fit its checksum.
func (s shelf) write(index int64, body []byte) error {
	aside, err := os.CreateTemp(s.dir, asidePrefix+"*") // for its owner alone
	if err != nil {
		return err
	}
	_, err = aside.Write(body)
	if err = errors.Join(err, aside.Close()); err == nil {
		err = os.Rename(aside.Name(), s.path(index))
	}
	if err != nil {
		_ = os.Remove(aside.Name())
	}
	return err
}
