"""An extra that is not installed is one sentence with the command that installs it, wherever this copy came from."""

import subprocess
import sys
import tomllib

import pytest

from agent.app.cli.watching import check_tracing
from agent.core.errors import ConfigError
from agent.core.extras import install
from agent.db.database import open_database
from tests.builders import ROOT

EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_command_names_what_the_extra_needs_and_never_an_index_that_lacks_us(extra):
    said = install(extra).text
    for requirement in EXTRAS[extra]:
        assert requirement.partition(">=")[0] in said
    assert said.startswith("type: python -m pip install ")
    assert "closeread" not in said
    assert install("none such").text == "install the extra 'none such'"


def test_postgresql_without_its_driver(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match="through which PostgreSQL is reached") as caught:
        open_database("postgresql://u:p@127.0.0.1:1/x")
    assert "pip install 'psycopg[binary]>=3.2'" in caught.value.at_the_terminal()


def test_traces_without_what_sends_them(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setattr("agent.core.observing.traces.installed", lambda: False)
    with pytest.raises(ConfigError) as caught:
        check_tracing()
    assert "opentelemetry-sdk>=1.30" in caught.value.at_the_terminal()


def test_assistants_without_their_protocol(tmp_path):
    code = "import sys; sys.modules['mcp'] = None; from agent.main import main; main(['mcp'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "type: python -m pip install 'mcp<3,>=2.3'" in done.stderr
