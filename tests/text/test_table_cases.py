"""Tables as people have them (tests/data/imports): the right rows, and what a refusal must name, are in tables.json."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.calls.intake import load_calls
from agent.core.errors import CloseReadError, ImportProblem
from agent.interviews.intake import load_interviews
from agent.outcomes.deal_file import DealMap, read_coaching, read_deals
from agent.ratings.import_file import read_ratings
from agent.rubrics.file import read_rubric
from agent.settings import shipped
from agent.text.manifest import read_call_manifest, read_interview_manifest
from agent.text.names import People
from agent.text.tables import over

FOLDER = Path(__file__).resolve().parents[1] / "data" / "imports"
CASES: dict[str, dict[str, Any]] = json.loads((FOLDER / "tables.json").read_text())
FUNNEL = ("lead", "meeting", "proposal", "won")
COVERED = {"discovery": "meeting", "demo": "meeting", "negotiation": "proposal"}
Read = tuple[dict[str, dict[str, Any]], dict[str, str]]
RUBRIC = read_rubric(FOLDER.parents[2] / "sample" / "ledgerline" / "rubric.yaml", "v1")


def people(case: dict[str, Any]) -> People:
    return People(["Priya Raman"] if case.get("workspace") == "demo" else [])


def deals(path: Path, case: dict[str, Any], given: dict[str, Any]) -> Read:
    own = given.get("map", {})
    mapping = DealMap(columns=own, dates=given.get("dates", ""))
    if preset := given.get("preset"):
        there = yaml.safe_load((shipped("config") / "maps" / f"{preset}.yaml").read_text())
        columns = over(there["columns"], own)
        mapping = DealMap(columns, there["stages"], there["outcomes"], given.get("dates", ""), there["dates"])
    intake = read_deals(path, FUNNEL, mapping, COVERED, people(case))
    said = {note.split(":")[0].removeprefix("line "): note for note in intake.notes}
    rows = {deal.id: {**deal.model_dump(mode="json"), "deal_id": deal.id} for deal in intake.rows}
    return rows, problems(intake.problems) | said


def coaching(path: Path, case: dict[str, Any], given: dict[str, Any]) -> Read:
    known = ["stakeholder_expansion", "objection_handling"]
    intake = read_coaching(path, known, given.get("map"), given.get("dates", ""), people(case))
    return {p.cycle: p.model_dump(mode="json") for p in intake.rows}, problems(intake.problems)


def ratings(path: Path, case: dict[str, Any], given: dict[str, Any]) -> Read:
    intake = read_ratings(path, RUBRIC, given.get("map"), given.get("dates", ""), people(case))
    rows = {
        f"{rating.call} {rating.criterion}": {
            **intake.calls[rating.call]._asdict(),
            **rating._asdict(),
            "call_id": rating.call,
        }
        for rating in intake.ratings
    }
    return rows, problems(intake.problems)


def manifest(kind: str) -> Callable[[Path, dict[str, Any], dict[str, Any]], Read]:
    read: Any = read_interview_manifest if kind == "interviews" else read_call_manifest

    def rows(path: Path, case: dict[str, Any], given: dict[str, Any]) -> Read:
        made = read(path, given.get("map"), given.get("dates", ""))
        who, found = people(case), {}
        for row in made.rows:
            found[row.file] = {**{name: getattr(row, name) for name in row.__slots__}, "rep": who.one(row.rep)}
            found[row.file]["date"] = row.date.isoformat()
        left_out = {note.split(",")[0].removeprefix("line "): note for note in made.left_out}
        return found, left_out | problems(made.problems)

    return rows


def problems(some: list[ImportProblem] | tuple[ImportProblem, ...]) -> dict[str, str]:
    return {str(problem.line): str(problem) for problem in some}


READERS = {
    "deals": deals,
    "coaching": coaching,
    "ratings": ratings,
    "interviews": manifest("interviews"),
    "calls": manifest("calls"),
}


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether a row has the values wanted; a file may be found under another way of writing."""
    wanted = {k: v for k, v in theirs.items() if k not in ("file", "details", "amount", "currency", "amount_is")}
    given = {k: list(ours.get(k)) if isinstance(ours.get(k), tuple) else ours.get(k) for k in wanted}  # type: ignore[arg-type]
    return {k: " ".join(v.split()) if isinstance(v, str) else v for k, v in given.items()} == wanted


def check(name: str, case: dict[str, Any], way: dict[str, Any]) -> None:
    read = READERS[case["command"].split()[0]]
    given = way.get("given", {})
    if "refuse" in way:
        without = {k: v for k, v in given.items() if k == "preset"}
        with pytest.raises(CloseReadError) as caught:
            read(FOLDER / name, case, without)
        said = caught.value.at_the_terminal().lower()
        assert not way.get("names") or any(word in said for word in way["names"])
        if "rows" not in way:
            return
    rows, refused = read(FOLDER / name, case, given)
    left = list(rows.values())
    for wanted in way.get("rows", ()):
        row = next((row for row in left if same(row, wanted)), None)
        assert row is not None, (wanted, left, refused)
        left.remove(row)
    for line, ways in way.get("either_rows", {}).items():
        ident = str(ways[0].get("deal_id"))
        row = next((row for row in left if str(row.get("deal_id")) == ident), None)
        fits = any(line in refused if "refuse" in one else row is not None and same(row, one) for one in ways)
        assert fits, (line, ways, row, refused)
        left = [other for other in left if other is not row]
    assert not left, left
    assert set(map(str, way.get("refuse_rows", {}))) <= set(refused), refused
    if "names" in case:
        assert any(word in problem.lower() for word in case["names"] for problem in refused.values())


@pytest.mark.parametrize("name", CASES)
def test_read_as_it_should_be(name: str) -> None:
    case = CASES[name]
    faults = []
    for way in [{**{k: v for k, v in case.items() if k != "either"}, **way} for way in case.get("either", [case])]:
        try:
            check(name, case, way)
        except (AssertionError, CloseReadError, pytest.fail.Exception) as fault:
            faults.append(fault)
        else:
            return
    raise faults[0]


def test_files_are_found_however_the_manifest_writes_them(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("call1.txt", "sub/deep.txt", unicodedata.normalize("NFD", "Gespräch Müller.txt")):
        (tmp_path / name).write_text("Bo Ray: What made you look around?\nAnn Lee: The old tool was too slow.\n")
    for name in ("m08_backslash", "m09_noext", "m10_case", "m11_nfc", "m13_folder"):
        intake = load_interviews(tmp_path, FOLDER / f"manifest_{name}.csv")
        assert len(intake.loaded) == 1, intake.problems
    calls = load_calls(tmp_path, FOLDER / "calls_manifest_repcase.csv")
    assert calls.loaded == ()
