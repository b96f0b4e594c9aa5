"""A rubric with one criterion of each scale, taken through the editor, the pages of calls and reps, and the documents."""

from datetime import UTC, datetime

import pytest

from agent.core.scale import SCALES
from agent.core.transcript import Quote, Span
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, rubric
from tests.cli.conftest import Shell

ONE_OF_EACH = rubric(
    *(criterion(f"on_{name.replace('-', '_')}", name=f"On {name}", scale=name) for name in SCALES), label="each"
)
SAID = call().transcript.turns[0]
QUOTE = Quote(span=Span(turn=0, start=0, end=len(SAID.text)), speaker=SAID.speaker, text=SAID.text)


def rate(space, place):
    """Call number `place` at the lowest level, the one above, and so on, on each criterion."""
    space.store[Ratings].add(
        [
            Rating(
                call=f"call-{place}",
                criterion=one.id,
                rater="human:Kim",
                judgement=Rated(
                    value=(level := one.levels[place % len(one.levels)]), quotes=(QUOTE,) if one.shown(level) else ()
                ),
                reason="because",
                provenance=Provenance(rubric=ONE_OF_EACH.id, request="", prompt="", model=""),
                at=datetime(2026, 11, 1, tzinfo=UTC),
            )
            for one in ONE_OF_EACH.criteria
        ]
    )


@pytest.fixture(name="rated")
def _rated(site):
    site.space.store[Rubrics].add(ONE_OF_EACH)
    for place in (1, 2, 3):
        rate(site.space, place)
    return site


def test_pages_show_levels_of_every_scale(rated):
    browser = rated.ops_browser
    page = browser.get(f"/calls/call-3?rubric={ONE_OF_EACH.id}").text
    for words in ("1 of 3", "4 of 4", "4 of 5", "4 of 7"):
        assert words in page, words
    assert browser.get(f"/profiles?rubric={ONE_OF_EACH.id}").status_code == 200
    rep = browser.get(f"/profiles/Rae?rubric={ONE_OF_EACH.id}")
    assert (rep.status_code, "On 1-7" in rep.text) == (200, True)
    editor = browser.get(f"/rubric/{ONE_OF_EACH.id}/edit/on_1_7").text
    assert [f'name="anchor_{level}"' in editor for level in range(9)] == [True] * 8 + [False]


def test_the_api_takes_each_scale_and_refuses_others(rated):
    client = rated.program("ops_lead")
    body = {
        "criteria": [
            {
                "id": "on_it",
                "name": "n",
                "description": "The rep asks what it costs.",
                "scale": "1-7",
                "anchors": {"7": "best"},
            }
        ]
    }
    for scale, status in (("1-7", 200), ("1-9", 422)):
        body["criteria"][0]["scale"] = scale
        sent = client.put("/api/v1/rubrics/v1/draft", json=body, headers={"If-Match": '"0"'})
        assert sent.status_code == status, sent.text
    cells = client.get("/api/v1/profiles", params={"rubric": ONE_OF_EACH.id, "period": "all"}).json()["items"][0][
        "cells"
    ]
    assert [(c["score"]["value"], c["score"]["n"]) for c in cells] == [
        ((0.5 if scale.binary else 2.5), 2) for scale in SCALES.values()
    ]


@pytest.mark.parametrize("kind", ["scoring-guide", "scorecard", "report"])
def test_documents_are_written(rated, tmp_path, capsys, kind):
    closeread = Shell(tmp_path / "space", capsys)
    closeread(
        "export",
        kind,
        *(["--rep", "Rae"] if kind == "scorecard" else []),
        "--rubric",
        ONE_OF_EACH.id,
        "--out",
        tmp_path / "out.md",
    )
    assert closeread.code == 0, closeread.err
    assert "On 1-7" in (tmp_path / "out.md").read_text()
