"""Rubrics as files that people edit: YAML or JSON, `{criteria: [{id, description, scale, …}]}`."""

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from agent.core.errors import ImportProblem
from agent.core.yaml_files import Document, parse_document
from agent.rubrics.model import Criterion, Example, Rubric

_NEEDED = ("id", "description", "scale")
_KEPT_IN_FILE = ("weight", "stage", "speaker", "not_applicable_when", "scale_reason", "pattern", "direction")


def read_rubric(path: Path, label: str) -> Rubric:
    """The rubric in the file at `path`. ImportProblem names the criterion and what is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImportProblem(str(path), None, f"cannot be read: {error.strerror or error}") from error
    return parse_rubric(str(path), content, label)


def parse_rubric(name: str, content: bytes, label: str) -> Rubric:
    """The rubric in the bytes of a file called `name`: JSON if it ends so, else YAML. ImportProblem as for a file."""
    document = parse_document(name, content, uploaded=True)
    data = document.data
    rows = data.get("criteria") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise ImportProblem(name, None, "there is no list of criteria", "write `criteria:` and one entry for each")
    criteria = tuple(_criterion(document, number, row) for number, row in enumerate(rows))
    try:
        return Rubric(criteria=criteria, label=str(data.get("label") or label))
    except ValidationError as error:
        raise document.problem_with(error, Rubric) from error


def _criterion(document: Document, number: int, row: Any) -> Criterion:
    at = ("criteria", number)
    if not isinstance(row, dict):
        what = f"criterion {number + 1} is not a mapping"
        raise ImportProblem(document.name, document.line_of(at), what, "give id, description and scale")
    who = f"criterion {row.get('id') or number + 1}"
    missing = [field for field in _NEEDED if row.get(field) in (None, "")]
    if missing:
        what, hint = f"{who} lacks {', '.join(missing)}", "id, description and scale are needed"
        raise ImportProblem(document.name, document.line_of(at), what, hint)
    given = {key: value for key, value in row.items() if value is not None}
    given["scale"] = str(given["scale"])
    given.setdefault("name", str(given["id"]).replace("_", " ").capitalize())
    if isinstance(given.get("weight"), int):
        given["weight"] = float(given["weight"])
    try:
        given["anchors"] = {int(level): str(text) for level, text in dict(given.get("anchors", {})).items()}
    except (TypeError, ValueError) as error:
        line = document.line_of((*at, "anchors"))
        raise ImportProblem(document.name, line, f"{who}: anchors are not `level: text`") from error
    given["examples"] = _examples(document, at, who, given.get("examples", {}))
    given["flaws"] = tuple(map(str, given.get("flaws", ())))
    _take_stages(document, at, who, given)
    try:
        return Criterion.model_validate(given)
    except ValidationError as error:
        raise document.problem_with(error, Criterion, at, who) from error


def _take_stages(document: Document, at: tuple[str, int], who: str, given: dict[str, Any]) -> None:
    """`only_in` as a tuple; a count may name the stage as `within`, as in "at least two questions in discovery"."""
    counts = given.get("counts")
    if isinstance(counts, dict):
        within = counts.get("within")
        counts = {"each": given["description"]} | {k: v for k, v in counts.items() if k != "within"}
        given["counts"] = counts
        given.setdefault("only_in", within or ())
    stages = given.get("only_in", ())
    stages = (stages,) if isinstance(stages, str) else stages
    if not isinstance(stages, list | tuple):
        line = document.line_of((*at, "only_in"))
        raise ImportProblem(
            document.name, line, f"{who}: only_in is not a list of stages", "write only_in: [discovery]"
        )
    given["only_in"] = tuple(map(str, stages))


def _examples(document: Document, at: tuple[str, int], who: str, given: Any) -> tuple[Example, ...]:
    """`{present: […], absent: […]}`, each entry a text or the mapping that `write_rubric` writes."""
    wrong = f"{who}: examples are `present: […]` and `absent: […]`"
    if not isinstance(given, dict) or set(given) - {"present", "absent"}:
        raise ImportProblem(document.name, document.line_of((*at, "examples")), wrong)
    made: list[Example] = []
    for kind in ("present", "absent"):
        for number, entry in enumerate(given.get(kind) or ()):
            place = (*at, "examples", kind, number)
            try:
                row = {"text": entry} if isinstance(entry, str) else dict(entry)
                made.append(Example.model_validate_json(json.dumps({"kind": kind, **row})))
            except ValidationError as error:
                raise document.problem_with(error, Example, place, f"{who}: an example is not right") from error
            except (TypeError, ValueError) as error:  # neither text nor mapping, or of no type that JSON has
                raise ImportProblem(document.name, document.line_of(place), wrong) from error
    return tuple(made)


def write_rubric(rubric: Rubric, form: str) -> str:
    """`rubric` as YAML or JSON text that `read_rubric` reads back to the same rubric."""
    data = {"label": rubric.label, "criteria": [_row(c) for c in rubric.criteria]}
    if form == "json":
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110))


def _row(criterion: Criterion) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": criterion.id,
        "name": criterion.name,
        "description": criterion.description,
        "scale": criterion.scale.name,
    }
    row |= {name: value for name in _KEPT_IN_FILE if (value := getattr(criterion, name)) not in ("", None)}
    if criterion.anchors:
        row["anchors"] = dict(sorted(criterion.anchors.items()))
    if criterion.examples:
        row["examples"] = {
            kind: [
                e.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)
                for e in criterion.examples
                if e.kind == kind
            ]
            for kind in ("present", "absent")
        }
    if criterion.only_in:
        row["only_in"] = list(criterion.only_in)
    if criterion.counts:
        row["counts"] = criterion.counts.model_dump(mode="json")
    if criterion.flaws:
        row["flaws"] = list(criterion.flaws)
    return row
