# The everyday verbs; `make` alone lists them. Everything is installed into .venv from the locks.
.POSIX:
.PHONY: help install run test fuzz faults bench check audit lock browser proxy

PYTHON = python3
VENV = .venv
PIP = $(PYTHON) -m pip --disable-pip-version-check --python $(VENV)/bin/python
UV = uv==0.13.9
# Files are dealt out in their order, so that those with a browser come last on every core.
PARALLEL = --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# pytest's own arguments: make test ARGS="tests/unit -k period"
ARGS =
KILLS = 100
RACES = 50
MINUTES = 10
PARTS =
OUT =
BEFORE =

help: ## list the verbs
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

install: $(VENV)/.installed ## make .venv with what the product needs

run: install ## migrate, fill an empty store with the demonstration (not if DEMO=no), serve
	$(VENV)/bin/python -m lib migrate
	[ "$(DEMO)" = no ] || $(VENV)/bin/python -m lib demo --unless-filled
	LOG_FORMAT=text exec $(VENV)/bin/python -m streamlit run app.py

# Hundreds of processes read the product's modules: they are to be compiled once.
test: $(VENV)/.installed-test browser proxy ## run every test, in a real browser and on a real PostgreSQL too
	PYTHONDONTWRITEBYTECODE= $(VENV)/bin/python -m pytest $(PARALLEL) $(ARGS)

fuzz: $(VENV)/.installed-test ## try damaged and odd files for so many minutes (MINUTES=10)
	$(VENV)/bin/python -m tests.fuzz $(MINUTES)

faults: $(VENV)/.installed-test ## kill and race more often than `make test` does: KILLS=100 RACES=50
	KILLS=$(KILLS) RACES=$(RACES) $(VENV)/bin/python -m pytest $(PARALLEL) -rA \
		tests/faults/test_kills.py tests/faults/test_races.py

bench: $(VENV)/.installed-test ## measure speed, on a quiet machine: PARTS="pages load" OUT=now.json BEFORE=then.json
	$(VENV)/bin/python -m tests.bench $(PARTS) $(if $(OUT),--out $(OUT)) $(if $(BEFORE),--before $(BEFORE))

check: $(VENV)/.installed-test ## lint, formatting, types
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

audit: $(VENV)/.installed-test ## look every pinned version up among the known vulnerabilities
	$(VENV)/bin/python -m tests.support.audit

lock: $(VENV)/bin/python ## pin what pyproject.toml asks for (newest versions: UPGRADE=--upgrade)
	$(PIP) install --quiet --quiet $(UV)
	$(VENV)/bin/uv pip compile $(COMPILE) pyproject.toml --output-file requirements.lock
	$(VENV)/bin/uv pip compile $(COMPILE) --group test --constraint requirements.lock \
		--output-file requirements-test.lock

# One lock for every Python and platform we support; no address and no path goes into it.
COMPILE = --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE)

$(VENV)/.installed: requirements.lock $(VENV)/bin/python
	$(PIP) install --quiet --quiet --require-hashes --requirement requirements.lock
	touch $@

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed
	$(PIP) install --quiet --quiet --require-hashes --requirement requirements-test.lock
	touch $@

# Without a pip of its own: that would need Debian's python3-venv; $(PYTHON)'s pip serves.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo 'Python 3.11, 3.12 or 3.13 is needed; name one: make PYTHON=python3.11' >&2; exit 1; }
	$(PYTHON) -m venv --without-pip $(VENV)

# The tests use the system's Chromium, with a font that has Chinese.
browser: $(VENV)/.installed-test
	@if ! $(FIND_CHROMIUM) 2>/dev/null && \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y chromium fonts-noto-cjk; \
	fi
	@$(FIND_CHROMIUM)
FIND_CHROMIUM = $(VENV)/bin/python -m tests.support.chromium

# The tests start nginx themselves, with the configuration that ships.
proxy: $(VENV)/.installed-test
	@if ! $(FIND_NGINX) 2>/dev/null && \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nginx openssl && \
		{ service nginx stop || true; }; \
	fi
	@$(FIND_NGINX)
FIND_NGINX = $(VENV)/bin/python -m tests.support.proxy
