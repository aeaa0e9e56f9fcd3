package anomalies

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// A world is made-up traffic on 30 tables by 200 principals over months, of which is
// known what in it is odd: nothing but what was put there.
type world struct {
	r        *rand.Rand
	first    int32
	days     int
	lines    []*traffic
	targets  map[int][]*traffic // by base: what is injected into
	monthEnd *traffic
	missing  []bool
	puts     []put
}

// traffic is what one actor does of one operation on one table.
type traffic struct {
	table, actor, op, kind string
	base, dispersion       float64 // mean of a weekday; variance over mean
	noise                  float64 // sigma of a log-normal factor for the day
	weekend                float64 // factor
	active                 float64 // share of days with anything
	counts, denied         []float64
}

const (
	worldTables = 30
	worldBefore = 100 // days of history before the first night
	worldNights = 30
)

// bases are what spikes are measured at, in touches a day.
var bases = []int{5, 50, 500, 5000}

func newWorld(seed uint64) *world {
	first, err := schema.ParseDay("2026-01-05")
	if err != nil {
		panic(err)
	}
	w := &world{r: rand.New(rand.NewPCG(seed, 14)), first: first, days: worldBefore + worldNights, targets: map[int][]*traffic{}}
	w.missing = make([]bool, w.days)
	for range 3 {
		w.missing[w.r.IntN(worldBefore-1)] = true
	}
	w.people()
	w.workloads()
	for _, base := range bases {
		for i := range 12 {
			t := w.add("service", fmt.Sprintf("role/target-%d-%d", base, i), w.r.IntN(worldTables), pick(w.r, workOps), float64(base))
			w.targets[base] = append(w.targets[base], t)
		}
	}
	for _, t := range w.lines {
		w.draw(t)
	}
	w.oddButUsual()
	return w
}

var workOps = []string{schema.OpReadPoint, schema.OpReadRange, schema.OpWriteItem}

// add is traffic with a dispersion of 1 to 10 and noise of 0 to 30 %.
func (w *world) add(kind, actor string, table int, op string, base float64) *traffic {
	t := &traffic{
		table: fmt.Sprintf("arn:aws:dynamodb:eu-central-1:111122223333:table/table-%02d", table),
		actor: "arn:aws:iam::111122223333:" + actor, op: op, kind: kind, base: base,
		dispersion: 1 + 9*w.r.Float64(), noise: 0.3 * w.r.Float64(), weekend: 1, active: 1,
	}
	if w.r.IntN(3) == 0 {
		t.weekend = 0.3
	}
	w.lines = append(w.lines, t)
	return t
}

// workloads are 120 services, ten pipelines, ten service-linked roles, ten partners.
func (w *world) workloads() {
	for i := range 120 {
		for range 1 + w.r.IntN(3) {
			table := w.r.IntN(worldTables)
			for k := range 1 + w.r.IntN(3) {
				w.add("service", fmt.Sprintf("role/app-%d", i), table, workOps[k], math.Exp(math.Log(2)+w.r.Float64()*math.Log(5000)))
			}
		}
		switch i % 12 {
		case 0: // once a week
			t := w.add("service", fmt.Sprintf("role/app-%d", i), w.r.IntN(worldTables), schema.OpReadBulk, 200)
			t.active = -float64(1 + w.r.IntN(5))
		case 1:
			w.add("service", fmt.Sprintf("role/app-%d", i), w.r.IntN(worldTables), schema.OpDeleteItem, 2+50*w.r.Float64())
		}
	}
	for i := range 10 {
		t := w.add("service", fmt.Sprintf("role/ci-%d", i), w.r.IntN(worldTables), schema.OpMetaRead, 20+80*w.r.Float64())
		t.weekend, t.active = 0, 0.8
		w.add("aws", fmt.Sprintf("role/aws-service-role/%d", i), w.r.IntN(worldTables), schema.OpScale, 24).dispersion = 1
		w.add("external", fmt.Sprintf("role/partner-%d", i), w.r.IntN(worldTables), schema.OpReadPoint, 50+450*w.r.Float64())
	}
}

// people work on weekdays, and not on all of them with tables.
func (w *world) people() {
	for i := range 50 {
		for range 1 + w.r.IntN(3) {
			t := w.add("human", fmt.Sprintf("role/aws-reserved/person-%d", i), w.r.IntN(worldTables), pick(w.r, []string{schema.OpReadPoint, schema.OpReadRange, schema.OpMetaRead}), 2+60*w.r.Float64())
			t.weekend, t.active = 0, 0.2+0.8*w.r.Float64()
		}
	}
}

func pick(r *rand.Rand, of []string) string { return of[r.IntN(len(of))] }

