# Thin names for dev.py, which does the work and its own set-up.
PYTHON ?= python3

.PHONY: help demo test setup zip repository lock bench bench-anidoc clean

help:
	@$(PYTHON) dev.py --help

demo test setup zip repository lock bench bench-anidoc clean:
	@$(PYTHON) dev.py $@
