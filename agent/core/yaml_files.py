"""YAML (and JSON) that people write: one way to read it, and one form for what is wrong with it.

config/models.yaml:7: roles.rater.modle: there is no such key (write `model`)
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from agent.core.errors import ImportProblem

T = TypeVar("T")

MOST_BYTES = 1_000_000
"""A file may be so long; a rubric of 60 full criteria takes a fifth of it."""

_DEEPEST = 20  # a rubric nests six deep, models.yaml as deep as its settings do
_LONGEST_TEXT = 10_000
_TOO_DEEP = "nests too many brackets or lists"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it

Loc = Sequence[int | str]


@dataclass(frozen=True)
class Document:
    """A parsed file with the line number of each key. `name` is what problems call the file."""

    name: str
    data: Any
    _root: yaml.Node | None = None
    _first: int = 1

    def read_as(self, shape: Any, data: Any = None, at: Loc = ()) -> Any:
        """The document checked against the type `shape`; or `data`, which was made from what stands `at` a place in
        it. ImportProblem tells the line and what is wrong."""
        try:
            return TypeAdapter(shape).validate_python(self.data if data is None else data)
        except ValidationError as error:
            raise self.problem_with(error, shape, at) from error

    def problem_with(self, error: ValidationError, shape: Any, at: Loc = (), called: str = "") -> ImportProblem:
        """The first fault that pydantic found in what stands `at` a place: its line, its key, and what to write
        instead.

        `called` is the name people know that place by.
        """
        fault = max(error.errors(), key=lambda e: (e["type"] == "extra_forbidden", len(self._known([*at, *e["loc"]]))))
        known = self._known([*at, *fault["loc"]])
        place = known[len(at) :]
        if fault["type"] == "missing":
            place.append(fault["loc"][-1])
        what, hint = _told(fault, str(place[-1]) if place else "", shape)
        key = ".".join(map(str, place))
        told = ": ".join(part for part in (called, key, what) if part)
        return ImportProblem(self.name, self.line_of(known), told, hint)

    def line_of(self, loc: Loc) -> int | None:
        """The line of a key or an entry; if it is not in the file, the line of what it belongs to."""
        line = None if self._root is None else self._root.start_mark.line + self._first
        for _, node in self._walk(loc):
            line = node.start_mark.line + self._first
        return line

    def _known(self, loc: Loc) -> list[int | str]:
        """The part of `loc` that is in the file: pydantic adds missing keys and names of types."""
        return [part for part, _ in self._walk(loc)] if self._root is not None else list(loc)

    def _walk(self, loc: Loc) -> Iterator[tuple[int | str, yaml.Node]]:
        node = self._root
        for part in loc:
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == str(part):
                        yield part, key
                        node = value
                        break
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                yield part, node


def read_document(path: Path) -> Document:
    """The file at `path` as YAML, or as JSON if its name says so."""
    return parse_document(str(path), content_of(path))


def content_of(path: Path) -> bytes:
    """The bytes of the file at `path`. ImportProblem where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImportProblem(str(path), None, f"cannot be read: {error.strerror or error}") from error


