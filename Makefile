# `make audit` and `make test` set everything up by themselves; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TO ?= audit

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: audit
audit: $(VENV)/run ## Crawl the sample pages offline, judge them and write the report to audit/
	$(BIN)/microaudit audit --sample --to $(TO)
	@echo "Open $(TO)/report.html in a browser."

.PHONY: test
test: $(VENV)/dev ## Run the tests
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not slow"

.PHONY: test-slow
test-slow: $(VENV)/dev ## Run the slow tests: the commands of all pages, the tutorial, the release
	$(BIN)/python -m pytest -n auto -m slow

.PHONY: faults
faults: $(VENV)/dev ## Kill, fill, lock and restart (300 kill points, some minutes); writes docs/faults.md
	rm -f .faults.jsonl
	MICROAUDIT_FAULT_POINTS=300 MICROAUDIT_FAULT_FIGURES=$(CURDIR)/.faults.jsonl \
		$(BIN)/python -m pytest --timeout 3600 tests/faults tests/conduct/test_wire.py
	$(BIN)/python -m tests.faults.table .faults.jsonl

.PHONY: check
check: $(VENV)/dev ## Lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: coverage
coverage: $(VENV)/run ## Simulate 45,000 markets: do the intervals of the corrected share hold the truth? (2 minutes)
	$(BIN)/python -m bench.coverage

.PHONY: format
format: $(VENV)/dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: docs
docs: $(VENV)/dev ## Write the pages that are made from the code
	$(BIN)/python -m docs.generate
	$(BIN)/python -m reports.dictionary > docs/data-dictionary.md

.PHONY: dist
dist: $(VENV)/run ## Build wheel and sdist; install each into an empty environment and audit the sample pages there
	rm -rf build dist
	$(BIN)/python -m hatchling build
	for built in dist/*.whl dist/*.tar.gz; do \
		$(PYTHON) -m venv --clear build/empty && \
		build/empty/bin/pip install --quiet --require-hashes -r requirements.lock && \
		build/empty/bin/pip install --quiet --no-deps --no-build-isolation $$built && \
		(cd build && empty/bin/microaudit audit --sample --to audit) || exit 1; \
	done

.PHONY: lock
lock: $(VENV)/dev ## Pin the newest versions that pyproject.toml allows, with hashes
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra all pyproject.toml requirements-build.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--group dev -c requirements.lock -o requirements-dev.lock

.PHONY: clean
clean: ## Remove the virtual environment and what the tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .coverage build dist

# The stamps make a second run start at once; a changed lock installs again.
$(VENV)/run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "microaudit needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
