# make run    set up, make a block on real market history, run the three flows, write the report
# make test   set up for development, then lint, types, import contracts, tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.run-ready
TEST_READY := $(VENV)/.test-ready
# the lock files are complete, so that nothing is left to resolve; `pip check` proves it
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# the command highwater works from any folder, without an installation of the package
COMMAND = printf '\#!/bin/sh\nPYTHONPATH="%s$${PYTHONPATH:+:$$PYTHONPATH}" exec "%s/$(BIN)/python" -m flows "$$@"\n' "$(CURDIR)" "$(CURDIR)" \
  > $(BIN)/highwater && chmod +x $(BIN)/highwater
# what the demonstration is asked for, as: make run DEMO="--contracts 500"
DEMO ?=
# what the convergence study is asked for, as: make convergence CONVERGENCE="--scenarios 512 --seeds 3"
CONVERGENCE ?=
# what is mutated, as: make mutate MUTATE="valuation/credits.py --most 0"
MUTATE ?=
# what pytest is asked for, as: make test TESTS="tests/prospectus -m 'not slow'"
TESTS ?=

.PHONY: help run test lint types imports pytest bench variance mutate convergence dictionary clean ready test-ready

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ready  ## demonstration: a block on real market history through the three flows, with a report
	@$(BIN)/python -m flows warm
	$(BIN)/python -m flows demo $(DEMO)

test: lint types imports pytest  ## lint, types, import contracts and all tests

lint: test-ready  ## ruff
	$(BIN)/ruff check .

types: test-ready  ## mypy, strict
	$(BIN)/mypy

imports: test-ready  ## import contracts between the packages
	$(BIN)/lint-imports

pytest: test-ready  ## all tests
	$(BIN)/python -m pytest $(TESTS)

bench: test-ready  ## measure everything on this machine, write tests/BENCH.txt and the README's table
	$(BIN)/python -m tests.bench

variance: test-ready  ## measure what the ways of drawing scenarios are worth
	$(BIN)/python -m tests.variance

mutate: test-ready  ## do the tests notice a changed rule? Mutation testing of the law, an hour or less
	@nice -n 19 $(BIN)/python -m tests.mutation $(MUTATE)

convergence: ready  ## errors of values, Greeks and tails by scenarios and steps
	@$(BIN)/python -m flows warm
	$(BIN)/python -m flows convergence $(CONVERGENCE)

dictionary: ready  ## write the data dictionary from the schemas again
	$(BIN)/python -m flows dictionary

clean:  ## remove what was made here: environment, runs, caches
	rm -rf $(VENV) .highwater .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready: $(RUN_READY)
test-ready: $(TEST_READY)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed and no python3 was found: install it, or call make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) -V); Python 3.11 or 3.12 is needed: install one, or call make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment: on Debian, apt-get install python3-venv, then repeat"; exit 1; }
	@echo "making the environment $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(RUN_READY): requirements.lock | $(BIN)/python
	@echo "installing the locked libraries (once)"
	@$(PIP) install --quiet --no-deps --require-hashes -r requirements.lock
	@$(PIP) check
	@$(COMMAND)
	@touch $@

$(TEST_READY): requirements-dev.lock | $(BIN)/python
	@echo "installing the locked libraries for development (once)"
	@$(PIP) install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@$(PIP) check
	@$(COMMAND)
	@touch $@ $(RUN_READY)
