"""`--json` prints what the API sends: the same keys all the way down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from agent.main import COMMANDS, app
from tests.api.conftest import made_site
from tests.app.acts import all_of, slice_tables
from tests.cli.conftest import Shell

JSON = all_of("JSON")
NO_API = all_of("NO_API")


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("json")) as site:
        yield site


@pytest.fixture(name="document", scope="module")
def _document(site):
    return site.anonymous().get("/api/v1/openapi.json").json()


def commands_with_json() -> dict[str, str]:
    """By its words, the slice of every command that has `--json`."""
    group: Any = typer.main.get_group(app)
    found = {}

    def look(words: str, command: Any) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            look(f"{words} {name}", inner)
        if any("--json" in option.opts for option in command.params):
            found[words] = command.callback.__module__.split(".")[1]

    for name in COMMANDS:
        look(name, group.get_command(None, name))
    return found


def test_every_command_with_json_is_compared_or_says_why_not():
    """In the slices that have tables."""
    mine = {words for words, slice_ in commands_with_json().items() if slice_ in slice_tables("JSON")}
    assert mine == JSON.keys() | NO_API.keys()


TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def differences(value: Any, schema: dict[str, Any], schemas: dict[str, Any], path: str = "$") -> Iterator[str]:
    """Where `value` has other keys or types than `schema`, which is one as OpenAPI has it."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if either := schema.get("anyOf") or schema.get("oneOf"):
        tried = [list(differences(value, one, schemas, path)) for one in either]
        yield from min(tried, key=len)
    elif isinstance(value, dict):
        if schema.get("type") != "object":
            yield f"{path} is an object"
            return
        fields, others = schema.get("properties"), schema.get("additionalProperties")
        if fields is not None and not isinstance(others, dict):
            may_lack = {name for name, field in fields.items() if field.get("x-left-out-if-empty")}
            other = (value.keys() - fields.keys()) | (fields.keys() - value.keys() - may_lack)
            yield from (f"{path}.{name} is in one only" for name in other)
        for name, inner in value.items():
            of_name = (fields or {}).get(name) or (others if isinstance(others, dict) else {})
            if of_name:
                yield from differences(inner, of_name, schemas, f"{path}.{name}")
    elif isinstance(value, list):
        if schema.get("type") != "array":
            yield f"{path} is a list"
            return
        for inner in value:
            yield from differences(inner, schema.get("items", {}), schemas, f"{path}[]")
    elif schema.get("type") and not isinstance(value, TYPES[schema["type"]]):
        yield f"{path} is {type(value).__name__}, not {schema['type']}"
    elif schema.get("type") in ("integer", "number") and isinstance(value, bool):
        yield f"{path} is bool, not {schema['type']}"


@pytest.mark.parametrize("words", JSON)
def test_json_has_the_keys_that_the_api_has(site, document, capsys, words):
    entry = JSON[words]
    method, path = entry.route.split(" ")
    responses = document["paths"][path][method.lower()]["responses"]
    (answer,) = (response for status, response in responses.items() if status.startswith("2"))
    schema, schemas = answer["content"]["application/json"]["schema"], document["components"]["schemas"]
    shell = Shell(site.space.settings.workspace, capsys)(*words.split(), *entry.args(site), "--json")
    assert shell.code == 0, shell.err
    shown = shell.json.get("items", shell.json) if isinstance(shell.json, dict) else shell.json
    assert shown, "an empty list shows nothing"
    assert list(differences(shell.json, schema, schemas)) == []


def test_the_comparison_finds_a_key_too_many_one_too_few_and_another_type():
    shape = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"$ref": "#/X"}}},
    }
    schemas = {"X": {"type": "object", "properties": {"c": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}}
    assert list(differences({"a": 1, "b": [{"c": None}]}, shape, schemas)) == []
    assert list(differences({"a": 1}, shape, schemas)) == ["$.b is in one only"]
    assert list(differences({"a": 1, "b": [{"c": "x", "d": 2}]}, shape, schemas)) == ["$.b[].d is in one only"]
    assert list(differences({"a": "1", "b": []}, shape, schemas)) == ["$.a is str, not integer"]
    assert list(differences({"a": True, "b": None}, shape, schemas)) == [
        "$.a is bool, not integer",
        "$.b is NoneType, not array",
    ]
