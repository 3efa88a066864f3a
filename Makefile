# Two commands are all the set-up: `make demo` and `make test` prepare what they need by themselves.
#   make demo        makes a film of data/lessons/welcome.json
#   make test        runs the tests
#   make check       format, lint, types, import rules
#   make dev         Dagster's UI on http://127.0.0.1:3000
#   make provider    a provider of texts, voices and pictures on this machine, to try the whole path without a key
#   make bench       benchmarks, as ratios against a baseline in the same run
#   make bench-providers what a provider's time comes to: SCALE=0.25 is quicker
#   make bench-lips  the lips' network in every form; CHECKPOINT=, FACE= and BOX= are optional; OUT=, a PNG
#   make setup TORCH=1   also installs torch, for photographed presenters

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 3000
OUT ?= data/state/lips.png
comma := ,
LESSON ?= data/lessons/welcome.json
EXTRAS := $(if $(TORCH),[torch$(comma)openvino$(comma)faces],)
READY := $(VENV)/.ready$(if $(TORCH),-torch,)
READY_DEV := $(VENV)/.ready-dev

.PHONY: demo test test-slow check format dev provider bench bench-lips bench-providers setup clean force

demo: $(READY) .env
	$(BIN)/lessonreel render $(LESSON)

test: $(READY_DEV) .env
	$(BIN)/pytest -n auto

test-slow: $(READY_DEV) .env
	$(BIN)/pytest -m slow

check: $(READY_DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/pyright

format: $(READY_DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

dev: $(READY) .env
	$(BIN)/python -m jobs.dev --port $(PORT)

provider: $(READY)
	$(BIN)/python -m tests.faults.provider $(FLAGS)

bench: $(READY_DEV) .env
	$(BIN)/python -m benchmarks

bench-providers: $(READY_DEV) .env
	$(BIN)/python -m benchmarks.providers $(SCALE)

bench-lips: $(READY_DEV) .env
	$(BIN)/python -m benchmarks.lips $(if $(CHECKPOINT),--checkpoint $(CHECKPOINT)) \
		$(if $(FACE),--face $(FACE) --box $(BOX)) --out $(OUT) \
		--say "A photographed presenter speaks, and every bump of the lips must be on time. Papa buys a map."

setup: $(READY) .env

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".$(EXTRAS)"
	touch $@

$(READY_DEV): $(READY)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

# Absolute paths, as $${PWD} breaks when Dagster is started from another folder.
# Written anew each time: a checkout may have been moved.
.env: force
	@mkdir -p data/state
	@printf 'DAGSTER_HOME=%s\nLESSONREEL_ROOT=%s\nLESSONREEL_STATE=%s\n' '$(CURDIR)' '$(CURDIR)' '$(CURDIR)/data/state' > $@

clean:
	rm -rf $(VENV) .env data/state data/store data/videos
