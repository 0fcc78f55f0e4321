# make demo   set up, simulate Uppsala, run everything and serve it on http://127.0.0.1:5000
# make test   set up and run every check
# make bench  speed and memory beside the named peers (by hand; minutes)
# make clean  remove the environment and the demo's store

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Orienteering and back-tests take the better part of an hour: by hand, as their own texts say.
BENCHMARKS := zones_million dbscan_million density_million gi_star knox_scan intake_million \
  store_bulk streets_matrix effort_loop etas

.PHONY: demo test bench setup clean
.DEFAULT_GOAL := demo

setup: $(INSTALLED)

# uv where it is found, else pip; the versions are those of constraints.txt either way. The route
# search is compiled now, so that no one waits for it later.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "riskmiljo behöver Python 3.11 eller nyare / needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --clear --python "$$(command -v $(PYTHON))" $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --constraints constraints.txt --editable '.[dev]'; \
	else \
	  $(PYTHON) -m venv --clear $(VENV) && \
	  $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'; \
	fi
	@$(BIN)/python -m riskmiljo.patrol.warm
	@touch $@

demo: $(INSTALLED)
	@$(BIN)/riskmiljo demo $(ARGS)

test: $(INSTALLED)
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

bench: $(INSTALLED)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade
	@$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@for script in $(BENCHMARKS); do echo "== $$script"; $(BIN)/python tests/benchmarks/$$script.py || exit 1; done

clean:
	rm -rf $(VENV) riskmiljo-demo.sqlite
