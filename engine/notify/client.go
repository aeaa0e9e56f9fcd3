package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Refused is the error of a service that will not take a message now or later: asking
// again is of no use.
type Refused struct {
	Channel string
	Status  int
	Answer  string // the beginning, made plain
}

func (e *Refused) Error() string {
	return fmt.Sprintf("%s refused the message: %d %s %s", e.Channel, e.Status, http.StatusText(e.Status), e.Answer)
}

// Later is the error of a service that may take the message when asked again, not
// before After is over.
type Later struct {
	Channel string
	After   time.Duration
	Err     error
}

func (e *Later) Error() string { return fmt.Sprintf("%s: %v", e.Channel, e.Err) }
func (e *Later) Unwrap() error { return e.Err }

// sendTimeout is the longest that one try may take.
const sendTimeout = 10 * time.Second

// newClient is a client that follows no redirects, since a webhook has no business with
// them, and refuses addresses of one's own network unless that is allowed: a webhook's
// address comes from a file, and must not reach what only this machine can.
func newClient(allowPrivate bool) *http.Client {
	return newClientVia(http.ProxyFromEnvironment, allowPrivate)
}

// newClientVia is newClient with another say in which proxy to use.
func newClientVia(proxy func(*http.Request) (*url.URL, error), allowPrivate bool) *http.Client {
	dialer := &net.Dialer{Timeout: sendTimeout}
	if !allowPrivate {
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return publicOnly(address) }
	}
	return &http.Client{
		Timeout:       sendTimeout,
		Transport:     &transport{proxy, allowPrivate, newTransport(dialer), newTransport(&net.Dialer{Timeout: sendTimeout})},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func newTransport(dialer *net.Dialer) *http.Transport {
	return &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: sendTimeout,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
	}
}

// transport looks at the addresses that are dialled for requests, but not at those of
// proxies: whoever runs this machine has named them, and most are of its own network.
type transport struct {
	proxy        func(*http.Request) (*url.URL, error)
	allowPrivate bool
	direct, via  *http.Transport
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	u, err := t.proxy(req)
	switch {
	case err != nil: // which names the proxy, perhaps with its password
		return nil, errors.New("the proxy that the environment names is no URL")
	case u == nil:
		return t.direct.RoundTrip(req)
	}
	if ip := net.ParseIP(req.URL.Hostname()); ip != nil && !t.allowPrivate { // names are the proxy's to look up
		if err := publicOnly(net.JoinHostPort(ip.String(), "443")); err != nil {
			return nil, err
		}
	}
	via := t.via.Clone()
	via.Proxy = http.ProxyURL(u)
	return via.RoundTrip(req)
}

var errPrivate = errors.New("the address is one of a private network; allow_private permits that")

// notPublic are networks that [net.IP] takes for public ones: nobody's, carriers' (where
// some clouds have their metadata), those for tests and documents, and those that hide
// an address of IPv4, perhaps a private one, in one of IPv6.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// throughIPv4 is where networks without IPv4 have all of it: the last four bytes are it.
var throughIPv4 = netip.MustParsePrefix("64:ff9b::/96")

// publicOnly refuses addresses that are not of the public Internet.
func publicOnly(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Zone() != "" {
		return errPrivate
	}
	ip = ip.Unmap()
	if throughIPv4.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return errPrivate
	}
	return nil
}

// post sends a request and judges the answer: nil for one of 200 to 299 with which
// check, if any, agrees, [Refused] or [Later] for others. No error names the address.
func post(c *http.Client, channel string, req *http.Request, check func(status int, answer io.Reader) error) error {
	if c == nil {
		c = newClient(false)
	}
	resp, err := c.Do(req)
	if err != nil {
		return &Later{Channel: channel, Err: withoutURL(err)}
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode/100 == 2:
		if check == nil {
			return nil
		}
		if err := check(resp.StatusCode, resp.Body); err != nil {
			return &Later{Channel: channel, Err: err}
		}
		return nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout, resp.StatusCode/100 == 5:
		return &Later{Channel: channel, After: retryAfter(resp.Header.Get("Retry-After"), time.Now()),
			Err: fmt.Errorf("answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
	}
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 300)) // as far as it goes
	return &Refused{channel, resp.StatusCode, Plain(string(answer), 200)}
}

// withoutURL is the cause of a [url.Error], which would print the address.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() && errors.Is(u.Err, context.DeadlineExceeded) {
			return errors.New("no answer in time")
		}
		return u.Err
	}
	return err
}

// retryAfter reads a Retry-After header: seconds, or a time.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil {
		const day = 24 * 3600 // more would overflow, and is beyond waiting anyway
		return time.Duration(min(max(0, n), day)) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// Ping asks for an address, once or a few times if need be, and wants an answer of 200
// to 299. No error names the address.
func Ping(ctx context.Context, address Secret, allowPrivate bool) error {
	url, err := address.Get()
	if err != nil {
		return err
	}
	client := newClient(allowPrivate)
	for n := 1; ; n++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return errors.New("ping: the address is no URL")
		}
		err = post(client, "ping", req, nil)
		var later *Later
		if err == nil || !errors.As(err, &later) || n == 3 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(n) * time.Second):
		}
	}
}
