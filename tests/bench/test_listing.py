"""Every benchmark script is in the table that `make bench` runs, and takes the options that stand there."""

import subprocess
import sys

import pytest

from evals.bench.run import ROOT, listed


def test_every_script_is_listed():
    helpers = {"run.py", "numbered.py"}  # the driver, and a server that others start
    scripts = {path.name for path in (ROOT / "evals/bench").glob("*.py") if "__main__" in path.read_text()}
    assert {command[0].rpartition("/")[2] for command in listed().values()} == scripts - helpers


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(listed()))
def test_commands_parse(name):
    script, *options = listed()[name]
    asked = subprocess.run([sys.executable, script, *options, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    for option in (word for word in options if word.startswith("--")):
        assert option in asked.stdout
