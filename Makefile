# Everything a person runs. `make help` lists it.
.DEFAULT_GOAL := help
PYTHON ?= python3
# Run modules, not scripts: those name the folder in which .venv was made.
VENV := .venv/bin/python
QUIET := --quiet --disable-pip-version-check
# Exact versions and hashes of all packages, for every platform and Python from 3.11.
COMPILE := $(VENV) -m uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-header --no-annotate
# Processes that share the suite out among themselves.
JOBS ?= 2
SHARED := -n $(JOBS) --dist worksteal
# The suite sets what it tests; a shell's leftovers must not decide.
# Without compiled modules each of the many servers and commands starts a fifth slower.
TEST := env -u ALLOWED_HOSTS -u BEHIND_PROXY -u BIND -u CORS_ORIGINS -u DEBUG -u HTTPS \
  -u PYTHONDONTWRITEBYTECODE -u RATE_LIMIT -u TASK_BACKEND

.PHONY: help install install-dev lock audit run test check lint test-postgres test-clients test-faults test-browser test-security screenshots bench clean

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null \
	  || { echo "There is no $(PYTHON); on Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "The venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }

.venv/.installed: requirements.lock | .venv/bin/python
	$(VENV) -m pip install $(QUIET) --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock | .venv/bin/python
	$(VENV) -m pip install $(QUIET) --require-hashes -r requirements-dev.lock
	@touch $@ .venv/.installed

install: .venv/.installed ## install what the server runs with, in .venv
install-dev: .venv/.installed-dev ## install what tests and checks need as well

lock: install-dev ## renew the lock files after a change of requirements*.txt
	$(COMPILE) requirements.txt -o requirements.lock
	$(COMPILE) requirements-dev.txt -c requirements.lock -o requirements-dev.lock

audit: install-dev ## compare the locked packages with known vulnerabilities; needs the internet
	@$(VENV) -m pip_audit --require-hashes --disable-pip -r requirements-dev.lock \
	  || { echo "The audit failed: a package is vulnerable, or the service could not be reached (see above)."; exit 1; }

run: install ## start the server with demo data on 127.0.0.1:3000
	@$(VENV) manage.py migrate --verbosity 0
	@$(VENV) manage.py seed_demo --if-empty
	@exec $(VENV) manage.py serve

test: install-dev ## run the whole suite on SQLite; no service needed
	@$(TEST) -u DATABASE_URL $(VENV) -m pytest $(SHARED) --cov --cov-report=term

test-postgres: install-dev ## run what uses a database on the PostgreSQL of DATABASE_URL
	@test -n "$$DATABASE_URL" \
	  || { echo "Say where: DATABASE_URL=postgres://user@host/name make test-postgres"; exit 1; }
	@$(TEST) $(VENV) -m pytest $(SHARED) --database-only

test-clients: install-dev ## run other people's clients against a real server
	@tests/clients/install
	@$(TEST) -u DATABASE_URL $(VENV) -m pytest -m clients $(SHARED) tests/clients

test-faults: install-dev ## kill workers and databases in mid-run; DATABASE_URL as in test-postgres
	@tests/faults/install
	@$(TEST) $(VENV) -m pytest -m faults $(SHARED) tests/faults

test-browser: install-dev ## use the admin in a real browser
	@tests/browser/install
	@$(TEST) -u DATABASE_URL $(VENV) -m pytest -m browser $(SHARED) tests/browser

test-security: install-dev ## attack the server; with DATABASE_URL, as test-postgres
	@$(TEST) $(VENV) -m pytest -m security $(SHARED) tests/security \
	  $(if $(DATABASE_URL),--database-only)

lint: install-dev ## the checks without the suite
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy .
	$(VENV) manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(VENV) -c 'import secrets; print(secrets.token_urlsafe(64))') \
	  BIND=0.0.0.0:3000 ALLOWED_HOSTS=import.example.org DEBUG=off \
	  $(VENV) manage.py check --deploy --fail-level WARNING

check: lint test ## lint, types, migrations, settings for production, then the suite

screenshots: install-dev ## take the pictures of docs/images anew
	@tests/browser/install
	@$(TEST) -u DATABASE_URL $(VENV) -m tests.browser.pictures

bench: install-dev ## measure, and print one JSON document
	@$(VENV) -m tests.bench

clean: ## remove the virtual environment and caches, but no data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov
