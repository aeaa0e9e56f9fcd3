package policy

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

func whereConditions(w *Where) (all []condition) {
	if len(w.Networks) > 0 {
		all = append(all, condition{"where.networks", listText(w.Networks), networkMatcher(w.Networks), origin})
	}
	if len(w.Regions) > 0 {
		all = append(all, texts("where.regions", w.Regions, func(t *schema.Touch) string { return t.AWSRegion }))
	}
	if len(w.ExportBuckets) > 0 {
		buckets := listMatcher(w.ExportBuckets)
		all = append(all, condition{"where.export_buckets", listText(w.ExportBuckets), func(t *schema.Touch) bool {
			return !exports(t) || buckets(exportBucket(t))
		}, exportBucket})
	}
	return all
}

// origin is where a touch came from, in words.
func origin(t *schema.Touch) string {
	if t.VPCEndpointID != "" {
		return t.SourceIP + " through " + t.VPCEndpointID
	}
	return cmp.Or(t.SourceIP, "an address that is not logged")
}

// networkMatcher reports whether a touch came from one of some networks: CIDRs, single
// addresses, and globs of VPC endpoints and of services.
func networkMatcher(networks []string) func(*schema.Touch) bool {
	var prefixes []netip.Prefix
	var names []func(string) bool
	for _, n := range networks {
		if prefix, ok := parseNetwork(n); ok {
			prefixes = append(prefixes, prefix)
		} else {
			names = append(names, globMatcher(n))
		}
	}
	return func(t *schema.Touch) bool {
		if addr, err := netip.ParseAddr(t.SourceIP); err == nil {
			addr = addr.Unmap().WithZone("")
			if slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr) }) {
				return true
			}
		}
		return slices.ContainsFunc(names, func(is func(string) bool) bool {
			return t.VPCEndpointID != "" && is(t.VPCEndpointID) || t.SourceIP != "" && is(t.SourceIP)
		})
	}
}

// parseNetwork reads a CIDR, or an address for a network of its own.
func parseNetwork(text string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
			return netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96), true
		}
		return prefix, true
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	return netip.Prefix{}, false
}

func exports(t *schema.Touch) bool { return t.EventName == "ExportTableToPointInTime" }

// exportBucket is where an export goes; empty when the record does not say.
func exportBucket(t *schema.Touch) string {
	if !exports(t) {
		return ""
	}
	var request map[string]json.RawMessage
	if json.Unmarshal([]byte(t.RequestParameters), &request) != nil {
		return ""
	}
	for name, value := range request {
		var bucket string
		if strings.EqualFold(name, "s3Bucket") && json.Unmarshal(value, &bucket) == nil {
			return bucket
		}
	}
	return ""
}
