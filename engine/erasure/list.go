package erasure

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Asked is one way to say which items are to be forgotten: those of a table whose keys
// have some members, or whatever has a value in its key.
type Asked struct {
	Table string // name or ARN; empty: every table
	// Names are the members' names, one for each of the values; none for a value of
	// whatever member.
	Names  []string
	Values []string
}

// check says why nobody can be asked for like that.
func (a *Asked) check() error {
	switch {
	case len(a.Values) == 0 || len(a.Names) > 0 && len(a.Names) != len(a.Values):
		return errors.New("whom to forget: name members of the key, or a value")
	}
	for _, v := range a.Values {
		if v == "" {
			return errors.New("an empty value is in every text")
		}
	}
	return nil
}

// list is the lake's standing order of whom to keep forgotten.
type list struct {
	Version int     `json:"version"`
	Salt    []byte  `json:"salt"` // 32 random bytes
	Entries []entry `json:"entries"`

	etag string
}

// entry is what was asked for in one request.
type entry struct {
	Request  string    `json:"request"`
	Operator string    `json:"operator,omitempty"`
	At       time.Time `json:"at"`
	Remove   bool      `json:"remove"` // its rows are dropped
	Part     bool      `json:"part"`   // keys of which a value is a part are its, too
	Subjects []subject `json:"subjects"`
	Override string    `json:"override,omitempty"` // who agreed to it in spite of a legal hold
	// Pending are the partitions that are still to be rewritten, while that is under way.
	Pending []place `json:"pending,omitempty"`
}

// cause is why the journal says that rows were changed.
func (e *entry) cause() lake.Cause {
	c := lake.Cause{Kind: lake.Erasure, Request: e.Request, Operator: e.Operator}
	if e.Override != "" {
		c.Request += inSpite + e.Override
	}
	return c
}

// inSpite stands behind the id of a request that was done in spite of a hold.
const inSpite = ", in spite of a legal hold as agreed by "

// Caused reports whether a commit was made for the request with an id.
func Caused(id string, by lake.Cause) bool {
	return by.Kind == lake.Erasure && (by.Request == id || strings.HasPrefix(by.Request, id+inSpite))
}

// subject is an [Asked] of which only hashes are kept.
type subject struct {
	Table  string   `json:"table,omitempty"`
	Names  []string `json:"names,omitempty"`
	Values [][]mark `json:"values"` // of each value its spellings, itself first
}

// place is a partition as the list names it.
type place struct {
	Table string `json:"table"`
	Day   string `json:"day"`
}

func placeOf(p schema.Partition) place { return place{p.Table, p.DayString()} }

func (p place) partition() (schema.Partition, error) {
	day, err := schema.ParseDay(p.Day)
	return schema.Partition{Table: p.Table, Day: day}, err
}

const listVersion = 1

func newList() (*list, error) {
	l := &list{Version: listVersion, Salt: make([]byte, 32)}
	_, err := rand.Read(l.Salt)
	return l, err
}

// loadList reads the lake's list; an empty one with a salt of its own when there is none.
func loadList(ctx context.Context, l *lake.Lake) (*list, error) {
	data, etag, err := l.Orders(ctx, lake.ForgottenOrder)
	if err != nil {
		return nil, err
	}
	if etag == "" {
		return newList()
	}
	var all list
	if err := json.Unmarshal(data, &all); err != nil || all.Version < 1 || len(all.Salt) < 16 {
		return nil, fmt.Errorf("%s makes no sense: restore it from a backup, or the next ingest may bring back who was forgotten", lake.ForgottenOrder)
	}
	if all.Version > listVersion {
		return nil, fmt.Errorf("%s was written by a newer keytrail: upgrade", lake.ForgottenOrder)
	}
	all.etag = etag
	return &all, nil
}

func (l *list) save(ctx context.Context, to *lake.Lake) error {
	data, err := json.MarshalIndent(l, "", " ")
	if err != nil {
		return err
	}
	l.etag, err = to.PutOrders(ctx, lake.ForgottenOrder, append(data, '\n'), l.etag)
	return err
}

// enter adds what was asked for, or finds where it stands already.
func (l *list) enter(r *Request, now time.Time) *entry {
	e := entry{Request: r.ID, Operator: r.Operator, At: now.UTC().Truncate(time.Second), Remove: r.Remove, Part: r.Part}
	search := newSearcher(l.Salt)
	for _, a := range r.Asked {
		s := subject{Table: a.Table, Names: a.Names}
		for _, v := range a.Values {
			var marks []mark
			for _, spelled := range spellings(v) {
				marks = append(marks, search.mark(spelled))
			}
			s.Values = append(s.Values, marks)
		}
		e.Subjects = append(e.Subjects, s)
	}
	for i := range l.Entries {
		if was := &l.Entries[i]; was.Request == e.Request && was.Remove == e.Remove && was.Part == e.Part && reflect.DeepEqual(was.Subjects, e.Subjects) {
			return was
		}
	}
	l.Entries = append(l.Entries, e)
	return &l.Entries[len(l.Entries)-1]
}
