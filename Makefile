# Every verb sets up what it needs: a virtual environment here, programs in a cache
# outside the tree (EKS_IRSA_CACHE, else ~/.cache/eks-irsa).
VENV ?= .venv
PYTHON ?= python3
STACK ?= dev
COLD ?=
PLUGINS ?= double
CLUSTERS ?= 1
ARGS ?=
JOBS ?= 2
PYTEST_ARGS ?=
ENDS ?= lowest newest
MUTANTS ?=
MUTANT_PATHS := pyproject.toml tests components sandbox stacks Pulumi.yaml __main__.py

BIN := $(VENV)/bin
READY := $(VENV)/.ready
PINS := requirements.txt requirements-dev.txt requirements-policy.txt constraints.txt components/pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup build demo sandbox env preview report up refresh destroy cancel test reliability lint check format docs screenshots bench bounds mutants golden states release clean

help: ## name every verb
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make the virtual environment

$(READY): $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $(PYTHON) is not; set PYTHON=..." >&2; exit 1; }
	@echo "making the virtual environment $(VENV) (about a minute, once) ..."
	@$(PYTHON) -m venv --clear $(VENV) || \
	  { echo "$(PYTHON) cannot make virtual environments; install its venv module (Debian: python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-policy.txt
	@touch $@

build: $(READY) ## find the engine and the API server, or build them (once)
	@$(BIN)/python -m sandbox.binaries

ifeq ($(COLD),)
demo: $(READY) ## run the main job on a sandbox, start to end (COLD=1: from empty caches)
	@$(BIN)/python -m sandbox demo --stack $(STACK) --plugins $(PLUGINS)
else
demo:
	@$(PYTHON) sandbox/cold.py --make "$(MAKE)" --stack $(STACK)
endif

sandbox: $(READY) ## leave a sandbox running, to work in (CLUSTERS=2: two EKS clusters)
	@$(BIN)/python -m sandbox start --stack $(STACK) --plugins $(PLUGINS) --clusters $(CLUSTERS)

env: $(READY) ## print the running sandbox's settings: eval "$(make -s env)"
	@$(BIN)/python -m sandbox env

preview report up refresh destroy cancel: $(READY)
	@$(BIN)/python -m sandbox $@ --stack $(STACK) $(ARGS)

# Named one by one for `make help`.
preview: ## preview a stack on the running sandbox (STACK=dev, ARGS=--diff)
report: ## tell what a preview changes for service accounts, as on a pull request
up: ## bring a stack up on the running sandbox
refresh: ## read a stack's resources anew
destroy: ## destroy a stack on the running sandbox
cancel: ## unlock a stack whose run was killed

test: $(READY) build ## pass all the tests, on the real engine too (JOBS=2 at a time)
	@$(BIN)/python -m pytest -m "not reliability" -n $(JOBS) --dist worksteal \
	  --plugins $(PLUGINS) $(PYTEST_ARGS)

reliability: $(READY) build ## kill and fail a stack at every step (half an hour)
	@$(BIN)/python -m pytest -m reliability -v $(PYTEST_ARGS)

lint: $(READY) ## check format, style and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@$(BIN)/mypy

check: lint ## lint, and the tests that need no engine
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

format: $(READY) ## put the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(READY) ## build the pages as a site into build/site (REPOSITORY_URL=...)
	@$(BIN)/python website/pages.py build
	@$(BIN)/zensical build --strict --clean --config-file build/mkdocs.yml

screenshots: $(READY) build ## take the pictures of docs/images anew
	@$(BIN)/python website/screenshots.py
	@$(BIN)/python -m pytest -q -m thorough --update-golden \
	  tests/review/test_looks.py::test_comment_is_the_picture_in_the_documents

bench: $(READY) build ## measure, and print what docs/performance.md keeps (hours)
	@$(BIN)/python bench/check.py
	@$(BIN)/python bench/access.py
	@$(BIN)/python bench/report.py
	@PYTHONPATH=. $(BIN)/python bench/deployments.py
	@PYTHONPATH=. $(BIN)/python bench/fleet.py
	@PYTHONPATH=. $(BIN)/python bench/doctor.py

bounds: $(READY) ## pass the package's tests at both ends of its dependency ranges
	@PYTHONPATH=. $(BIN)/python tests/packaging/bounds.py $(ENDS)

mutants: $(READY) ## change the code in many small places; list what no test noticed (hours)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-mutants.txt
	@mkdir -p build/mutants
	@ln -sfn ../../components build/mutants/src
	@for path in $(MUTANT_PATHS); do ln -sfn ../../$$path build/mutants/$$path; done
	@cd build/mutants && $(abspath $(BIN))/mutmut run $(MUTANTS)
	@cd build/mutants && $(abspath $(BIN))/mutmut results | sed '/: not checked/d'

golden: $(READY) ## rewrite the golden files; read the diff
	@$(BIN)/python -m pytest --update-golden

states: $(READY) build ## keep the states that RELEASE=... leaves, for the upgrades to come
	@PYTHONPATH=.:tests $(BIN)/python tests/upgrades.py $(RELEASE)

release: $(READY) ## build the files of a release into build/release
	@$(BIN)/python -m release

clean: ## take the virtual environment away (the cache stays)
	@rm -rf $(VENV)
