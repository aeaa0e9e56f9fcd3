package detect_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// Accounts of the world: tables are in the first, the second is ours too, the third a
// partner's, the last nobody's.
const (
	ownAccount     = "111122223333"
	dataAccount    = "222233334444"
	partnerAccount = "555566667777"
	foreignAccount = "999988887777"
	worldRegion    = "eu-central-1"
)

// Forms of identities.
const (
	onInstance  = "instance"
	inFunction  = "function"
	inTask      = "task"
	person      = "person"
	pipeline    = "pipeline"
	linkedRole  = "linked"
	partnerRole = "partner"
	dataRole    = "data" // of our other account
)

// member is somebody who works with the tables.
type member struct {
	form, name, role string
	session          string // its name now
	set              string // permission set of a person
	ip, agent        string
	tables           []*worldTable
	rate             float64 // calls on an ordinary day
	batches          int     // calls of a hundred items each, every night
	expected         bool    // a rule of the policy speaks of it
	inBatches        bool    // asks for several items at once now and then
}

// worldTable is a table; its size is told by a deployment.
type worldTable struct {
	name  string
	class string
	mib   int
	ttl   string // attribute by which items expire
}

func (t *worldTable) arn() string {
	return "arn:aws:dynamodb:" + worldRegion + ":" + ownAccount + ":table/" + t.name
}

func (t *worldTable) restricted() bool { return t.class == "restricted" }

// account is whose the identity is.
func (m *member) account() string {
	switch m.form {
	case partnerRole:
		return partnerAccount
	case dataRole:
		return dataAccount
	}
	return ownAccount
}

// path is that of the member's role.
func (m *member) path() string {
	switch m.form {
	case person:
		return "aws-reserved/sso.amazonaws.com/" + worldRegion + "/"
	case linkedRole:
		return "aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"
	case pipeline:
		return "ci/"
	}
	return "app/"
}

// arn is that of the role.
func (m *member) arn() string {
	return "arn:aws:iam::" + m.account() + ":role/" + m.path() + m.role
}

// identity is the userIdentity of the member's records in an account's log.
func (m *member) identity(log string) json.RawMessage {
	id := fmt.Sprintf("AROA%017X", idOf(m.role))
	if m.form == partnerRole {
		return json.RawMessage(fmt.Sprintf(`{"type":"AWSAccount","principalId":"%s:%s","accountId":"%s"}`, id, m.session, partnerAccount))
	}
	if m.form == dataRole && log != dataAccount {
		return json.RawMessage(fmt.Sprintf(`{"type":"AWSAccount","principalId":"%s:%s","accountId":"%s"}`, id, m.session, dataAccount))
	}
	more := ""
	switch m.form {
	case linkedRole:
		more = `,"invokedBy":"dynamodb.application-autoscaling.amazonaws.com"`
	case inFunction:
		more = fmt.Sprintf(`,"inScopeOf":{"issuerType":"AWS::Lambda::Function","credentialsIssuedTo":"arn:aws:lambda:%s:%s:function:%s"}`, worldRegion, ownAccount, m.session)
	case onInstance:
		more = fmt.Sprintf(`,"inScopeOf":{"issuerType":"AWS::EC2::Instance","credentialsIssuedTo":"arn:aws:ec2:%s:%s:instance/%s"}`, worldRegion, ownAccount, m.session)
	}
	return json.RawMessage(fmt.Sprintf(`{"type":"AssumedRole","principalId":"%s:%s","arn":"arn:aws:sts::%s:assumed-role/%s/%s","accountId":"%s","accessKeyId":"ASIA%016X",`+
		`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"%s","arn":"%s","accountId":"%s","userName":"%s"},"attributes":{"mfaAuthenticated":"false"}}%s}`,
		id, m.session, m.account(), m.role, m.session, m.account(), idOf(m.role+m.session), id, m.arn(), m.account(), m.role, more))
}

func idOf(name string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(name) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h >> 4
}

// restart gives a workload new machines, as a deployment does.
func (m *member) restart(r *rand.Rand, minor int) {
	switch m.form {
	case onInstance:
		m.session = fmt.Sprintf("i-0%016x", r.Uint64())
	case inTask:
		m.session = fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())
	}
	m.ip = fmt.Sprintf("10.20.%d.%d", r.IntN(250), 1+r.IntN(250))
	m.agent = fmt.Sprintf("aws-sdk-go-v2/1.%d.0 os/linux lang/go#1.22", minor)
}

// copyOf is the member as it is now: a deployment changes it.
func (m *member) copyOf() *member {
	c := *m
	return &c
}
