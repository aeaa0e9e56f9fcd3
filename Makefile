# keytrail: `make` alone lists the targets.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS   += --no-builtin-rules --no-print-directory

# What is tested is what is shipped: pure Go. Targets that need C say so.
export CGO_ENABLED := 0

GO       ?= go
BIN      := $(CURDIR)/bin
KEYTRAIL := $(BIN)/keytrail
FUZZTIME ?= 30s
BENCH    ?= .

# The race: raw megabytes of its corpus, processors, rounds, and one object size
# (1kB 50kB 6MB 50MB) or all of them.
BENCH_DIR := $(BIN)/bench
BENCH_MB  ?= 250
CORES     ?= 0
ROUNDS    ?= 3
CLASS     ?=

# How the work grows: the sets of processors held against each other, how many
# records (100k,1M,10M,50M: minutes each) with which memory, and the nights of a lake.
SCALE    ?= 0 0,1
RECORDS  ?= 100k,1M
MEMORY   ?= 1GiB,256MiB
NIGHTS   ?= 400
TABLES   ?= 50

# How much is in the lake that is asked; minutes and gigabytes at first.
TOUCHES  ?= 20000000

# Made-up worlds that anomalies are put into, and the seed of the first.
SEEDS      ?= 20
FIRST_SEED ?= 0

# Processors of the S3 server and the latency before it, whose time is not ours.
SERVER_CORES ?= 1

# Tools are installed by version into bin/, never required by go.mod.
STATICCHECK_VERSION  := v0.8.2
GOTESTSUM_VERSION    := v1.13.0
GOLANGCILINT_VERSION := v2.15.0
STATICCHECK  := $(BIN)/staticcheck-$(STATICCHECK_VERSION)
GOTESTSUM    := $(BIN)/gotestsum-$(GOTESTSUM_VERSION)
GOLANGCILINT := $(BIN)/golangci-lint-$(GOLANGCILINT_VERSION)

# The demo: what it makes, and what it asks of it.
DEMO        := bin/demo
DEMO_EVENTS ?= 50000
DEMO_WHO    := customers 'pk=customer\#1042'

.PHONY: help
help:
	@echo 'keytrail: who touched this DynamoDB item?'; echo
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## build bin/keytrail, one static binary
	@$(GO) build -trimpath -o $(KEYTRAIL) ./cmd/keytrail

.PHONY: demo
demo: build ## sample logs -> lake -> "who touched this item?"; a month judged night by night -> report; under a minute
	@rm -rf $(DEMO)
	@mkdir -p $(DEMO)
	@bold=''; plain=''; [ ! -t 1 ] || { bold=$$'\e[1m'; plain=$$'\e[0m'; }; \
	say() { printf '\n%s$$ %s%s\n' "$$bold" "$$*" "$$plain"; "$$@"; }; \
	export PATH="$(BIN):$$PATH"; \
	say keytrail sample --out $(DEMO)/trail --events $(DEMO_EVENTS) --seed 1; \
	say keytrail ingest $(DEMO)/trail --lake $(DEMO)/lake; \
	say keytrail who $(DEMO_WHO) --lake $(DEMO)/lake; \
	say keytrail sample --out $(DEMO)/month-trail --events 40000 --start 2026-03-01 --days 31 --incident-day 21 --config --policy-out $(DEMO)/policy.yaml --trails-out $(DEMO)/trails.json; \
	printf '%s\n' 'sources: [$(DEMO)/month-trail]' 'lake: $(DEMO)/month' 'policy: $(DEMO)/policy.yaml' \
	  'first_days: 31' 'fail_on: never' 'alerts: {channels: [{id: you, min_severity: high, stdout: true}]}' > $(DEMO)/nightly.yaml; \
	say keytrail nightly --config $(DEMO)/nightly.yaml --as-of 2026-04-01T01:05:00Z; \
	say keytrail report compliance --period 2026-03 --policy $(DEMO)/policy.yaml --trails $(DEMO)/trails.json --lake $(DEMO)/month --out $(DEMO)/report.html --evidence $(DEMO)/evidence
	@printf '\nThe lake is in %s. DuckDB reads it so:\n\n  %s\n\nThe report on the month is %s, for any browser.\n\n' '$(CURDIR)/$(DEMO)/lake' \
	  "duckdb -c \"SELECT table_name, op, outcome, count(*) FROM read_parquet('$(DEMO)/lake/touches/**/*.parquet', hive_partitioning=true, hive_types={'day':DATE,'table_name':VARCHAR}) GROUP BY ALL ORDER BY ALL\"" \
	  '$(CURDIR)/$(DEMO)/report.html'

.PHONY: test
test: build lint testdeps $(GOTESTSUM) ## all tests: unit, golden, fuzz seeds, S3, DuckDB, the binary; and lint
	@$(GOTESTSUM) --format pkgname -- -timeout 20m ./...

