package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// question is one question in two languages.
type question struct {
	name  string
	table string   // "" is all of them
	who   []string // arguments of keytrail who, without the lake
	sql   string   // what follows WHERE
	days  int64    // that have rows of it
}

// item is an item of the lake, with how often it was touched.
type item struct {
	Table  string `json:"table_name"`
	Key    string `json:"item_key"`
	Rows   int64  `json:"n"`
	Tables int64  `json:"tables"`
}

// questions asks DuckDB for items of every kind. Which ones is chance, but the same
// in every run.
func (l *library) questions() ([]question, error) {
	const counted = `WITH items AS (
  SELECT table_name, item_key, count(*) AS n FROM %s
  WHERE key_scope = 'item' AND item_key IS NOT NULL GROUP BY ALL)
(SELECT 'touched twice' AS kind, * FROM items WHERE n = 2 ORDER BY hash(item_key) LIMIT 1) UNION ALL
(SELECT 'touched ten times' AS kind, * FROM items WHERE n = 10 ORDER BY hash(item_key) LIMIT 1) UNION ALL
(SELECT 'touched most often' AS kind, * FROM items ORDER BY n DESC, item_key LIMIT 1)`
	var found []struct {
		item
		Kind string
	}
	if err := l.ask(fmt.Sprintf(counted, l.from("")), &found); err != nil {
		return nil, err
	}
	if len(found) != 3 {
		return nil, fmt.Errorf("the lake has %d of 3 kinds of items", len(found))
	}
	var all []question
	for _, f := range found {
		members, err := membersOf(f.Key)
		if err != nil {
			return nil, err
		}
		all = append(all, question{
			name: f.Kind, table: f.Table,
			who: append([]string{f.Table}, members...),
			sql: "item_key = " + quote(f.Key),
		})
	}
	twice := found[0]
	members, err := membersOf(twice.Key)
	if err != nil {
		return nil, err
	}
	name, value, _ := strings.Cut(members[0], "=")
	all = append(all,
		question{
			name: "by the first member only", table: twice.Table,
			who: []string{twice.Table, members[0]},
			sql: fmt.Sprintf("json_extract_string(item_key, %s) = %s", quote(`$."`+name+`"`), quote(value)),
		},
		question{
			name: "one that is not there", table: twice.Table,
			who: []string{twice.Table, members[0] + "~"},
			sql: "item_key = " + quote(strings.Replace(twice.Key, value, value+"~", 1)),
		},
		question{
			name: "its value in any table",
			who:  []string{"--value", value},
			sql:  fmt.Sprintf("key_scope = 'item' AND list_contains(key_values, %s)", quote(value)),
		})
	return all, l.countDays(all)
}

// countDays says on how many days each question's rows lie.
func (l *library) countDays(all []question) error {
	for i, q := range all {
		var found []struct{ Days int64 }
		if err := l.ask(fmt.Sprintf("SELECT count(DISTINCT day) AS days FROM %s WHERE %s", l.from(q.table), q.sql), &found); err != nil {
			return err
		}
		all[i].days = found[0].Days
	}
	return nil
}

// membersOf are the members of a canonical key as a person writes them.
func membersOf(key string) ([]string, error) {
	var values map[string]string
	if err := json.Unmarshal([]byte(key), &values); err != nil {
		return nil, fmt.Errorf("item %s: %w", key, err)
	}
	if len(values) == 0 {
		return nil, errors.New("an item without members")
	}
	var members []string
	for name, value := range values {
		members = append(members, name+"="+value)
	}
	slices.Sort(members) // as they stand in the key
	return members, nil
}

// from is the lake's files as DuckDB reads them: of one table, or of all.
func (l *library) from(table string) string {
	folder := "*"
	if table != "" {
		folder = "table_name=" + table
	}
	return fmt.Sprintf("read_parquet(%s, hive_partitioning=true, hive_types={'day': DATE, 'table_name': VARCHAR})",
		quote(l.touches()+"/"+folder+"/*/*.parquet"))
}
