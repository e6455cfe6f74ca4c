# Tarazy: what there is to run. `make help` lists it.
#
# PYTHON      the interpreter that makes .venv (3.11 or newer)
# RUSTFLAGS   flags for the core; this machine's own instruction set by default, because the core is built where it
#             runs (docs/decisions/2026-11-22-core-build.md). `make setup RUSTFLAGS=` builds a portable one.
# FLOW        folder or file of real order flow for `make demo`
# ONCE        ONCE=1 lets `make demo` end after its report; else it goes on and serves a live market
# JOBS        how many processes `make test` runs tests in (a processor each, at most 8)
# PORT        where `make demo` serves, on 127.0.0.1

NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(or $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$name && break; done),python3)
RUSTFLAGS ?= -C target-cpu=native
PORT ?= 8080
JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 8 ? n : 8)))
VENV := .venv
BIN := $(VENV)/bin
CORE_SOURCES := core/Cargo.toml core/Cargo.lock core/pyproject.toml core/tarazy_core.pyi $(shell find core/src -type f 2>/dev/null)
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
BENCHES := engine durable ack spec replay memory checkpoint signatures events projections

.PHONY: help setup demo test check bench generate wheels lock clean

help:
	@echo "make setup     .venv with the locked dependencies, the package and, where cargo is there, the Rust core"
	@echo "make demo      a market runs through a facility and is replayed, then one trades live until Ctrl-C (ONCE=1: ends)"
	@echo "make test      all tests"
	@echo "make check     linters, types, generated files: what CI runs"
	@echo "make bench     every benchmark, one JSON object each"
	@echo "make generate  records, reject codes, reference pages, the picture of imports"
	@echo "make wheels    both packages for other machines, into var/wheels (needs cargo)"
	@echo "make lock      the lock files from pyproject.toml and core/Cargo.toml (needs uv)"
	@echo "make clean     remove what was built and what runs left behind"

setup: $(VENV)/.made $(VENV)/.locked $(VENV)/.package $(VENV)/.core

$(VENV)/.made:
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo "setup: expected Python 3.11 or newer, found $$($(PYTHON) --version); say which: make setup PYTHON=..."; exit 1; }
	@echo "setup: environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.locked: requirements.lock | $(VENV)/.made
	@echo "setup: locked dependencies"
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.package: pyproject.toml | $(VENV)/.locked
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.core: $(CORE_SOURCES) scripts/build_core.sh | $(VENV)/.locked
	@RUSTFLAGS="$(RUSTFLAGS)" BIN="$(BIN)" scripts/build_core.sh $@

demo: setup
	@$(BIN)/tarazy demo $(if $(FLOW),--flow "$(FLOW)") $(if $(ONCE),,--serve --port $(PORT))

test: setup
	@if [ -n "$$CI" ] || command -v cargo >/dev/null; then cd core && cargo test --quiet --locked --features c-api; fi
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=bench:scripts $(BIN)/mypy bench
	$(BIN)/python schemas/generate.py --check
	$(BIN)/python scripts/configuration_reference.py --check
	$(BIN)/python scripts/fix_dictionary.py --check
	$(BIN)/python scripts/rulebook_pages.py --check
	$(BIN)/python scripts/native_openapi.py --check
	$(BIN)/python scripts/import_picture.py --check
	@BIN="$(BIN)" scripts/check_core.sh

bench: setup
	@for name in $(BENCHES); do $(BIN)/tarazy bench $$name --json || exit 1; done

generate: $(VENV)/.locked
	$(BIN)/python schemas/generate.py
	$(BIN)/python scripts/screening_catalogue.py
	$(BIN)/python scripts/import_picture.py
	$(BIN)/python scripts/configuration_reference.py
	$(BIN)/python scripts/fix_dictionary.py
	$(BIN)/python scripts/rulebook_pages.py
	$(BIN)/python scripts/native_openapi.py

wheels: $(VENV)/.package
	@BIN="$(BIN)" scripts/build_wheels.sh var/wheels

lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --all-extras pyproject.toml -o requirements.lock
	cd core && cargo generate-lockfile

clean:
	rm -rf $(VENV) var core/target .pytest_cache .mypy_cache .ruff_cache .hypothesis
