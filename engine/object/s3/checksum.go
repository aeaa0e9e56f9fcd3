package s3

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
)

// nvme is the polynomial of the checksum that S3 makes where the writer made none.
var (
	nvme       = crc64.MakeTable(0x9a6c_9329_ac4b_c9b5)
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// checksums are those that S3 keeps with objects ("Checking object integrity in
// Amazon S3"), the cheap ones first.
var checksums = []struct {
	header string
	hash   func() hash.Hash
}{
	{"X-Amz-Checksum-Crc32", func() hash.Hash { return crc32.NewIEEE() }},
	{"X-Amz-Checksum-Crc32c", func() hash.Hash { return crc32.New(castagnoli) }},
	{"X-Amz-Checksum-Crc64nvme", func() hash.Hash { return crc64.New(nvme) }},
	{"X-Amz-Checksum-Sha1", sha1.New},
	{"X-Amz-Checksum-Sha256", sha256.New},
}

// checked is the body, with an error at its end when the checksum that came with it
// is another one. A checksum of checksums, which has the number of parts behind a
// hyphen, is of no use here.
func checked(body io.ReadCloser, h http.Header) io.ReadCloser {
	for _, c := range checksums {
		want, err := base64.StdEncoding.DecodeString(h.Get(c.header))
		if err == nil && len(want) > 0 {
			return &checkedBody{ReadCloser: body, header: c.header, hash: c.hash(), want: want}
		}
	}
	return body
}

type checkedBody struct {
	io.ReadCloser
	header string
	hash   hash.Hash
	want   []byte
}

func (b *checkedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.hash.Write(p[:n])
	if err == io.EOF {
		if got := b.hash.Sum(nil); !bytes.Equal(got, b.want) {
			return n, fmt.Errorf("checksum %s is %x, and should be %x", b.header, got, b.want)
		}
	}
	return n, err
}
