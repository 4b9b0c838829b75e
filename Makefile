# Everything a newcomer needs: make demo, make serve UPSTREAM=..., make test.
PYTHON ?= python3
# The tagger multiplies small matrices: more threads only wait for each other.
export OPENBLAS_NUM_THREADS ?= 1
VENV := .venv
BIN := $(VENV)/bin
DIR ?= sluice-data
PORT ?= 8080

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint types imports unit bench bench-detect eval eval-bias lock docs clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# The environments are installed from hash-locked files; --no-deps, since the locks are complete.
$(VENV)/run.stamp: requirements/run.lock pyproject.toml
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "installing the gateway (once) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements/run.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.stamp: requirements/test.lock $(VENV)/run.stamp
	@echo "installing what the tests need (once) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements/test.lock
	@touch $@

demo: $(VENV)/run.stamp  ## a protected conversation, seen from all sides
	@$(BIN)/sluice demo

serve: $(VENV)/run.stamp  ## the gateway: make serve UPSTREAM=https://api.openai.com
	@if test -f "$(DIR)/sluice.yaml"; then \
		test -z "$(UPSTREAM)" || echo "make serve: goes where $(DIR)/sluice.yaml says; UPSTREAM is for a new DIR" >&2; \
	elif test -n "$(UPSTREAM)"; then $(BIN)/sluice init "$(DIR)" --upstream "$(UPSTREAM)"; \
	else echo "make serve: say where to: UPSTREAM=https://..." >&2; exit 64; fi
	@$(BIN)/sluice serve --dir "$(DIR)" --port $(PORT)

test: $(VENV)/test.stamp  ## lint, types, import rules, and every test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n 2 --dist loadfile

unit: $(VENV)/test.stamp  ## the tests alone
	@$(BIN)/pytest -n 2 --dist loadfile

bench: $(VENV)/run.stamp  ## what the gateway adds, against a bare proxy in the same run
	@$(BIN)/sluice bench

bench-detect: $(VENV)/run.stamp  ## detection speed against stock Presidio
	@$(BIN)/python -m detectors.bench

eval: $(VENV)/run.stamp  ## detection quality on the shared data
	@$(BIN)/python -m detectors.evaluation.all

eval-bias: $(VENV)/run.stamp  ## the bias room's acceptance tests at full trial counts
	@$(BIN)/sluice bias selftest --full

lock: $(VENV)/test.stamp  ## renew requirements/*.lock from pyproject.toml
	@requirements/lock.sh

clean:  ## remove the environment and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
