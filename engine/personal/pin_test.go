package personal

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParseModes(t *testing.T) {
	m, err := ParseModes([]string{"orders*=drop", "hmac", "arn:aws:dynamodb:*:*:table/test.**=plain", "orders-dev=plain"})
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[[2]string]Mode{
		{"customers", ""}:  HMAC,
		{"orders", ""}:     Drop,
		{"orders-dev", ""}: Drop, // the strictest counts
		{"test.scratch", "arn:aws:dynamodb:eu-west-1:111122223333:table/test.scratch"}: Plain,
		{"test.scratch", ""}: HMAC, // the glob is of ARNs
		{"", ""}:             Drop, // it may be any table
	} {
		if got := m.Of(table[0], table[1]); got != want {
			t.Errorf("%v: %v, want %v", table, got, want)
		}
	}
	again, err := ParseModes(m.Strings())
	if err != nil || !reflect.DeepEqual(again, m) {
		t.Errorf("%v, %v", again, err)
	}
	for _, texts := range [][]string{{"token"}, {"=hmac"}, {"a=hmac", "a=drop"}, {"hmac", "drop"}, {"a=b=hmac=no"}, {""}} {
		if m, err := ParseModes(texts); err == nil {
			t.Errorf("%q: %v", texts, m)
		}
	}
}

// What a run says is settled with what the lake has.
func TestSettle(t *testing.T) {
	one, two, three := secretOf(t, "", 1), secretOf(t, "2026-04-01", 2), secretOf(t, "2026-07-01", 3)
	hmac := modesOf(t, "hmac")
	on := func(s Secret, from string) Secret { s.ref.From = from; return s }
	first, change, err := Settle(nil, hmac, []Secret{two, one})
	if err != nil || !change.First || change.NewFrom != "" || len(first.Epochs) != 2 || first.Epochs[0].Check != one.check {
		t.Fatalf("%+v %+v %v", first, change, err)
	}
	back, err := ParsePin(first.Text())
	if err != nil || !reflect.DeepEqual(back, first) || strings.Contains(string(first.Text()), string(one.bytes)) {
		t.Fatalf("%+v, %v", back, err)
	}
	destroyed := &Pin{Version: 1, Modes: *hmac, Epochs: slices.Clone(first.Epochs)}
	destroyed.Epochs[0].Destroyed = true
	dropped := &Pin{Version: 1, Modes: *modesOf(t, "drop")}
	for name, c := range map[string]struct {
		pin     *Pin
		modes   *Modes
		secrets []Secret
		change  Change
		epochs  int
		fault   error
		words   string
	}{
		"nothing said, nothing pinned":   {},
		"plain is as nothing":            {modes: modesOf(t, "plain", "a=plain")},
		"drop needs no secret":           {modes: modesOf(t, "drop"), change: Change{First: true}},
		"drop of some tables":            {modes: modesOf(t, "c*=drop"), change: Change{First: true}},
		"secrets without tokens":         {secrets: []Secret{one}, words: "--key-mode hmac"},
		"drop with a secret":             {modes: modesOf(t, "drop"), secrets: []Secret{one}, words: "there is none"},
		"tokens without a secret":        {modes: hmac, words: "needs a secret"},
		"no secret for the first days":   {modes: hmac, secrets: []Secret{two}, words: "none is for those before"},
		"two secrets for the first days": {modes: hmac, secrets: []Secret{one, on(two, "")}, words: "the same days"},
		"two secrets for a day":          {modes: hmac, secrets: []Secret{one, two, on(three, "2026-04-01")}, words: "the same days"},
		"one secret twice":               {modes: hmac, secrets: []Secret{one, on(one, "2026-05-01")}, words: "the same as"},

		"the same again":          {pin: first, modes: hmac, secrets: []Secret{one, two}, epochs: 2},
		"modes not said":          {pin: first, secrets: []Secret{two, one}, epochs: 2},
		"days not said":           {pin: first, secrets: []Secret{on(two, ""), one}, epochs: 2},
		"given twice":             {pin: first, secrets: []Secret{one, one, two}, epochs: 2},
		"other modes":             {pin: first, modes: modesOf(t, "drop"), secrets: []Secret{one, two}, fault: ErrPinned, words: "leave --key-mode out"},
		"more modes":              {pin: first, modes: modesOf(t, "hmac", "a=plain"), secrets: []Secret{one, two}, fault: ErrPinned},
		"none of the secrets":     {pin: first, fault: ErrNoSecret, words: "epoch 1 (days before 2026-04-01)"},
		"one of the secrets":      {pin: first, secrets: []Secret{one}, fault: ErrNoSecret, words: "epoch 2 (days from 2026-04-01 on)"},
		"a wrong secret":          {pin: first, secrets: []Secret{on(three, ""), two}, fault: ErrWrong},
		"a wrong secret of a day": {pin: first, secrets: []Secret{one, on(three, "2026-04-01")}, fault: ErrWrong},
		"a secret moved":          {pin: first, secrets: []Secret{one, on(two, "2026-05-01")}, fault: ErrPinned},
		"the first one moved":     {pin: first, secrets: []Secret{on(one, "2026-03-01"), two}, fault: ErrPinned},
		"an epoch in the past":    {pin: first, secrets: []Secret{one, two, on(three, "2026-02-01")}, fault: ErrPinned, words: "later day"},
		"a new epoch":             {pin: first, secrets: []Secret{three, one, two}, epochs: 3, change: Change{NewFrom: "2026-07-01"}},
		"a new epoch alone":       {pin: first, secrets: []Secret{three}, fault: ErrNoSecret},
		"secrets where none are":  {pin: dropped, secrets: []Secret{one}, fault: ErrPinned},
		"dropped again":           {pin: dropped, modes: modesOf(t, "drop")},
		"destroyed":               {pin: destroyed, secrets: []Secret{two}, epochs: 2},
		"destroyed and come back": {pin: destroyed, secrets: []Secret{one, two}, epochs: 2},
	} {
		t.Run(name, func(t *testing.T) {
			pin, change, err := Settle(c.pin, c.modes, c.secrets)
			if c.fault != nil || c.words != "" {
				if err == nil || c.fault != nil && !errors.Is(err, c.fault) || !strings.Contains(err.Error(), c.words) {
					t.Errorf("%v, want %v %q", err, c.fault, c.words)
				}
				return
			}
			if err != nil || change != c.change {
				t.Fatalf("%+v, %v", change, err)
			}
			if want := c.pin != nil || c.change.First; (pin != nil) != want || pin != nil && len(pin.Epochs) != c.epochs {
				t.Errorf("%+v", pin)
			}
		})
	}
}

