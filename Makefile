# Everything one does with givre, from a fresh clone: every target does its own set-up.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

export NUMBA_CACHE_DIR ?= $(CURDIR)/.cache/numba

BIN := .venv/bin
RUNTIME := .venv/.runtime-is-installed
DEV := .venv/.dev-is-installed
SET_UP := tools/set_up.sh pyproject.toml requirements-bootstrap.lock
WORKERS ?= 2
ARGS ?= --help

.PHONY: help demo run test test-slow check lint types contracts locks-are-clean docs docs-serve bench format lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

demo: $(RUNTIME) ## set up, then go from a CT to a dossier in demo-out/
	$(BIN)/givre demo --output demo-out $(DEMO_ARGS)

run: $(RUNTIME) ## run givre: make run ARGS="samples list"
	@$(BIN)/givre $(ARGS)

test: $(DEV) ## set up, then run the test suite, all but what is marked slow
	NUMBA_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not slow" $(PYTEST_ARGS)

test-slow: $(DEV) ## the tests that take long: a whole calibration, clusters that break, bundles of everything
	NUMBA_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) --dist worksteal -m slow $(PYTEST_ARGS)

check: lint types contracts locks-are-clean docs ## everything that judges without running: style, types, floors, locks, docs

lint: $(DEV) ## ruff: style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV) ## mypy --strict
	$(BIN)/mypy

contracts: $(DEV) ## import-linter: floors only look down
	$(BIN)/lint-imports --no-logo --cache-dir .cache/import-linter

locks-are-clean: $(DEV) ## lock files hold hashes and no host name
	$(BIN)/python tools/check_locks.py

docs: $(DEV) ## the documentation, in site/; refused when its verification page is older than the code
	$(BIN)/python tools/check_verification_page.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

docs-serve: $(DEV) ## the documentation on this machine, rebuilt at each change
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

bench: $(DEV) ## size, import time and speed of this machine, as Markdown and JSON
	$(BIN)/python -m benchmarks

format: $(DEV) ## let ruff format the code and redraw the map of ARCHITECTURE.md
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python tools/draw_map.py

LOCK := uv pip compile pyproject.toml --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-header --quiet

lock: $(DEV) ## compile the lock files anew: make lock UPGRADE=--upgrade
	$(BIN)/$(LOCK) $(UPGRADE) --extra report --group build --output-file requirements.lock
	$(BIN)/$(LOCK) $(UPGRADE) --extra report --group build --group dev --group docs \
	  --constraints requirements.lock --output-file requirements-dev.lock

clean: ## remove everything the other targets made
	rm -rf .venv .cache build dist site demo-out .coverage .hypothesis .import_linter_cache
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements.lock $(SET_UP)
	@tools/set_up.sh requirements.lock
	@touch $@

$(DEV): requirements-dev.lock requirements.lock $(SET_UP)
	@tools/set_up.sh requirements-dev.lock
	@touch $@ $(RUNTIME)
