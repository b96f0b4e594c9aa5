.PHONY: demo serve test test-browser test-durable check bench docs test-all wheel lock clean
UV = .venv/bin/uv

demo: .venv/demo ; .venv/bin/closeread demo
test: .venv/dev ; .venv/bin/python -m pytest -n 2 --dist loadfile
serve: .venv/demo ; .venv/bin/closeread --workspace closeread-demo/workspace serve
# Needs Debian's chromium; skipped with a reason without.
test-browser: .venv/dev ; .venv/bin/python -m pytest -m browser tests/browser
# Needs PostgreSQL; `.ci/postgres` installs and starts it and prints CLOSEREAD_TEST_POSTGRES.
test-durable: .venv/dev ; .venv/bin/python -m pytest -m durable tests
test-all: .venv/dev ; .ci/test-all
check: .venv/dev ; .venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports && .venv/bin/closeread prompts check && .venv/bin/python deploy/catalogs.py check && .venv/bin/python deploy/dependencies.py licences
# What the program stands on at run time, as CycloneDX beside the wheel.
wheel: .venv/dev ; $(UV) build --wheel --quiet && $(UV) export --frozen --quiet --no-default-groups --all-extras --format cyclonedx1.5 --output-file dist/closeread.cdx.json >/dev/null
# What each measures and how long it takes: evals/bench/README.md, from whose table the commands come.
bench: .venv/bench ; .venv/bin/python evals/bench/run.py
bench-%: .venv/bench ; .venv/bin/python evals/bench/run.py $*
# The documentation as a site, in build/site; `.venv/bin/mkdocs serve` shows it while you write.
docs: .venv/dev ; .venv/bin/mkdocs build --strict
lock: .venv/uv ; $(UV) lock
clean: ; rm -rf .venv build dist closeread-demo

# What installs is taken out of the demo's environment again: a tenth of its size, and nobody runs it there.
.INTERMEDIATE: .venv/uv
.venv/uv: ; python3 -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5" && touch $@
.venv/demo: .venv/uv uv.lock pyproject.toml ; $(UV) sync --frozen --no-default-groups --inexact && .venv/bin/python -m pip uninstall --quiet --yes uv setuptools pip && touch $@
.venv/bench: .venv/uv uv.lock pyproject.toml ; $(UV) sync --frozen --group bench && touch $@ .venv/dev .venv/demo
.venv/dev: .venv/uv uv.lock pyproject.toml ; $(UV) sync --frozen && touch $@ .venv/demo
