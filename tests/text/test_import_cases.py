"""Exports as people have them (tests/data/imports), each imported as a call of the rep Bo Ray: the right reading is in
transcripts.json, with what a refusal must name and what a result must say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.calls.intake import load_calls
from agent.core.errors import ImportProblem
from agent.text.importers import Source
from agent.text.intake import Intake
from agent.text.manifest import pairs
from agent.text.shelf import OneRecording

FOLDER = Path(__file__).resolve().parents[1] / "data" / "imports"
CASES: dict[str, dict[str, Any]] = json.loads((FOLDER / "transcripts.json").read_text())


def imported(name: str, given: dict[str, Any]) -> Intake[Any]:
    said = given.get("speakers", [])
    speakers = pairs("--speakers", [said] if isinstance(said, str) else said)
    # As if the others did not lie beside it: each would be looked at for what it is, for every case.
    manifest = Source("calls.csv", f"file,date,rep\n{name},2026-03-01,Bo Ray\n".encode())
    return load_calls(OneRecording(FOLDER, name.partition("#")[0]), manifest, speakers=speakers)


def merged(turns: list[tuple[str, float | None, str]], alias: dict[str, list[str]]) -> list[tuple[Any, ...]]:
    """Turns under their first name, white space folded, neighbours of one speaker put together."""
    names = {other: label for label, others in alias.items() for other in others}
    together: list[tuple[Any, ...]] = []
    for speaker, start, text in turns:
        label, words = names.get(speaker, speaker), " ".join(text.split())
        if together and together[-1][0] == label:
            together[-1] = (label, together[-1][1], f"{together[-1][2]} {words}")
        else:
            together.append((label, None if start is None else round(start, 2), words))
    return together


def reading(intake: Intake[Any], case: dict[str, Any], given: dict[str, Any]) -> list[tuple[Any, ...]]:
    assert intake.loaded, intake.problems
    alias = dict(case.get("alias", {}))
    said = given.get("speakers", [])
    for label, part in pairs("--speakers", [said] if isinstance(said, str) else said).items():
        if part == "rep":
            alias[label] = [*alias.get(label, []), "Bo Ray"]
    turns = [(t.speaker, t.start, t.text) for t in intake.loaded[0].transcript.turns]
    return merged(turns, alias)


def check(name: str, case: dict[str, Any], way: dict[str, Any]) -> None:
    given = way.get("given", {})
    if "refuse" in way:
        refused = imported(name, {})
        assert not refused.loaded, "it should be refused"
        (problem,) = refused.problems
        assert any(word.lower() in str(problem).lower() for word in way["names"]), problem
        assert "line" not in way or (isinstance(problem, ImportProblem) and problem.line in way["line"]), problem
    if "turns" in way:
        intake = imported(name, given)
        expected = merged([tuple(turn) for turn in way["turns"]], {})
        assert reading(intake, case, given) == expected
        assert not way.get("warn") or any(w in note for w in way["warn"] for note in intake.notes[0])


@pytest.mark.parametrize("name", CASES)
def test_read_as_it_should_be(name: str) -> None:
    case = CASES[name]
    ways = [{**case, **way} for way in case.get("either", [case])]
    faults = []
    for way in ways:
        try:
            check(name, case, way)
        except AssertionError as fault:
            faults.append(fault)
        else:
            return
    raise faults[0]
