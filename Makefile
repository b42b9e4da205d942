# The first run prepares what the targets need: uv, the virtual environment, Prometheus and Alertmanager, Chromium.
# All of it is put into .venv and .tools. Nothing is installed on the machine.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
UV_VERSION := 0.13.9

# The first Python of 3.11 or newer that runs: a name on PATH can be a shim (pyenv) without an interpreter.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.version_info >= (3, 11) or sys.exit(1); print(sys.executable)' 2>/dev/null && break; done)
need_python = @test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv" >&2; exit 1; }
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .tools/uv/bin/uv)
# Empty if PATH already has Prometheus and Alertmanager, which Debian calls prometheus-alertmanager.
MONITORING := $(shell { command -v prometheus && command -v promtool && command -v amtool && \
	{ command -v alertmanager || command -v prometheus-alertmanager; }; } >/dev/null || echo .tools/monitoring/usr/bin/amtool)
# Empty if PATH already has Chromium.
CHROMIUM := $(shell command -v chromium >/dev/null || echo .tools/chromium/usr/bin/chromium)

export PATH := $(if $(MONITORING),$(CURDIR)/$(dir $(MONITORING)):)$(if $(CHROMIUM),$(CURDIR)/$(dir $(CHROMIUM)):)$(PATH)
export UV_PYTHON_DOWNLOADS := never
# The CA certificate of a company is in the system's store, not in uv's.
export UV_SYSTEM_CERTS := true
export UV_PROJECT_ENVIRONMENT := .venv
unexport VIRTUAL_ENV

# What only root can prepare. Without it, the tests of the image fail and say so, and all others run.
AS_ROOT := $(if $(filter 0,$(shell id -u)),image)

.PHONY: help demo test fuzz e2e image lint bench manifests schema golden wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: .venv/.synced $(MONITORING) ## a report of each job on fleets on this machine; ARGS="…" goes to `maintainer demo`
	.venv/bin/maintainer demo $(ARGS)

test: .venv/.synced $(MONITORING) ## the tests, with a real Prometheus and Alertmanager; ARGS="…" goes to pytest
	.venv/bin/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

fuzz: .venv/.synced $(MONITORING) ## the tests of hostile input with 2,000 examples each; ARGS="…" goes to pytest
	.venv/bin/pytest tests/fuzz -m '' --hypothesis-profile=fuzz --numprocesses 2 $(ARGS)

e2e: .venv/.synced $(MONITORING) $(CHROMIUM) $(AS_ROOT) ## the tests that take long, pages in a browser, and the jobs on a real control plane, which is built once; ARGS="…" goes to pytest
	.venv/bin/python tests/e2e/parts.py
	tools/e2e-all.sh $(ARGS)

lint: .venv/.synced ## format, lint, types, and the layers of the imports
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: .venv/.synced $(MONITORING) ## CPU and memory, as ratios to a baseline of the same run
	@failed=0; for name in help due queries growth render monthly drift alerts harvest storage; do .venv/bin/python bench/$$name.py || failed=1; done; exit $$failed

manifests: .venv/.synced ## cronjob/ as the monitoring chart renders it
	.venv/bin/python -m tests.helm.manifests

image: ## the image localhost/maintainer in .tools/image, which tools/containers.sh podman shows; BASE=… is an image with Python
	UV_VERSION=$(UV_VERSION) tools/image.sh

schema: .venv/.synced ## docs/report.schema.json, from the types of a report
	.venv/bin/python -m tests.render.schema_file

golden: .venv/.synced ## tests/render/golden, a report in Markdown, JSON and for a terminal, after a change that is meant
	.venv/bin/python -m tests.render.golden_files

wheel: | $(UV) ## a wheel in dist/
	$(need_python)
	$(UV) build --wheel --python "$(PYTHON)"

clean: ## remove .venv, .tools, dist and caches; keep the reports
	rm -rf .venv .tools dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find maintainer tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.synced: uv.lock pyproject.toml | $(UV)
	$(need_python)
	$(UV) sync --locked --extra demo --python "$(PYTHON)" --quiet
	@touch $@

.tools/uv/bin/uv:
	$(need_python)
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || { echo "Python's venv is needed: apt-get install python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv .tools/uv
	.tools/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.tools/monitoring/usr/bin/amtool:
	tools/monitoring.sh

.tools/chromium/usr/bin/chromium:
	tools/chromium.sh
