package notify

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestPublicOnly(t *testing.T) {
	for _, private := range []string{
		"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "0.0.0.0", "0.1.2.3",
		"198.18.0.1", "192.0.0.170", "240.0.0.1", "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fec0::1", "ff02::1",
		"::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:100.64.0.1", "::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::1", "2001::1", "name",
	} {
		if err := publicOnly(net.JoinHostPort(private, "443")); !errors.Is(err, errPrivate) {
			t.Errorf("%s: %v", private, err)
		}
	}
	for _, public := range []string{"8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"} {
		if err := publicOnly(net.JoinHostPort(public, "443")); err != nil {
			t.Errorf("%s: %v", public, err)
		}
	}
}

// A proxy of one's own network is used without allow_private, which would let the address
// itself be anything.
func TestProxy(t *testing.T) {
	asked := ""
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.Host
		http.Error(w, "no way out", http.StatusBadGateway)
	}))
	defer proxy.Close()
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := &Slack{URL: at(t, "https://hooks.example.com/services/T/B/secret"), Client: newClientVia(http.ProxyURL(u), false)}
	err = s.Send(t.Context(), message(1))
	if err == nil || strings.Contains(err.Error(), "secret") || asked != "CONNECT hooks.example.com:443" {
		t.Errorf("%v, the proxy was asked for %q", err, asked)
	}
	asked = ""
	s.URL = at(t, "https://169.254.169.254/latest")
	if err := s.Send(t.Context(), message(1)); !errors.Is(err, errPrivate) || asked != "" {
		t.Errorf("%v, the proxy was asked for %q", err, asked)
	}
	s.Client = newClientVia(func(*http.Request) (*url.URL, error) {
		return nil, errors.New(`"http://me:hunter2@proxy:x": invalid port`)
	}, false)
	if err := s.Send(t.Context(), message(1)); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 20, 1, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "9223372037": 24 * time.Hour, "Fri, 20 Mar 2026 01:00:09 GMT": 9 * time.Second,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// The address of a Slack webhook is a secret, and does not go over the wire in the clear.
func TestSlackInTheClear(t *testing.T) {
	err := NewSlack(at(t, "http://hooks.example.com/services/T/B/topsecret"), false).Send(t.Context(), message(1))
	if err == nil || !strings.Contains(err.Error(), "https://") || strings.Contains(err.Error(), "topsecret") {
		t.Error(err)
	}
}
