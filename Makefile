# make run     the bot (without DISCORD_TOKEN in .env: in a page in the browser)
# make test    the tests
# make test-long  the tests, with all that takes long: 100,000 people, all queries, more kills
# make faults  fifty imports, and two hundred times members at work, in which something is killed
#              at a random moment; a quarter of an hour
# make load    500 commands at once, and 50 a second for five minutes, with the real model
# make cluster   a Redis Cluster under load, each of whose nodes is killed, and a failover by Sentinel
# make fuzz    a million inputs for the parsers, some minutes; Linux
# make check   all that CI checks: lint, format, types, versions, tests
# make pictures   every answer as a picture, those of the README among them; needs Chromium
# make messages   collect the texts for translators, and compile the translations there are
# make bench   speed, memory and completeness, ours and others', as docs/benchmarks.md; 20 minutes
#              (make bench QUICK=1: less of it, in 3 minutes, printed or written to OUT=file)
# make strategies   what filtered searches cost, and whom they miss, at 100,000 people
#
# On Linux the package index serves PyTorch with gigabytes of CUDA. The CPU build comes from
# PyTorch's own index; for a GPU, or for another source: make run TORCH_INDEX=
ifeq ($(shell uname -s),Linux)
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
endif
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: run test test-long faults load cluster fuzz check pictures messages bench strategies audit
.PHONY: lint format types install clean
.DEFAULT_GOAL := run

run: install
	$(BIN)/python -m bot

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: lint types audit test

# That the versions fit together. For known holes in them somebody with the network has to ask a
# database of such.
audit: $(VENV)/dev
	$(BIN)/python -m pip --disable-pip-version-check check

test-long: $(VENV)/dev
	$(BIN)/python -m pytest -m 'not (faults or load or cluster)'

faults: $(VENV)/dev
	$(BIN)/python -m pytest -m "" tests/test_faults.py tests/test_kills.py

load: $(VENV)/dev
	$(BIN)/python -m pytest -m load -s tests/test_load.py

fuzz: $(VENV)/dev
	$(BIN)/python -m tests.fuzz

cluster: $(VENV)/dev
	$(BIN)/python -m pytest -m "" -s tests/test_cluster.py tests/test_sentinel.py

pictures: $(VENV)/dev
	$(BIN)/python -m pytest --pictures $(VENV)/pictures tests/test_browser.py
	cp $(VENV)/pictures/search-wide.png docs/search.png
	cp $(VENV)/pictures/map-wide.png docs/map.png

# A translation starts with: pybabel init -D bot -i bot/locale/bot.pot -d bot/locale -l de
messages: $(VENV)/dev
	$(BIN)/pybabel --quiet extract -k locale_str -c Translators: --add-location=file --sort-by-file \
		--omit-header -w 100 -o bot/locale/bot.pot bot cogs
ifneq ($(wildcard bot/locale/*/LC_MESSAGES/bot.po),)
	$(BIN)/pybabel --quiet update -D bot -i bot/locale/bot.pot -d bot/locale --ignore-obsolete
	$(BIN)/pybabel --quiet compile -D bot -d bot/locale
endif

bench: $(VENV)/run $(PEERS)/run
	QUICK=$(QUICK) OUT=$(OUT) $(BIN)/python -m benchmarks

strategies: $(VENV)/dev
	$(BIN)/python -m benchmarks.strategies

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/pyright

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: $(VENV)/run

$(VENV)/run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@echo "Installing; the first time this takes a few minutes."
	$(PIP) --no-deps $(if $(TORCH_INDEX),--retries 1 --extra-index-url $(TORCH_INDEX)) $$(grep '^torch==' requirements.txt)
	$(PIP) -r requirements.txt
	@touch $@

# What the bot is measured against has an environment of its own: its versions are not ours.
$(PEERS)/run: requirements-bench.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet -r requirements-bench.txt
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) .ruff_cache .hypothesis
