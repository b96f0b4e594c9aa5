"""Rubrics as files that people edit: YAML or JSON, `{criteria: [{id, description, scale, …}]}`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from agent.core.errors import ImportProblem
from agent.rubrics.model import Criterion, Example, Rubric

L = TypeVar("L", str, int)

MOST_BYTES = 1_000_000
"""A rubric file may be so long; 60 full criteria take a fifth of it."""

_DEEPEST = 20  # a rubric nests six deep: criteria, a criterion, examples, present, an example, its quote's span
_TOO_DEEP = "nests too many brackets or lists to be a rubric"
_LONGEST_TEXT = 10_000
_YamlLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where PyYAML was built with it
_NEEDED = ("id", "description", "scale")
_KEPT_IN_FILE = ("weight", "stage", "speaker", "not_applicable_when", "scale_reason", "pattern", "direction")
_UNKNOWN_HINT = "known: id, name, description, scale, anchors, examples, only_in, counts, " + ", ".join(_KEPT_IN_FILE)


def read_rubric(path: Path, label: str) -> Rubric:
    """The rubric in the file at `path`. ImportProblem names the criterion and what is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImportProblem(str(path), None, f"cannot be read: {error.strerror or error}") from error
    return parse_rubric(str(path), content, label)


def parse_rubric(name: str, content: bytes, label: str) -> Rubric:
    """The rubric in the bytes of a file called `name`: JSON if it ends so, else YAML. ImportProblem as for a file."""
    data = _load(name, content)
    rows = data.get("criteria") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise ImportProblem(name, None, "there is no list of criteria", "write `criteria:` and one entry for each")
    criteria = tuple(_criterion(name, number, row) for number, row in enumerate(rows, 1))
    try:
        return Rubric(criteria=criteria, label=str(data.get("label") or label))
    except ValidationError as error:
        raise ImportProblem(name, None, _first(error)) from error


def _load(name: str, content: bytes) -> Any:
    """The file's data. Size, nesting and the length of a text are bounded before anything is built from them: a file
    from outside must not hold up the server (100,000 open brackets took a minute)."""
    if len(content) > MOST_BYTES:
        raise ImportProblem(name, None, f"is {len(content):,} bytes long; a rubric may have at most {MOST_BYTES:,}")
    try:
        text = content.decode("utf-8-sig")
        if name.lower().endswith(".json"):
            return _checked_json(name, json.loads(text))
        _check_yaml(name, text)
        return yaml.load(text, _YamlLoader)
    except UnicodeDecodeError as error:
        raise ImportProblem(name, None, "is not UTF-8 text", "save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ImportProblem(name, error.lineno, f"is not JSON: {error.msg}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise ImportProblem(name, line, f"is not YAML: {getattr(error, 'problem', None) or error}") from error
    except RecursionError as error:
        raise ImportProblem(name, None, _TOO_DEEP) from error
    except ValueError as error:  # a day that does not exist, a number of thousands of digits
        raise ImportProblem(name, None, f"holds a value that cannot be read: {str(error)[:200]}") from error


def _check_yaml(name: str, text: str) -> None:
    """Refuse aliases, which multiply a few lines into gigabytes, deep nesting, and scalars too long to be a text here
    (YAML reads `1:1:1:…` as one number, in time that grows with the square of its length)."""
    depth = 0
    for event in yaml.parse(text, _YamlLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            raise ImportProblem(name, line, "uses a YAML alias (*name)", "write it out")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > _LONGEST_TEXT:
            raise ImportProblem(name, line, f"holds a text of more than {_LONGEST_TEXT:,} characters")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise ImportProblem(name, line, _TOO_DEEP)


def _checked_json(name: str, data: Any) -> Any:
    level = [data]
    for _ in range(_DEEPEST + 1):
        level = [inner for value in level if isinstance(value, (list, dict)) for inner in _inside(value)]
        if not level:
            return data
    raise ImportProblem(name, None, _TOO_DEEP)


def _inside(value: list[Any] | dict[str, Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _criterion(name: str, number: int, row: Any) -> Criterion:
    if not isinstance(row, dict):
        raise ImportProblem(name, None, f"criterion {number} is not a mapping", "give id, description and scale")
    who = f"criterion {row.get('id') or number}"
    missing = [field for field in _NEEDED if row.get(field) in (None, "")]
    if missing:
        raise ImportProblem(name, None, f"{who} lacks {', '.join(missing)}", "id, description and scale are needed")
    given = {key: value for key, value in row.items() if value is not None}
    given["scale"] = str(given["scale"])
    given.setdefault("name", str(given["id"]).replace("_", " ").capitalize())
    if isinstance(given.get("weight"), int):
        given["weight"] = float(given["weight"])
    given["anchors"] = _levels(name, who, "anchors", given.get("anchors", {}), str)
    given["examples"] = _examples(name, who, given.get("examples", {}))
    given["flaws"] = tuple(map(str, given.get("flaws", ())))
    _take_stages(name, who, given)
    try:
        return Criterion.model_validate(given)
    except ValidationError as error:
        unknown = error.errors()[0]["type"] == "extra_forbidden"
        raise ImportProblem(name, None, f"{who}: {_first(error)}", _UNKNOWN_HINT if unknown else "") from error


def _take_stages(name: str, who: str, given: dict[str, Any]) -> None:
    """`only_in` as a tuple; a count may name the stage as `within`, as in "at least two questions in discovery"."""
    counts = given.get("counts")
    if isinstance(counts, dict):
        within = counts.get("within")
        counts = {"each": given["description"]} | {k: v for k, v in counts.items() if k != "within"}
        if isinstance(counts.get("at_least"), dict):  # JSON has texts for keys
            counts["at_least"] = _levels(name, who, "counts.at_least", counts["at_least"], int)
        given["counts"] = counts
        given.setdefault("only_in", within or ())
    stages = given.get("only_in", ())
    given["only_in"] = (stages,) if isinstance(stages, str) else stages
    if not isinstance(given["only_in"], list | tuple):
        raise ImportProblem(name, None, f"{who}: only_in is not a list of stages", "write only_in: [discovery]")
    given["only_in"] = tuple(map(str, given["only_in"]))


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    place = ".".join(str(part) for part in found["loc"])
    return f"{place}: {found['msg']}" if place else str(found["msg"])


def _levels(name: str, who: str, field: str, given: Any, kind: type[L]) -> dict[int, L]:
    try:
        return {int(level): kind(value) for level, value in dict(given).items()}
    except (TypeError, ValueError) as error:
        what = "text" if kind is str else "number"
        raise ImportProblem(name, None, f"{who}: {field} are not `level: {what}`") from error


def _examples(name: str, who: str, given: Any) -> tuple[Example, ...]:
    """`{present: […], absent: […]}`, each entry a text or the mapping that `write_rubric` writes."""
    if not isinstance(given, dict) or set(given) - {"present", "absent"}:
        raise ImportProblem(name, None, f"{who}: examples are `present: […]` and `absent: […]`")
    try:
        return tuple(
            Example.model_validate_json(json.dumps({"kind": kind, **({"text": e} if isinstance(e, str) else e)}))
            for kind in ("present", "absent")
            for e in given.get(kind) or ()
        )
    except (ValidationError, TypeError) as error:
        detail = _first(error) if isinstance(error, ValidationError) else str(error)
        raise ImportProblem(name, None, f"{who}: an example is not right: {detail}") from error


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
