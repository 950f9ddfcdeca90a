# `make app`, `make check` and `make test` set everything up in a .venv of their own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A file of tests stays in one process, so that what its tests share is made once; a thread each, or they would wait
# for each other.
TOGETHER := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
ALONE := OMP_NUM_THREADS=1 $(BIN)/python -m pytest
# Compiled once, and not again by each of the hundreds of processes that tests start.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: app check test lint types unit all docs bench load fuzz zoo truth lock format clean

app: $(VENV)/.app
	$(BIN)/python -m streamlit run app/main.py

# Types are checked by one processor beside the tests.
check: lint
	$(MAKE) --jobs 2 types unit

test: lint
	$(MAKE) --jobs 2 types all

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

unit: $(VENV)/.test
	$(TOGETHER) -m "not (page or browser or process or alone or long)"

all: $(VENV)/.test
	$(TOGETHER) -m "not alone"
	$(TOGETHER) -m alone

# The documentation as a site, in site/; a warning ends it.
docs: $(VENV)/.test
	$(BIN)/zensical build --strict

# Ten thousand inputs of each kind, each time others.
fuzz: $(VENV)/.test
	XAI_FUZZ=10000 $(ALONE) tests/test_fuzz.py tests/test_fuzz_formats.py tests/test_fuzz_frames.py -s --timeout 3000

# Thirty people and one server.
load: $(VENV)/.bench
	$(BIN)/python benchmarks/load_speed.py

# Networks of torchvision, timm and Hugging Face, explained twice; writes docs/zoo.md.
zoo: $(VENV)/.test
	$(BIN)/python benchmarks/zoo.py

# Planted truths: what headlines say of them, and how often intervals cover; writes docs/truth.md and docs/coverage.md.
truth: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/truth.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/interval_coverage.py

bench: $(VENV)/.bench
	$(BIN)/python benchmarks/run.py

# What a deployment installs, with the hash of every file: the newest within the bounds of requirements.txt.
lock: $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	$(BIN)/uv pip compile pyproject.toml $(foreach name,huggingface login medical onnx tiff timm,--extra $(name)) --universal \
		--constraints constraints.txt --python-version 3.11 --generate-hashes --upgrade --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --quiet -o requirements.lock

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: $(BIN)/python requirements.txt constraints.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.test: $(VENV)/.app
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

$(VENV)/.bench: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	touch $@
