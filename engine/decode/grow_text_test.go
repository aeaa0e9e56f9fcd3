package decode_test

import "strings"

// phrase writes words of a language in any order, now and then a whole sentence.
func (g *grower) phrase(words string) string {
	all := strings.Fields(words)
	var s strings.Builder
	for range g.n(16) {
		word := all[g.n(len(all))]
		if strings.HasPrefix(word, "_") {
			word = strings.ReplaceAll(word[1:], "_", " ")
		}
		s.WriteString(word + g.one(" ", " ", " ", "", "\n"))
	}
	return s.String()
}

func (g *grower) updateExpression() {
	g.text(g.one("SET #s = :s, a.b[0] = if_not_exists(total, :z) + :n REMOVE draft ", "", "") +
		g.phrase("SET set REMOVE ADD DELETE #s #t a b.c list[3] , = + - ( ) if_not_exists(a, :v :w état _SET_x_=_:v 7"))
}

func (g *grower) projection() {
	g.text(g.one("#s, total, a.b[0]", "", "") + g.phrase("#s #t #zz , , a b.c list[3] état :v ( ) x-y"))
}

func (g *grower) filter() {
	g.text(g.one("size(notes) > :n AND NOT (#s IN (:a, :b)) ", "", "") +
		g.phrase("AND OR NOT BETWEEN IN ( ) , = <> #s #t a b.c list[3] size(a) contains( begins_with :v état 7 attribute_exists"))
}

func (g *grower) statement() {
	table := g.one(`orders`, `"orders"`, `"orders"."by-state"`, `orders.by`, `"a""b"`, `"`+growARN+`"`, ``, `état`)
	var s string
	switch g.n(8) {
	case 0, 1:
		s = "SELECT " + g.one("*", "a, b.c, size(d)", `"state" AS s`, "") + " FROM " + table + g.where()
	case 2:
		s = "UPDATE " + table + g.one(" SET a = ***(Redacted), b.c = ?", " REMOVE d SET e[0] = list_append(e, ['x'])", " ADD f", "") + g.where() + g.one("", " RETURNING ALL OLD *")
	case 3:
		s = "DELETE FROM " + table + g.where()
	case 4:
		s = "INSERT INTO " + table + " VALUE " + g.one("{'pk': 'c#1', 'sk': 9}", `{"pk": ***(Redacted), 'm': {'x': ['y']}}`, "{pk: 'a', 'pk': 'b', 'c': ?}", "{'a': 'b'", "<<{'a': 'b'}>>", "{}")
	case 5:
		s = "EXISTS(SELECT * FROM " + table + g.where() + g.one(")", "", "))")
	}
	if g.maybe(3) {
		s += " " + g.phrase(`SELECT select * FROM "orders" orders "orders"."by-state" . WHERE where AND and OR pk = 'c#1' sk 7 -1.5e3 ? ***(Redacted) IN ( ) [ ] { } << >> , : 'it''s'
			UPDATE SET REMOVE RETURNING INSERT INTO VALUE DELETE EXISTS ORDER BY BETWEEN begins_with( état "a""b" a.b _pk_=_'c#1' _WHERE_pk_=_'c#1' _AND_sk_=_9 _FROM_orders _{'pk':_'a'} ' " - 7a 1e 2.5E+ 1.`)
	}
	g.text(s)
}

// where writes the condition of a statement.
func (g *grower) where() string {
	var s strings.Builder
	for i := range g.n(5) {
		if i == 0 {
			s.WriteString(g.one(" WHERE ", "\nwhere "))
		} else {
			s.WriteString(g.one(" AND ", " AND ", " and ", " OR "))
		}
		s.WriteString(g.one("pk", "sk", "état", `"pk"`, "a.b", "'pk'", "not pk") +
			g.one(" = ", "=", " = ", " <> ", " IN ", " BETWEEN ") +
			g.one("'c#1'", "'it''s'", "9", "-1.50e+3", "?", "***(Redacted)", "['a', 'b']", "1 AND 2", "(sk = 'x' AND pk = 'y')", "true"))
	}
	return s.String()
}
