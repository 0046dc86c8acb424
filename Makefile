# Every target works from any folder (make -C) and on a machine that has only Python ≥ 3.11.
.DELETE_ON_ERROR:
.PHONY: help course lab test test-browser test-matrix check fuzz deeper notebooks models experiments results \
    bench slides offline site badges clean
ROOT := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
PYTHON ?= python3
BIN := $(ROOT).venv/bin/
INSTALLED := $(ROOT).venv/installed
RUN := cd $(ROOT) && $(BIN)
# As many tests at once as there are processors; each needs up to 3 GB.
TOGETHER := -n logical --maxprocesses 4 --dist worksteal

help:
	@echo "make course     run every notebook into build/course and print what they measured"
	@echo "make deeper     run the notebooks of notebooks/deeper, the solutions and the one in Hindi"
	@echo "make lab        open JupyterLab on the notebooks"
	@echo "make test       run every test, and every notebook in fast mode"
	@echo "make test-browser  open the notebooks and the live page in a headless Chromium"
	@echo "make test-matrix   run the tests under other Pythons, the oldest and the newest versions, JAX"
	@echo "make check      run ruff, and every test but the notebooks"
	@echo "make fuzz       try 100,000 broken inputs on each part that reads some (half an hour)"
	@echo "make notebooks  run every notebook in full and save it with its outputs"
	@echo "make models     train course-attention and course-lstm into data/models (half an hour)"
	@echo "make experiments  train what no notebook can train live, and write its tables (some hours)"
	@echo "make results    write what the experiments measured into README.md"
	@echo "make bench      measure speed against PyTorch and textbook Keras (half an hour)"
	@echo "make slides     make slides of the notebooks' figures, build/slides.html"
	@echo "make offline    gather the course in build/offline, which installs without a network"
	@echo "make site       build the book of all notebooks and pages into build/site"
	@echo "make badges     write the repository's address from pyproject.toml into the notebooks"
	@echo "make clean      remove build/ and .venv/"

course: $(INSTALLED)
	$(RUN)python notebooks/course.py run --to build/course

deeper: $(INSTALLED)
	$(RUN)python notebooks/course.py run --to build/course deeper/ solutions/ hindi/

lab: export JUPYTER_CONFIG_PATH := $(ROOT)notebooks$(if $(JUPYTER_CONFIG_PATH),:$(JUPYTER_CONFIG_PATH))
lab: $(INSTALLED)
	$(RUN)jupyter lab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

test: $(INSTALLED)
	$(RUN)python -m pytest $(TOGETHER)

# Each of the two has a JupyterLab of its own.
test-browser: $(INSTALLED)
	$(RUN)python -m pip install --quiet --editable '.[browser]'
	$(RUN)python -m pytest tests/browser -n 2 --dist loadfile -rs

test-matrix: $(INSTALLED)
	$(RUN)python -m pip install --quiet --editable '.[matrix]'
	$(RUN)python -m nox

check: $(INSTALLED)
	$(RUN)ruff check .
	$(RUN)ruff format --check .
	$(RUN)python -m pytest $(TOGETHER) -m "not notebook"

fuzz: $(INSTALLED)
	$(RUN)python -m pip install --quiet --editable '.[fuzz]'
	$(RUN)python -m fuzz

notebooks: $(INSTALLED)
	$(RUN)python notebooks/course.py run --to notebooks
	$(RUN)python notebooks/course.py run --to notebooks deeper/ solutions/ hindi/

models: $(INSTALLED)
	$(RUN)python -m data.models

experiments: $(INSTALLED)
	$(RUN)python -m benchmarks.experiments
	$(MAKE) -f $(ROOT)Makefile results

results: $(INSTALLED)
	$(RUN)python -m benchmarks.experiments.report

bench: $(INSTALLED)
	$(RUN)python -m pip install --quiet --editable '.[bench]'
	$(RUN)python -m benchmarks

slides: $(INSTALLED)
	$(RUN)python -m workshop.slides

offline: $(INSTALLED)
	$(RUN)python -m workshop.offline

site: $(INSTALLED)
	$(RUN)python site/book.py

badges: $(INSTALLED)
	$(RUN)python notebooks/course.py badges

clean:
	rm -rf $(ROOT)build $(ROOT)notebooks/build $(ROOT)notebooks/hindi/build $(ROOT).venv

# The file says that the installation ended well; it is made again when a requirement changes.
$(INSTALLED): $(ROOT)requirements.txt $(ROOT)pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else \
	    "Python 3.11, 3.12 or 3.13 is needed, this is " + sys.version.split()[0] + \
	    ": make PYTHON=python3.13 ...")'
	@test -x $(BIN)python || $(PYTHON) -m venv $(ROOT).venv
	@echo "Installing TensorFlow and the rest into .venv: a few minutes, once."
	@$(RUN)python -m pip install --quiet --editable '.[lab,dev]'
	@touch $@
