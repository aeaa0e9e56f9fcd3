package sample

import (
	"slices"
	"time"
)

// scenes are what happens in a month beside the streams.
func (m *month) scenes(o *Options) []scene {
	days := int64(o.Days)
	all := slices.Concat(m.nightly(days), m.deployments(days), m.emergencies(days, int64(o.IncidentDay-1)), m.monthEnds(o))
	if all = slices.DeleteFunc(all, func(s scene) bool { return s.at >= m.start+days*24*hour }); len(all) > int(o.Events)/10 {
		all = all[:o.Events/10]
	}
	return append(all, m.signIns(days, int(o.Events/5))...)
}

// day is when one of the month's days begins.
func (m *month) day(n int64) int64 { return m.start + n*24*hour }

// does is a call of an actor in its account's first Region.
func does(at int64, account int, who *actor, n int, k *kind, table string) scene {
	return scene{at: at, account: account, play: func(g *gen) {
		g.table = g.acct.tableNamed(table)
		g.begin(k, at, who, n)
	}}
}

// nightly are the export of the orders, and the backups that AWS Backup makes and throws
// away again.
func (m *month) nightly(days int64) []scene {
	var all []scene
	export, describe := kindNamed("ExportTableToPointInTime"), kindNamed("DescribeExport")
	for day := range days {
		at := m.day(day)
		all = append(all, does(at+secondsOf("01:30:04"), 0, &exporter, 0, export, "orders"), does(at+secondsOf("01:45:09"), 0, &exporter, 0, describe, "orders"))
		for i, table := range []string{"customers", "orders", "payments"} {
			at := at + secondsOf("03:30:00") + int64(i)*41
			all = append(all, does(at, 0, &vaultKeeper, 0, kindNamed("StartBackupJob"), table))
			if day%7 == 6 {
				all = append(all, does(at+1800, 0, &vaultKeeper, 0, kindNamed("DeleteRecoveryPoint"), table))
			}
		}
	}
	return all
}

// deployments are what pipelines do: on Tuesdays in the shop's accounts, on Thursdays in
// the others. The month's first thing is that trails are told what to log.
func (m *month) deployments(days int64) []scene {
	at := m.start + secondsOf("00:20:00")
	all := []scene{m.arrives(at-30, 0)}
	for _, trail := range []string{"org-audit", "ops-trail"} {
		all = append(all, scene{at: at, play: func(g *gen) {
			k := *kindNamed("PutEventSelectors")
			k.make = func(g *gen) { g.selectors(trail, "arn:aws:dynamodb") }
			g.begin(&k, at, pipelineOf(0), 0)
		}})
		at += 2
	}
	for day := range days {
		switch time.Unix(m.day(day), 0).UTC().Weekday() {
		case time.Tuesday:
			all = append(all, m.deploys(m.day(day)+secondsOf("10:00:20"), 0)...)
			all = append(all, m.deploys(m.day(day)+secondsOf("14:10:05"), 2)...)
		case time.Thursday:
			all = append(all, m.deploys(m.day(day)+secondsOf("11:20:40"), 1)...)
			all = append(all, m.deploys(m.day(day)+secondsOf("13:05:15"), 2)...)
		}
	}
	return all
}

func pipelineOf(account int) *actor { return ours(account, "github-deploy") }

// arrives is the event that gives a pipeline its session.
func (m *month) arrives(at int64, account int) scene {
	return scene{at: at, account: account, play: func(g *gen) {
		s := g.session(pipelineOf(account), 0, at+30)
		s.born = at
		g.opening(s)
	}}
}

// deploys is one deployment: a look at every table, and a change of one or two.
func (m *month) deploys(at int64, account int) []scene {
	who := pipelineOf(account)
	all := []scene{m.arrives(at-30, account)}
	add := func(k *kind, table string) {
		all = append(all, does(at, account, who, 0, k, table))
		at += 3
	}
	for _, table := range who.tables {
		for _, id := range []string{"DescribeTable", "DescribeContinuousBackups", "DescribeTimeToLive", "ListTagsOfResource"} {
			add(kindNamed(id), table)
		}
	}
	changed := who.tables[int(at/week)%2] // two that are still being worked on
	add(&capacityKind, changed)
	add(kindNamed("TagResource"), changed)
	add(kindNamed("RegisterScalableTarget"), changed)
	return all
}

// onCallStaff are the engineers who take turns at night. The one whose session is stolen
// is not among them.
var onCallStaff = [...]int{1, 2, 3}

// emergencies are the nights on which somebody is woken up: two a week, never the
// incident's. They look at orders from home, and mend some through a role that keeps
// their name as its source identity.
func (m *month) emergencies(days, incident int64) []scene {
	var all []scene
	for night := range days / 7 * 2 {
		draw := scramble(m.seed ^ uint64(night)<<16 ^ 0x6f6e2d63616c6c)
		day := night/2*7 + night%2*4 + int64(draw%3)
		if day == incident || day >= days {
			continue
		}
		n := onCallStaff[int(night)%len(onCallStaff)]
		at := m.day(day) + hour + int64(draw>>8%(2*hour))
		woken := sessionAt(&accounts[0], &onCall, n, at)
		woken.born = at
		all = append(all, signIn(0, woken)...)
		for i, id := range []string{"DescribeTable", "Query", "Query", "GetItem", "GetItem", "Query"} {
			all = append(all, does(at+60+int64(i)*97, 0, &onCall, n, kindNamed(id), "orders"))
		}
		at += 900
		all = append(all, scene{at: at, play: func(g *gen) {
			g.gives(&assumeRoleKind, at, woken, g.session(&repair, n, at))
		}})
		for i := range int64(3) {
			all = append(all, does(at+30+i*44, 0, &repair, n, kindNamed("UpdateItem"), "orders"))
		}
	}
	return all
}

// signIn are the events that give a person a session, and open the console in it where
// that is what it is used with.
func signIn(account int, s session) []scene {
	all := []scene{{at: s.born, account: account, play: func(g *gen) { g.opening(s) }}}
	if s.inBrowser() {
		all = append(all, scene{at: s.born + 3, account: account, play: func(g *gen) { g.signsIn(s.born+3, s) }})
	}
	return all
}

// signIns are those of the staff: twice on every working day, at most so many events.
func (m *month) signIns(days int64, most int) []scene {
	var all []scene
	for day := range days {
		if !workday(m.day(day)) {
			continue
		}
		for _, block := range []int64{8 * hour, 12 * hour} { // officeTo's two sessions of four hours
			for _, s := range staff {
				for n := range s.who.fleet {
					all = append(all, signIn(s.account, sessionAt(&accounts[s.account], s.who, n, m.day(day)+block))...)
				}
			}
		}
	}
	return all[:min(len(all), most)]
}

// monthEnds are the books being closed in the last night of every month, by a role that
// does nothing else.
func (m *month) monthEnds(o *Options) []scene {
	var all []scene
	calls := min(int(o.Events)/300, 20_000)
	for day := range o.Days {
		if o.Start.AddDate(0, 0, day+1).Day() != 1 {
			continue
		}
		for i := range calls {
			id, table := "Query", "orders"
			if i%4 == 3 {
				id, table = "BatchGetItem", "payments"
			}
			at := m.day(int64(day)) + 21*hour + int64(i)*2*hour/int64(calls)
			all = append(all, does(at, 0, &monthEnd, 0, kindNamed(id), table))
		}
	}
	return all
}
