# What a person types. `make serve` and `make test` do everything on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# What `make test` needs beside Python: nginx with brotli, certificates, a real podcast app and browser, Node for the npm checks, ffmpeg;
# `make bench` a load generator, and for deploys bare Debian machines that boot (systemd-nspawn), with what is in them.
TEST_PACKAGES := nginx-light libnginx-mod-http-brotli-static openssl gpodder chromium nodejs npm ffmpeg wrk restic openssh-server \
	systemd-container mmdebstrap dpkg-dev iproute2 openssh-client curl logrotate pebble

# What was compiled once starts in half the time, every command of a test too.
export PYTHONDONTWRITEBYTECODE :=
# One process a processor; tests/groups.py says what stays together. Two: beside guests that wait for their disks, one computes.
SIDE_BY_SIDE := --numprocesses 2 --dist loadscope --no-loadscope-reorder

.PHONY: setup serve test bench prove format lint bless

setup: $(STAMP)

# uv only reads its lock here; pip fetches, so that the machine's own pip settings (index, certificates) hold.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(BIN)/uv export --quiet --frozen --offline --no-emit-project --python $(BIN)/python

$(STAMP): pyproject.toml uv.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) 'uv>=0.5'
	$(LOCKED) --no-dev --output-file .venv/requirements.txt
	$(PIP) --use-pep517 --require-hashes -r .venv/requirements.txt
	$(PIP) --no-deps --editable . --config-settings editable_mode=compat
	$(BIN)/python -m compileall -q generator api deploy  # a command starts in half the time
	touch $@

$(STAMP)-dev: $(STAMP)
	$(LOCKED) --only-dev --output-file .venv/requirements-dev.txt
	$(PIP) --require-hashes -r .venv/requirements-dev.txt
	touch $@

$(STAMP)-bench: $(STAMP)-dev
	$(LOCKED) --only-group bench --output-file .venv/requirements-bench.txt
	$(PIP) --require-hashes -r .venv/requirements-bench.txt
	touch $@

serve: setup
	$(BIN)/longwave serve

test: $(STAMP)-dev
	PACKAGES="$(TEST_PACKAGES)" sh tests/install_packages
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

prove: $(STAMP)-dev
	PACKAGES="$(TEST_PACKAGES)" sh tests/install_packages
	$(BIN)/python -m pytest --prove tests

bench: $(STAMP)-bench
	PACKAGES="$(TEST_PACKAGES)" sh tests/install_packages
	$(BIN)/python -m tests.bench

format: $(STAMP)-dev
	$(BIN)/ruff format generator api deploy tests
	$(BIN)/ruff check --fix generator api deploy tests

lint: $(STAMP)-dev
	$(BIN)/ruff format --check generator api deploy tests
	$(BIN)/ruff check generator api deploy tests
	$(BIN)/mypy

bless: $(STAMP)-dev
	$(BIN)/python -m pytest --bless tests/generator/test_golden.py tests/contracts
