"""Running commands as a user does, in a workspace of their own, without any model."""

import json

import pytest

from agent.main import main
from tests.builders import SAMPLE


class Shell:
    """Runs `closeread ARGS`; remembers exit code and both outputs of the last command."""

    def __init__(self, folder, capsys):
        self.folder, self._capsys = folder, capsys
        self.code, self.out, self.err = 0, "", ""

    def __call__(self, *arguments):
        self._capsys.readouterr()
        try:
            main(["--workspace", str(self.folder), *map(str, arguments)])
            self.code = 0
        except SystemExit as ended:
            self.code = ended.code or 0
        self.out, self.err = self._capsys.readouterr()
        return self

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def closeread(tmp_path, capsys):
    return Shell(tmp_path / "space", capsys)


@pytest.fixture
def with_sample(closeread):
    for kind in ("interviews", "calls"):
        closeread(kind, "import", SAMPLE / kind, "--manifest", SAMPLE / kind / f"{kind}.csv")
        assert closeread.code == 0
    closeread("rubric", "import", SAMPLE / "rubric.yaml")
    assert closeread.code == 0
    return closeread
