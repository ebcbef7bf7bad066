# One command to run the lab, one to pass the tests; both set up everything they need.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
LAB    ?= ipsec-vpn

.DEFAULT_GOAL := help

help:            ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --group test --group lint
	@touch $@

up: $(VENV)/.run  ## Start the handout's lab (LAB=ipsec-vpn-exercise for the empty one)
	$(BIN)/iosemu up $(LAB)

test: $(VENV)/.dev  ## Run the test suite
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not interop and not browser"  # the many programs it starts load compiled code

interop: $(VENV)/.dev  ## Run the tests with real clients and peers: OpenSSH, Netmiko, scrapli, Ansible, strongSwan, FRRouting, tshark (as root)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n 2 --dist loadfile -m interop tests/interop tests/unit/farm

browser: $(VENV)/.dev  ## Run the tests of the page in Chromium
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -m browser tests/browser

screenshots: $(VENV)/.dev  ## Take the pictures of the README and the docs anew
	IOSEMU_SCREENSHOTS=build/screenshots $(BIN)/python -m pytest -q -m browser tests/browser -k "(lesson and en-US) or packets_are or traced"
	cp build/screenshots/ladder-en-US.png docs/images/page.png
	cp build/screenshots/packets.png build/screenshots/trace.png docs/images/
	$(BIN)/iosemu graph ipsec-vpn -w docs/images/topology.svg

lint: $(VENV)/.dev  ## ruff, mypy --strict, the import contract, current references
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(BIN)/python docs/fidelity.py --check

docs: $(VENV)/.dev  ## Write docs/reference from the grammar and the schema
	$(BIN)/python docs/generate.py

$(VENV)/.site: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --group site
	@touch $@

site: $(VENV)/.site  ## Build the documentation as a site in build/site; a warning is a failure
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

package: $(VENV)/.run  ## Build the wheel and try it in a fresh environment, as uvx and pipx run it
	rm -rf dist build/package build/try
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	$(PYTHON) -m venv build/package
	build/package/bin/pip install --quiet "$$(ls dist/iosemu-*.whl)[web,mcp]"
	mkdir -p build/try
	cd build/try && ../package/bin/iosemu --version && ../package/bin/iosemu ls
	cd build/try && ../package/bin/iosemu check ipsec-vpn
	cd build/try && ../package/bin/iosemu challenge new ipsec-vpn --seed 1 --folder one

bench: $(VENV)/.dev  ## Run the benchmarks
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python -m benchmarks.ipsec
	$(BIN)/python -m benchmarks.dmvpn 25
	$(BIN)/python -m benchmarks.queues
	$(BIN)/python -m benchmarks.ospf_lab
	$(BIN)/python -m benchmarks.bgp
	$(BIN)/python -m benchmarks.labs
	$(BIN)/python -m benchmarks.testing
	$(BIN)/python -m benchmarks.wire
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.page_class
	$(BIN)/python -m benchmarks.classroom
	$(BIN)/python -m benchmarks.farm 100 60

clean:           ## Remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache dist

.PHONY: help up test interop browser screenshots lint docs site package bench clean