func TestParsePinRefuses(t *testing.T) {
	const check = `"check":"f902979c6e9681ec07bae8809e399d08"`
	for _, text := range []string{
		``, `[]`, `{}`, `{"version":2}`, `{"version":1,"modes":{"default":"hmac"}}`,
		`{"version":1,"modes":{"default":"sometimes"}}`,
		`{"version":1,"modes":{"default":"drop"},"epochs":[{` + check + `}]}`,
		`{"version":1,"modes":{"default":"hmac"},"epochs":[{"check":"00"}]}`,
		`{"version":1,"modes":{"default":"hmac"},"epochs":[{"from":"2026-01-01",` + check + `}]}`,
		`{"version":1,"modes":{"default":"hmac"},"epochs":[{` + check + `},{"from":"2026-02-31",` + check + `}]}`,
		`{"version":1,"modes":{"default":"hmac"},"epochs":[{` + check + `},{"from":"2026-02-03",` + check + `},{"from":"2026-02-03",` + check + `}]}`,
	} {
		if pin, err := ParsePin([]byte(text)); err == nil {
			t.Errorf("%s: %+v", text, pin)
		}
	}
}

// A question is hashed for the days of each secret, and where one is missing that is said.
func TestSpellings(t *testing.T) {
	one, two := secretOf(t, "", 1), secretOf(t, "2026-04-01", 2)
	modes := modesOf(t, "hmac", "cache-*=drop", "test.*=plain", "arn:aws:dynamodb:*:999988887777:table/shared=plain")
	pin, _, err := Settle(nil, modes, []Secret{one, two})
	if err != nil {
		t.Fatal(err)
	}
	ring, err := pin.Keyring([]Secret{one, two})
	if err != nil {
		t.Fatal(err)
	}
	half, err := pin.Keyring([]Secret{two})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pin.Keyring([]Secret{secretOf(t, "", 5)}); !errors.Is(err, ErrWrong) {
		t.Errorf("a stranger's secret: %v", err)
	}
	for _, c := range []struct {
		ring            *Keyring
		table, from, to string
		want            string
		fault           error
	}{
		{nil, "customers", "", "", "0", nil},
		{ring, "customers", "", "", "1 ..2026-03-31, 2 2026-04-01..", nil},
		{ring, "customers", "2026-04-01", "", "2 2026-04-01..", nil},
		{ring, "customers", "", "2026-03-31", "1 ..2026-03-31", nil},
		{ring, "", "", "", "0, 1 ..2026-03-31, 2 2026-04-01..", nil},
		{ring, "test.scratch", "", "", "0", nil},
		{ring, "shared", "2026-05-01", "", "0, 2 2026-04-01..", nil},
		{ring, "arn:aws:dynamodb:eu-west-1:111122223333:table/shared", "2026-05-01", "", "2 2026-04-01..", nil},
		{ring, "cache-a", "", "", "", ErrDropped},
		{half, "customers", "2026-04-01", "", "2 2026-04-01..", nil},
		{half, "customers", "", "", "", ErrNoSecret},
		{half, "", "", "", "", ErrNoSecret},
		{ring, "arn:aws:dynamodb:eu-west-1:111122223333:table/cache-a", "", "", "", ErrDropped},
	} {
		all, err := c.ring.Spellings(c.table, c.from, c.to, []string{"42", "x"})
		if c.fault != nil {
			if !errors.Is(err, c.fault) {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		var told []string
		for _, s := range all {
			text := string(rune('0' + s.Epoch))
			if s.FromDay != "" || s.ToDay != "" {
				text += " " + s.FromDay + ".." + s.ToDay
			}
			told = append(told, text)
			if len(s.Values) != 2 || (s.Epoch == 0) != (s.Values[0] == "42") || s.Epoch > 0 && !strings.HasPrefix(s.Values[0], "k"+string(rune('0'+s.Epoch))+"_") {
				t.Errorf("%+v: %q", c, s.Values)
			}
		}
		if got := strings.Join(told, ", "); err != nil || c.want != "" && got != c.want {
			t.Errorf("%s %s..%s: %s, %v; want %s", c.table, c.from, c.to, got, err, c.want)
		}
	}
	if got := ring.Dropped(); !slices.Equal(got, []string{"cache-*"}) {
		t.Errorf("dropped: %q", got)
	}
}
