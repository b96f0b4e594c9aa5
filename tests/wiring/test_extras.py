"""An extra that is not installed is one sentence with the command that installs it, wherever this copy came from."""

import subprocess
import sys
import tomllib
from types import SimpleNamespace

import pytest

from agent.app.cli.watching import check_tracing
from agent.core.errors import ConfigError
from agent.core.extras import install
from agent.db.database import open_database
from agent.evals.yardsticks import floor
from agent.ratings.model import Rated
from agent.stats.rules import WeightRules
from agent.stats.weights import propose_weights
from tests.builders import ROOT
from tests.stats.test_deals import scored

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


def test_weights_and_yardsticks_without_what_learns(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ConfigError, match="learning weights needs a package") as caught:
        propose_weights(scored(600, (2.5, 0.0, 0.0)), WeightRules())
    assert "pip install 'scikit-learn>=1.5'" in caught.value.at_the_terminal()
    pairs = SimpleNamespace(cases=range(20), right={i: Rated(value=i % 2) for i in range(20)})
    yardstick, guesses = floor(pairs, {i: "words" for i in range(20)})
    assert guesses == {}
    assert {one.undefined for one in yardstick.values()} == {"scikit-learn is not installed (the extra learning)"}


def test_assistants_without_their_protocol(tmp_path):
    code = "import sys; sys.modules['mcp'] = None; from agent.main import main; main(['mcp'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "type: python -m pip install 'mcp<3,>=2.3'" in done.stderr
