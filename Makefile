.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# `make lint` refuses a message without a translation.
UNTRANSLATED := --complete

.PHONY: help setup run test messages bench lint check fmt

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

.venv/ready: Makefile requirements/all.txt frontend/vendor.json
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/all.txt
	echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/countersign.pth"
	printf '#!/bin/sh\nexec "%s" -m backend "$$@"\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/countersign
	chmod +x $(BIN)/countersign
	$(BIN)/python -m backend.commands.frontend
	touch .venv/ready

setup: .venv/ready ## Install everything into .venv

run: .venv/ready ## Start Countersign with all services
	$(BIN)/python -m backend up

test: .venv/ready ## Run all tests
	$(BIN)/python -m tests.support.browser
	$(BIN)/python -m pytest -n auto --dist loadfile --ignore tests/browser --ignore tests/faults tests
	$(MAKE) --no-print-directory browser faults

.PHONY: browser faults
browser: .venv/ready
	$(BIN)/python -m pytest tests/browser

faults: .venv/ready
	$(BIN)/python -m pytest tests/faults

messages: .venv/ready ## Update the message catalogues from code and templates
	$(BIN)/python -m backend.commands.messages

bench: .venv/ready ## Compare performance with the same work written by hand
	$(BIN)/python -m tests.benchmarks

lint: .venv/ready ## Run linters, type checks and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry .
	$(BIN)/python -m backend.commands.messages --check $(UNTRANSLATED)
	$(BIN)/djlint --lint --quiet frontend/templates
	$(BIN)/djlint --check --quiet frontend/templates
	$(BIN)/hadolint Dockerfile
	$(BIN)/yamllint --strict docker-compose.yml .github .pre-commit-config.yaml .yamllint.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/check.yml
	$(BIN)/zizmor --offline --quiet .github/workflows
	$(BIN)/pre-commit validate-config

check: lint test ## Run everything that CI runs

fmt: .venv/ready ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
