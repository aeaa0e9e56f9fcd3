package engine

// The steps of a run after which a crash must lose nothing and double nothing.
// Those that come once per file or day come at any time from any goroutine.
const (
	stepLeased     = "lease acquired"
	stepSpilled    = "run spilled"
	stepMerge      = "merge begins"
	stepPut        = "touches: put"
	stepPutDone    = "touches: put done"
	stepMerged     = "merge ends"
	stepQuarantine = "quarantine: day"
	stepRollup     = "rollup: day"
	stepConfig     = "config: day"
	stepBeside     = "quarantine and rollup done"
	stepJournal    = "journal written"
	stepLedger     = "ledger: day"
	stepLedgerDone = "ledger: day done"
	stepCommitted  = "wave committed"
	stepCovered    = "coverage: put done"
	stepRelease    = "lease release"
	stepReleased   = "lease released"
)

// onStep is called at every step when a test sets it, before any run begins.
var onStep func(name string)

func step(name string) {
	if onStep != nil {
		onStep(name)
	}
}
