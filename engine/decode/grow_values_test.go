package decode_test

func (g *grower) carrier() {
	switch g.n(16) {
	case 10:
		g.record()
	case 11:
		g.list((*grower).carrierElement)
	case 12:
		g.object(8, field{"version", (*grower).word}, field{"detail-type", (*grower).word}, field{"detail", (*grower).record})
	case 13:
		g.object(8, field{"messageType", oneOf("DATA_MESSAGE", "DATA_MESSAGE", "CONTROL_MESSAGE")}, field{"logEvents", func(g *grower) { g.list(embedded("message")) }})
	case 14:
		g.object(8, field{"Events", func(g *grower) { g.list(embedded("CloudTrailEvent")) }})
	case 15:
		g.object(4, field{"digestS3Object", (*grower).word}, field{"Records", (*grower).junk}, field{"detail", (*grower).junk}, field{"logFiles", (*grower).junk})
	default:
		g.object(32, field{"Records", func(g *grower) { g.list((*grower).record) }})
	}
}

func (g *grower) carrierElement() {
	if g.depth++; g.depth < 3 {
		g.carrier()
	} else {
		g.record()
	}
	g.depth--
}

// embedded writes an object that holds a record as text.
func embedded(name string) func(*grower) {
	return func(g *grower) {
		inner := &grower{choices: g.choices, depth: g.depth}
		inner.record()
		g.choices = inner.choices
		record := inner.out.String()
		if g.maybe(16) {
			record = g.one("", " ", "x", "[]", "null", `"a"`, record+" ", record+"1", " "+record, record[:len(record)/2])
		}
		g.object(16, field{"id", (*grower).word}, field{name, func(g *grower) { g.text(record) }})
	}
}

func oneOf(options ...string) func(*grower) {
	return func(g *grower) { g.text(g.one(options...)) }
}

func (g *grower) word() {
	g.text(g.one("orders", "a", "", "c#1", "o#9", "true", "False", "x.y", "AWS Internal", "dynamodb.amazonaws.com", "cloudtrail.amazonaws.com", "ann@example.com", "by-state", "Data", "2026-01-05T08:01:02Z"))
}

func (g *grower) flag() {
	g.lit(g.one("true", "false", `"true"`, `"FALSE"`, "null", "0", `"yes"`))
}

const (
	growARN    = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	growStream = growARN + "/stream/2026-01-01T00:00:00.000"
)

// table writes the name or ARN of a table or of what belongs to one.
func (g *grower) table() {
	g.text(g.one("orders", "customers", growARN, "arn:aws:dynamodb:us-east-1:444455556666:table/customers", growStream, growARN+"/index/by-state",
		"", "../../x", "arn:aws:kinesis:eu-west-1:111122223333:stream/x", "arn:aws:dynamodb::111122223333:global-table/orders", "a/b",
		"arn:aws-cn:dynamodb:cn-north-1::table/t", "arn:aws:dynamodb:eu-west-1:111122223333:table/", growStream+"|1|AAAA", growARN+"/backup/1"))
}

// key writes a primary key.
func (g *grower) key() {
	g.object(6, field{"pk", (*grower).keyValue}, field{"sk", (*grower).keyValue}, field{"état", (*grower).keyValue})
}

func (g *grower) keyValue() {
	switch g.n(8) {
	case 5:
		g.junk()
	case 6:
		g.lit(g.one("7", "1.50E+3", "true", "null"))
	case 7:
		g.object(8, field{g.one("S", "N", "B", "s", "SS", "ſ"), (*grower).keyText})
	default:
		g.keyText()
	}
}

func (g *grower) keyText() {
	if g.maybe(6) {
		g.lit(g.one("1", "-2.5", "true", "null", "[]"))
		return
	}
	g.text(g.one("c#1", "o#9", "", "it's", `quote " and \`, "{}", "tab\t", "\x00", "7"))
}
