"""Where neighbouring levels count as agreement, no surface says "agree" without saying so; a round that is over says how it
stood then and how it stands now; and who settled a difference reads the own name."""

from __future__ import annotations

import html
import re
from dataclasses import astuple

import pytest
from typer.testing import CliRunner

from agent.calibration import verbs
from agent.calibration.model import CalibrationRound
from agent.calibration.report import agreement_words
from agent.calibration.store import Rounds
from agent.documents.verbs import export_calibration
from agent.main import app
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.overriding import Given
from agent.rubrics.store import Rubrics
from tests.builders import criterion, rubric
from tests.calibration.walk import AT

RUBRIC = rubric(criterion("depth", scale="1-5", name="Digs deep"), criterion("asks", name="Asks"), label="v9")
SAID = {"call-1": (3, 4), "call-2": (2, 2), "call-3": (1, 4)}


def opened(site, calls):
    number = site.space.store[Rounds].next_number()
    given = {
        who: [
            Rating(
                call=call,
                criterion=name,
                rater=who,
                judgement=Rated(value=SAID[call][place] if name == "depth" else 1),
                reason="heard",
                provenance=Provenance(rubric=RUBRIC.id),
                at=AT,
            )
            for call in calls
            for name in ("depth", "asks")
        ]
        for place, who in enumerate(("Ann", "Bea"))
    }
    new = CalibrationRound(number=number, rubric=RUBRIC.id, raters=("Ann", "Bea"), calls=calls, opened_at=AT)
    site.space.store[Rounds].open(new, given)
    return str(number)


@pytest.fixture(name="round_")
def _round(site):
    site.space.store[Rubrics].add(RUBRIC)
    return opened(site, ("call-1", "call-3"))


def words(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))


def test_in_words():
    assert agreement_words(15, 11, 16, 1) == "15 of 16 calls within one level, 11 the same"
    assert agreement_words(15, 11, 16, 2) == "15 of 16 calls within 2 levels, 11 the same"
    assert agreement_words(14, 14, 16, 0) == "14 of 16 calls agree"
    assert agreement_words(0, 0, 0, 1) == "no call yet"


def test_every_surface_says_within_one_level(site, round_):
    said = "1 of 2 calls within one level, 0 the same"
    for role in ("ops_lead", "manager", "viewer"):
        page = site.browser(role).get(f"/calibration/{round_}").text
        assert f"{said} in this round" in words(page)
        assert f'data-why="{said} on this wording' in page
        assert "Two ratings agree here if they are at most 1 level apart; 0 of 2 calls got the same level" in words(
            page
        )
    lead = site.browser("ops_lead")
    assert said in words(lead.get(f"/rubric/{RUBRIC.id}").text)
    (told,) = [
        one
        for one in site.program("viewer").get(f"/api/v1/rounds/{round_}/report").json()["criteria"]
        if one["criterion"] == "depth"
    ]
    assert (told["agreeing"], told["same"], told["tolerance"], told["counted"]) == (1, 0, 1, said)
    assert (told["agreeing_in_round"], told["same_in_round"], told["counted_in_round"]) == (1, 0, said)
    assert said in str(astuple(export_calibration(site.who("ops_lead"), round_)))
    folder = str(site.space.settings.workspace)
    shown = CliRunner().invoke(app, ["--workspace", folder, "calibrate", "report", round_]).output
    assert "within one level, 0 the same" in " ".join(shown.split())


def test_a_round_that_is_over_says_how_it_stood_and_stands(site, round_):
    before = site.browser("viewer").get(f"/calibration/{round_}").text
    assert "At the end of this round" not in before
    later = opened(site, ("call-2",))
    for role in ("ops_lead", "manager", "viewer"):
        page = words(site.browser(role).get(f"/calibration/{round_}").text)
        now = f"Now, after round {later}, 0 of 2 have passed in this wording"
        assert re.search(rf"At the end of this round: 0 of 2 criteria have passed[^.]*\. {now}", page), role
        assert "are the next step of the plan" not in page
        assert not re.search(r"; needs \d+ more", page)
        assert "At the end of this round" not in site.browser(role).get(f"/calibration/{later}").text


def test_who_settled_reads_the_own_name_and_others_none(site, round_):
    verbs.settle_difference(site.who("manager"), round_, "call-3", "depth", Given("2", "In part."))
    assert "Settled by manager" in words(site.browser("manager").get(f"/calibration/{round_}").text)
    other = words(site.browser("viewer").get(f"/calibration/{round_}").text)
    assert "Settled by another person who calibrates" in other
    assert "somebody" not in other
