package detect

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

const someNetworks = `cidr,asn,country,latitude,longitude
# a comment
192.0.2.0/24,AS64500,de,52.52,13.40
192.0.2.128/25, 64501 ,FR,48.86,2.35
2001:db8::/32,64502,JP,35.68,139.69
0.0.0.0/0,64503,US,0,0
`

func TestNetworksFind(t *testing.T) {
	n, err := parseNetworks(strings.NewReader(someNetworks))
	if err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]uint32{
		"192.0.2.1": 64500, "192.0.2.200": 64501, "198.51.100.1": 64503, "2001:db8:ffff::1": 64502, "2001:db9::1": 0,
	} {
		if p, ok := n.find(netip.MustParseAddr(addr)); p.asn != want || ok != (want != 0) {
			t.Errorf("%s is in AS%d, want %d", addr, p.asn, want)
		}
	}
	if p, _ := n.find(netip.MustParseAddr("192.0.2.1")); p.country != "DE" {
		t.Errorf("country %q", p.country)
	}
}

func TestNetworksErrors(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.0/33,1,DE,0,0":                           "line 1",
		"cidr,asn,country,latitude,longitude\nx,1,DE,0,0": "line 2",
		"192.0.2.0/24,AS,DE,0,0":                          `"AS" is no ASN`,
		"192.0.2.0/24,1,DE,91,0":                          `"91" is no latitude`,
		"192.0.2.0/24,1,DE,NaN,0":                         `"NaN" is no latitude`,
		"192.0.2.0/24,1,DE,0,181":                         `"181" is no longitude`,
		"192.0.2.0/24,1,DE,0":                             "wrong number of fields",
		"192.0.2.0/24,1,\"DE,0,0":                         "quote",
	} {
		if _, err := parseNetworks(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := readNetworks("testdata/there-is-none.csv"); err == nil || !strings.Contains(err.Error(), "networks_file: ") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestDistance(t *testing.T) {
	berlin, paris, sydney := place{latitude: 52.52, longitude: 13.40}, place{latitude: 48.86, longitude: 2.35}, place{latitude: -33.87, longitude: 151.21}
	pole, antipode := place{latitude: 90}, place{latitude: -90, longitude: 77}
	for _, tt := range []struct {
		a, b place
		km   float64
	}{{berlin, paris, 878}, {berlin, sydney, 16094}, {sydney, berlin, 16094}, {berlin, berlin, 0}, {pole, antipode, 20015}, {place{longitude: 179}, place{longitude: -179}, 222}} {
		if got := distance(tt.a, tt.b); got < tt.km-2 || got > tt.km+2 {
			t.Errorf("%+v to %+v: %.0f km, want %.0f", tt.a, tt.b, got, tt.km)
		}
	}
}

func TestPublic(t *testing.T) {
	for ip, want := range map[string]bool{
		"203.0.113.7": true, "::ffff:203.0.113.7": true, "2001:db8::1": true,
		"10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "::ffff:10.0.0.1": false, "fd00::1": false, "100.64.0.1": false,
		"127.0.0.1": false, "169.254.1.1": false, "fe80::1%eth0": false, "::": false, "224.0.0.1": false,
		"": false, "dynamodb.amazonaws.com": false, "AWS Internal": false,
	} {
		if _, got := (&Event{Touch: &schema.Touch{SourceIP: ip}}).public(); got != want {
			t.Errorf("%q is public: %v", ip, got)
		}
	}
	if _, got := (&Event{Touch: &schema.Touch{SourceIP: "203.0.113.7", VPCEndpointID: "vpce-1"}}).public(); got {
		t.Error("an address behind a VPC endpoint is public")
	}
}

func TestParsePrefixes(t *testing.T) {
	all, err := parsePrefixes("egress_cidrs", []string{"203.0.113.7/24", "198.51.100.9", "2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]bool{"203.0.113.200": true, "198.51.100.9": true, "198.51.100.8": false, "2001:db8:1::": true} {
		if got := within(all, netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s is within: %v", ip, got)
		}
	}
	if _, err := parsePrefixes("egress_cidrs", []string{"example.com"}); err == nil || !strings.Contains(err.Error(), `egress_cidrs: "example.com"`) {
		t.Errorf("a name as network: %v", err)
	}
}
