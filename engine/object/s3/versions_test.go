package s3

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const versionsPage = `<ListVersionsResult><Name>bucket</Name><IsTruncated>%t</IsTruncated><NextKeyMarker>root/a/1</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>%s</ListVersionsResult>`

// Older versions are counted, or removed with the marks of what was deleted; the present
// ones never are. A deleted object's mark, listed pages before its versions, outlasts them,
// so that the object never comes back.
func TestOlderVersions(t *testing.T) {
	var removed []string
	status := "<Status>Enabled</Status>"
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		q := r.URL.Query()
		switch {
		case q.Has("versioning"):
			io.WriteString(w, `<VersioningConfiguration>`+status+`</VersioningConfiguration>`)
		case q.Has("versions") && q.Get("prefix") != "root/a/":
			return false
		case q.Has("versions") && q.Get("key-marker") == "":
			fmt.Fprintf(w, versionsPage, true, `<Version><Key>root/a/1</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest></Version>
				<Version><Key>root/a/1</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest></Version>
				<DeleteMarker><Key>root/a/2</Key><VersionId>m1</VersionId><IsLatest>true</IsLatest></DeleteMarker>`)
		case q.Has("versions"):
			fmt.Fprintf(w, versionsPage, false, `<Version><Key>root/a/2</Key><VersionId>v3</VersionId><IsLatest>false</IsLatest></Version>`)
		case r.Method == http.MethodDelete && q.Get("versionId") != "":
			removed = append(removed, strings.TrimPrefix(r.URL.Path, "/bucket/")+" "+q.Get("versionId"))
			w.WriteHeader(http.StatusNoContent)
		default:
			return false
		}
		return true
	})
	s := f.open(t, Options{})
	for want, answer := range map[bool]string{true: status, false: ""} {
		status = answer
		if got, err := s.Versioning(t.Context()); err != nil || got != want {
			t.Errorf("versioning %q: %t, %v", answer, got, err)
		}
	}
	if n, err := s.RemoveOlder(t.Context(), "a/", false); n != 2 || err != nil || len(removed) > 0 {
		t.Errorf("counted %d, %v, removed %q", n, err, removed)
	}
	n, err := s.RemoveOlder(t.Context(), "a/", true)
	if want := []string{"root/a/1 v1", "root/a/2 v3", "root/a/2 m1"}; n != 2 || err != nil || !slices.Equal(removed, want) {
		t.Errorf("removed %d, %v: %q", n, err, removed)
	}
	if _, err := s.RemoveOlder(t.Context(), "b/", true); err == nil {
		t.Error("no error for versions that cannot be listed")
	}
}
