# Two commands matter: `make demo` and `make test`. Each does all its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types contracts tests faults matrix mutants benchmarks screenshots clean

demo: $(VENV)/.app
	@$(BIN)/fixit-tui demo

test: lint types contracts tests

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

tests: $(VENV)/.dev
	$(BIN)/pytest -q -n auto --dist worksteal -m 'not faults and not benchmark'

# Every kill point and every other fault, with its table; every case looked at, exported, undone.
faults: $(VENV)/.dev
	@PATH="$$PATH:/usr/sbin" command -v pgbouncer >/dev/null || \
	  { echo "pgbouncer is needed: apt-get install pgbouncer"; exit 1; }
	$(BIN)/pytest -q -n 0 tests/faults
	$(BIN)/pytest -q -n auto --dist worksteal -m faults tests/playbooks

# The tests that meet a server, on PostgreSQL 13 to 18.
matrix: $(VENV)/.dev
	$(BIN)/python -m tests.matrix

# Playbooks broken on purpose: prints what no case notices.
mutants: $(VENV)/.dev
	$(BIN)/python -m tests.playbooks.mutation

# Times, as ratios; alone on the machine.
benchmarks: $(VENV)/.dev
	$(BIN)/pytest -q -n 0 -m benchmark tests/benchmarks

screenshots: $(VENV)/.dev
	$(BIN)/python -m tests.screenshots screenshots

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; say PYTHON=python3.12 make …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.app

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
