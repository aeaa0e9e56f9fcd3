package detect_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/keytrail/keytrail/schema"
)

const (
	worldBefore      = 40 // days of history, which is more than any detection but for dormant principals looks at
	worldTables      = 30
	worldRestricted  = 5
	worldWorkloads   = 120
	worldPeople      = 50
	worldPipelines   = 10
	worldLinked      = 10
	worldPartners    = 10
	worldDeployments = 4
)

// world is what one seed makes up: tables, those who work with them, and the night that
// things are put into.
type world struct {
	r      *rand.Rand
	day    int32 // the one that is judged
	tables []*worldTable
	cast   map[string][]*member // by form; workloads under "workload"
	deploy map[int32]bool
	minor  int // of the SDK
}

const workload = "workload"

func newWorld(seed uint64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 12)), cast: map[string][]*member{}, deploy: map[int32]bool{}, minor: 24}
	first, _ := schema.ParseDay("2026-02-02")
	w.day = first + worldBefore + int32(w.r.IntN(60))
	for n := range worldTables {
		t := &worldTable{name: fmt.Sprintf("table-%02d", n), class: "internal", mib: 40 + w.r.IntN(60), ttl: "expires_at"}
		if n < worldRestricted {
			t.class = "restricted"
		} else if n < 2*worldRestricted {
			t.class = "confidential"
		}
		w.tables = append(w.tables, t)
	}
	w.workloads()
	w.people()
	w.others()
	for len(w.deploy) < worldDeployments {
		w.deploy[w.day-2-int32(w.r.IntN(worldBefore-4))] = true
	}
	return w
}

func (w *world) add(group string, m *member) *member {
	w.cast[group] = append(w.cast[group], m)
	return m
}

// some are n different tables among those from one on.
func (w *world) some(n, from int) (all []*worldTable) {
	for _, i := range w.r.Perm(worldTables - from)[:n] {
		all = append(all, w.tables[from+i])
	}
	return all
}

// workloads are programs; half of them no rule speaks of. What they do a day is between
// next to nothing and much.
func (w *world) workloads() {
	forms := []string{onInstance, onInstance, inFunction, inTask}
	for n := range worldWorkloads {
		m := w.add(workload, &member{form: forms[n%len(forms)], name: fmt.Sprintf("service-%03d", n)})
		m.role, m.session = m.name, m.name+"-fn"
		m.restart(w.r, w.minor)
		m.tables, m.rate, m.expected = w.some(1+w.r.IntN(2), 0), 2*math.Exp(w.r.NormFloat64()*0.8), n%2 == 0
		m.inBatches = n%3 == 0
		if n%40 == 0 {
			m.batches = 2 // a nightly job, which reads the same two hundred items
		}
	}
}

// people look into tables, at work, by an office's network or from home: support into
// sensitive ones, as a rule says; developers into others, which no rule speaks of; and
// whoever is on call at any hour.
func (w *world) people() {
	for n := range worldPeople {
		m := w.add(person, &member{form: person, name: fmt.Sprintf("person-%02d@example.com", n), rate: 3})
		m.session = m.name
		m.ip, m.agent = fmt.Sprintf("198.51.100.%d", 1+n), "aws-cli/2.17.9 md/Botocore#1.34"
		switch {
		case n < 18:
			m.set, m.tables, m.expected = "DataSupport", w.tables[:2*worldRestricted], true
		case n < 45:
			m.set, m.tables = "Developer", w.some(2, 2*worldRestricted)
			m.ip = fmt.Sprintf("198.51.100.%d", 100+n)
		default:
			m.set, m.tables, m.expected = "OnCall", w.tables[2*worldRestricted:], true
		}
		m.role = "AWSReservedSSO_" + m.set + "_0123456789abcdef"
	}
}

// others are pipelines, roles of AWS's own, and those of other accounts.
func (w *world) others() {
	for n := range worldPipelines {
		m := w.add(pipeline, &member{form: pipeline, name: fmt.Sprintf("deploy-%d", n), session: fmt.Sprintf("tf-%d", 4000+n), rate: 0.5, expected: true})
		m.role, m.tables = m.name, w.tables[n*3:n*3+3]
		m.ip, m.agent = fmt.Sprintf("10.9.0.%d", 1+n), "APN/1.0 HashiCorp/1.0 Terraform/1.9.2 aws-sdk-go-v2/1.30"
	}
	for n := range worldLinked {
		m := w.add(linkedRole, &member{form: linkedRole, name: "autoscaling", session: "AutoScaling-ManageTables", rate: 2})
		m.role, m.tables = "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable", w.tables[n*3:n*3+3]
		m.ip, m.agent = "dynamodb.application-autoscaling.amazonaws.com", "dynamodb.application-autoscaling.amazonaws.com"
	}
	for n := range worldPartners {
		form := partnerRole
		if n%2 == 0 {
			form = dataRole
		}
		m := w.add(form, &member{form: form, name: fmt.Sprintf("reader-%d", n), session: "sync", rate: 3, expected: true})
		m.role, m.tables = m.name, w.some(1, 2*worldRestricted)
		m.ip, m.agent = fmt.Sprintf("192.0.2.%d", 1+n), "Boto3/1.34 Botocore/1.34"
	}
}

// count is about so many calls: a Poisson number of a day that is busier or calmer.
func (w *world) count(mean float64) int {
	n, p, least := 0, w.r.Float64(), math.Exp(-mean*math.Exp(w.r.NormFloat64()*0.3))
	for p > least {
		n, p = n+1, p*w.r.Float64()
	}
	return n
}

// at is a moment of a day.
func at(day int32, hour, minute, second int) time.Time {
	return time.Unix(int64(day)*86400+int64(hour)*3600+int64(minute)*60+int64(second), 0).UTC()
}

// between is a random moment in the hours of a day, the last not included.
func (w *world) between(day int32, from, to int) time.Time {
	return at(day, from, 0, w.r.IntN((to-from)*3600))
}

func isFree(day int32) bool {
	weekday := at(day, 0, 0, 0).Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}

// one is one of the members of a group that are fit.
func (w *world) one(group string, fit func(*member) bool) *member {
	for {
		if m := w.cast[group][w.r.IntN(len(w.cast[group]))]; fit(m) {
			return m
		}
	}
}

// sensitive is a restricted table.
func (w *world) sensitive() *worldTable { return w.tables[w.r.IntN(worldRestricted)] }

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
