# The commands of this checkout; `make` alone explains them. What they make lies in .venv, .ansible, .cache and .demo.
SHELL := /bin/bash -euo pipefail
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_HOME := $(CURDIR)/.ansible
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.ansible/collections
export ANSIBLE_FORCE_COLOR ?= $(if $(MAKE_TERMOUT),1,0)
export ANSIBLE_CALLBACK_RESULT_FORMAT := yaml
export ANSIBLE_DISPLAY_SKIPPED_HOSTS := no

VENV := .venv/complete
CHECKS := ruff mypy yamllint shellcheck ansible-lint changelog docs-lint
MOLECULE := molecule --base-config molecule/config.yml
FAST := ruff mypy yamllint shellcheck unit

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

.PHONY: demo demo-down
demo: $(VENV) ## Set up a mail server in a container, prove that it works and say how to use it
	@tools/need engine ssh-keygen openssl curl swaks
	@.venv/bin/python demo/demo.py up

demo-down: ## Remove the demo's server and everything it kept
	@python3 demo/demo.py down

.PHONY: test test-fast
test: hosts-ready $(VENV) ## Run every check there is (about an hour on two cores)
	@tools/gate $(CHECKS) unit sanity artefact molecule

test-fast: $(VENV) ## Run the checks that take seconds: unit tests and most linters
	@tools/gate $(FAST)

.PHONY: lint $(CHECKS)
lint: $(VENV) ## Run all linters
	@tools/gate $(CHECKS)

ruff: $(VENV)
	ruff check .
	ruff format --check .

mypy: $(VENV) link
	mypy

yamllint: $(VENV)
	yamllint --strict .

shellcheck: $(VENV)
	shellcheck $$(grep --recursive --files-with-matches --extended-regexp '^#!/(usr/bin/env |bin/)(ba)?sh' .ci tools)

ansible-lint: $(VENV) link
	ansible-lint --offline --profile production

changelog: $(VENV)
	antsibull-changelog lint

docs-lint: $(VENV) link
	antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck .

.PHONY: unit sanity molecule bench
unit: $(VENV) link ## Run the unit tests; ARGS="-k NAME" picks some
	PYTHONPATH="$$ANSIBLE_COLLECTIONS_PATH" python -m pytest $(ARGS)

sanity: $(VENV) ## Run ansible-test sanity
	tools/sanity

# Scenario courier gets new hosts, where no other server has had the mail and no short name is taken twice.
molecule: hosts-ready $(VENV) ## Run the scenarios on real daemons; ARGS="test --scenario-name server" picks one
	$(if $(ARGS),,@echo 'Removing the test hosts of an aborted run'; $(MOLECULE) destroy >/dev/null 2>&1)
	$(MOLECULE) $(or $(ARGS),test --scenario-name server --scenario-name relay --scenario-name tls --scenario-name dkim)
	$(if $(ARGS),,$(MOLECULE) test --scenario-name courier)

bench: hosts-ready $(VENV) link ## Measure what accounts cost; ARGS="--queue", "--logs", "--keys", "--lock", "--migration" measure other things
	python tests/benchmarks/bench.py $(ARGS)

.PHONY: build artefact clean
build: $(VENV) ## Build the collection's archive in .cache/dist
	@mkdir -p .cache/dist
	ansible-galaxy collection build --force --output-path .cache/dist

artefact: build
	tools/artefact

clean: demo-down ## Remove what the commands made, with test hosts and images
	@tools/clean

# What the targets above stand on.
.PHONY: hosts-ready link
hosts-ready:
	@tools/need engine ssh-keygen

link:
	@tools/link-collection

$(VENV): tools/requirements.txt
	@tools/need venv ssh-keygen
	@echo 'Installing the tools into .venv (about a minute, once)'
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	@python3 -m venv --clear .venv
	@.venv/bin/pip install --disable-pip-version-check --requirement tools/requirements.txt >.venv/log 2>&1 || { tail -n 5 .venv/log; exit 1; }
	@touch $@
