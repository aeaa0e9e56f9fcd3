package sample

import "strings"

// Events that give somebody a session: what STS, console sign-in and Identity
// Center log before anybody touches a table.
var (
	assumeRoleKind   = kind{service: "sts", name: "AssumeRole", read: true}
	samlKind         = kind{service: "sts", name: "AssumeRoleWithSAML", read: true}
	webIdentityKind  = kind{service: "sts", name: "AssumeRoleWithWebIdentity", read: true}
	federationKind   = kind{service: "sts", name: "GetFederationToken"}
	consoleLoginKind = kind{service: "signin", name: "ConsoleLogin"}
)

// portal is where Identity Center itself calls STS from, for whoever signs in.
const portal = "198.18.250.9"

// gives starts the event by which a caller is given a session.
func (g *gen) gives(k *kind, at int64, by session, given session) {
	g.start(k, at, by)
	g.from(&by)
	g.call.console = false
	if by.who.form == samlUser {
		g.call.ip, g.call.agent = portal, "aws-sdk-java/2.41.8 md/io#sync md/http#Apache md/internal ua/2.1 api/STS#2.41.x os/Linux#4.14.355-284.735.amzn2.x86_64"
	}
	g.wanted(&given)
	response := g.call.response.open('{').key("credentials").open('{').key("accessKeyId").bytes(given.keyID(nil))
	response.key("sessionToken").bytes(g.appendFrom(nil, base62, 200)).member("expiration", locale(at+12*hour)).close('}')
	given.asUser(response)
	if by.who.form == samlUser {
		response.member("subject", by.who.label).member("subjectType", "persistent").member("audience", "https://signin.aws.amazon.com/saml")
	}
	response.close('}')
}

// wanted writes the request for a session.
func (g *gen) wanted(s *session) {
	c := &g.call
	request := c.params.open('{')
	if s.who.form == federated {
		request.member("name", s.who.label)
	} else {
		role := "arn:aws:iam::" + s.home() + ":role/" + s.path(g.regionName()) + s.who.role
		request.member("roleArn", role).key("roleSessionName").bytes(s.name(nil))
		c.resources.open('{').member("accountId", s.home()).member("type", "AWS::IAM::Role").member("ARN", role).close('}')
	}
	if s.who.form == chained {
		request.member("sourceIdentity", s.person())
	}
	request.key("durationSeconds").num(12 * hour).close('}')
}

// asUser writes whom the session's calls will name.
func (s *session) asUser(w *text) {
	name := string(s.name(nil))
	if s.who.form == federated {
		w.key("federatedUser").open('{').member("federatedUserId", s.home(), ":", s.who.label)
		w.member("arn", "arn:aws:sts::", s.home(), ":federated-user/", s.who.label).close('}')
		return
	}
	id := append(append(s.uniqueID(nil, "AROA"), ':'), name...)
	w.key("assumedRoleUser").open('{').key("assumedRoleId").bytes(id)
	w.member("arn", "arn:aws:sts::", s.home(), ":assumed-role/", s.who.role, "/", name).close('}')
	if s.who.form == chained {
		w.member("sourceIdentity", s.person())
	}
}

// signsIn starts the event by which a session opens the console.
func (g *gen) signsIn(at int64, s session) {
	s.keyless = true
	g.start(&consoleLoginKind, at, s)
	g.from(&s)
	c := &g.call
	c.eventType, c.console = "AwsConsoleSignIn", false
	if !strings.HasPrefix(c.agent, "Mozilla/") {
		c.agent = browser
	}
	c.response.open('{').member("ConsoleLogin", "Success").close('}')
	mfa := "No"
	if s.who.form == consoleUser || s.who.form == root {
		mfa = "Yes"
	}
	c.extra.open('{').member("LoginTo", "https://console.aws.amazon.com/console/home").member("MobileVersion", "No").member("MFAUsed", mfa).close('}')
}

// subject is the actor as an identity provider names it to STS.
func subject(f form, label string) *actor {
	return &actor{form: f, role: "idp", label: label, agents: []string{goPod}, fleet: 1}
}

// service is an AWS service that assumes roles.
func service(name string) *actor {
	return &actor{form: awsService, role: name, label: name, agents: []string{name}, fleet: 1}
}

// opening starts the event that gave a session.
func (g *gen) opening(s session) {
	by := func(who *actor) session { return session{who: who, acct: g.acct, id: scramble(s.id)} }
	switch s.who.form {
	case person:
		g.gives(&samlKind, s.born, by(subject(samlUser, s.person())), s)
	case chained:
		g.gives(&assumeRoleKind, s.born, sessionAt(g.acct, g.acct.actorNamed(storyRole), s.n, s.born), s)
	case pipeline:
		g.gives(&webIdentityKind, s.born, by(subject(webUser, s.who.label)), s)
	case pod:
		g.gives(&assumeRoleKind, s.born, by(service("pods.eks.amazonaws.com")), s)
	case federated:
		g.gives(&federationKind, s.born, by(&actor{form: user, role: s.who.role, agents: s.who.agents, fleet: 1}), s)
	default:
		g.signsIn(s.born, s)
	}
}

// opens reports the forms whose sessions have an event of their own in the sample.
func opens(f form) bool {
	switch f {
	case person, chained, pipeline, pod, federated, consoleUser, root:
		return true
	}
	return false
}

// inBrowser reports whether the session is used in the console.
func (s *session) inBrowser() bool { return strings.HasPrefix(s.agent(), "Mozilla/") }

// openings are the events that gave the sessions of people, pipelines and some pods in
// so many days, at most so many: a small sample has a part of them.
func openings(start int64, days, most int) []scene {
	var all []scene
	add := func(account int, s session) {
		if s.born < start {
			return // the day before
		}
		all = append(all, scene{at: s.born, account: account, play: func(g *gen) { g.opening(s) }})
		if s.who.form == person && s.inBrowser() {
			at := s.born + 3
			all = append(all, scene{at: at, account: account, play: func(g *gen) { g.signsIn(at, s) }})
		}
	}
	const blocks = 6 // of four hours, a session each
	for block := range int64(days) * blocks {
		for i := range accounts {
			for j := range accounts[i].actors {
				who := &accounts[i].actors[j]
				for n := range who.fleet {
					if opens(who.form) && (who.form != pod || n < 2) {
						add(i, sessionAt(&accounts[i], who, n, start+block*4*hour))
					}
				}
			}
		}
	}
	if len(all) <= most {
		return all
	}
	some := make([]scene, most)
	for i := range some {
		some[i] = all[i*len(all)/most]
	}
	return some
}
