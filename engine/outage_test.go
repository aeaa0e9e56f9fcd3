package engine

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
)

// outageCases last longer than the retries do.
func outageCases(victim string) []faultCase {
	const ledgerURL, leaseURL = "/lake/ledger/", "lease.json"
	slow := refuse(503, "SlowDown")
	return []faultCase{
		{name: "503 for one object", objects: "slow down", strike: strike{method: getObject, part: victim, do: slow}},
		{name: "503 for all objects", objects: "slow down", strike: strike{method: getObject, part: logsURL + "AWSLogs", do: slow}},
		{name: "listing: 503", run: "slow down", strike: strike{method: getObject, part: listing, from: 6, do: slow}},
		{name: "listing: a page cut off", strike: strike{method: getObject, part: listing, from: 4, to: 5, do: truncate}},
		{name: "listing: pages cut off", run: "EOF", strike: strike{method: getObject, part: listing, from: 6, do: truncate}},
		{name: "listing: pages skip", unseen: true, strike: strike{method: getObject, part: "2026%2F03%2F04", do: skipKeys}},
		{name: "objects from 1970", strike: strike{method: getObject, part: listing, do: redate("1970-01-01T00:00:00.000Z")}},
		{name: "objects from the future", strike: strike{method: getObject, part: listing, do: redate("2199-12-31T23:59:59.999Z")}},
		{name: "lake: 503 for puts of touches", run: "slow down", strike: strike{method: putMethod, part: touchURL, from: 2, do: slow}},
		{name: "lake: 503 for puts of the ledger", run: "slow down", strike: strike{method: putMethod, part: ledgerURL, do: slow}},
		{name: "lake: 503 for the second put of the ledger", run: "slow down", strike: strike{method: putMethod, part: ledgerURL, from: 2, do: slow}},
		{name: "lake: 503 for reads of touches", run: "slow down", strike: strike{method: getObject, part: touchURL, from: 2, do: slow}},
		{leased: true, name: "network gone while reading", run: "connection refused", strike: strike{method: getObject, part: logsURL + "AWSLogs", from: 5, do: shut}},
		{leased: true, name: "network gone while listing", run: "connection refused", strike: strike{method: getObject, part: listing, from: 6, do: shut}},
		{leased: true, name: "network gone while writing", run: "connection refused", strike: strike{method: putMethod, part: touchURL, from: 2, do: shut}},
		{leased: true, name: "network gone before the ledger", run: "connection refused", strike: strike{method: putMethod, part: ledgerURL, do: shut}},
		{leased: true, name: "network gone with the lease given back", strike: strike{method: http.MethodDelete, part: leaseURL, do: shut}},
	}
}

// silentCases are connections that neither end nor go on.
func silentCases(victim string) []faultCase {
	const ledgerURL, leaseURL = "/lake/ledger/", "lease.json"
	return []faultCase{
		{name: "no answer at first", strike: strike{method: getObject, part: victim, to: 1, do: silent}},
		{name: "half a body at first", strike: strike{method: getObject, part: victim, to: 1, do: silentHalfway}},
		{name: "no answer", objects: "silent", strike: strike{method: getObject, part: victim, do: silent}},
		{name: "half a body", objects: "silent", strike: strike{method: getObject, part: victim, do: silentHalfway}},
		{name: "listing: no answer", run: "silent", strike: strike{method: getObject, part: listing, from: 6, do: silent}},
		{name: "listing: half a page at first", strike: strike{method: getObject, part: listing, from: 4, to: 5, do: silentHalfway}},
		{name: "listing: half a page", run: "silent", strike: strike{method: getObject, part: listing, from: 6, do: silentHalfway}},
		{name: "lake: touches not read", run: "silent", strike: strike{method: getObject, part: touchURL, from: 2, do: silent}},
		{name: "lake: puts of touches at first", strike: strike{method: putMethod, part: touchURL, to: 1, do: silent}},
		{name: "lake: puts of touches", run: "silent", strike: strike{method: putMethod, part: touchURL, from: 2, do: silent}},
		{name: "lake: puts of the ledger", run: "silent", strike: strike{method: putMethod, part: ledgerURL, from: 1, do: silent}},
		{name: "lake: lease", run: "silent", strike: strike{method: putMethod, part: leaseURL, to: 2, do: silent}},
	}
}

func TestFaultOutage(t *testing.T) { meetFaults(t, outageCases, 0) }

func TestFaultSilence(t *testing.T) {
	start := time.Now()
	meetFaults(t, silentCases, 800*time.Millisecond)
	if took := time.Since(start); took > 3*time.Minute {
		t.Errorf("took %v", took)
	}
}

// shut closes the door: whoever comes from now on is refused.
func shut(p *faultProxy, w http.ResponseWriter, _ *http.Request) {
	p.Listener.Close()
	hangUp(w)
	go p.CloseClientConnections()
}

// silent takes the request and never answers.
func silent(_ *faultProxy, _ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// silentHalfway answers half.
func silentHalfway(p *faultProxy, w http.ResponseWriter, r *http.Request) {
	p.half(w, r)
	<-r.Context().Done()
}

var (
	contents     = regexp.MustCompile(`(?s)<Contents>.*?</Contents>`)
	lastModified = regexp.MustCompile(`<LastModified>.*?</LastModified>`)
)

// skipKeys answers a listing without its first key.
func skipKeys(p *faultProxy, w http.ResponseWriter, r *http.Request) {
	p.edited(w, r, func(page string) string {
		if at := contents.FindStringIndex(page); at != nil {
			return page[:at[0]] + page[at[1]:]
		}
		return page
	})
}

// redate answers a listing whose objects all are of one time.
func redate(at string) func(*faultProxy, http.ResponseWriter, *http.Request) {
	return func(p *faultProxy, w http.ResponseWriter, r *http.Request) {
		p.edited(w, r, func(page string) string {
			return lastModified.ReplaceAllString(page, "<LastModified>"+at+"</LastModified>")
		})
	}
}

func (p *faultProxy) edited(w http.ResponseWriter, r *http.Request, edit func(string) string) {
	answer := httptest.NewRecorder()
	p.pass.ServeHTTP(answer, r)
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, edit(answer.Body.String()))
}

// names are the objects of a source that the ledger has as done.
func (p *placed) names(t *testing.T, source string) (names []string) {
	t.Helper()
	for _, e := range p.entries(t) {
		if e.Status == lake.Done {
			names = append(names, strings.TrimPrefix(e.Source+e.SourceObject, source))
		}
	}
	return names
}
