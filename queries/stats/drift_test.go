package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// level is days of about y, with two lower ones in seven of another kind.
func level(r *rand.Rand, y float64, n int) []Day {
	days := make([]Day, n)
	for i := range days {
		days[i] = Day{Y: math.Round(y * math.Exp(0.15*r.NormFloat64()))}
		if i%7 > 4 {
			days[i].Y, days[i].Kind = math.Round(days[i].Y/3), 1
		}
	}
	return days
}

func TestRise(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	alarms := 0
	for range 200 {
		days := level(r, 400, 60)
		told := 0
		for n := 50; n <= 60; n++ {
			for k := 50; k < n; k++ { // ten per cent a day
				if n-1 == k {
					days[k].Y = math.Round(days[k].Y * math.Pow(1.1, float64(k-49)))
				}
			}
			if NewRise(days[:n], 10, 20).Alarm {
				told++
			}
		}
		if told > 0 {
			alarms++
		}
	}
	if alarms < 190 {
		t.Errorf("%d of 200 rises were found", alarms)
	}
}

func TestNoRise(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	alarms := 0
	for range 1000 {
		if NewRise(level(r, 400, 60), 10, 20).Alarm {
			alarms++
		}
	}
	if alarms > 5 {
		t.Errorf("%d of 1000 level series rise", alarms)
	}
	for name, days := range map[string][]Day{
		"none": nil, "few": level(r, 400, 12), "zeros": make([]Day, 60),
		"a spike": append(level(r, 400, 59), Day{Y: 1e6}),
	} {
		if got := NewRise(days, 10, 20); got.Alarm {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A level that went up for good is told on one day.
func TestRiseIsToldOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	days := level(r, 400, 60)
	for i := 50; i < len(days); i++ {
		days[i].Y *= 2
	}
	told := 0
	for n := 50; n <= len(days); n++ {
		if NewRise(days[:n], 10, 20).Alarm {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

func TestMix(t *testing.T) {
	days := make([][]float64, 20)
	for i := range days {
		days[i] = []float64{float64(80 + i%5), float64(20 - i%5)}
	}
	same := Mix([]float64{82, 18}, days, 50)
	if same.Is() || same.Distance > 0.05 {
		t.Errorf("the same mix: %+v", same)
	}
	other := Mix([]float64{5, 95}, days, 50)
	if !other.Is() || len(other.Main) != 2 || other.Today[1] < 0.9 || other.Before[1] > 0.2 {
		t.Errorf("another mix: %+v", other)
	}
	// sqrt of (KL(P,M)+KL(Q,M))/2 in bits, by hand for P = (5.5, 95.5)/101 and Q of the days.
	p := []float64{5.5 / 101, 95.5 / 101}
	a, b := 20*82+0.5, 20*18+0.5
	q := []float64{a / (a + b), b / (a + b)}
	want := 0.0
	for i := range p {
		m := (p[i] + q[i]) / 2
		want += p[i]*math.Log(p[i]/m)/math.Ln2/2 + q[i]*math.Log(q[i]/m)/math.Ln2/2
	}
	near(t, "distance", other.Distance, math.Sqrt(want))
}

// Days that differ from each other raise the threshold; those with few calls do not.
func TestMixThreshold(t *testing.T) {
	uneven := [][]float64{{90, 10}, {10, 90}, {90, 10}, {10, 90}, {90, 10}, {10, 90}}
	if s := Mix([]float64{5, 95}, uneven, 50); s.Is() || s.Threshold <= leastDistance {
		t.Errorf("as uneven as ever: %+v", s)
	}
	small := [][]float64{{900, 100}, {900, 100}, {900, 100}, {0, 3}}
	if s := Mix([]float64{50, 950}, small, 50); s.Threshold != leastDistance || !s.Is() {
		t.Errorf("a day of three calls counts: %+v", s)
	}
}

// The distance is one: alike is 0, it is the same both ways, and never more than 1.
func TestDistance(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	draw := func() []float64 {
		counts := make([]float64, 4)
		for i := range counts {
			counts[i] = float64(r.IntN(100) * r.IntN(3))
		}
		return shares(counts)
	}
	for range 500 {
		p, q, s := draw(), draw(), draw()
		pq := distance(p, q)
		switch {
		case distance(p, p) != 0 || pq < 0 || pq > 1 || math.Abs(pq-distance(q, p)) > 1e-12:
			t.Fatalf("%v and %v: %g", p, q, pq)
		case pq > distance(p, s)+distance(s, q)+1e-12:
			t.Fatalf("%v, %v, %v: the way round is shorter", p, q, s)
		}
	}
	if d := distance([]float64{1, 0}, []float64{0, 1}); d != 1 {
		t.Errorf("nothing in common: %g", d)
	}
}

func TestNovelty(t *testing.T) {
	for _, c := range []struct {
		news, seen int
		want       float64
	}{{0, 0, math.Log10(2)}, {0, 49, 2}, {0, 499, 3}, {100, 100, 0.002155}, {5, 999, -math.Log10(5.5 / 1000)}} {
		if got := Novelty(c.news, c.seen); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("Novelty(%d, %d) = %g, want %g", c.news, c.seen, got, c.want)
		}
	}
}

func TestBreadth(t *testing.T) {
	days := append(repeat(300, 27), 400)
	for _, c := range []struct {
		keys, known float64
		wide, most  bool
	}{
		{3000, 1e6, true, false}, {900, 1e6, false, false}, {1100, 1e6, false, false}, {150, 200, false, true},
		{60, 70, false, false}, {150, 0, false, true},
	} {
		if b := NewBreadth(c.keys, days, c.known); b.Wide != c.wide || b.Most != c.most || b.Share > 1 {
			t.Errorf("%g of %g: %+v", c.keys, c.known, b)
		}
	}
	if b := NewBreadth(5000, nil, 0); !b.Wide {
		t.Errorf("never before: %+v", b)
	}
}

// Nor is it told again on the days after that are of a kind of which nothing is known.
func TestRiseIsNotToldOfAnotherKindOfDay(t *testing.T) {
	days := make([]Day, 40)
	for i := range days {
		days[i] = Day{Y: float64(400 + i%3)}
	}
	for y := 440.0; !NewRise(days, 10, 20).Alarm; y *= 1.1 {
		if days = append(days, Day{Y: y}); len(days) > 60 {
			t.Fatal("never told")
		}
	}
	for range 2 {
		if days = append(days, Day{Y: 500, Kind: 1}); NewRise(days, 10, 20).Alarm {
			t.Error("told again on a day off")
		}
	}
}
