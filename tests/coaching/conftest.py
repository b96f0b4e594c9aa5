"""The sample's season in a workspace, imported once for all tests that only read."""

import pytest

from agent.main import main
from tests.builders import SAMPLE
from tests.cli.conftest import Shell

HISTORY = SAMPLE / "history"


@pytest.fixture(scope="session")
def season_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("season") / "space"
    for arguments in (
        ["rubric", "import", SAMPLE / "rubric.yaml"],
        ["ratings", "import", HISTORY / "ratings.csv"],
        ["deals", "import", HISTORY / "deals.csv"],
        ["coaching", "import", HISTORY / "coaching.csv"],
        ["baseline", "make"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(folder), *map(str, arguments)])
        assert not ended.value.code
    return folder


@pytest.fixture
def season(season_folder, capsys):
    return Shell(season_folder, capsys)


@pytest.fixture
def closeread(tmp_path, capsys):
    return Shell(tmp_path / "space", capsys)
