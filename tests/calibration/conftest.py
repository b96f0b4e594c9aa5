"""Workspaces with small calls, a rubric of two criteria, and raters who hand in files."""

import csv

import pytest

from agent.calls.store import Calls
from agent.db.store import Store
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, rubric
from tests.cli.conftest import Shell

BINARY = criterion("asks_cost")
SCALE = criterion("depth", name="Depth", description="How deep the rep asks about the cost.", scale="1-5")
RUBRIC = rubric(BINARY, SCALE, label="team")
REPS = ("Rae", "Sam")


def calls(count):
    return [
        call(f"call-{n:02}", REPS[n % 2]).model_copy(update={"stage": ("demo", "close")[n // 2 % 2]})
        for n in range(count)
    ]


def url(folder):
    return f"sqlite:///{(folder / 'closeread.db').absolute()}"


def filled_store(folder, count=20):
    folder.mkdir(parents=True, exist_ok=True)
    store = Store.open(url(folder))
    for one in calls(count):
        store[Calls].add(one)
    store[Rubrics].add(RUBRIC)
    return store


@pytest.fixture
def store(tmp_path):
    opened = filled_store(tmp_path / "space")
    yield opened
    opened.close()


@pytest.fixture
def closeread(tmp_path, capsys, store):
    return Shell(tmp_path / "space", capsys)


def write_ratings(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["call_id", "criterion", "value", "turn", "reason"])
        writer.writerows(rows)
    return path


def hand_in(closeread, tmp_path, who, values, number=1, reason="", submit=True):
    """Rate a round from a file: `values` maps (call, criterion) to a value; then submit."""
    rows = [[c, k, v, "0" if k == "asks_cost" and v == 1 else "", reason] for (c, k), v in values.items()]
    path = write_ratings(tmp_path / f"{who}-{number}.csv", rows)
    assert closeread("calibrate", "rate", number, "--as", who, "--file", path).code == 0, closeread.err
    if submit:
        assert closeread("calibrate", "submit", number, "--as", who).code == 0, closeread.err


def everywhere(ids, binary, depth):
    """The same two values for each call; a function of the call's place gives others."""
    found = {}
    for place, ident in enumerate(ids):
        found[ident, "asks_cost"] = binary(place) if callable(binary) else binary
        found[ident, "depth"] = depth(place) if callable(depth) else depth
    return found
