"""What the files under deploy/ say, as data."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@dataclass(frozen=True)
class Step:
    """One instruction of the Dockerfile, of one stage."""

    stage: int
    word: str
    rest: str

    @property
    def listed(self) -> list[str]:
        """A JSON list, or words."""
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)


def image_steps() -> list[Step]:
    """The Dockerfile's instructions in order."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    steps, stage = [], -1
    for line in filter(None, (line.strip() for line in text.splitlines())):
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        steps.append(Step(stage, word, rest.strip()))
    return steps


def last(word: str) -> Step:
    """The last instruction of that name, which is the one that counts."""
    return [step for step in image_steps() if step.word == word][-1]


def compose() -> dict[str, Any]:
    """compose.yaml."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def unit(path: Path) -> dict[str, list[str]]:
    """A unit's settings, each with all of its values."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command line of the program, with where it stands."""
    yield "Dockerfile", last("CMD").listed
    for name, service in compose()["services"].items():
        if service["image"] == "closeread":
            yield f"compose.yaml {name}", [str(word) for word in service["command"]]
    for path in UNITS:
        yield path.name, shlex.split(unit(path)["ExecStart"][0].replace("%i", "1"))[1:]


def variables() -> Iterator[tuple[str, str]]:
    """Every environment variable that is named, with where."""
    texts = [DEPLOY / "Dockerfile", *DEPLOY.glob("*.example"), *UNITS]
    for path in texts:
        for name in re.findall(r"\b((?:CLOSEREAD|OTEL|PROMETHEUS)_[A-Z_]+)=", path.read_text()):
            yield path.name, name


def option(words: list[str], name: str) -> str:
    """The value after an option; empty where it is not given."""
    return words[words.index(name) + 1] if name in words else ""
