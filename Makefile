# Two commands do everything on a bare Debian 12 with Go and git:
# make run, and make test.
SHELL := /bin/bash
export PATH := $(PATH):/usr/local/go/bin
# With these SQLite is the C library, which is faster; a build without them has it in Go.
TAGS  := sqlite_math_functions,sqlite_fts5
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# What the race detector need not watch: codecs and arithmetic of others, which start
# no goroutine and share nothing. Watched, a test that draws or inflates takes ten
# times as long, and what it finds is the same: whoever calls them is watched.
UNWATCHED := ariga.io/atlas/sql/migrate compress/... github.com/fogleman/gg github.com/golang/freetype/... \
  github.com/santhosh-tekuri/jsonschema/... golang.org/x/image/... hash/... image/... math regexp/...
RACE := -race $(foreach package,$(UNWATCHED),-gcflags=$(package)=-race=false)

.DEFAULT_GOAL := help
.PHONY: help run build release test bench bench-ingest bench-db attack-load lint gen clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: build ## build what is missing and serve with the embedded default
	@exec bin/runvs serve

build: ## build bin/runvs
	@.ci/install build
	@go build -tags $(TAGS) -ldflags "-X main.version=$(VERSION)" -o bin/runvs ./cmd/runvs

release: ## dist/: static programs for linux on amd64 and arm64, without GEOS, and SHA256SUMS
	@.ci/release $(VERSION)

test: ## install what is missing, PostGIS included, and run every test
	@.ci/install test
	@RUNVS_REQUIRE_POSTGIS=1 RUNVS_REQUIRE_S3=1 RUNVS_REQUIRE_GPSBABEL=1 .ci/with-memory .ci/with-postgres .ci/with-s3 go test $(RACE) -tags $(TAGS) $$(go list ./... | grep -v /domain | tac) # the longest first
	@go test ./domain/... # has no goroutines to watch
	@go test ./adapters/gormstore/... # SQLite in Go, without PostgreSQL

bench: ## the judge beside PostGIS, GEOS and a plain loop, and all other benchmarks
	@.ci/install test
	@.ci/with-postgres go run -tags $(TAGS) ./cmd/benchjudge
	@.ci/with-postgres --durable go test -tags $(TAGS) -run '^$$' -bench . -benchmem ./...

bench-db: ## searches among up to a million courses, boards of a million runners, beside the founding SQL (an hour)
	@.ci/install test
	@.ci/with-postgres --durable go run -tags $(TAGS) ./cmd/benchdb

bench-ingest: build ## chunk uploads beside the same INSERT alone in pgbench
	@.ci/install test
	@.ci/with-postgres --durable go run ./cmd/benchingest

attack-load: build ## every attack of the bounds at the real program under 1 GiB (BEFORE=FILE: beside an older one's --json)
	@.ci/install test
	@.ci/with-postgres --durable go run ./cmd/attackload --store $(or $(STORE),sqlite) $(addprefix --compare ,$(BEFORE)) $(ATTACK)

lint: ## linters and the import rules
	@.ci/install build
	@.ci/lint

gen: ## checksums of the migrations, generated code and NOTICE
	@go run ./adapters/gormstore/migrate/hashschema schema/postgres schema/sqlite
	@go generate ./...
	@.ci/notice

clean: ## remove what was built; data/ stays
	@rm -rf bin dist
