# make demo          installs everything and runs one whole round on embedded defaults
# make test          installs everything and runs the tests
# make test-fast     runs those that need no server, browser, database or torch, and start no program: a minute or so
# make setup         installs this checkout into .venv; then: .venv/bin/ernotes --help
# make label-studio  installs the annotation server into .venv-label-studio
# make check         ruff, mypy --strict, import-linter, and the manual built strictly
# make docs          builds the manual: build/docs/index.html

PYTHON ?= python3
VENV := .venv
LABEL_STUDIO := .venv-label-studio
DEMO ?= demo
# For CPU-only PyTorch, or a CUDA build of your choice: the index that pytorch.org names for it.
TORCH_INDEX ?=
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
# A dead link, an anchor that is not there and an unknown name are warnings, and these are errors; nothing is fetched.
MANUAL := $(VENV)/bin/python -m sphinx --fail-on-warning --keep-going --nitpicky --fresh-env --quiet --doctree-dir build/doctrees docs build/docs
TORCH_OPTIONS := $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX),)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev label-studio demo test test-fast check docs clean

help:
	@sed -n 's/^# make /make /p' Makefile

setup: $(VENV)/.installed

setup-dev: $(VENV)/.installed-dev

label-studio: $(LABEL_STUDIO)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Installing ernotes into $(VENV) (a few minutes the first time)"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install $(TORCH_OPTIONS) --constraint constraints.txt torch
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --constraint constraints.txt --editable '.[dev,postgresql]'
	@touch $@

$(LABEL_STUDIO)/.installed: constraints-label-studio.txt
	@echo "Installing Label Studio into $(LABEL_STUDIO), an environment of its own (a few minutes the first time)"
	$(PYTHON) -m venv $(LABEL_STUDIO)
	$(LABEL_STUDIO)/bin/python -m pip --disable-pip-version-check --quiet install --constraint constraints-label-studio.txt label-studio
	@touch $@

demo: setup label-studio
	@$(VENV)/bin/ernotes -w $(DEMO) init --offline
	@$(VENV)/bin/ernotes -w $(DEMO) loop --rounds 1 --annotator simulated

test: setup-dev label-studio
	$(VENV)/bin/python -m pytest -n 2 --dist loadfile

test-fast: setup-dev
	$(VENV)/bin/python -m pytest -n 2 --dist loadfile --hypothesis-profile=fast -m "not label_studio and not browser and not database and not torch and not command and not slow"

check: setup-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(MANUAL)

docs: setup-dev
	$(MANUAL)
	@echo "The manual is build/docs/index.html"

clean:
	rm -rf $(VENV) $(LABEL_STUDIO) build *.egg-info
