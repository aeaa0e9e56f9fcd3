package personal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"
)

// What keys are derived from a secret for. A label is part of what a token is: another
// one makes other tokens of the same values.
const (
	labelToken = "keytrail key value token/1"
	labelCheck = "keytrail secret check/1"
)

// What a token is made of, beside the value.
const (
	tokenForm   = "tok/1"
	tokenDomain = "value" // one for all tables and members; see the package
)

const (
	tokenBytes = 16 // of 10^10 values two are alike once in 10^19
	keyBytes   = 32
	checkBytes = 16
)

var base32lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// epochKey is what the tokens of one epoch are made with.
type epochKey struct {
	number int
	key    []byte
}

func newEpochKey(number int, secret []byte) (epochKey, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, labelToken, keyBytes)
	if err != nil {
		return epochKey{}, fmt.Errorf("derive the key of epoch %d: %w", number, err)
	}
	return epochKey{number, key}, nil
}

// checkOf tells a secret from others without telling anything of it.
func checkOf(secret []byte) (string, error) {
	check, err := hkdf.Key(sha256.New, secret, nil, labelCheck, checkBytes)
	if err != nil {
		return "", fmt.Errorf("derive the check value of a secret: %w", err)
	}
	return hex.EncodeToString(check), nil
}

// maxCached bounds the values whose tokens are remembered, and maxCachedBytes how long
// each is.
const (
	maxCached      = 1 << 13
	maxCachedBytes = 256
)

// hasher makes the tokens of one epoch. It is not for concurrent use.
type hasher struct {
	prefix string
	mac    hash.Hash
	text   []byte // scratch
	known  map[string]string
}

func (k epochKey) hasher() *hasher {
	return &hasher{
		prefix: "k" + strconv.Itoa(k.number) + "_", mac: hmac.New(sha256.New, k.key), known: map[string]string{},
	}
}

// token is what stands in the place of a value's text. Text that is not UTF-8 counts as
// what the lake would have of it.
func (h *hasher) token(value string) string {
	if token, ok := h.known[value]; ok {
		return token
	}
	value = strings.ToValidUTF8(value, "\uFFFD")
	h.mac.Reset()
	for _, field := range [...]string{tokenForm, tokenDomain, value} {
		h.text = binary.BigEndian.AppendUint32(h.text[:0], uint32(len(field)))
		h.text = append(h.text, field...)
		h.mac.Write(h.text)
	}
	h.text = h.mac.Sum(h.text[:0])[:tokenBytes]
	token := h.prefix + base32lower.EncodeToString(h.text)
	if len(value) <= maxCachedBytes {
		if len(h.known) >= maxCached {
			clear(h.known)
		}
		h.known[strings.Clone(value)] = token
	}
	return token
}
