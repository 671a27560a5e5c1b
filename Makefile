# What a person types. `make serve` and `make test` do everything on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# What `make test` needs beside Python: nginx with brotli, certificates, a real podcast app and browser, Node for the npm checks;
# and `make bench` a load generator.
TEST_PACKAGES := nginx-light libnginx-mod-http-brotli-static openssl gpodder chromium nodejs npm wrk

.PHONY: setup serve test bench prove format lint bless

setup: $(STAMP)

# uv only reads its lock here; pip fetches, so that the machine's own pip settings (index, certificates) hold.
$(STAMP): pyproject.toml uv.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'
	$(BIN)/uv export --quiet --frozen --offline --no-emit-project --group dev --python $(BIN)/python --output-file .venv/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable . --config-settings editable_mode=compat
	touch $(STAMP)

serve: setup
	$(BIN)/longwave serve

test: setup
	PACKAGES="$(TEST_PACKAGES)" sh tests/install_packages
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest

prove: setup
	PACKAGES="$(TEST_PACKAGES)" sh tests/install_packages
	$(BIN)/python -m pytest --prove tests

bench: setup
	PACKAGES="$(TEST_PACKAGES)" sh tests/install_packages
	$(BIN)/uv export --quiet --frozen --offline --only-group bench --python $(BIN)/python --output-file .venv/bench.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/bench.txt
	$(BIN)/python -m tests.bench

format: setup
	$(BIN)/ruff format generator api deploy tests
	$(BIN)/ruff check --fix generator api deploy tests

lint: setup
	$(BIN)/ruff format --check generator api deploy tests
	$(BIN)/ruff check generator api deploy tests
	$(BIN)/mypy

bless: setup
	$(BIN)/python -m pytest --bless tests/generator/test_golden.py
