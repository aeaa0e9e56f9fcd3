package decode

import "time"

// The years that an event time may lie in, as microseconds since 1970.
const (
	minTime = 0
	maxTime = 253402300799_999_999 // 9999-12-31T23:59:59.999999Z
)

// parseTime reads an event time as microseconds since 1970, UTC. It knows
// RFC 3339 with any offset and fraction (what is finer than a microsecond is cut
// off), the ISO basic form 20060102T150405Z, and "2006-01-02 15:04:05" with or
// without a fraction, which is UTC.
func parseTime(s string) (int64, bool) {
	if len(s) == len("20060102T150405Z") && s[8] == 'T' {
		if s[15] != 'Z' {
			return 0, false
		}
		return instant(digits(s[0:4]), digits(s[4:6]), digits(s[6:8]), digits(s[9:11]), digits(s[11:13]), digits(s[13:15]), 0, 0)
	}
	const seconds = len("2006-01-02T15:04:05")
	if len(s) < seconds || s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	micros, rest, ok := fraction(s[seconds:])
	if !ok {
		return 0, false
	}
	offset := 0
	switch s[10] {
	case 'T':
		if offset, ok = parseOffset(rest); !ok {
			return 0, false
		}
	case ' ':
		if rest != "" {
			return 0, false
		}
	default:
		return 0, false
	}
	return instant(digits(s[0:4]), digits(s[5:7]), digits(s[8:10]), digits(s[11:13]), digits(s[14:16]), digits(s[17:19]), micros, offset)
}

// fraction reads an optional ".123" as microseconds.
func fraction(s string) (micros int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	i, unit := 1, 100_000
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		micros += int(s[i]-'0') * unit
		unit /= 10
	}
	return micros, s[i:], i > 1
}

// parseOffset reads "Z" or "+01:00" as seconds.
func parseOffset(s string) (int, bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) != len("+01:00") || s[3] != ':' || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hour, minute := digits(s[1:3]), digits(s[4:6])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, false
	}
	offset := hour*3600 + minute*60
	if s[0] == '-' {
		return -offset, true
	}
	return offset, true
}

// digits is the value of a string of digits, or -1.
func digits(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// instant puts a time together, if there is such a time.
func instant(year, month, day, hour, minute, second, micros, offset int) (int64, bool) {
	if year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, false
	}
	seconds := daysSince1970(year, month, day)*86400 + int64(hour*3600+minute*60+second-offset)
	t := seconds*1_000_000 + int64(micros)
	return t, minTime <= t && t <= maxTime
}

func daysIn(year, month int) int {
	switch time.Month(month) {
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	}
	return 31
}

// daysSince1970 counts days in the Gregorian calendar. Years are taken to begin
// in March, so that the leap day is the last of its year.
func daysSince1970(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return int64(365*year+floorDiv(year, 4)-floorDiv(year, 100)+floorDiv(year, 400)+dayOfYear) - 719468
}

func floorDiv(a, b int) int {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}