def parse_document(name: str, content: bytes | str, *, uploaded: bool = False, first_line: int = 1) -> Document:
    """The YAML in `content`, or JSON where `name` ends so; it begins in line `first_line` of its file.

    What was `uploaded` must not hold up the server: its length, its nesting and its longest text are bounded before
    anything is built from it, and aliases are refused, which multiply a few lines into gigabytes.
    """
    if uploaded and len(content) > MOST_BYTES:
        raise ImportProblem(name, None, f"is {len(content):,} bytes long; it may have at most {MOST_BYTES:,}")
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        if name.lower().endswith(".json"):
            return Document(name, _shallow(name, json.loads(text)))
        if uploaded:
            _check_events(name, text)
        loader = _LOADER(text)
        try:
            root = loader.get_single_node()
            _check_keys(name, root, first_line)
            return Document(name, None if root is None else loader.construct_document(root), root, first_line)
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        raise ImportProblem(name, None, "is not UTF-8 text", "save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ImportProblem(name, error.lineno, f"is not JSON: {error.msg}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + first_line
        hint = "indent with spaces, not with tabs" if "\t" in text else ""
        raise ImportProblem(name, line, f"is not YAML: {getattr(error, 'problem', None) or error}", hint) from error
    except RecursionError as error:
        raise ImportProblem(name, None, _TOO_DEEP) from error
    except ValueError as error:  # a day that does not exist, a number of thousands of digits
        raise ImportProblem(name, None, f"holds a value that cannot be read: {str(error)[:200]}") from error


def _check_events(name: str, text: str) -> None:
    """Refuse aliases, deep nesting and very long scalars in an upload. YAML reads `1:1:1:…` as one number, in time
    that grows with the square of its length."""
    depth = 0
    for event in yaml.parse(text, _LOADER):
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


def _check_keys(name: str, node: yaml.Node | None, first_line: int) -> None:
    """Refuse a key that stands twice in one mapping: YAML would silently take the last one."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + first_line
            if isinstance(key, yaml.ScalarNode) and key.value in seen and key.value != "<<":
                raise ImportProblem(name, line, f"{key.value}: stands in line {seen[key.value]} already", "keep one")
            seen[str(key.value)] = line
            _check_keys(name, value, first_line)
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            _check_keys(name, entry, first_line)


def _shallow(name: str, data: Any) -> Any:
    level = [data]
    for _ in range(_DEEPEST + 1):
        level = [
            inner
            for value in level
            if isinstance(value, (list, dict))
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return data
    raise ImportProblem(name, None, _TOO_DEEP)


def _told(fault: ErrorDetails, key: str, shape: Any) -> tuple[str, str]:
    """A fault in our words: what is wrong, and what to write."""
    given = fault["input"]
    if fault["type"] == "extra_forbidden":
        there = sorted(_keys_at(shape, fault["loc"][:-1]))
        near = get_close_matches(key, there, 1)
        return "there is no such key", f"write `{near[0]}`" if near else f"known: {', '.join(there)}"
    if fault["type"] == "missing":
        return "is missing", f"write `{key}: …`"
    if given is None and not key:
        return "is empty", ""
    if fault["type"] in ("model_type", "model_attributes_type", "dict_type"):
        return f"holds {given!r:.60}, where `key: value` is needed", "indent its keys below it"
    what = re.sub(r"^(Value error, |\w+ (?=should ))", "", fault["msg"])
    if fault["type"] in ("list_type", "tuple_type"):
        return f"holds {given!r:.60}, where a list is needed", "write each entry on a line of its own, behind `- `"
    if fault["type"] == "value_error" or isinstance(given, (dict, list)):
        return what, ""
    if fault["type"] == "string_type" and isinstance(given, (int, float)):
        return what, f'put it in quotes: "{given}"'
    return f"{what}, not {given!r:.60}", ""


def _keys_at(shape: Any, loc: Loc) -> set[str]:
    """The keys that are allowed at a place, to suggest the one that was meant."""
    shapes = [shape]
    for part in loc:
        if any(_is_model(inner) and inner.__name__ == part for inner in shapes):
            shapes = [inner for inner in shapes if _is_model(inner) and inner.__name__ == part]
        else:
            shapes = [inner for one in shapes for inner in _below(one, part)]
    return {name for one in shapes if _is_model(one) for name in one.model_fields}


def _below(shape: Any, part: int | str) -> list[Any]:
    """The types that may stand under the key or index `part` of a value of type `shape`; a union gives each of its
    parts."""
    if _is_model(shape):
        field = shape.model_fields.get(part)
        return [] if field is None else _parts(field.annotation)
    arguments = [inner for inner in get_args(shape) if inner is not Ellipsis]
    return _parts(arguments[-1]) if arguments else []


def _parts(shape: Any) -> list[Any]:
    """The types that a union, or one inside `Annotated`, is made of."""
    if hasattr(shape, "__metadata__"):
        return _parts(get_args(shape)[0])
    whole = getattr(shape, "__origin__", shape)
    if isinstance(whole, type) and whole is not shape:  # dict[str, X], tuple[X, ...]
        return [shape]
    inner = [part for one in get_args(shape) for part in _parts(one) if one is not NoneType]
    return inner or [shape]


def _is_model(shape: Any) -> bool:
    return isinstance(shape, type) and issubclass(shape, BaseModel)
