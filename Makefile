.PHONY: demo test check bench test-all lock clean
UV = .venv/bin/uv

demo: .venv/demo ; .venv/bin/closeread demo
test: .venv/dev ; .venv/bin/python -m pytest
test-all: .venv/dev ; .venv/bin/python -m pytest -m ""
check: .venv/dev ; .venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports && .venv/bin/closeread prompts check
bench: .venv/dev ; for script in evals/bench/*.py; do .venv/bin/python $$script || exit 1; done
lock: .venv/uv ; $(UV) lock
clean: ; rm -rf .venv build dist closeread-demo

.venv/uv: ; python3 -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5" && touch $@
.venv/demo: .venv/uv uv.lock pyproject.toml ; $(UV) sync --frozen --no-default-groups --inexact && touch $@
.venv/dev: .venv/uv uv.lock pyproject.toml ; $(UV) sync --frozen && touch $@ .venv/demo
