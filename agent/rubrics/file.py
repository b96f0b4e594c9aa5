"""Rubrics as files that people edit: YAML or JSON, `{criteria: [{id, description, scale, …}]}`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from agent.core.errors import ImportProblem
from agent.rubrics.model import Criterion, Example, Rubric

_NEEDED = ("id", "description", "scale")
_KEPT_IN_FILE = ("weight", "stage", "speaker", "not_applicable_when", "scale_reason", "pattern", "direction")
_UNKNOWN_HINT = "known: id, name, description, scale, anchors, examples, " + ", ".join(_KEPT_IN_FILE)


def read_rubric(path: Path, label: str) -> Rubric:
    """The rubric in the file at `path`. ImportProblem names the criterion and what is wrong with it."""
    data = _load(path)
    rows = data.get("criteria") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise ImportProblem(str(path), None, "there is no list of criteria", "write `criteria:` and one entry for each")
    criteria = tuple(_criterion(path, number, row) for number, row in enumerate(rows, 1))
    try:
        return Rubric(criteria=criteria, label=str(data.get("label") or label))
    except ValidationError as error:
        raise ImportProblem(str(path), None, _first(error)) from error


def _load(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise ImportProblem(str(path), None, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ImportProblem(str(path), None, "is not UTF-8 text", "save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ImportProblem(str(path), error.lineno, f"is not JSON: {error.msg}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise ImportProblem(str(path), line, f"is not YAML: {getattr(error, 'problem', None) or error}") from error


def _criterion(path: Path, number: int, row: Any) -> Criterion:
    if not isinstance(row, dict):
        raise ImportProblem(str(path), None, f"criterion {number} is not a mapping", "give id, description and scale")
    who = f"criterion {row.get('id') or number}"
    missing = [name for name in _NEEDED if row.get(name) in (None, "")]
    if missing:
        raise ImportProblem(
            str(path), None, f"{who} lacks {', '.join(missing)}", "id, description and scale are needed"
        )
    given = {key: value for key, value in row.items() if value is not None}
    given["scale"] = str(given["scale"])
    given.setdefault("name", str(given["id"]).replace("_", " ").capitalize())
    if isinstance(given.get("weight"), int):
        given["weight"] = float(given["weight"])
    given["anchors"] = _anchors(path, who, given.get("anchors", {}))
    given["examples"] = _examples(path, who, given.get("examples", {}))
    given["flaws"] = tuple(map(str, given.get("flaws", ())))
    try:
        return Criterion.model_validate(given)
    except ValidationError as error:
        unknown = error.errors()[0]["type"] == "extra_forbidden"
        raise ImportProblem(str(path), None, f"{who}: {_first(error)}", _UNKNOWN_HINT if unknown else "") from error


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    place = ".".join(str(part) for part in found["loc"])
    return f"{place}: {found['msg']}" if place else str(found["msg"])


def _anchors(path: Path, who: str, given: Any) -> dict[int, str]:
    try:
        return {int(level): str(text) for level, text in dict(given).items()}
    except (TypeError, ValueError) as error:
        raise ImportProblem(str(path), None, f"{who}: anchors are not `level: text`") from error


def _examples(path: Path, who: str, given: Any) -> tuple[Example, ...]:
    """`{present: […], absent: […]}`, each entry a text or the mapping that `write_rubric` writes."""
    if not isinstance(given, dict) or set(given) - {"present", "absent"}:
        raise ImportProblem(str(path), None, f"{who}: examples are `present: […]` and `absent: […]`")
    try:
        return tuple(
            Example.model_validate_json(json.dumps({"kind": kind, **({"text": e} if isinstance(e, str) else e)}))
            for kind in ("present", "absent")
            for e in given.get(kind) or ()
        )
    except (ValidationError, TypeError) as error:
        detail = _first(error) if isinstance(error, ValidationError) else str(error)
        raise ImportProblem(str(path), None, f"{who}: an example is not right: {detail}") from error


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
        "scale": criterion.scale,
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
    if criterion.flaws:
        row["flaws"] = list(criterion.flaws)
    return row
