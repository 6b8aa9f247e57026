# The whole workshop in one file. `make` alone prints what there is.
# Everything lives in .venv and is rebuilt when pyproject.toml or constraints.txt change.

SHELL  := bash
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
INPUTS := pyproject.toml constraints.txt

# The first interpreter that is new enough and can make environments; `make lab PYTHON=...` chooses another.
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON   ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
              $$p -c '$(SUITABLE)' 2>/dev/null && { echo $$p; break; }; done)

# House first: it installs and builds while the other worker runs the rest. Pages that must keep up with a hand come last
# and have the machine to themselves.
WORKERS ?= 2
# Only notebooks need nbval, which every process would spend more than a second on.
PYTEST := $(BIN)/python -m pytest -p no:nbval
LESSONS = BRAINNB_HEADLESS=1 $(BIN)/python -m pytest --nbval-lax --nbval-cell-timeout=120
# What a model is, what a guide tells to type and what a mistake is answered with does not hang on how well XLA optimises,
# and programs that run for milliseconds compile in half the time without. Numbers from outside and what must agree to the
# last bit (`as_run`) are compared in programs as users run them.
PLAIN  := $(wildcard $(addprefix tests/,house common unit architecture messages properties))
AS_RUN := $(wildcard $(addprefix tests/,unit properties reference))
PLAINLY = XLA_FLAGS="$(addprefix --xla_,backend_optimization_level=0 cpu_use_fusion_emitters=false cpu_parallel_codegen_split_count=1) $$XLA_FLAGS"

.DEFAULT_GOAL := help
.PHONY: help lab test test-slow docs bench lint chromium constraints clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: $(VENV)/.lab ## install and open JupyterLab on notebooks/ (PORT=8888, BROWSER=none when headless or on a hub)
	@$(BIN)/brainnb lab notebooks $(if $(PORT),--port $(PORT)) $(if $(filter none,$(BROWSER)),--no-browser)

test: $(VENV)/.test chromium ## install what tests need and run all of them
	@failed=; \
	$(PLAINLY) $(PYTEST) -n $(WORKERS) --dist worksteal -m "not slow and not as_run" $(PLAIN) || failed="$$failed $(notdir $(PLAIN))"; \
	$(PYTEST) -n $(WORKERS) --dist worksteal -m "not slow and as_run" $(AS_RUN) || failed="$$failed $(notdir $(AS_RUN))"; \
	$(LESSONS) -n $(WORKERS) --dist loadfile notebooks $(wildcard tests/notebooks) || failed="$$failed notebooks"; \
	$(PYTEST) -n $(WORKERS) --dist loadfile -m "not slow and not alone" tests/browser || failed="$$failed browser"; \
	$(PYTEST) -m alone tests/browser || failed="$$failed alone"; \
	if [ -n "$$failed" ]; then echo "make test: failed in:$$failed"; exit 1; fi; \
	echo "make test: all passed"

test-slow: $(VENV)/.test ## the published numbers in their full size: an hour and more, for the night
	@$(PYTEST) -n $(WORKERS) --dist worksteal -m slow tests

docs: $(VENV)/.docs ## build the documentation into docs/_build/html, without network, warnings are errors
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

bench: $(VENV)/.test ## print the measured numbers: speed of a slider move, import time
	@for f in benchmarks/*.py; do echo "== $$f"; $(BIN)/python $$f || exit 1; done

lint: $(VENV)/.test ## style and the order of imports
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

chromium: ## the browser for the browser tests, where it may be installed
	@bash .ci/chromium.sh

constraints: ## resolve the exact versions anew (needs uv)
	@bash .ci/constraints.sh

clean: ## remove everything that was built
	rm -rf $(VENV) .jax_cache .pytest_cache .hypothesis .ruff_cache .import_linter_cache build dist
	rm -rf docs/_build docs/api/generated docs/models/generated docs/learn/generated docs/learn/notebooks tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(if $(PYTHON),,echo "brainnb needs Python 3.11, 3.12 or 3.13 with venv (on Debian: apt install python3-venv)."; \
	  echo "Install one, or name it: make lab PYTHON=/path/to/python3.12"; exit 1)
	@$(PYTHON) -m venv $(VENV)

# What one extra brings along needs no second installation.
CONTAINED_IN_docs := lab
CONTAINED_IN_test := lab docs

$(VENV)/.lab $(VENV)/.test $(VENV)/.docs: $(VENV)/.%: $(INPUTS) | $(BIN)/python
	@echo "Installing into $(VENV): a minute or two the first time"
	@$(PIP) install --quiet -c constraints.txt -e ".[$*]"
	@touch $@ $(addprefix $(VENV)/.,$(CONTAINED_IN_$*))
