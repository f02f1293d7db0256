# Everything is installed and stored below .local/ (as root, PostgreSQL's part is below /var/tmp).
# PYTHON chooses the Python to install: 3.11, 3.12 or 3.13.
PYTHON ?= python3
# Tests mostly wait for other processes, so three test processes keep two cores busy.
PARALLEL ?= 3
VENV := .local/venv/bin
LOCAL := $(VENV)/python -m ops.local
# Every worker and command is a process of its own: without bytecode, each would compile the application anew.
unexport PYTHONDONTWRITEBYTECODE
CHOSEN := $(if $(filter file,$(origin PYTHON)),,--chosen)
UV ?= uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help install up down status demo test lint bench fuzz docs dashboards env compose-test locks clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## install everything into .local/; does nothing the second time
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) does not exist. Install Python 3.11, 3.12 or 3.13, or choose one: make up PYTHON=/usr/bin/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 8))' || { echo "$(PYTHON) is too old. Install Python 3.11, 3.12 or 3.13, or choose one: make up PYTHON=/usr/bin/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -m ops.local.install $(CHOSEN)

up: install ## start the stack; print addresses and an admin token
	@$(LOCAL) up

down: ## stop the stack; keep its data
	@test ! -x $(VENV)/python || $(LOCAL) down

status: ## show what is running
	@test -x $(VENV)/python || { echo "Nothing is installed. Run make up." >&2; exit 1; }
	@$(LOCAL) status

demo: install ## roll one release through five rings; DEMO_EXIT=1 exits at the end, DEMO_TOTALS=1 prints every total, DEMO_REPORT=file writes a report, DEMO_HISTORY=53 creates history first
	@$(LOCAL) demo

lint: install ## check style, types and import rules
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports

test: lint ## lint, then run all tests, in PARALLEL processes with a stack each
	@"$(PYTHON)" -m ops.local.install $(CHOSEN) --tests
	$(VENV)/python -m pytest --numprocesses $(PARALLEL) --dist loadfile --no-loadscope-reorder

bench: install ## measure every figure that the README quotes, except simulated rollouts
	$(VENV)/python -m bench

fuzz: install ## send generated requests to a running server and check each answer; FUZZ_EXAMPLES=20 is quick
	$(VENV)/python -m ops.fuzz

docs: install ## generate docs/metrics.md and StatsD's configuration from the metrics catalogue, docs/openapi.json and docs/access.md from the views
	$(VENV)/python -m app.metrics.generated
	$(VENV)/python -m ops.openapi
	$(VENV)/python -m ops.access

dashboards: install ## generate the Grafana dashboards and alert rules
	$(VENV)/python ops/grafana/build.py
	$(VENV)/python -m ops.grafana.alerting

env: ## write random secrets for docker-compose.yml to .env
	@"$(PYTHON)" -m ops.compose.env

compose-test: install ## start docker-compose.yml and roll out a release; requires Docker; SCALE=1: with the second host
	@$(VENV)/python -m ops.compose.check $(if $(SCALE),--scale)

locks: ## update the lock files of requirements/ and StatsD; requires uv and npm
	@command -v $(UV) >/dev/null || { echo "uv is required. Install it, or choose one: make locks UV=/path/to/uv" >&2; exit 1; }
	$(LOCK) pyproject.toml --output-file requirements/run.lock
	$(LOCK) pyproject.toml --group dev --output-file requirements/dev.lock
	$(LOCK) requirements/graphite-build.in --output-file requirements/graphite-build.lock
	$(LOCK) requirements/graphite.in --output-file requirements/graphite.lock \
	  --no-emit-package cairocffi --no-emit-package cffi --no-emit-package pycparser --no-emit-package setuptools
	for name in postgres redis node; do $(LOCK) --no-deps requirements/$$name.in --output-file requirements/$$name.lock || exit 1; done
	for folder in ops/statsd tests/identity/provider; do (cd $$folder && npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund) || exit 1; done

clean: ## stop the stack; delete everything installed and stored
	@test ! -x $(VENV)/python || $(LOCAL) clean
	@rm -rf .local
