"""Running commands as a user does, in a workspace of their own, without any model."""

import atexit
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp

import pytest

from agent.main import main
from tests.builders import SAMPLE


class Shell:
    """Runs `closeread ARGS`; remembers exit code and both outputs of the last command."""

    def __init__(self, folder, capsys):
        self.folder, self._capsys = folder, capsys
        self.code, self.out, self.err = 0, "", ""
        (folder / "config").mkdir(parents=True, exist_ok=True)  # a workspace that is there, and empty

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


@cache
def _sample_workspace():
    """A workspace with the sample imported, made once: importing takes longer than most tests."""
    folder = Path(mkdtemp(prefix="closeread-sample-")) / "space"
    atexit.register(shutil.rmtree, folder.parent)
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        for kind in ("interviews", "calls"):
            _quietly(folder, kind, "import", SAMPLE / kind, "--manifest", SAMPLE / kind / f"{kind}.csv")
        _quietly(folder, "rubric", "import", SAMPLE / "rubric.yaml")
    return folder


def _quietly(folder, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["--workspace", str(folder), *map(str, arguments)])
    assert not ended.value.code, arguments


@pytest.fixture
def with_sample(closeread):
    shutil.copytree(_sample_workspace(), closeread.folder, dirs_exist_ok=True)
    return closeread
