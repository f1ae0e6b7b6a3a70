# One command a need: `make demo` from a fresh clone, `make test` before a commit.
# PYTHON chooses the interpreter that .venv is made with: make demo PYTHON=python3.12

PYTHON ?= python3
# More than there are cores of most machines: many tests wait for a server, a clock or a lock.
WORKERS ?= 4
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# pip is quiet about its own news.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start noshow some hundred times: where nothing compiled may be kept, each start compiles all
# of it anew. `make clean` takes away what is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test proof truth lint docs format bench messages pictures lock clean

help:
	@echo 'make install noshow alone, without the tools of those who change it'
	@echo 'make demo    a made-up sales team from its calendars to its weekly report, no account needed'
	@echo 'make test    the tests (four workers; WORKERS=n for others)'
	@echo 'make proof   the long tests: kills, faults, the wheel alone, some made-up years'
	@echo 'make truth   20 made-up years: how much of what is said is so, how much of what is so is said'
	@echo 'make lint    format, lint, types, import directions, declared = imported'
	@echo 'make docs    write docs/configuration.md and docs/export.md anew from the code'
	@echo 'make format  let the formatter and the safe fixes rewrite'
	@echo 'make bench   measure; by hand'
	@echo 'make messages bring the catalogues of other languages up to date with the code'
	@echo 'make pictures take the pictures of README and docs anew, from the demonstration'
	@echo 'make lock    resolve the dependencies anew within pyproject.toml (UPGRADE=1 for the newest)'
	@echo 'make clean   remove .venv and what the tools left'

# Two steps, because pip refuses hashes together with an editable project. The
# stamp is inside .venv, so that removing .venv is enough to start over.
.venv/.stamp: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'noshow needs Python 3.11 or newer, and "$(PYTHON)" is not: make PYTHON=/path/to/python3.11' >&2; \
		exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: .venv
.venv: .venv/.stamp

# What runs, and nothing else: the runtime lock with its hashes. pip builds the wheel apart.
install:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps .
	@echo "installed .venv/bin/noshow: $$(du -sh .venv | cut -f1)"

demo: .venv/.stamp
	$(BIN)/noshow demo

test: .venv/.stamp
	$(PYTEST) -n $(WORKERS) --dist loadgroup -m 'not proof'

# Exit 5 says that no test was marked: nothing failed. A small year of each provider goes over a wire there.
proof: .venv/.stamp
	$(PYTEST) -n $(WORKERS) --dist loadgroup -m proof || test $$? -eq 5
	$(BIN)/python -m tests.truth --seeds 4 --wired 0 --jobs $(WORKERS) --check

truth: .venv/.stamp
	$(BIN)/python -m tests.truth --jobs $(WORKERS) --check

lint: .venv/.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry config connectors jobs reports
	$(BIN)/deptry tests --exclude '$$^' --ignore DEP002,DEP004

# The pages that are made from the code; a test holds them to it.
docs: .venv/.stamp
	$(BIN)/noshow help --page configuration > docs/configuration.md
	$(BIN)/noshow help --page export > docs/export.md

format: .venv/.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.stamp
	$(BIN)/python tests/bench/run.py

# New and changed sentences get an empty translation, which tests/reports/render/test_language.py names.
messages: .venv/.stamp
	$(BIN)/python -m tests.support.messages

pictures: .venv/.stamp
	$(BIN)/python -m tests.support.pictures

# One version of everything for every Python and platform (fork-strategy fewest):
# what is tested is what is installed. The second lock is held to the first.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

lock: .venv/.stamp
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra postgres --extra fleet --group dev \
		--constraints requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find config connectors jobs reports tests -name __pycache__ -type d -prune -exec rm -rf {} +