.PHONY: race
race: testdeps ## all tests under the race detector (needs a C compiler)
	@CGO_ENABLED=1 $(GO) test -race -timeout 40m ./...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (30s) each
	@for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$target ($(FUZZTIME))"; \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$pkg; \
	  done; \
	done

.PHONY: lint
lint: $(STATICCHECK) ## gofmt, go vet, staticcheck
	@dirty=$$(gofmt -l $$(find . -name '*.go' -not -path './bin/*')); \
	if [ -n "$$dirty" ]; then echo "gofmt would change:"; echo "$$dirty"; exit 1; fi
	@$(GO) vet ./...
	@$(STATICCHECK) ./...
	@cd testdata/s3server && $(GO) vet ./...
	@cd testdata/bench && $(GO) vet ./...
	@cd testdata/browser && $(GO) vet ./...
	@$(GO) vet ./testdata/warm

.PHONY: lint-more
lint-more: lint $(GOLANGCILINT) ## the same and golangci-lint (minutes to install)
	@$(GOLANGCILINT) run ./...

.PHONY: bench
bench: build benchdeps ## ours, DuckDB and ClickHouse over the same objects, pinned to CORES (0): CPU, memory, size
	@$(BENCH_BIN) run $(BENCH_ARGS) -cores $(CORES) -rounds $(ROUNDS) -class '$(CLASS)'

.PHONY: bench-size
bench-size: build benchdeps ## what we write against what DuckDB writes of the same rows, by table and column
	@$(BENCH_BIN) size $(BENCH_ARGS) -cores $(CORES) -class '$(CLASS)'

.PHONY: bench-scale
bench-scale: benchcorpus ## the same objects on the processors of SCALE ("0 0,1"), in turn: wall time, CPU, memory
	@$(BENCH_BIN) scale $(BENCH_ARGS) -on '$(SCALE)' -rounds $(ROUNDS)

.PHONY: bench-flat
bench-flat: benchcorpus ## what a record costs as RECORDS (100k,1M) grow, with each MEMORY (1GiB,256MiB)
	@$(BENCH_BIN) grow $(BENCH_ARGS) -records '$(RECORDS)' -dir $(BENCH_DIR)/flat
	@$(BENCH_BIN) flat $(BENCH_ARGS) -records '$(RECORDS)' -dir $(BENCH_DIR)/flat -memory '$(MEMORY)' -cores $(CORES) -rounds $(ROUNDS)

.PHONY: bench-nightly
bench-nightly: benchcorpus ## what one more day costs a lake of NIGHTS (400) days and TABLES (50) tables
	@$(BENCH_BIN) nightly $(BENCH_ARGS) -dir $(BENCH_DIR)/nightly -days $(NIGHTS) -tables $(TABLES) -cores $(CORES) -rounds $(ROUNDS)

.PHONY: bench-s3
bench-s3: benchcorpus ## objects behind an S3 server's latency, on SERVER_CORES (1): CPU, requests in flight, listing a year
	@cd testdata/s3server && $(GO) build -trimpath -o $(BIN)/testdeps/s3server .
	@taskset -c $(SERVER_CORES) $(BENCH_BIN) s3 -keytrail $(KEYTRAIL) -s3server $(BIN)/testdeps/s3server \
	  -corpus $(BENCH_DIR)/corpus -scratch $(BENCH_DIR)/scratch-s3 -cores $(CORES) -rounds $(ROUNDS)

.PHONY: bench-queries
bench-queries: build testdeps ## keytrail and DuckDB asked for the same items in a lake of TOUCHES (20000000), then in a bucket
	@cd testdata/bench && $(GO) build -trimpath -o $(BENCH_BIN) .
	@$(GO) build -trimpath -o $(BENCH_DIR)/warm ./testdata/warm
	@$(BENCH_BIN) queries -keytrail $(KEYTRAIL) -warm $(BENCH_DIR)/warm -duckdb $(BIN)/testdeps/duckdb -s3server $(BIN)/testdeps/s3server \
	  -dir $(BENCH_DIR)/queries -scratch $(BENCH_DIR)/scratch-queries -touches $(TOUCHES) -cores $(CORES) -rounds $(ROUNDS)

.PHONY: bench-detect
bench-detect: ## what is found of what is put into SEEDS (20) made-up worlds: recall, precision, false alarms; into bin/bench/detect.txt
	@mkdir -p $(BENCH_DIR)
	@$(GO) test ./queries/anomalies ./queries/detect -run '^TestInjections$$' -count 1 -v -timeout 30m -args -seeds $(SEEDS) -first-seed $(FIRST_SEED) \
	  | awk '/^ +S[0-9]+ / { print | "sort -V"; next } !/^(=== |--- PASS|PASS)/' | tee $(BENCH_DIR)/detect.txt

