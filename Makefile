# Two commands are all the set-up: `make demo` and `make test` prepare what they need by themselves.
#   make demo        makes a film of data/lessons/welcome.json
#   make test        runs the tests
#   make check       format, lint, types, import rules, Dagster's definitions
#   make dev         Dagster's UI on http://127.0.0.1:3000
#   make provider    a provider of texts, voices and pictures on this machine, to try the whole path without a key
#   make bench       benchmarks, as ratios against a baseline in the same run
#   make bench-providers what a provider's time comes to: SCALE=0.25 is quicker
#   make bench-voices how well voices are understood and how natural they sound: EVERY=4 for a quarter, VOICE=name
#   make bench-screen what the slides of bare sections teach, and what their states cost: SHEET=, a PNG of all slides
#   make bench-lips  the lips' network in every form; CHECKPOINT=, FACE= and BOX= are optional; OUT=, a PNG
#   make setup TORCH=1   also installs torch, for photographed presenters
#   make clean       removes .venv and caches only
#   make clean-films, clean-store, clean-state   remove all films, the store, or the state

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 3000
OUT ?= data/state/lips.png
EVERY ?= 1
# A test waits a quarter of its time for other processes, so one and a half workers a core keep all cores busy.
TEST_WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )))
comma := ,
LESSON ?= data/lessons/welcome.json
EXTRAS := $(if $(TORCH),[torch$(comma)openvino$(comma)faces],)
# The scripts of a virtual environment contain its path. So it is created again in a checkout that was moved or copied.
# (Environments of tools other than venv do not record their path. They are used as they are.)
MOVED := $(shell place=$$(sed -n 's/^command = .* -m venv //p' $(VENV)/pyvenv.cfg 2>/dev/null); \
	case "$$place" in (""|*"$$(pwd -P)/$(VENV)") ;; (*) echo moved ;; esac)
PYTHON_HERE := $(BIN)/python
READY := $(VENV)/.ready$(if $(TORCH),-torch,)
READY_DEV := $(VENV)/.ready-dev

# In the launcher that pip writes, a shell still expands $, ` and \ in the path.
define ANYWHERE
case "$$(pwd -P)" in (*[\$$\`\"\\]*) printf '%s\n' '#!/bin/sh' \
	'exec "$$(dirname "$$(realpath "$$0")")/python" -P -m video_assets.cli "$$@"' > $(BIN)/lessonreel ;; esac
endef

.PHONY: demo test test-slow check check-definitions format dev provider bench bench-lips bench-voices bench-screen bench-providers setup clean clean-films clean-store \
	clean-state not-while-dev-runs force

demo: $(READY) .env
	$(PYTHON_HERE) -m video_assets.cli render $(LESSON)

test: $(READY_DEV) .env
	$(PYTHON_HERE) -m pytest -n auto --dist worksteal

test-slow: $(READY_DEV) .env
	$(PYTHON_HERE) -m pytest -m slow -n $(TEST_WORKERS)

check: $(READY_DEV)
	$(PYTHON_HERE) -m ruff format --check .
	$(PYTHON_HERE) -m ruff check .
	$(PYTHON_HERE) $(BIN)/lint-imports
	$(PYTHON_HERE) -m pyright
	$(MAKE) --no-print-directory check-definitions

# Dagster's own checks, as its users run them.
check-definitions: export VIRTUAL_ENV := $(CURDIR)/$(VENV)
check-definitions: $(READY_DEV) .env
	$(PYTHON_HERE) $(BIN)/dg check toml
	$(PYTHON_HERE) $(BIN)/dg check defs
	$(PYTHON_HERE) $(BIN)/dg list defs --json > /dev/null

format: $(READY_DEV)
	$(PYTHON_HERE) -m ruff format .
	$(PYTHON_HERE) -m ruff check --fix .

dev: $(READY) .env
	$(PYTHON_HERE) -m jobs.dev --port $(PORT)

provider: $(READY)
	$(PYTHON_HERE) -m tests.faults.provider $(FLAGS)

bench: $(READY_DEV) .env
	$(PYTHON_HERE) -m benchmarks

bench-providers: $(READY_DEV) .env
	$(PYTHON_HERE) -m benchmarks.providers $(SCALE)

# distillmos and xls-r-sqa without what they need for training and their commands (transformers, torchaudio, librosa).
bench-voices: $(READY_DEV) .env
	$(PYTHON_HERE) -m pip install --quiet --no-deps --constraint constraints.txt distillmos xls-r-sqa
	$(PYTHON_HERE) -m benchmarks.voices --every $(EVERY) $(if $(VOICE),--voice $(VOICE))

bench-screen: $(READY_DEV) .env
	$(PYTHON_HERE) -m benchmarks.screen $(if $(SHEET),--sheet $(SHEET))
	$(PYTHON_HERE) -m benchmarks.reveal

bench-lips: $(READY_DEV) .env
	$(PYTHON_HERE) -m benchmarks.lips $(if $(CHECKPOINT),--checkpoint $(CHECKPOINT)) \
		$(if $(FACE),--face $(FACE) --box $(BOX)) --out $(OUT) \
		--say "A photographed presenter speaks, and every bump of the lips must be on time. Papa buys a map."

setup: $(READY) .env

$(READY): pyproject.toml constraints.txt $(if $(MOVED),force)
	$(if $(MOVED),@echo "This checkout was moved or copied. Creating $(VENV) again."; rm -rf $(VENV))
	test -x $(PYTHON_HERE) || $(PYTHON) -m venv $(VENV)
	$(PYTHON_HERE) -m pip install --quiet --constraint constraints.txt --editable ".$(EXTRAS)"
	@$(ANYWHERE)
	touch $@

$(READY_DEV): $(READY)
	$(PYTHON_HERE) -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

# Written each time, because a checkout may have been moved. Lines that a person added stay.
.env: $(READY) force
	@$(PYTHON_HERE) -m video_assets.environment_file

# Only files that can be recreated at no cost.
clean:
	rm -rf $(VENV) build dist .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
	find . \( -path ./data -o -path ./.git \) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
	@echo "Kept: data (lessons, films, store, state) and .env. See also: make clean-films, clean-store, clean-state."

# Finished or paid work: each has a target of its own.
clean-films: not-while-dev-runs
	@echo "Removing all films (data/videos). The next render of each lesson joins its film again from the store."
	rm -rf data/videos

clean-store: not-while-dev-runs
	@echo "Removing the store (data/store): all finished parts, and the paid answers of providers."
	rm -rf data/store

clean-state: not-while-dev-runs
	@echo "Removing the state (data/state): Dagster's history, approvals, remembered choices, the journal of paid calls, the indexes of films and lesson files."
	rm -rf data/state

not-while-dev-runs:
	@if [ -x $(PYTHON_HERE) ]; then $(PYTHON_HERE) -m jobs.dev.lock; fi
