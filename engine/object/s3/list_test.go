package s3

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

func TestStorageClasses(t *testing.T) {
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	entries := []struct{ key, xml, want string }{
		{"deep", "<StorageClass>DEEP_ARCHIVE</StorageClass>", "DEEP_ARCHIVE"},
		{"expired", "<StorageClass>GLACIER</StorageClass><RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2020-01-01T00:00:00Z</RestoreExpiryDate></RestoreStatus>", "GLACIER"},
		{"glacier", "<StorageClass>GLACIER</StorageClass>", "GLACIER"},
		{"instant", "<StorageClass>GLACIER_IR</StorageClass>", ""},
		{"restored", "<StorageClass>GLACIER</StorageClass><RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>" + tomorrow + "</RestoreExpiryDate></RestoreStatus>", ""},
		{"restoring", "<StorageClass>DEEP_ARCHIVE</StorageClass><RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>", "DEEP_ARCHIVE"},
		{"standard", "<StorageClass>STANDARD</StorageClass>", ""},
		{"tiered", "<StorageClass>INTELLIGENT_TIERING</StorageClass>", ""},
	}
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("X-Amz-Optional-Object-Attributes") != "RestoreStatus" {
			t.Errorf("a listing does not ask for the restore status")
		}
		var xml string
		for _, e := range entries {
			xml += fmt.Sprintf("<Contents><Key>root/%s</Key><Size>5</Size>%s</Contents>", e.key, e.xml)
		}
		io.WriteString(w, page(xml))
		return true
	})
	i := 0
	err := f.open(t, Options{}).List(t.Context(), "", func(o object.Info) error {
		if o.Key != entries[i].key || o.StorageClass != entries[i].want {
			t.Errorf("%s is listed as %+v", entries[i].key, o)
		}
		i++
		return nil
	})
	if err != nil || i != len(entries) {
		t.Errorf("%d objects, %v", i, err)
	}
}

// Keys that XML cannot hold come encoded; a store that does not encode says so
// by not saying that it does. Consoles' folder objects are no children.
func TestListedKeys(t *testing.T) {
	const odd = "\x01 +%2F\xff日"
	encoded := true
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		q := r.URL.Query()
		if q.Get("encoding-type") != "url" || q.Get("prefix") != "root/p/" {
			return false
		}
		xml := "<Contents><Key>root/</Key></Contents><Contents><Key>root/p/</Key></Contents>"
		if encoded {
			xml += "<EncodingType>url</EncodingType><Contents><Key>root/p/" + url.QueryEscape(odd) + "</Key></Contents>" +
				"<CommonPrefixes><Prefix>root/p/" + url.QueryEscape("a+b") + "/</Prefix></CommonPrefixes>"
		} else {
			xml += "<Contents><Key>root/p/100%+</Key></Contents><CommonPrefixes><Prefix>root/p/%41/</Prefix></CommonPrefixes>"
		}
		io.WriteString(w, page(xml))
		return true
	})
	s := f.open(t, Options{})
	for _, want := range []struct{ object, dir string }{{"p/" + odd, "p/a+b/"}, {"p/100%+", "p/%41/"}} {
		dirs, objects, err := s.Children(t.Context(), "p/")
		if err != nil || !slices.Equal(dirs, []string{want.dir}) || len(objects) != 1 || objects[0].Key != want.object {
			t.Errorf("children %q, %v, %v; want %+q", dirs, objects, err, want)
		}
		var keys []string
		err = s.List(t.Context(), "p/", func(o object.Info) error {
			keys = append(keys, o.Key)
			return nil
		})
		if err != nil || !slices.Equal(keys, []string{"p/", want.object}) {
			t.Errorf("listed %q, %v", keys, err)
		}
		encoded = false
	}
}
