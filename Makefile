# Two commands: `make run` (the demo city in a browser) and `make test`. `make setup` only installs.
PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin

.PHONY: run test setup lint lock clean

run: setup
	$(BIN)/python -m dashboard.start --port $(PORT)

setup: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml
	sh .ci/install.sh "$(PYTHON)" requirements.lock
	$(BIN)/python -m dashboard.assets
	touch $@

.venv/.test-installed: requirements-test.lock .venv/.installed
	sh .ci/install.sh "$(PYTHON)" requirements-test.lock
	$(BIN)/python -m dashboard.assets
	touch $@

test: .venv/.test-installed
	$(BIN)/python -m tests.browser.install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Renew the locked sets after a change of requirements*.txt (needs uv).
lock:
	uv pip compile --quiet --universal --python-version 3.11 requirements.txt -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 requirements.txt requirements-test.txt -o requirements-test.lock

clean:
	rm -rf .venv var out dashboard/static
