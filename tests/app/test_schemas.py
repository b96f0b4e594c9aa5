"""Names of the schemas in the API's document: short, and each thing has one."""

from __future__ import annotations

import re

import pytest

THINGS = {
    "pattern": "PatternView", "rating": "RatingView", "round": "RoundView", "profile": "ProfileView",
    "gap": "OwnGap", "movement": "MovementRow", "outcome": "OutcomesView", "funnel": "FunnelView", "weights": "WeightsView",
    "eval run": "RunView", "rubric": "RubricView", "upload": "UploadView", "call": "CallView", "interview": "InterviewView",
    "next step": "NextView",
}  # fmt: skip


@pytest.fixture(name="names")
def _names(site):
    return site.anonymous().get("/api/v1/openapi.json").json()["components"]["schemas"]


def test_names_are_short_and_name_no_module(names):
    assert len(names) > 200
    for name in names:
        assert len(name) <= 30, name
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name), name
        assert not name.endswith(("Input", "Output")), name


def test_every_thing_has_one_schema(names):
    assert set(THINGS.values()) <= set(names)
    assert len(set(THINGS.values())) == len(THINGS)


def test_no_schema_is_an_object_of_which_nothing_is_said(names):
    bare = {"type": "object", "additionalProperties": True}
    assert [
        name for name, schema in names.items() if bare.items() <= schema.items() and "properties" not in schema
    ] == []


def test_every_reference_leads_somewhere(site, names):
    text = site.anonymous().get("/api/v1/openapi.json").text
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', text)) <= set(names)
