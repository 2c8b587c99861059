# Every target makes the virtual environment itself where it is missing or stale, with any Python from 3.10.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# `make run ARGS="--dry-run --json"`
ARGS :=

# `make test TESTS=tests/test_index.py` runs these only, and asks for no coverage.
TESTS :=
ifeq ($(TESTS),)
	TEST_ARGS := --numprocesses auto --dist loadgroup --cov
endif

ACTIONLINT := $(shell command -v actionlint || \
	{ command -v go >/dev/null && echo go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12; })
DOCS := $(shell grep --files-with-matches --fixed-strings '[[[cog' README.md docs/*.md 2>/dev/null)
SHELL_SCRIPTS := scripts/*.sh .ci/run .ci/standin

.PHONY: help
help:
	@echo "make demo      show the main job: the action's entry point against an embedded index"
	@echo "make test      run the tests (TESTS=... for some)"
	@echo "make run       run the command line (ARGS=...)"
	@echo "make lint      run every linter"
	@echo "make reformat  bring the code into its format"
	@echo "make docs      write what is generated: tables of the docs, reserved names"
	@echo "make bench     measure the start-up and the check"
	@echo "make image     build the action's image"
	@echo "make lock      resolve the dependencies anew"
	@echo "make dev       make the virtual environment only"

.PHONY: dev
dev: $(VENV)/ready

$(VENV)/ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "Python 3.10 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: demo
demo: $(VENV)/ready
	@$(BIN)/python scripts/demo.py

.PHONY: run
run: $(VENV)/ready
	@$(BIN)/python -m pypi_setup $(ARGS)

.PHONY: test
test: $(VENV)/ready
	$(BIN)/python -m pytest $(TEST_ARGS) $(TESTS)

.PHONY: lint
lint: $(VENV)/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/cog --check -I scripts $(DOCS)
	$(BIN)/shellcheck $(SHELL_SCRIPTS)
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --quiet .
ifeq ($(ACTIONLINT),)
	@echo "Not run: actionlint, which is not here, and neither is Go to get it with." >&2
	@test -z "$(PYPI_SETUP_REQUIRE_ALL)"
else
	PATH="$(CURDIR)/$(BIN):$$PATH" $(ACTIONLINT)
endif

.PHONY: reformat
reformat: $(VENV)/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: docs
docs: $(VENV)/ready
	$(BIN)/cog -r -I scripts $(DOCS)
	$(BIN)/python scripts/stdlib_names.py

.PHONY: bench
bench: $(VENV)/ready
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/preflight.py

.PHONY: image
image:
	docker build --tag pypi-setup .

# uv is fetched into an environment of its own: it resolves, and nothing else of the project needs it.
.PHONY: lock
lock: COMPILE = CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/uv pip compile pyproject.toml --quiet \
	--upgrade --universal --python-version 3.10 --generate-hashes --no-emit-index-url --no-emit-find-links
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet uv
	$(COMPILE) --output-file requirements/runtime.txt
	$(COMPILE) --constraints requirements/runtime.txt --extra sandbox \
		--group build --group test --group lint --output-file requirements/dev.txt
