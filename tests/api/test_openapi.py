"""The OpenAPI document: complete, with examples; and the API answers as the document says, whatever is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from agent.app.web import routes
from agent.app.web.openapi import EXAMPLES
from tests.api.conftest import made_site
from tests.api.examples import shape_of
from tests.app.test_json import differences
from tests.builders import often

# Any thread of the process that draws a random number meanwhile, such as one that still waits to try something again,
# makes hypothesis believe that the strategy did.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")


NOT_SENT = {"Comparison", "DraftView", "JobPlanView", "SharperDrafts"}
"""Answers that the walk over all routes is refused: a model would have to be asked, or more be there."""


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("openapi")) as site:
        yield site


@pytest.fixture(name="document", scope="module")
def _document(site):
    return site.anonymous().get("/api/v1/openapi.json").json()


@pytest.fixture(name="schema", scope="module")
def _schema(site):
    from schemathesis import openapi  # takes two seconds, and only one of the processes that tests run in needs it

    return openapi.from_asgi("/api/v1/openapi.json", site.app)


@pytest.fixture(name="token", scope="module")
def _token(site):
    return site.program("ops_lead").headers["authorization"]


API = [f"{r.method} {r.path}" for r in routes.declared() if r.path.startswith(routes.API)]


@pytest.mark.parametrize("name", often(API, 2))
def test_the_api_answers_as_its_document_says(schema, token, name):
    ask(schema, token, name, "positive", 2)


@pytest.mark.parametrize("name", often(API, 4))
def test_the_api_refuses_as_its_document_says(schema, token, name):
    ask(schema, token, name, "negative", 2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["positive", "negative"], ids=["fits", "does not fit"])
@pytest.mark.parametrize("name", API)
def test_the_api_answers_as_its_document_says_to_more_requests(schema, token, name, kind):
    """The same ones each time: what twenty of them found once is mended, and six ask for every field."""
    ask(schema, token, name, kind, 6)


def ask(schema, token, name, kind, examples):
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    def no_fault(ctx, response, case):
        """503 is an answer where the document has it: a model whose key is not set is not there now."""
        return None if response.status_code == 503 else not_a_server_error(ctx, response, case)

    conform = [checks.status_code_conformance, checks.content_type_conformance, checks.response_schema_conformance]
    method, path = name.split(" ")
    operation = schema[path][method]
    if kind == "negative" and not (operation.body or list(operation.iter_parameters())):
        return  # there is nothing to get wrong

    @settings(
        max_examples=examples,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode(kind)))
    def send(case):
        case.call_and_validate(headers={"Authorization": token}, checks=[no_fault, *conform])

    send()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_route_of_the_api_is_in_the_document(document):
    declared = {f"{r.method} {r.path}" for r in routes.declared() if r.path.startswith("/api/")}
    assert {name for name, _ in operations(document)} == declared


def test_every_operation_says_what_it_is_who_may_ask_and_what_goes_wrong(document):
    roles = {f"{r.method} {r.path}": r.roles for r in routes.declared()}
    for name, operation in operations(document):
        assert operation["description"], name
        assert operation["tags"], name
        assert operation["x-roles"] == list(roles[name]), name
        assert operation["security"] == [{"token": []}, {"session": []}], name
        assert {"401", "403", "default"} <= operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                assert list(response["content"]) == ["application/problem+json"], (name, status)
        keys = {p["name"] for p in operation.get("parameters", [])}
        assert ("Idempotency-Key" in keys) == name.startswith("POST "), name


def test_every_body_has_an_example_that_fits(document):
    schemas = document["components"]["schemas"]
    for name, operation in operations(document):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            if kind != "application/json":
                continue
            schema = content["schema"]
            shape = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            examples = shape.get("examples") or content.get("examples")
            assert examples, f"{name} has no example of its body"
            for example in examples if "properties" in shape else ():
                assert set(shape.get("required", [])) <= example.keys() <= shape["properties"].keys(), name


def test_every_answer_has_an_example_of_its_shape(document):
    """agent/app/web/examples.json is made anew by `python -m tests.api.examples`."""
    schemas = document["components"]["schemas"]
    sent = {shape_of(r) for _, operation in operations(document) for r in operation["responses"].values()} - {
        "",
        "Problem",
    }
    assert len(sent) > 80
    for name in sent - NOT_SENT:
        (example,) = schemas[name]["examples"]
        assert list(differences(example, schemas[name], schemas)) == [], f"{name}: python -m tests.api.examples"
    assert json.loads(EXAMPLES.read_text(encoding="utf-8")).keys() == sent - NOT_SENT


def test_every_parameter_is_bounded(document):
    """A text without a longest length is an invitation to send megabytes."""
    for name, operation in operations(document):
        for parameter in operation.get("parameters", []):
            shapes = parameter["schema"].get("anyOf", [parameter["schema"]])
            for shape in (s for s in shapes if s.get("type") == "string"):
                bounded = {"maxLength", "enum", "const", "pattern"} & shape.keys() or shape.get("format") in (
                    "date",
                    "date-time",
                )
                assert bounded, f"{name}: {parameter['name']}"


def test_operation_ids_are_names(document):
    idents = [operation["operationId"] for _, operation in operations(document)]
    assert len(idents) == len(set(idents))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", ident) for ident in idents)


def test_a_file_comes_in_every_format_as_the_content_type_that_is_documented(site, document):
    """The generated requests above ask for few of the formats, and seldom of a rubric that is there."""
    client = site.program("ops_lead")
    asked = 0
    for name, operation in operations(document):
        chosen = next((p for p in operation.get("parameters", []) if p["name"] == "format"), None)
        if chosen is None or "{ref}" not in name:
            continue
        for form in chosen["schema"]["enum"]:
            answer = client.get(name.removeprefix("GET ").replace("{ref}", "v1"), params={"format": form})
            assert answer.status_code == 200, (name, form)
            assert answer.headers["content-type"].partition(";")[0] in operation["responses"]["200"]["content"], name
            asked += 1
    assert asked == 7
