"""Without any extra the program starts: server, commands and every module but those that are an extra's own."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from tests.builders import ROOT

OF_EXTRAS = {
    "docs": ["material", "mkdocs"],
    "learning": ["sklearn"],
    "mcp": ["mcp", "mcp_types"],
    "postgresql": [],  # psycopg comes with dbos
    "s3": ["s3fs"],
    "speech": ["faster_whisper"],
    "telemetry": ["opentelemetry.exporter", "opentelemetry.sdk"],
    "vertex": ["google.auth"],
}
OWN = ["agent.connections.mcp_server"]
"""Modules that are imported only where their extra is installed, and say what is missing elsewhere."""

_PROGRAM = """
import importlib, pkgutil, sys
blocked, own = sys.argv[1].split(","), sys.argv[2].split(",")
class Missing:
    def find_spec(self, name, path=None, target=None):
        if any(name == one or name.startswith(one + ".") for one in blocked):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
import agent
for module in pkgutil.walk_packages(agent.__path__, "agent."):
    if module.name not in own and ".migrations." not in module.name:
        importlib.import_module(module.name)
"""


@pytest.mark.slow  # a process that imports everything
def test_every_module_is_imported_without_what_an_extra_brings() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert extras.keys() == OF_EXTRAS.keys()
    blocked = ",".join(name for names in OF_EXTRAS.values() for name in names)
    command = [sys.executable, "-c", _PROGRAM, blocked, ",".join(OWN)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2_000:]
