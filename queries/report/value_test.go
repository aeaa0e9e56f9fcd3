package report

import (
	"math"
	"testing"
	"time"
)

func TestValueWords(t *testing.T) {
	at := time.Date(2026, 1, 5, 8, 0, 0, 120_000_000, time.UTC).UnixMicro()
	for _, c := range []struct {
		value       Value
		kind        Kind
		words, text string // as people and as programs read it
	}{
		{Value{}, Null, "", ""},
		{TextOf(""), Null, "", ""},
		{TextOf("a\x1bb"), Text, "a\x1bb", "a\x1bb"},
		{CodeOf("arn:aws"), Code, "arn:aws", "arn:aws"},
		{WordOf("covered", OK), Word, "covered", "covered"},
		{CountOf(0), Count, "0", "0"},
		{CountOf(999), Count, "999", "999"},
		{CountOf(1000), Count, "1,000", "1000"},
		{CountOf(-1234567), Count, "-1,234,567", "-1234567"},
		{CountOf(math.MinInt64), Count, "-9,223,372,036,854,775,808", "-9223372036854775808"},
		{RealOf(0.123456), Real, "0.1235", "0.123456"},
		{RealOf(123456.7), Real, "123,457", "123456.7"},
		{RealOf(-1234.5), Real, "-1,234", "-1234.5"},
		{RealOf(math.NaN()), Null, "", ""},
		{RealOf(math.Inf(1)), Null, "", ""},
		{MoneyOf(math.Inf(-1)), Null, "", ""},
		{ShareOf(1, 0), Null, "", ""},
		{ShareOf(0, 7), Share, "0 %", "0"},
		{ShareOf(7, 7), Share, "100 %", "1"},
		{ShareOf(1, 2), Share, "50 %", "0.5"},
		{ShareOf(1, 3), Share, "33.3 %", "0.333333333333"},
		{ShareOf(1, 1_000_000), Share, "< 0.1 %", "1e-06"},
		{ShareOf(999_999, 1_000_000), Share, "> 99.9 %", "0.999999"},
		{MoneyOf(0), Money, "$0.00", "0"},
		{MoneyOf(1234.5), Money, "$1,234.50", "1234.5"},
		{MoneyOf(0.004), Money, "< $0.01", "0.004"},
		{MoneyOf(-3), Money, "-$3.00", "-3"},
		{TimeOf(0), Null, "", ""},
		{TimeOf(at), Time, "2026-01-05 08:00:00", "2026-01-05T08:00:00.12Z"},
		{DayOf("2026-01-05"), Day, "2026-01-05", "2026-01-05"},
		{FlagOf(true), Flag, "yes", "true"},
		{FlagOf(false), Flag, "no", "false"},
		{ListOf(nil), Null, "", ""},
		{ListOf([]string{"a", "b"}), List, "a, b", "a, b"},
	} {
		if c.value.Kind() != c.kind || c.value.String() != c.words || c.value.Plain() != c.text || c.value.IsNull() != (c.kind == Null) {
			t.Errorf("%v: got %v, %q and %q, want %v, %q and %q", c.value, c.value.Kind(), c.value.String(), c.value.Plain(), c.kind, c.words, c.text)
		}
	}
}

func TestValueParts(t *testing.T) {
	v := CountOf(7).Marked(Alarm)
	if v.Level() != Alarm || v.Int() != 7 || v.Float() != 7 || v.String() != "7" {
		t.Errorf("got %v, %d, %v", v.Level(), v.Int(), v.Float())
	}
	if v := ShareOf(1, 4); v.Float() != 0.25 || v.Level() != Plain {
		t.Errorf("got %v, %q", v.Float(), v.Level())
	}
	if v := ListOf([]string{"x"}); len(v.Texts()) != 1 {
		t.Errorf("got %q", v.Texts())
	}
}

func TestLevels(t *testing.T) {
	order := []Level{Plain, OK, Unknown, Attention, Alarm}
	for i, a := range order {
		for j, b := range order {
			if want := order[max(i, j)]; a.Worse(b) != want {
				t.Errorf("the worse of %q and %q is %q, want %q", a, b, a.Worse(b), want)
			}
		}
		if (a.Word() == "") != (a == Plain) {
			t.Errorf("%q is called %q", a, a.Word())
		}
	}
}
