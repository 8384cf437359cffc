# Two commands do all the set-up: `make demo` and `make test`. They need Python 3.11 or newer, pip and make.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# These measure real seconds, so nothing else may run beside them.
REAL_TIME := tests/connectors/test_hostile_texts.py tests/doors/test_peers.py tests/test_ends_in_time.py \
  tests/test_paused_process.py tests/test_paused_service.py tests/test_silent_database.py \
  tests/test_two_groups_of_services.py tests/doors/test_peers_of_every_kind.py

# Images of containers like to set it: each process of the tests would compile all of Night Porter anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo fleet test thorough slow fuzz postgresql lint bench wheel translations pictures lock clean

help: ## What there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.runtime ## A simulated PMS and workspace: a full sync, then live events (PMS=buildium, DEMO_ARGS="--once --port 0")
	@$(BIN)/python app.py demo $(if $(PMS),--pms $(PMS)) $(DEMO_ARGS)

fleet: $(VENV)/.dev ## A simulated fleet to look at: 40 hotels, PostgreSQL, two workers (HOTELS=...)
	@$(BIN)/python -m benchmarks.watch_fleet $(HOTELS)

test: $(VENV)/.dev ## The tests of every day (TEST_ARGS=...)
	@# Some wait for other processes: on two cores, three of ours leave none idle.
	@$(BIN)/python -m pytest -n 3 --dist worksteal -q -m "not slow and not thorough" $(TEST_ARGS)

thorough: $(VENV)/.dev ## The same by other vendors, in other styles, for longer, with processes that are killed (TEST_ARGS=...)
	@$(BIN)/python -m pytest -n 3 --dist worksteal -q -m "thorough and not slow" $(TEST_ARGS)

slow: $(VENV)/.dev ## The long ones: simulated weeks, attacks, growing inputs (TEST_ARGS=...)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q -m slow --durations 10 $(REAL_TIME:%=--ignore=%) $(TEST_ARGS)
	@$(BIN)/python -m pytest -q -m slow --durations 10 $(REAL_TIME) $(TEST_ARGS)

fuzz: $(VENV)/.dev ## Every parser of foreign input, each its share of MINUTES (60)
	@$(BIN)/python -m tests.fuzz $(or $(MINUTES),60)

postgresql: $(VENV)/.dev ## Whole worlds with PostgreSQL beneath them, and with the engine of a fleet (TEST_ARGS=...)
	@# Worlds leave their connections to the garbage collector, which psycopg complains of.
	@WORLD_DATABASE=postgresql $(BIN)/python -m pytest -n 2 -q -m "not slow" $(TEST_ARGS) \
	  -W ignore::ResourceWarning -W ignore::pytest.PytestUnraisableExceptionWarning \
	  tests/test_stays.py tests/test_whose_pin.py tests/test_one_failure.py tests/test_who_holds_access.py
	@WORLD_ENGINE=procrastinate WORLD_DATABASE=postgresql $(BIN)/python -m pytest -n 2 -q -m "not slow" $(TEST_ARGS) \
	  -W ignore::ResourceWarning -W ignore::pytest.PytestUnraisableExceptionWarning \
	  tests/test_stays.py tests/test_anything_goes.py tests/test_two_days.py

lint: $(VENV)/.dev ## ruff, mypy, and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache

bench: $(VENV)/.bench ## Prints the README's table of speeds anew
	@$(BIN)/python -m benchmarks

wheel: $(VENV)/.dev ## Builds dist/nightporter-*.whl
	@$(BIN)/python -m build --wheel --outdir dist .

translations: $(VENV)/.dev ## Takes new sentences of the pages into web/translations, and compiles what is there
	@$(BIN)/python -m tests.web.catalogues

pictures: $(VENV)/.dev ## Takes every page into docs/pictures, in light and dark, wide and on a phone
	@$(BIN)/python docs/draw_pages.py

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate $(LOCK_ARGS)

lock: $(VENV)/bin/python ## Pins anew what pyproject.toml asks for, with hashes, for every system (LOCK_ARGS=--upgrade)
	@$(PIP) install uv
	@$(BIN)/$(COMPILE) --custom-compile-command "make lock" -o requirements.lock pyproject.toml
	@$(BIN)/$(COMPILE) --custom-compile-command "make lock" -c requirements.lock --extra dev -o requirements-dev.lock pyproject.toml

clean: ## Removes the virtual environment and what was built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Night Porter needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); \
	  $(PYTHON) -m pip --quiet install --user virtualenv 2>/dev/null && $(PYTHON) -m virtualenv --quiet $(VENV); } || \
	  { echo "No virtual environment can be made: install your system's package for it (Debian: apt install python3-venv)."; exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Night Porter needs into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.bench: $(VENV)/.dev
	@$(PIP) install diffsync==2.2.0
	@touch $@
