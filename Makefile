# Every target sets itself up: the first run makes .venv and installs the locked versions.
SHELL := /bin/sh

# The first supported Python, else any Python at all: the set-up then looks for uv, or says what is missing.
PYTHON := $(shell \
  ok='import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 14))'; \
  for p in .venv/bin/python python3.12 python3.13 python3 python; do \
    if "$$p" -c "$$ok" >/dev/null 2>&1; then echo "$$p"; exit; fi; \
  done; \
  if command -v uv >/dev/null 2>&1 && p=$$(uv python find '>=3.12,<3.14' 2>/dev/null || { uv python install 3.12 >/dev/null 2>&1 && uv python find 3.12; }); \
    then echo "$$p"; exit; fi; \
  for p in python3 python; do \
    if "$$p" -c 'import sys; sys.exit(sys.version_info[0] < 3)' >/dev/null 2>&1; then echo "$$p"; exit; fi; \
  done; echo none)

ifeq ($(PYTHON),none)
$(error Latent Sound needs Python 3.12 or 3.13 and found none: install it from python.org, or install uv, and run this again)
endif

TASK := @$(PYTHON) -m course_lib.bootstrap

.PHONY: start test test-backends lint bench notebooks setup lock clean

start:      ## JupyterLab and the dashboards; ARGS="--no-browser" for a machine without one
	$(TASK) start $(ARGS)
test:       ## the whole test suite; ARGS="-k name" for a part
	$(TASK) test $(ARGS)
test-backends:  ## the model tests on JAX and on Torch, in .venv-jax and .venv-torch; ARGS="torch -k name"
	$(TASK) test-backends $(ARGS)
lint:
	$(TASK) lint
bench:      ## the numbers of the README; ARGS="start" or "autoencoder"
	$(TASK) bench $(ARGS)
notebooks:  ## fresh student copies in notebooks/work
	$(TASK) notebooks
setup:      ## only install
	$(TASK) setup
lock:       ## resolve anew (needs uv): requirements.lock, its hash-free twin for conda, PESQ's own, the backends'
	uv pip compile --quiet --universal --generate-hashes --python-version 3.12 --no-header --no-emit-index-url \
	  --no-emit-index-annotation --extra dev --extra pesq-build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.12 --no-header --no-annotate --no-emit-index-url \
	  --no-emit-index-annotation --constraint requirements.lock pyproject.toml -o constraints.txt
	echo 'pesq>=0.0.4' | uv pip compile --quiet --universal --generate-hashes --python-version 3.12 --no-header \
	  --no-deps --no-emit-index-url --no-emit-index-annotation - -o requirements-pesq.lock
	for backend in jax torch; do \
	  echo $$backend | uv pip compile --quiet --universal --generate-hashes --python-version 3.12 --no-header \
	    --no-emit-index-url --no-emit-index-annotation --constraint requirements.lock \
	    --excludes tests/backends/excluded.txt tests/backends/requirements.in - -o requirements-$$backend.lock \
	    || exit 1; \
	done
clean:
	rm -rf .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
