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

ACTIONLINT := $(shell command -v actionlint)
DOCS := $(shell grep --files-with-matches --fixed-strings '[[[cog' README.md docs/*.md action.yml 2>/dev/null)
SHELL_SCRIPTS := scripts/*.sh .ci/run .ci/standin .ci/pins

.PHONY: help
help:
	@echo "make demo      show the main job: the action's entry point against an embedded index"
	@echo "make test      run the tests (TESTS=... for some)"
	@echo "make run       run the command line (ARGS=...)"
	@echo "make lint      run every linter"
	@echo "make reformat  bring the code into its format"
	@echo "make docs      write what is generated: tables of the docs, reserved names"
	@echo "make pictures  draw the pictures of the README anew, in Chromium"
	@echo "make bench     measure start-up, commands, check, survey, registrations and explain"
	@echo "make image     build the action's image"
	@echo "make dist      build the wheel and the source distribution"
	@echo "make audit     look the lock files up for known vulnerabilities"
	@echo "make fuzz      try parsers and renderers with EXAMPLES=5000 examples of each property"
	@echo "make lock      resolve the dependencies anew"
	@echo "make dev       make the virtual environment only"

# The script makes the environment anew for another PYTHON or other lock files, and else does nothing.
ENVIRONMENT := @command -v $(PYTHON) >/dev/null || \
	{ echo "There is no $(PYTHON): install Python 3.10 or newer, or run make PYTHON=/path/to/python3" >&2; exit 1; }; \
	$(PYTHON) scripts/environment.py

.PHONY: dev environment linters
dev:
	$(ENVIRONMENT) dev
environment:
	$(ENVIRONMENT) test
linters:
	$(ENVIRONMENT) lint

.PHONY: demo
demo: environment
	@$(BIN)/python scripts/demo.py

.PHONY: run
run: environment
	@$(BIN)/python -m pypi_setup $(ARGS)

.PHONY: test
test: environment
	$(BIN)/python -m pytest $(TEST_ARGS) $(TESTS)

.PHONY: lint
lint: linters
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/cog --check -I scripts $(DOCS)
	$(BIN)/python scripts/contract.py --check
	$(BIN)/shellcheck --external-sources $(SHELL_SCRIPTS)
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --quiet --persona pedantic .
ifeq ($(ACTIONLINT),)
	@echo "Not run: actionlint is not here. With Go 1.25 or newer: go install $$(. .ci/pins && echo $$ACTIONLINT)" >&2
	@test -z "$(PYPI_SETUP_REQUIRE_ALL)"
else
	PATH="$(CURDIR)/$(BIN):$$PATH" $(ACTIONLINT)
endif

.PHONY: reformat
reformat: linters
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: docs
docs: environment
	$(BIN)/cog -r -I scripts $(DOCS)
	$(BIN)/python scripts/stdlib_names.py
	$(BIN)/python scripts/contract.py

.PHONY: pictures
pictures: environment
	$(BIN)/python scripts/pictures.py

# `make bench IMAGE=pypi-setup` measures the container, too.
IMAGE :=
ENGINE := docker

.PHONY: bench
bench: dev
	$(BIN)/python bench/startup.py
	$(BIN)/python -m bench.commands $(if $(IMAGE),--image $(IMAGE) --engine $(ENGINE))
	$(BIN)/python bench/preflight.py
	$(BIN)/python bench/survey.py
	$(BIN)/python bench/registering.py
	$(BIN)/python bench/explaining.py
	$(BIN)/python -m bench.connections

.PHONY: image
image:
	docker build --tag pypi-setup .

# uv only resolves, from an environment of its own. What was uploaded in the last week is left out: by then what is
# broken or hostile is mostly found. Packages without wheels are left out too, for pip builds nothing here.
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/uv pip compile --quiet --upgrade --universal \
	--python-version 3.10 --only-binary :all: --exclude-newer 7d \
	--generate-hashes --no-emit-index-url --no-emit-find-links

# Hatchling gives every file the time of SOURCE_DATE_EPOCH, else one of its own: two builds are equal.
.PHONY: dist
dist:
	rm -rf dist build/dist
	$(PYTHON) -m venv build/dist
	build/dist/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--require-hashes --requirement requirements/build.txt
	build/dist/bin/hatchling build

.PHONY: lock
lock:
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		--requirement requirements/lock.txt
	$(COMPILE) pyproject.toml --output-file requirements/runtime.txt
	$(COMPILE) pyproject.toml --constraints requirements/runtime.txt --all-extras \
		--group build --group test --output-file requirements/test.txt
	$(COMPILE) --constraints requirements/test.txt --group build --output-file requirements/build.txt
	$(COMPILE) --constraints requirements/test.txt --group lint --output-file requirements/lint.txt
	$(COMPILE) --group lock --output-file requirements/lock.txt
	$(COMPILE) --group go --output-file requirements/go.txt
	$(COMPILE) --group audit --output-file requirements/audit.txt

# Known vulnerabilities of everything that is locked, asked of PyPI.
.PHONY: audit
audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--require-hashes --requirement requirements/audit.txt
	build/audit/bin/pip-audit --strict --disable-pip --require-hashes \
		$(foreach lock,$(wildcard requirements/*.txt),--requirement $(lock))

# Every property of parsers and renderers, with many more examples than `make test` tries (100 of each).
EXAMPLES := 5000
.PHONY: fuzz
fuzz: environment
	PYPI_SETUP_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest --numprocesses auto --dist loadgroup \
		$(shell grep --files-with-matches --recursive --include='test_*.py' '^@given' tests)
