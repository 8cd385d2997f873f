# `make` alone lists the targets. Everything is installed into .venv, from the locks.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header

# What a run on virtual hosts can find out about, as one short name.
HOSTS_TREE := git ls-tree -r HEAD cluster images stack.yml requirements.lock \
        requirements-hosts.lock tests/hosts | sha256sum | cut -c 1-12

# What the tests of faults find goes into docs/reliability.md.
RECORD := -p tests.recorder --record docs/reliability.json

# What nobody tests: shown in whole for pipeline/, where no line may be left.
REPORT := $(BIN)/python -m coverage report

SEED ?= 1
COUNT ?= 20

.PHONY: help demo wheel test test-story test-hosts hosts-tree lint format bench curve docs pictures lock audit \
        reliability chaos coverage fuzz fuzz-guided

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/runtime ## a sample of a million rows through the pipeline, on this machine
	mkdir -p out/demo
	$(BIN)/python -m pipeline.sample out/demo/sample.csv --rows 1000000
	$(BIN)/python -m pipeline.run out/demo/sample.csv --output out/demo --report report.html

test: $(VENV)/dev ## all tests but those on virtual hosts; what cannot run here is skipped with a reason
	$(BIN)/python -m pytest -m "not hosts and not swarm" --numprocesses logical; \
	    first=$$?; $(BIN)/python -m pytest -m swarm --durations=10 && exit $$first

test-story: $(VENV)/dev ## one short story on two virtual hosts, from bare to bare (root, user-mode Linux)
	HOSTS=2 HOSTS_LAB=required $(BIN)/python -m pytest -m "hosts and story" -v --durations=0

test-hosts: $(VENV)/dev ## all tests on three virtual hosts (root, user-mode Linux)
	HOSTS_LAB=required $(BIN)/python -m pytest -m hosts -v --durations=0 $(RECORD)
	$(BIN)/python -m docs.reliability docs/reliability.md
	@echo "passed on the tree $$($(HOSTS_TREE)); say so, with the date, in docs/cluster.md"

hosts-tree: ## the name of what those tests are about, as committed
	@$(HOSTS_TREE)

wheel: $(VENV)/dev ## everything that `pip install` needs, in one file in dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

lint: $(VENV)/dev ## ruff and strict mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/dev ## let ruff fix and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev ## measure this project and its peers, and write bench/README.md (hours, 29 GB of disk)
	$(BIN)/python -m bench --write bench/README.md

curve: $(VENV)/dev ## measure and draw the scaling curves of docs/scaling.md
	$(BIN)/python -m bench.curve docs/scaling.svg

docs: $(VENV)/dev ## write the pages that are made from code, and build the site out/site
	$(BIN)/python -m docs.cli docs/cli.md
	$(BIN)/python -m docs.averaged docs/averaged.svg
	$(BIN)/python -m docs.notebook docs/notebook.ipynb
	$(BIN)/python -m docs.site out/site

pictures: $(VENV)/dev ## take the pictures of report and dashboard anew (Chromium)
	$(BIN)/python -m docs.pictures docs/pictures

lock: $(VENV)/dev ## resolve pyproject.toml into the three locks again
	$(LOCK) pyproject.toml --extra hosts --output-file requirements-hosts.lock
	$(LOCK) pyproject.toml --constraint requirements-hosts.lock --output-file requirements.lock
	$(LOCK) pyproject.toml --extra hosts --group dev --group docs --group bench \
	    --constraint requirements-hosts.lock --output-file requirements-dev.lock

reliability: $(VENV)/dev ## run the tests of faults but those on virtual hosts; write docs/reliability.md
	$(BIN)/python -m pytest $(RECORD) -m "fault and not hosts and not swarm" --numprocesses logical
	$(BIN)/python -m pytest $(RECORD) -m "fault and swarm"
	$(BIN)/python -m docs.reliability docs/reliability.md

chaos: $(VENV)/dev ## strike runs on a swarm at random: COUNT of them, the first with SEED (root, Docker)
	$(BIN)/python -m tests.swarm.chaos --seed $(SEED) --count $(COUNT) --record docs/chaos.json; \
	    code=$$?; $(BIN)/python -m docs.reliability docs/reliability.md && exit $$code

coverage: $(VENV)/dev ## measure which branches the tests without labs take; none of pipeline/ may be left
	mkdir -p out/coverage
	$(BIN)/python -m pytest -m "not hosts and not swarm" --numprocesses logical --cov --cov-report=
	$(REPORT) --include='cluster/*'
	$(REPORT) --include='pipeline/*' --fail-under=100

fuzz-guided: $(VENV)/dev ## the same, led by the branches that a file takes: for ever, or FLAGS=-max_total_time=600
	$(BIN)/python -m tests.fuzz.guided out/guided $(FLAGS)

fuzz: $(VENV)/dev ## try odd and damaged files made by chance, from SEED on: for ever, or COUNT=2000
	$(BIN)/python -m tests.fuzz --seed $(SEED) --count $(if $(filter file,$(origin COUNT)),0,$(COUNT))

audit: $(VENV)/dev ## ask the OSV database for known vulnerabilities of what is locked (internet)
	$(BIN)/python -m tests.audit

$(VENV)/runtime: requirements.lock | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $<
	touch $@

$(VENV)/dev: requirements-dev.lock | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $<
	touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$(PYTHON) is older than 3.11. Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	    { echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
