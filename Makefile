# Sets up its own environment in .venv from the pinned requirements; needs python3, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TEST_READY := $(VENV)/.test-ready

.PHONY: help demo test lint bench validate size docs catalogues sample wheelhouse clean

help:
	@echo "make demo        set up and run the whole job on the sample region"
	@echo "make test        set up and pass the tests"
	@echo "make lint        ruff and mypy"
	@echo "make bench       timings beside the peers'"
	@echo "make validate    the statistics beside their oracles"
	@echo "make size        how often the tests call chance a hot spot (half an hour)"
	@echo "make docs        make the tables in docs/ again"
	@echo "make catalogues  gather the texts to translate into hotspot/locale/"
	@echo "make sample      make the sample region again"
	@echo "make wheelhouse  everything a closed network needs, in wheelhouse/"

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(TEST_READY): requirements-dev.txt $(READY)
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	touch $@

demo: $(READY)
	$(BIN)/python cli.py demo --out out

test: $(TEST_READY)
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: $(TEST_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(TEST_READY)
	$(BIN)/python -m pip install --quiet --requirement requirements-bench.txt
	$(BIN)/python -m benchmarks.bench
	$(BIN)/python -m benchmarks.growth

validate: $(TEST_READY)
	$(BIN)/python -m pip install --quiet --requirement requirements-bench.txt
	$(BIN)/python -m benchmarks.validate

size: $(TEST_READY)
	$(BIN)/python -m benchmarks.simulate_size
	$(BIN)/python -m benchmarks.validate --sizes

docs: $(READY)
	$(BIN)/python docs/make_tables.py

catalogues: $(TEST_READY)
	$(BIN)/python docs/make_catalogues.py

sample: $(READY)
	$(BIN)/python data/make_sample.py

wheelhouse: $(READY)
	$(BIN)/python -m pip wheel --quiet --wheel-dir wheelhouse --requirement requirements.txt
	$(BIN)/python -m pip wheel --quiet --wheel-dir wheelhouse --no-deps --no-build-isolation .
	@echo "install with: pip install --no-index --find-links wheelhouse mahalla-hotspot"

clean:
	rm -rf $(VENV) build dist wheelhouse out *.egg-info