.PHONY: gobench
gobench: ## every Go benchmark that matches BENCH (.), with allocations
	@$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 60m ./...

.PHONY: profile
profile: ## CPU profile of an ingest on one processor, into bin/bench/cpu.prof
	@mkdir -p $(BENCH_DIR)
	@$(GO) test -run '^$$' -bench '^BenchmarkIngest$$/mixed' -benchtime 20x -cpu 1 -cpuprofile $(BENCH_DIR)/cpu.prof -o $(BENCH_DIR)/engine.test ./engine
	@$(GO) tool pprof -top -nodecount 40 -ignore engine/sample $(BENCH_DIR)/engine.test $(BENCH_DIR)/cpu.prof
	@echo; echo 'go tool pprof -http : $(BENCH_DIR)/engine.test $(BENCH_DIR)/cpu.prof'

.PHONY: golden
golden: ## rewrite the golden files; read the diff before committing it
	@pkgs=$$($(GO) list -f '{{.ImportPath}} {{join .TestImports " "}} {{join .XTestImports " "}}' ./... | awk '/\/engine\/golden( |$$)/ { print $$1 }'); \
	[ -z "$$pkgs" ] || $(GO) test -count=1 $$pkgs -update

.PHONY: e2e
e2e: testdeps ## only the tests that drive the built binary
	@$(GO) test -count=1 -v ./cmd/keytrail

.PHONY: clean
clean: ## remove bin/ and all that was built there
	@rm -rf $(BIN)

# The S3 server, DuckDB and the browser's driver are modules of their own, so that
# nothing of them gets into the binary. Building them here keeps the wait out of the tests.
.PHONY: testdeps
testdeps:
	@echo 'building the S3 server, DuckDB and the browser driver for the tests (a minute, once)'
	@cd testdata/s3server && $(GO) build -trimpath -o $(BIN)/testdeps/s3server .
	@cd testdata/browser && $(GO) build -trimpath -o $(BIN)/testdeps/browser .
	@command -v chromium >/dev/null || echo 'SKIPPED: the tests of pages: no chromium (apt-get install chromium)'
	@command -v npm >/dev/null || echo 'SKIPPED: the tests of pages: no npm for axe-core (apt-get install npm)'
	@if command -v $$($(GO) env CXX | cut -d' ' -f1) >/dev/null; then \
	  cd testdata/duckdb && CGO_ENABLED=1 $(GO) build -trimpath -o $(BIN)/testdeps/duckdb .; \
	else \
	  echo 'SKIPPED: the DuckDB tests: no C++ compiler (apt-get install g++)'; \
	fi

# The race's peers, all below bin/: DuckDB is the tests' own; ClickHouse comes from
# npm (546 MB) when there is npm, and is left out when not.
BENCH_BIN  := $(BENCH_DIR)/bench
BENCH_ARGS  = -keytrail $(KEYTRAIL) -duckdb $(BIN)/testdeps/duckdb -chdb $(BENCH_DIR)/chdb/node_modules \
  -sql $(CURDIR)/testdata/bench/sql -corpus $(BENCH_DIR)/corpus -scratch $(BENCH_DIR)/scratch

.PHONY: benchcorpus
benchcorpus: build
	@cd testdata/bench && $(GO) build -trimpath -o $(BENCH_BIN) .
	@$(BENCH_BIN) corpus -keytrail $(KEYTRAIL) -dir $(BENCH_DIR)/corpus -mb $(BENCH_MB)

.PHONY: benchdeps
benchdeps: testdeps benchcorpus
	@mkdir -p $(BENCH_DIR)/chdb
	@if [ ! -d $(BENCH_DIR)/chdb/node_modules/chdb ] && command -v npm >/dev/null; then \
	  echo 'installing ClickHouse for the race (546 MB, once)'; \
	  cp testdata/bench/chdb/package.json $(BENCH_DIR)/chdb; \
	  (cd $(BENCH_DIR)/chdb && npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel error) || rm -rf $(BENCH_DIR)/chdb/node_modules; \
	fi

$(STATICCHECK):
	@echo "installing staticcheck $(STATICCHECK_VERSION)"
	@GOBIN=$(BIN)/.install $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
	@mv $(BIN)/.install/staticcheck $@

$(GOTESTSUM):
	@echo "installing gotestsum $(GOTESTSUM_VERSION)"
	@GOBIN=$(BIN)/.install $(GO) install gotest.tools/gotestsum@$(GOTESTSUM_VERSION)
	@mv $(BIN)/.install/gotestsum $@

$(GOLANGCILINT):
	@echo "installing golangci-lint $(GOLANGCILINT_VERSION)"
	@GOBIN=$(BIN)/.install $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCILINT_VERSION)
	@mv $(BIN)/.install/golangci-lint $@
