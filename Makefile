# Tasks for development and operation. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
# Run modules, not scripts: scripts contain the path in which .venv was created.
VENV := .venv/bin/python
QUIET := --quiet --disable-pip-version-check
# Exact versions and hashes of all packages, for every platform and Python from 3.11.
COMPILE := $(VENV) -m uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-header --no-annotate
# Number of test processes.
JOBS ?= 2
SHARED := -n $(JOBS) --dist worksteal
# Tests set the variables that they need; the environment must not change their results.
# Without compiled modules, servers and commands take 20 percent longer to start.
TEST := env -u ALLOWED_HOSTS -u BEHIND_PROXY -u BIND -u CORS_ORIGINS -u DEBUG -u HTTPS \
  -u PYTHONDONTWRITEBYTECODE -u RATE_LIMIT -u TASK_BACKEND
# PostgreSQL expects many rows in tables that are new, and compiles queries that return few:
# that takes 15 percent of the time of the tests.
ON_POSTGRES := $(TEST) PGOPTIONS="-c jit=off"

.PHONY: help install install-dev lock audit run test check lint test-postgres test-clients test-faults test-browser test-security screenshots bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null \
	  || { echo "$(PYTHON) was not found. On Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is required. Select one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "The module venv was not found. On Debian: apt-get install python3-venv"; exit 1; }

.venv/.installed: requirements.lock | .venv/bin/python
	$(VENV) -m pip install $(QUIET) --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock | .venv/bin/python
	$(VENV) -m pip install $(QUIET) --require-hashes -r requirements-dev.lock
	@touch $@ .venv/.installed

install: .venv/.installed ## install the server's packages in .venv
install-dev: .venv/.installed-dev ## also install the packages for tests and checks

lock: install-dev ## update the lock files after changing requirements*.txt
	$(COMPILE) requirements.txt -o requirements.lock
	$(COMPILE) requirements-dev.txt -c requirements.lock -o requirements-dev.lock

audit: install-dev ## check the locked packages for known vulnerabilities; needs internet access
	@$(VENV) -m pip_audit --require-hashes --disable-pip -r requirements-dev.lock \
	  || { echo "The audit failed: a package is vulnerable, or the service is not reachable (see above)."; exit 1; }

run: install ## start the server with demo data on 127.0.0.1:3000
	@$(VENV) manage.py migrate --verbosity 0
	@$(VENV) manage.py seed_demo --if-empty
	@exec $(VENV) manage.py serve

test: install-dev ## run all tests on SQLite; no service needed
	@$(TEST) -u DATABASE_URL $(VENV) -m slipcover --json --out .coverage.json -m pytest $(SHARED)
	@$(VENV) -m slipcover --skip-covered --fail-under 96 --merge .coverage.json --out .coverage.json

test-postgres: install-dev ## run the database tests and attacks on the PostgreSQL of DATABASE_URL
	@test -n "$$DATABASE_URL" \
	  || { echo "Set DATABASE_URL: DATABASE_URL=postgres://user@host/name make test-postgres"; exit 1; }
	@$(ON_POSTGRES) $(VENV) -m pytest -m "not browser and not clients and not faults" $(SHARED) \
	  --database-only tests/security tests

test-clients: install-dev ## run third-party Rocket.Chat clients against a running server
	@tests/clients/install
	@$(TEST) -u DATABASE_URL $(VENV) -m pytest -m clients $(SHARED) tests/clients

test-faults: install-dev ## run crash tests that kill workers and databases; uses DATABASE_URL if set
	@tests/faults/install
	@$(ON_POSTGRES) $(VENV) -m pytest -m faults $(SHARED) tests/faults

test-browser: install-dev ## run the admin's tests in a browser (Chromium)
	@tests/browser/install
	@$(TEST) -u DATABASE_URL $(VENV) -m pytest -m browser $(SHARED) tests/browser

test-security: install-dev ## run attacks against the server; uses DATABASE_URL if set
	@$(ON_POSTGRES) $(VENV) -m pytest -m security $(SHARED) tests/security \
	  $(if $(DATABASE_URL),--database-only)

lint: install-dev ## run all checks except the tests
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy .
	$(VENV) manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(VENV) -c 'import secrets; print(secrets.token_urlsafe(64))') \
	  BIND=0.0.0.0:3000 ALLOWED_HOSTS=import.example.org DEBUG=off \
	  $(VENV) manage.py check --deploy --fail-level WARNING

check: lint test ## run lint, types, migration and settings checks, then the tests

screenshots: install-dev ## update the screenshots in docs/images
	@tests/browser/install
	@$(TEST) -u DATABASE_URL $(VENV) -m tests.browser.pictures

bench: install-dev ## run the benchmarks and print one JSON document
	@$(VENV) -m tests.bench

clean: ## delete the virtual environment and caches; data is kept
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage.json
