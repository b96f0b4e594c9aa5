"""The OpenAPI document: how to sign in, and problems in the shape that they really have."""

import json
import re
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from agent.app.web.problems import MEDIA_TYPE, Problem
from agent.app.web.routes import Declared, declared

DESCRIPTION = """\
Everything the pages do. Sign in with a token: `Authorization: Bearer cr_…`, made by
`closeread token create --role manager` or on the page Admin.

* Every error is `application/problem+json` with a stable `code` and the request's id.
* Lists come in pages: send `next` back as `cursor`; the `Link` header has the whole address.
* `Idempotency-Key` on POST: the same request sent again gets the first reply, for a day.
* What can be edited has an `ETag`; a change needs `If-Match` (428 without, 412 if somebody else was faster).
* A role sees what is its own: a rep gets the own calls, ratings and plans, and others are not found.
"""
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "`closeread token create --role …`"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "closeread_session",
        "description": "Signed in on the pages.",
    },
}
EXAMPLES = Path(__file__).with_name("examples.json")
"""Answers by the name of their schema; `python -m tests.api.examples` makes them anew."""
_WRAPPED = re.compile(r"(Page|Figure)(?:Out)?_(\w+?)(?:Out)?_")
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Do this once, however often it is sent.",
    "example": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
}


def install(app: FastAPI) -> None:
    """Serve our document instead of FastAPI's own."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """The document with short schema names: forms named after their operation, pages and figures after their content.

    FastAPI's own names are `Body_import_calls_api_v1_calls_import_post` and `Page_CallView_`.
    """
    forms: dict[str, str] = {}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                old = content["schema"].get("$ref", "").rpartition("/")[2]
                if old.startswith("Body_"):
                    name = _camel(operation["operationId"].partition("_api_v1_")[0]) + "Form"
                    forms[old] = name if name not in forms.values() else f"{_camel(path.split('/')[3])}{name}"
    schemas = document["components"]["schemas"]
    wrapped = {name: _WRAPPED.fullmatch(name) for name in schemas}
    names = forms | {name: f"{match[2]}{match[1]}" for name, match in wrapped.items() if match}
    text = json.dumps(document)
    for old, new in names.items():
        text = text.replace(f'"#/components/schemas/{old}"', f'"#/components/schemas/{new}"')
    renamed: dict[str, Any] = json.loads(text)
    inner = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {names.get(name, name): inner[name] for name in sorted(inner)}
    return renamed


def _camel(name: str) -> str:
    return "".join(map(str.capitalize, re.split(r"\W|_", name)))


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(shape.pop("$defs", {}))
    schemas["Problem"] = shape
    components["securitySchemes"] = _SECURITY
    for route in declared():
        operation = made["paths"].get(route.path, {}).get(route.method.lower())
        if operation is not None:
            _complete(operation, route)
    document = _named(made)
    for name, answer in json.loads(EXAMPLES.read_text(encoding="utf-8")).items():
        document["components"]["schemas"][name]["examples"] = [answer]
    return document


def _complete(operation: dict[str, Any], route: Declared) -> None:
    """Add what FastAPI cannot know: problem documents for errors, the roles, and the idempotency key of POSTs."""
    reference = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    invalid = operation["responses"].get("422")
    if invalid is not None and "application/json" in invalid.get("content", {}):
        operation["responses"]["422"] = {"description": "Something in the request is wrong.", "content": reference}
    if route.roles is None:
        operation["security"] = []
        return
    operation["security"] = [{"token": []}, {"session": []}]
    operation["x-roles"] = list(route.roles)
    operation["responses"]["401"] = {"description": "Not signed in.", "content": reference}
    operation["responses"]["403"] = {"description": "Not for this role.", "content": reference}
    if route.method == "POST":
        operation.setdefault("parameters", []).append(_KEY)
