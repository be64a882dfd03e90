# What a person needs: `make run`. The rest is for those who change Cerebro; `make help` lists it.
# Everything lives in .venv, which the first target makes; only Python 3.11+ (with venv) is needed.

PORT ?= 8080
DATA ?= .cerebro
TESTS ?= tests
BIN := .venv/bin
# nouns first: the command line's reference is written from them
TOOLS = tools.nouns $(filter-out tools.nouns,$(subst /,.,$(basename $(shell grep -l __main__ tools/*.py))))
STAMP := .venv/.in-step-with-uv.lock

export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
# Without .pyc files every start takes four times as long.
unexport PYTHONDONTWRITEBYTECODE VIRTUAL_ENV PYTHONPATH PYTHONHOME

.PHONY: help run setup test check bench torture generate clean
.DEFAULT_GOAL := help

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: $(STAMP) ## Start Cerebro on PORT (8080), data in DATA (.cerebro); Ctrl-C stops it
	@exec $(BIN)/cerebro up --demo --data-dir "$(DATA)" --port "$(PORT)"

setup: $(STAMP) ## Make the virtual environment with the locked dependencies

test: $(STAMP) ## Run every test, or those of TESTS
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal $(TESTS)

check: $(STAMP) ## Format, lint, types, floors, generated files in step; changes nothing
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@for tool in $(TOOLS); do echo "$$tool --check"; $(BIN)/python -m $$tool --check || exit 1; done

bench: $(STAMP) ## Measure, as ratios to baselines of the same run
	@$(BIN)/python -m benchmarks

torture: $(STAMP) ## The tests at their full sizes: more rows, more kills, more fuzzing
	@CEREBRO_TORTURE=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal $(TESTS)

generate: $(STAMP) ## Write the generated files anew
	@for tool in $(TOOLS); do echo "$$tool"; $(BIN)/python -m $$tool || exit 1; done

clean: ## Remove what is made from the source; the data in DATA stays
	@rm -rf .venv build dist htmlcov .coverage .*_cache .hypothesis *.egg-info
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

$(STAMP): pyproject.toml uv.lock
	@python=$$(for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	    "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	    && echo "$$name" && break; done); \
	if [ -z "$$python" ]; then \
	    echo "Cerebro needs Python 3.11 or newer (Debian, Ubuntu: apt install python3 python3-venv)." >&2; \
	    exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    echo "This Python $$version cannot make virtual environments. Install its venv package," >&2; \
	    echo "on Debian and Ubuntu: apt install python3-venv (or python$$version-venv)." >&2; \
	    exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making .venv with $$python"; rm -rf .venv; "$$python" -m venv .venv; \
	fi
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip -q
	@$(BIN)/python -m uv --version >/dev/null 2>&1 \
	    || $(BIN)/python -m pip install -q --disable-pip-version-check uv
	@# --inexact: uv itself is not in the lock, and stays
	@$(BIN)/python -m uv sync -q --locked --all-extras --inexact --python $(BIN)/python
	@touch $@
