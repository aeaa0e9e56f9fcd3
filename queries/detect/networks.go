package detect

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// place is what a file of networks says of an address.
type place struct {
	asn                 uint32
	country             string
	latitude, longitude float64 // degrees
}

// networks knows where addresses are, from a file that the user brings: nothing is asked
// of anybody. The file is CSV, with or without a first line of names:
//
//	cidr,asn,country,latitude,longitude
//	203.0.113.0/24,64500,DE,52.52,13.40
type networks struct {
	places map[netip.Prefix]place
	bits   []int // lengths of prefixes there are, the longest first
}

// maxNetworks bounds a file's lines: some 60 bytes each in memory.
const maxNetworks = 5_000_000

// readNetworks reads such a file. Errors say the line.
func readNetworks(path string) (*networks, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("networks_file: %w", err)
	}
	defer f.Close()
	n, err := parseNetworks(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("networks_file: %s: %w", path, err)
	}
	return n, nil
}

func parseNetworks(r io.Reader) (*networks, error) {
	lines := csv.NewReader(r)
	lines.FieldsPerRecord, lines.ReuseRecord, lines.Comment = 5, true, '#'
	n := &networks{places: map[netip.Prefix]place{}}
	bits := map[int]bool{}
	for {
		fields, err := lines.Read()
		switch {
		case errors.Is(err, io.EOF):
			n.bits = slices.Sorted(maps.Keys(bits))
			slices.Reverse(n.bits)
			return n, nil
		case err != nil:
			return nil, err
		}
		line, _ := lines.FieldPos(0)
		if line == 1 && fields[0] == "cidr" {
			continue
		}
		prefix, p, err := parsePlace(fields)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if len(n.places) == maxNetworks {
			return nil, fmt.Errorf("line %d: more than %d networks", line, maxNetworks)
		}
		n.places[prefix] = p
		bits[prefix.Bits()] = true
	}
}

func parsePlace(fields []string) (prefix netip.Prefix, p place, err error) {
	if prefix, err = netip.ParsePrefix(strings.TrimSpace(fields[0])); err != nil {
		return prefix, p, err
	}
	asn, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(fields[1]), "AS"), 10, 32)
	if err != nil {
		return prefix, p, fmt.Errorf("%q is no ASN", fields[1])
	}
	p.asn, p.country = uint32(asn), strings.Clone(strings.ToUpper(strings.TrimSpace(fields[2])))
	p.latitude, err = strconv.ParseFloat(strings.TrimSpace(fields[3]), 64)
	if err != nil || !(math.Abs(p.latitude) <= 90) {
		return prefix, p, fmt.Errorf("%q is no latitude", fields[3])
	}
	p.longitude, err = strconv.ParseFloat(strings.TrimSpace(fields[4]), 64)
	if err != nil || !(math.Abs(p.longitude) <= 180) {
		return prefix, p, fmt.Errorf("%q is no longitude", fields[4])
	}
	return prefix.Masked(), p, nil
}

// find is the place of the smallest network that holds an address.
func (n *networks) find(addr netip.Addr) (place, bool) {
	for _, bits := range n.bits {
		if prefix, err := addr.Prefix(bits); err == nil {
			if p, ok := n.places[prefix]; ok {
				return p, true
			}
		}
	}
	return place{}, false
}

const earthRadius = 6371.0 // km

// distance is along a great circle, in km (haversine).
func distance(a, b place) float64 {
	const degree = math.Pi / 180
	lat := math.Sin((b.latitude - a.latitude) * degree / 2)
	lon := math.Sin((b.longitude - a.longitude) * degree / 2)
	h := lat*lat + math.Cos(a.latitude*degree)*math.Cos(b.latitude*degree)*lon*lon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}

// sharedSpace is what providers put many customers' networks into.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// public is the address an event came from, if it is one of the Internet: not a private
// one, a VPC endpoint's or a service's name.
func (e *Event) public() (addr netip.Addr, ok bool) {
	if e.VPCEndpointID != "" {
		return addr, false
	}
	return publicAddr(e.SourceIP)
}

func publicAddr(ip string) (addr netip.Addr, ok bool) {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return addr, false
	}
	addr = addr.Unmap().WithZone("")
	return addr, addr.IsGlobalUnicast() && !addr.IsPrivate() && !sharedSpace.Contains(addr)
}

// amazonASNs announce AWS's own addresses.
var amazonASNs = []uint32{16509, 14618, 8987, 38895, 39111, 7224}

// parsePrefixes reads CIDRs, or single addresses, of a setting.
func parsePrefixes(setting string, list []string) ([]netip.Prefix, error) {
	all := make([]netip.Prefix, 0, len(list))
	for _, text := range list {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, bad := netip.ParseAddr(text)
			if bad != nil {
				return nil, fmt.Errorf("%s: %q is no network", setting, text)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

func within(prefixes []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}
