package sample

import "time"

// Roles taken one after the other, so that there is something to follow: a release
// that alice makes, through two roles; a pod; an analyst of another account; and a
// vendor's session that no event explains.
var (
	chainAdmin  = actor{form: person, role: "AWSReservedSSO_Admin_5e4d3c2b1a0f9e8d", names: []string{"alice@example.com"}, agents: []string{cli}, fleet: 1}
	chainDeploy = actor{form: hop, role: "Deploy", label: "alice", agents: []string{cli}, fleet: 1}
	chainProd   = actor{form: hop, role: "Prod", label: "release-1107", agents: []string{terraform}, fleet: 1}
	chainPod    = actor{form: hop, role: "order-archiver", label: "botocore-session-1772460000", agents: []string{pyBatch}, fleet: 1}
	chainReader = actor{form: hop, role: "shop-reader", label: "noor", agents: []string{workbench}, fleet: 1}
	chainVendor = actor{form: hop, role: "vendor-sync", label: "sync", agents: []string{pyBatch}, fleet: 1}
)

// archiverAccount is the pod's service account, as its cluster's provider names it.
const archiverAccount = "system:serviceaccount:shop:order-archiver"

// chains are these sessions on the first day: how each was given, and what it did.
func chains(start int64) []scene {
	var scenes []scene
	born := map[*actor]int64{}
	on := func(account int, clock string, opened *actor, play func(*gen, int64)) {
		t, _ := time.Parse(time.TimeOnly, clock)
		at := start + int64(t.Hour()*hour+t.Minute()*60+t.Second())
		if opened != nil {
			born[opened] = at
		}
		scenes = append(scenes, scene{at: at, account: account, play: func(g *gen) {
			g.table = accounts[0].tableNamed("orders")
			play(g, at)
		}})
	}
	// The session that an actor has all day, in the shop's account.
	of := func(who *actor) session {
		s := sessionAt(&accounts[0], who, 0, start)
		s.born = born[who]
		return s
	}
	given := func(k *kind, by *actor, to *actor) func(*gen, int64) {
		return func(g *gen, at int64) { g.gives(k, at, of(by), of(to)) }
	}
	does := func(who *actor, id string) func(*gen, int64) {
		return func(g *gen, at int64) {
			k, s := kindNamed(id), of(who)
			g.start(k, at, s)
			g.from(&s)
			k.make(g)
		}
	}
	on(0, "12:02:10", &chainAdmin, given(&samlKind, subject(samlUser, "alice@example.com"), &chainAdmin))
	on(0, "12:10:00", &chainDeploy, given(&assumeRoleKind, &chainAdmin, &chainDeploy))
	on(0, "12:12:30", &chainProd, given(&assumeRoleKind, &chainDeploy, &chainProd))
	on(0, "12:14:05", nil, does(&chainProd, "UpdateTable"))
	on(0, "12:15:20", nil, does(&chainProd, "PutItem"))

	on(0, "13:00:02", &chainPod, given(&webIdentityKind, subject(clusterUser, archiverAccount), &chainPod))
	on(0, "13:00:09", nil, does(&chainPod, "Scan"))

	// Both accounts log it. In the shop's nobody is named; there the session acts.
	analyst := accounts[1].actorNamed("AWSReservedSSO_DataScience_91e2d3c4b5a60718")
	share := func(by session) func(*gen, int64) {
		return func(g *gen, at int64) {
			g.gives(&assumeRoleKind, at, by, of(&chainReader))
			g.call.sharedID = string(hashedUUID(nil, hash("the analyst")))
		}
	}
	on(1, "14:40:00", nil, func(g *gen, at int64) { share(sessionAt(g.acct, analyst, 0, at))(g, at) })
	on(0, "14:40:00", &chainReader, share(session{who: &actor{form: stranger, role: analyst.role, label: accounts[1].id, names: analyst.names, agents: analyst.agents, fleet: 1}, acct: &accounts[0]}))
	on(0, "14:41:12", nil, does(&chainReader, "Query"))

	on(0, "15:20:00", nil, does(&chainVendor, "GetItem"))
	return scenes
}