// draw makes the counts of all days, and a few denied calls.
func (w *world) draw(t *traffic) {
	t.counts, t.denied = make([]float64, w.days), make([]float64, w.days)
	for d := range t.counts {
		at := dayTime(w.first + int32(d))
		mean := t.base
		if weekend(at) {
			mean *= t.weekend
		}
		switch {
		case t.active < 0 && int(at.Weekday()) != int(-t.active), t.active > 0 && t.active < 1 && w.r.Float64() > t.active:
			continue
		}
		t.counts[d] = w.count(mean*math.Exp(t.noise*w.r.NormFloat64()-t.noise*t.noise/2), t.dispersion)
		if w.r.IntN(50) == 0 && t.counts[d] > 0 {
			t.denied[d] = float64(w.r.IntN(3))
		}
	}
}

// oddButUsual is what happens in any quarter: a job at month ends, a level that doubled for
// good, deployments.
func (w *world) oddButUsual() {
	w.monthEnd = w.add("service", "role/month-end", 3, schema.OpReadRange, 100)
	w.draw(w.monthEnd)
	for d := range w.days {
		if w.isMonthEnd(d) {
			w.monthEnd.counts[d] = w.count(4000, 5)
		}
	}
	changed := w.targets[500][11]
	for d := 60; d < w.days; d++ {
		changed.counts[d] = w.count(2.5*changed.base, changed.dispersion)
	}
	w.targets[500] = w.targets[500][:11]
	for d := 20; d < w.days; d += 30 { // a busy day after each deployment
		for range 10 {
			t := w.lines[w.r.IntN(len(w.lines))]
			t.counts[d] = math.Round(1.3 * t.counts[d])
		}
	}
}

func (w *world) isMonthEnd(d int) bool { return dayTime(w.first+int32(d)).AddDate(0, 0, 1).Day() == 1 }

// count is negative binomial: Poisson of a Gamma variable.
func (w *world) count(mean, dispersion float64) float64 {
	if mean <= 0 {
		return 0
	}
	if dispersion > 1.01 {
		shape := mean / (dispersion - 1)
		mean = w.gamma(shape) * (dispersion - 1)
	}
	return w.poisson(mean)
}

// gamma draws from Gamma(shape, 1). (Marsaglia and Tsang, 2000.)
func (w *world) gamma(shape float64) float64 {
	if shape < 1 {
		return w.gamma(shape+1) * math.Pow(w.r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := w.r.NormFloat64()
		v := math.Pow(1+c*x, 3)
		if v > 0 && math.Log(w.r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

func (w *world) poisson(mean float64) float64 {
	if mean > 200 {
		return max(0, math.Round(mean+math.Sqrt(mean)*w.r.NormFloat64()))
	}
	n, p, limit := 0.0, w.r.Float64(), math.Exp(-mean)
	for ; p > limit; n++ {
		p *= w.r.Float64()
	}
	return n
}

// put adds touches to a day, until undo.
func (w *world) put(t *traffic, day int, n float64) {
	w.puts = append(w.puts, put{t, day, t.counts[day]})
	t.counts[day] += n
}

type put struct {
	*traffic
	day  int
	were float64
}

func (w *world) undo() {
	for i := len(w.puts) - 1; i >= 0; i-- {
		w.puts[i].counts[w.puts[i].day] = w.puts[i].were
	}
	w.puts = nil
}

// night is the index of a night's day.
func night(n int) int { return worldBefore + n }

// judge judges one night.
func (w *world) judge(n int, c *Calendar) ([]schema.Finding, *judgment) {
	day := night(n)
	known := make([]bool, lookBack+1)
	for i := range known {
		known[i] = !w.missing[day-lookBack+i]
	}
	g := newGrid(w.first+int32(day), lookBack, c, func(string) []bool { return known })
	kinds := map[string]string{}
	for i := range known {
		if !known[i] {
			continue
		}
		for _, t := range w.lines {
			g.addAll(i, t, t.counts[day-lookBack+i], t.denied[day-lookBack+i])
			kinds[t.actor] = t.kind
		}
	}
	j := &judging{grid: g, policy: worldPolicy}
	out := j.judge()
	return j.findings(func(h *hit) about {
		return about{Touch: schema.Touch{Actor: h.actor, ActorKind: kinds[h.actor]}, people: 1}
	}), out
}

func (g *grid) addAll(day int, t *traffic, done, denied float64) {
	c := lake.Count{TableName: t.table[strings.LastIndexByte(t.table, '/')+1:], TableARN: t.table, Actor: t.actor, Op: t.op}
	if c.Outcome, c.Count = schema.OutcomeOK, int64(done); done > 0 {
		g.add(day, &c)
	}
	if c.Outcome, c.Count = schema.OutcomeDenied, int64(denied); denied > 0 {
		g.add(day, &c)
	}
}

var worldPolicy = func() *policy.Policy {
	p, err := policy.Parse("policy.yaml", []byte("version: 1\ntables: [{match: \"**:table/table-00\", class: restricted}, {match: \"**:table/table-01\", class: restricted}, {match: \"**:table/table-02\", class: restricted}, {match: \"**:table/table-03\", class: restricted}, {match: \"**:table/table-04\", class: restricted}]\n"))
	if err != nil {
		panic(err)
	}
	return p
}()
