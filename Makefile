# The front door: `make` alone lists what there is. Nothing here asks a question.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: run test check bench bench-sizes bench-intake fuzz fuzz-tokens advisories faults tamper help

# Where cargo leaves what it builds.
TARGET := $(or $(CARGO_TARGET_DIR),target)

## run      the service with a private PostgreSQL and made-up children; Ctrl-C stops all of it
run:
	@scripts/install-system-packages
	cargo build --release --locked
	@exec $(TARGET)/release/cpis-fhir sandbox

## test     every check and every test, and clients, validators and TestScripts of others
test:
	@scripts/install-system-packages tests
	@$(MAKE) --no-print-directory check
	scripts/test-dependencies
	cargo test --locked
	scripts/test-clients
	scripts/run-testscripts
	scripts/test-validators
	scripts/test-openapi
	scripts/test-hl7v3
	scripts/test-mesh

## check    format, lints, documentation and house style; needs no database
check:
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings
	cargo clippy --features otel --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items --locked
	cargo test --test habits --locked

## bench    requests a second and latency beside PostgreSQL's own, as a table
bench:
	@scripts/install-system-packages bench
	cargo bench --locked --bench disclosure

## bench-sizes  the same searches in two sizes of the database, one beside the other
bench-sizes:
	@scripts/install-system-packages bench
	BENCH_SIZES=$(or $(SIZES),90000x1000000,900000x4000000) cargo bench --locked --bench disclosure

## bench-intake  rows a second of a file of 50,000 plans beside PostgreSQL's COPY, as a table
bench-intake:
	@scripts/install-system-packages
	cargo bench --locked --bench intake

## fuzz     every parser given RUNS inputs (ten million unless set) that are damaged at random
fuzz:
	cargo bench --locked --bench fuzz -- all $(or $(RUNS),10000000)

## fuzz-tokens  libFuzzer over all that a token says, RUNS inputs (200,000 unless set) of each kind
fuzz-tokens:
	scripts/fuzz-tokens $(or $(RUNS),200000)

## advisories  whether RustSec knows of a weakness in what is built on; clones its advisories
advisories:
	scripts/check-advisories $(FOLDER)

## faults   a million looks while everything around breaks or is full ANSWERS=n COUNT=n SEED=n
faults:
	@scripts/install-system-packages
	FAULT_ANSWERS=$(or $(ANSWERS),1000000) FAULT_COUNT=$(or $(COUNT),400) FAULT_SEED=$(or $(SEED),1) \
		cargo test --release --locked --test service -- surviving_faults

## tamper   the sealed access history changed RUNS times (ten thousand unless set), each found
tamper:
	@scripts/install-system-packages
	TAMPER_RUNS=$(or $(RUNS),10000) TAMPER_CLEAN_RUNS=$(or $(CLEAN_RUNS),1000) \
		cargo test --locked --test service finding_tampering
	@cat $(TARGET)/reports/tamper.json

## help     this list
help:
	@echo 'make TARGET, where TARGET is one of:'
	@sed -n 's/^## /  /p' $(firstword $(MAKEFILE_LIST))
