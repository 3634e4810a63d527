# Two commands for a newcomer: `make demo` and `make test`. Both install what is missing first (scripts/setup).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Where rustup puts cargo, for shells that were not restarted after it ran.
export PATH := $(PATH):$(HOME)/.cargo/bin

built := $(or $(CARGO_TARGET_DIR),target)
release := $(built)/release/prism
debug := $(built)/debug/prism
models := examples/models
pages := $(wildcard *.md examples/*.md docs/guide/*.md passes/src/*/README.md)

.PHONY: help
help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what Prism needs from Debian and is missing
	@scripts/setup

.PHONY: build
build: setup ## build the prism command for use: target/release/prism
	cargo build --locked --release --package prism-driver

.PHONY: demo
demo: build ## set up, build, compile GPT-2 (prefill and decode) for LightCode's machine
	$(release) compile $(models)/gpt2_prefill.onnx --seq 1024
	$(release) compile $(models)/gpt2_decode.onnx --past 1023 --output prism-out/decode
	@echo 'Open prism-out/trace.json at https://ui.perfetto.dev (nothing is uploaded).'

.PHONY: test
test: ## set up, then everything that must hold: format, lints, tests, pages
	@scripts/setup --tests
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo test --locked --workspace
	@$(MAKE) --no-print-directory check-docs readme

.PHONY: docs
docs: ## write the reference pages from the code
	cargo run --locked --quiet --package prism-driver --bin prism -- docs docs/reference

.PHONY: check-docs
check-docs: # fail when the reference pages differ from what the code says
	cargo run --locked --quiet --package prism-driver --bin prism -- docs --check docs/reference

.PHONY: readme
readme: ## run every command in the pages, follow every link; BLESS=1 rewrites the shown output
	cargo build --locked --quiet --package prism-driver --package prism-tests --bins
	$(built)/debug/pages --prism $(debug) $(if $(BLESS),--bless) $(pages)

.PHONY: gaps
gaps: ## how near plans come to their bounds, by model and length
	cargo build --locked --release --package prism-driver --package prism-tests --bin prism --bin gaps
	$(built)/release/gaps $(release) $(models)

.PHONY: ablation
ablation: ## what each rule is worth: plans without it, on four models and six machines
	cargo build --locked --release --package prism-driver --package prism-tests --bin prism --bin ablation
	$(built)/release/ablation $(release) $(models)

.PHONY: bench
bench: ## processor time and memory of the GPT-2 compilations, and products priced per second, beside a fixed loop
	@scripts/setup
	cargo build --locked --release --package prism-driver --package prism-tests --bin prism --bin bench
	$(built)/release/bench $(release) $(models)
	cargo run --locked --release --quiet --package prism-hardware --example pricing

# Damaged files per reader, or cases per property; `make test` runs some hundreds to thousands.
rounds ?= 100000
fuzz: export PRISM_FUZZ_ROUNDS := $(rounds)
fuzz: export PRISM_FUZZ_ITERS := $(rounds)
fuzz: export PROPTEST_CASES := $(rounds)
.PHONY: fuzz
fuzz: ## long run of the harnesses that damage input (rounds=100000)
	@scripts/setup
	cargo test --locked --release --package prism-hardware --test mutation
	cargo test --locked --release --package prism-import --test fuzz --test fuzz_configs
	cargo test --locked --release --package prism-dialects --test fuzz
	cargo test --locked --release --package prism-tests --test all -- mutation

.PHONY: clean
clean: ## remove what was built and written
	cargo clean
	rm -rf prism-out prism-repro
