# Needs python3 >= 3.11 and make; everything else goes into .venv. Another Python: make PYTHON=python3.13 test
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
CACHES := .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help demo test test-torch check bench gallery clean
.NOTPARALLEL:  # two installations must not write into .venv at once

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

demo: $(VENV)/.run  ## solve a first problem, print its report, save its picture in out/
	@$(RUN) examples/first_solve.py

test: $(VENV)/.test  ## run all tests and the examples in the docstrings; ARGS="-k name" selects
	@OPENBLAS_NUM_THREADS=1 $(RUN) -m pytest -n auto --dist loadfile $(ARGS)  # small problems: threads would wait for one another

test-torch: $(VENV)/.torch  ## run the tests of array libraries with PyTorch and JAX beside NumPy; they are large to install
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(RUN) -m pytest -n auto tests/portable tests/test_readme.py $(ARGS)

check: $(VENV)/.dev  ## lint, format and types
	@$(RUN) -m ruff check
	@$(RUN) -m ruff format --check
	@$(RUN) -m mypy

bench: $(VENV)/.run  ## run the programs in benchmarks/
	@$(RUN) -m benchmarks

gallery: $(VENV)/.test  ## run all examples, make docs/gallery.md
	@$(RUN) docs/gallery.py

clean:  ## remove .venv, out/, build products and caches
	@rm -rf $(VENV) out build dist *.egg-info $(CACHES)
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each set of dependencies: nothing for running, the extras of pyproject.toml for the rest.
$(VENV)/.test: EXTRA := [test]
$(VENV)/.dev: EXTRA := [dev]
$(VENV)/.torch: EXTRA := [test,torch,jax]
$(VENV)/.run $(VENV)/.test $(VENV)/.dev $(VENV)/.torch: pyproject.toml $(RUN)
	@echo "installing tensorfem$(EXTRA) into $(VENV)"
	@$(RUN) -m pip install --quiet --disable-pip-version-check --editable ".$(EXTRA)"
	@touch $@

$(RUN):
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11 ($$($(PYTHON) -V 2>&1)); name a newer one: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv or ensurepip; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
