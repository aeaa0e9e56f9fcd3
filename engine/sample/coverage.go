package sample

// coverage plays every kind of call once, whatever the traffic happens to draw,
// and every way of signing.
func coverage(start int64, days int) []scene {
	var scenes []scene
	at := func(i int) int64 { return start + int64(i%days)*24*hour + 6*hour + int64(i)*331 }
	add := func(k *kind, account int, who *actor) {
		i := len(scenes)
		scenes = append(scenes, scene{at: at(i), account: account, region: 0, play: func(g *gen) {
			g.table = tableFor(g, who, i)
			g.begin(k, at(i), who, 0)
		}})
	}
	for _, group := range [][]kind{kinds, oddKinds} {
		for i := range group {
			k := &group[i]
			account := i % len(accounts)
			if k.service == "cloudtrail" {
				account = len(accounts) - 1
			}
			add(k, account, player(&accounts[account], k))
		}
	}
	for i := range strangers {
		add(&itemKinds[0], i%len(accounts), &strangers[i])
	}
	last := start + 24*hour - 20 // delivered on the next day, always
	scenes = append(scenes, scene{at: last, account: 0, region: 0, play: func(g *gen) {
		who := &accounts[0].actors[0]
		g.table = g.acct.tableNamed("orders")
		g.begin(&itemKinds[0], last, who, 0)
	}})
	return scenes
}

// player is the actor of an account who would make such a call.
func player(a *account, k *kind) *actor {
	for i := range a.actors {
		who := &a.actors[i]
		if !k.data && who.form == pipeline || k.data && who.form != person {
			return who
		}
	}
	return &a.actors[0]
}

// tableFor picks a table for the i-th scene: one that who uses, if it uses any.
func tableFor(g *gen, who *actor, i int) *table {
	if len(who.tables) == 0 {
		return &g.acct.tables[0]
	}
	return g.acct.tableNamed(who.tables[i%len(who.tables)])
}
