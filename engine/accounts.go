package engine

// accounts hold what each object of a wave gave against what of it is in the lake,
// by object name. A wave has one for every object that it takes, so there is one map
// and no text of its own.
type accounts struct {
	index map[string]int32
	list  []account
}

type account struct {
	name    string
	emitted int64 // touches, over all the object's versions
	prior   int64 // the part of emitted that the ledger has
	before  int64 // rows in the lake, where merged, before that
	live    int64 // and after
}

func newAccounts() *accounts { return &accounts{index: map[string]int32{}} }

// of is the object's account, which is opened if need be. It is valid until the next
// call.
func (a *accounts) of(name string) *account {
	i, ok := a.index[name]
	if !ok {
		i = int32(len(a.list))
		a.index[name], a.list = i, append(a.list, account{name: name})
	}
	return &a.list[i]
}

// counted returns the number of an object whose rows are to be counted: one that
// gave touches. The name need not outlive the call.
func (a *accounts) counted(name string) (number int32, ok bool) {
	i, ok := a.index[name]
	return i, ok && a.list[i].emitted != 0
}
