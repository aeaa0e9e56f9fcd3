package detect

import (
	"testing"

	"github.com/keytrail/keytrail/schema"
)

func TestWatchlist(t *testing.T) {
	w := newWatchlist([]string{"C#7", "email=mayor@example.com", "a=b", "=x", `q"=1`})
	for _, c := range []struct {
		key  string
		want int
	}{
		{`{"pk":"C#7"}`, 1},
		{`{"pk":"C#70"}`, 0},
		{`{"email":"mayor@example.com","pk":"C#1"}`, 2},
		{`{"email":"mayor@example.com","pk":"C#7"}`, 1}, // the first entry
		{`{"mail":"mayor@example.com"}`, 0},
		{`{"email":"mayor@example.org"}`, 0},
		{`{"a":"b"}`, 3},
		{`{"pk":"a=b"}`, 3}, // it may be a value with that character in it
		{`{"pk":"x"}`, 0},
		{`{"pk":"=x"}`, 4},
		{`{"q\"":"1"}`, 5},
	} {
		key, values, ok := schema.ItemKey([]byte(c.key))
		if !ok {
			t.Fatal(c.key)
		}
		if got := w.find(&Event{Touch: &schema.Touch{ItemKey: key, KeyValues: values}}); got != c.want {
			t.Errorf("%s is entry %d, want %d", c.key, got, c.want)
		}
	}
	// A Query's record does not say which members its values are of.
	if got := w.find(&Event{Touch: &schema.Touch{KeyValues: []string{"mayor@example.com"}}}); got != 2 {
		t.Errorf("the query's value is entry %d, want 2", got)
	}
	if got := newWatchlist(nil).find(&Event{Touch: &schema.Touch{KeyValues: []string{""}}}); got != 0 {
		t.Errorf("an empty list has entry %d", got)
	}
}

func TestAccountIn(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:backup:eu-central-1:999988887777:backup-vault:box":    "999988887777",
		"arn:aws-cn:dynamodb:cn-north-1:111122223333:table/orders:x/y": "111122223333",
		"arn:aws:s3:::bucket": "",
		"bucket":              "",
		"x:aws:backup:eu-central-1:999988887777:backup-vault:box": "",
		"": "",
	} {
		if got := accountIn(arn); got != want {
			t.Errorf("%q is of account %q, want %q", arn, got, want)
		}
	}
}

func TestShown(t *testing.T) {
	long := make([]rune, 500)
	for i := range long {
		long[i] = 'ä'
	}
	if got := []rune(shown(string(long))); len(got) != 120+3 {
		t.Errorf("%d characters are shown", len(got))
	}
	if got, want := shown("a\x1b[2Jb\u202e"), `"a\u001b[2Jb\u202e"`; got != want {
		t.Errorf("shown is %s, want %s", got, want)
	}
}
