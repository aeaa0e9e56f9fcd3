package decode

import (
	"slices"
	"strings"
	"testing"
)

var verbNames = [...]string{"?", "select", "exists", "insert", "update", "delete"}

func describe(q *statement) string {
	s := verbNames[q.verb] + " " + q.table
	if q.index != "" {
		s += "." + q.index
	}
	for _, e := range q.equal {
		s += " " + e.name + "=" + e.value
	}
	if q.parameter {
		s += " ?"
	}
	if len(q.attributes) > 0 {
		s += " attrs " + strings.Join(q.attributes, "|")
	}
	return s
}

func TestParseStatement(t *testing.T) {
	p := parser{arena: &arena{}}
	for _, c := range []struct{ text, want string }{
		{`SELECT * FROM orders WHERE pk = 'c#1' AND state = ***(Redacted)`, "select orders pk=c#1"},
		{`select * from "orders" where "pk"='c#1' and sk=9`, "select orders pk=c#1 sk=9"},
		{`SELECT pk, "sk", lines[0].n, size(notes), 'x' FROM "orders"."by-state"`, "select orders.by-state attrs pk|sk|lines"},
		{`SELECT * FROM orders WHERE pk = ?`, "select orders ?"},
		{`SELECT * FROM orders WHERE pk = 'a' AND sk = ?`, "select orders pk=a ?"},
		{`SELECT * FROM orders WHERE sk = 'b' AND pk = 'a' AND pk = 'c'`, "select orders pk=c sk=b"},
		{`SELECT * FROM orders WHERE pk = 'it''s' ORDER BY sk DESC`, "select orders pk=it's"},
		{`SELECT * FROM orders WHERE pk = '' AND n = -1.5e+3`, "select orders n=-1.5e+3 pk="},
		{`SELECT * FROM orders WHERE pk = 'a' OR pk = 'b'`, "select orders"},
		{`SELECT * FROM orders WHERE pk = 'a' AND (sk = 'b' OR sk = 'c')`, "select orders pk=a"},
		{`SELECT * FROM orders WHERE (pk = 'a')`, "select orders"},
		{`SELECT * FROM orders WHERE NOT pk = 'a' AND pk IN ['b','c'] AND sk BETWEEN 'd' AND 'e' AND a.b = 'f' AND begins_with(sk, 'g') AND n > 1 AND 'x' = pk`, "select orders"},
		{`SELECT * FROM orders WHERE pk = 'a' || 'b'`, "select orders"},
		{`SELECT "FROM" FROM "WHERE" WHERE "AND" = 'AND'`, "select WHERE AND=AND attrs FROM"},
		{`SELECT * FROM "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"`, "select arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
		{"\n\tSELECT\r\n*\nFROM\norders\n", "select orders"},
		{`SELECT * FROM "a""b" WHERE état = 'é'`, `select a"b état=é`},
		{`SELECT * FROM orders;`, "select orders"},

		{`EXISTS(SELECT * FROM orders WHERE pk = 'a' AND sk = 'b')`, "exists orders pk=a sk=b"},
		{`exists ( select state from orders where pk = ? ) and pk = 'x'`, "exists orders ? attrs state"},
		{`EXISTS (1)`, "exists "},

		{`INSERT INTO "orders" VALUE {'pk': ***(Redacted), 'total': ***(Redacted)}`, "insert orders attrs pk|total"},
		{`INSERT INTO orders VALUE {'pk':'a','sk':1,'lines':['x',{'pk':'no'}],'m':{'a':'b'},'n':-2,'p':?}`, "insert orders n=-2 pk=a sk=1 attrs pk|sk|lines|m|n|p"},
		{`INSERT INTO orders VALUE {"pk":'a', sk:'b'}`, "insert orders pk=a sk=b attrs pk|sk"},
		{`INSERT INTO orders VALUE ***(Redacted)`, "insert orders"},
		{`INSERT INTO orders VALUE {}`, "insert orders"},

		{`UPDATE "orders" SET state = ***(Redacted), lines[0].n = 1 SET "x-y" = list_append("x-y", [1, 2]) REMOVE draft, old.a WHERE pk = 'c#1' AND sk = 'o#9'`, "update orders pk=c#1 sk=o#9 attrs state|lines|x-y|draft|old"},
		{`UPDATE orders SET a = 'WHERE pk = 1' WHERE pk = 'b' RETURNING ALL OLD *`, "update orders pk=b attrs a"},
		{`update orders remove a`, "update orders attrs a"},
		{`DELETE FROM orders WHERE pk = 'a'`, "delete orders pk=a"},
		{`DELETE FROM orders WHERE pk = 'a' RETURNING ALL OLD *`, "delete orders pk=a"},
		{`DELETE FROM orders`, "delete orders"},

		// What cannot be read has a verb at most.
		{`SELECT * FROM orders WHERE pk = 'open`, "select "},
		{`SELECT * FROM "orders WHERE pk = 'a'`, "select "},
		{`SELECT *`, "select "},
		{`SELECT * FROM 'orders'`, "select "},
		{`INSERT orders`, "insert "},
		{`DELETE orders`, "delete "},
		{`UPDATE`, "update "},
		{`CREATE TABLE x`, "? "},
		{`'SELECT'`, "? "},
		{`"SELECT" * FROM orders`, "? "},
		{``, "? "},
		{`***(Redacted)`, "? "},
	} {
		if got := describe(p.parse(c.text)); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// FuzzStatement looks for statements that upset the parser: what it returns must
// come from the statement, and be the same however often it is asked.
func FuzzStatement(f *testing.F) {
	for _, text := range []string{
		`SELECT a, b.c FROM "t"."i" WHERE pk = 'it''s' AND n = -1.5e3 OR x = ? ORDER BY a`,
		`EXISTS(SELECT * FROM t WHERE pk = ***(Redacted))`,
		`INSERT INTO t VALUE {'a':'b','c':[1,{'d':2}],"e":<<1>>}`,
		`UPDATE t SET a = f(b, [1]), c.d = 1 REMOVE e WHERE pk = 'x' RETURNING ALL OLD *`,
		`DELETE FROM t WHERE pk BETWEEN 1 AND 2 AND ((a = 1))`, `}}))]]'"`, "\x00\xff\u2028",
	} {
		f.Add(text)
	}
	p, other := parser{arena: &arena{}}, parser{arena: &arena{}}
	f.Fuzz(func(t *testing.T, text string) {
		p.arena.reset()
		q := p.parse(text)
		first := describe(q)
		for _, s := range append([]string{q.table, q.index}, q.attributes...) {
			if !strings.Contains(text, s) && !strings.Contains(text, strings.ReplaceAll(s, `"`, `""`)) && !strings.Contains(text, strings.ReplaceAll(s, `'`, `''`)) {
				t.Errorf("%q is not in the statement", s)
			}
		}
		if !slices.IsSortedFunc(q.equal, func(a, b equality) int { return strings.Compare(a.name, b.name) }) {
			t.Errorf("equalities out of order: %s", first)
		}
		if q.table == "" && (q.index != "" || len(q.equal) > 0 || len(q.attributes) > 0 || q.parameter) {
			t.Errorf("no table, and yet: %s", first)
		}
		if again := describe(other.parse(text)); again != first {
			t.Errorf("%s, then %s", first, again)
		}
	})
}
