# One word each. `make help` lists them; each may be run on a fresh machine, and again.
SHELL := /bin/bash
PYTHON := .venv/bin/python
ARGS ?=
ONLY ?=
.DEFAULT_GOAL := help
.PHONY: wheel screenshots lighthouse wapiti help demo test check lint fix bench frontend translations lock run-parts test-parts

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

demo: run-parts ## A living campaign on this machine, until Ctrl-C (PORTEVOIX_PORT, PORTEVOIX_DATA_DIR)
	@exec $(PYTHON) -m portevoix demo $(ARGS)

#: They fill the machine with browsers …
BROWSERS = $(wildcard $(addprefix tests/auditor/test_, child.py command.py hostile.py observatory.py patience.py suite.py wire.py world.py))
#: … and they kill processes or keep time: of each sort one at once, after all others.
ALONE = $(wildcard $(addprefix tests/delivery/test_, dispatch.py faults.py gateway.py killed_*.py providers.py spool.py transports_smtp.py) \
	tests/journeys/test_killed_teller.py tests/operations)
BROWSERS_SAY = .pytest_cache/browsers.log

test: lint ## Checks, then every test (ARGS="tests/people -k consent" for some)
ifdef ARGS
	@$(PYTHON) -m pytest $(ARGS)
else
	@status=0; \
	$(PYTHON) -m pytest -n auto --dist loadgroup --no-loadscope-reorder $(patsubst %,--ignore=%,$(BROWSERS) $(ALONE)) || status=$$?; \
	$(PYTHON) -m pytest $(BROWSERS) >$(BROWSERS_SAY) 2>&1 & browsers=$$!; \
	$(PYTHON) -m pytest $(ALONE) || status=$$?; \
	wait $$browsers || status=$$?; \
	cat $(BROWSERS_SAY); \
	exit $$status
endif

check: lint ## Format, lint, types, templates, migrations, then architecture and translations
	@$(PYTHON) -m pytest --quiet tests/architecture

lint: test-parts
	@$(PYTHON) -m ruff format --check --quiet .
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m mypy
	@PATH=".venv/bin:$$PATH" lint-imports --no-logo
	@.venv/bin/djlint portevoix --lint --quiet
	@DJANGO_SETTINGS_MODULE=portevoix.conf.settings.test $(PYTHON) -W ignore -m portevoix makemigrations --check --dry-run

fix: test-parts ## Format and repair what can be
	@$(PYTHON) -m ruff check --fix --quiet . || true
	@$(PYTHON) -m ruff format --quiet .

bench: test-parts ## Benchmarks, ours against the reference (ONLY=import for some)
	@scripts/install_test_tools.sh
	@$(PYTHON) -m benchmarks.run $(ONLY)

lighthouse: ## Google's Lighthouse over the demo's site, on a phone and at a desk (installs it)
	@$(MAKE) --no-print-directory bench ONLY=site.lighthouse

wapiti: ## The vulnerability scanner wapiti over the demo's site (installs it)
	@$(MAKE) --no-print-directory bench ONLY=site.wapiti

screenshots: test-parts ## The README's pictures, from a demo that runs (ARGS="--address http://localhost:8000")
	@$(PYTHON) scripts/screenshots.py $(ARGS)

wheel: run-parts ## The package that pip installs, with all that it needs inside (dist/)
	@$(PYTHON) -m hatchling build -t wheel

frontend: run-parts ## Front-end packages into our static files

translations: test-parts ## Collect the texts to translate (needs gettext)
	@scripts/install_test_tools.sh
	@$(PYTHON) scripts/collect_texts.py

lock: test-parts ## Make the lock files again from pyproject.toml
	@scripts/lock.sh

run-parts:
	@scripts/bootstrap.sh run
	@$(PYTHON) scripts/build_frontend.py
	@$(PYTHON) scripts/compile_translations.py

test-parts:
	@scripts/bootstrap.sh test
	@scripts/install_test_tools.sh
	@$(PYTHON) scripts/build_frontend.py --tests
	@$(PYTHON) scripts/compile_translations.py
