# The front door: `make` alone lists what there is. Nothing here asks a question.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: run test check bench bench-intake fuzz help

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
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items --locked
	cargo test --test habits --locked

## bench    requests a second and latency beside PostgreSQL's own, as a table
bench:
	@scripts/install-system-packages bench
	cargo bench --locked --bench disclosure

## bench-intake  rows a second of a file of 50,000 plans beside PostgreSQL's COPY, as a table
bench-intake:
	@scripts/install-system-packages
	cargo bench --locked --bench intake

## fuzz     every parser given RUNS inputs (ten million unless set) that are damaged at random
fuzz:
	cargo bench --locked --bench fuzz -- all $(or $(RUNS),10000000)

## help     this list
help:
	@echo 'make TARGET, where TARGET is one of:'
	@sed -n 's/^## /  /p' $(firstword $(MAKEFILE_LIST))
