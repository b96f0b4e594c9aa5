"""Baselines and plans say what has changed about their calls since they were made, in the words that patterns have."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from agent.calls.store import Calls
from agent.coaching.verbs import make_plan
from agent.core.age import since_in_words
from agent.corrections import verbs as corrections
from agent.db.schema import calls
from agent.people.verbs_names import change_name
from agent.profiles.store import Baselines
from agent.profiles.verbs import draw_baselines
from agent.ratings.model import Rated
from agent.ratings.store import Ratings
from agent.text.importers import Source
from tests.api.season import RUBRIC, fill_season
from tests.builders import owner
from tests.cli.conftest import Shell
from tests.uploads.bringing import Bringing


@pytest.fixture
def season(site):
    fill_season(site, cycles=False)
    draw_baselines(owner(site.space), RUBRIC.id, rep="Rae")
    return site


def test_the_words_have_a_number_for_each_kind_of_change():
    calls, words = ("{n} call", "{n} calls"), ("{n} word", "{n} words")
    changes = (("ab", calls), ("", words), ("a", ("{n} deal", "{n} deals")))
    assert since_in_words("Since then: {said}.", changes) == "Since then: 2 calls, 1 deal."
    assert since_in_words("Since then: {said}.", (("", calls),)) == ""


def changed(space, call, value, at):
    """Another rating that counts, by whoever rated before."""
    (one,) = [x.rating for x in space.store[Ratings].that_count(RUBRIC.id, [call], criterion="names_next")]
    space.store[Ratings].add(
        [
            one.model_copy(
                update={"judgement": Rated(value=value, quotes=(), nearest=None), "at": at, "supersedes": one.id}
            )
        ]
    )


def read(site, rep="Rae"):
    api = site.program("ops_lead")
    return (
        {row["rep"]: row["since"] for row in api.get("/api/v1/baselines").json()["items"]},
        api.get(f"/api/v1/plans/{rep}").json().get("since"),
    )


def test_a_baseline_and_a_plan_know_their_age(season, capsys):
    space = season.space
    make_plan(owner(space), "Rae", ["asks_cost"], RUBRIC.id)
    assert read(season) == ({"Rae": ""}, "")
    (baseline,) = space.store[Baselines].current(RUBRIC.id)
    later = datetime.now(UTC) + timedelta(seconds=1)
    (one, two) = baseline.calls[:2]
    changed(space, one, 0, later)
    words = b"Cus: Our close takes twelve days, they said.\nRae: I will send you something else.\nCus: Fine.\n"
    corrections.replace_words(owner(space), two, "call", Source("two.txt", words))
    said = "Since this baseline was drawn: 1 call with other ratings, 1 call with other words."
    baselines, plan = read(season)
    assert baselines == {"Rae": said}
    assert plan.startswith("Since this plan was made: 1 call with other ratings")
    assert said in Bringing(season).get("/profiles/Rae").text
    closeread = Shell(space.settings.workspace, capsys)
    assert said in " ".join(closeread("baseline", "show", "--rep", "Rae").out.split())
    assert "since this plan was made: 1 call with other ratings" in closeread("coach", "plan", "Rae", "--no-model").err
    assert "Since this plan was made: 1 call with other ratings" in Bringing(season).get("/coaching/Rae").text


def test_a_call_that_was_another_reps_all_along_is_told(season, capsys):
    """Its manifest was wrong: it comes again with the right rep. Renaming the rep changes nothing about the calls."""
    space = season.space
    make_plan(owner(space), "Rae", ["asks_cost"], RUBRIC.id)
    change_name(owner(space), "rep", "Rae", "Rae Ito")
    assert read(season, "Rae Ito") == ({"Rae Ito": ""}, "")
    (baseline,) = space.store[Baselines].current(RUBRIC.id)
    wrong = space.store[Calls].get(baseline.calls[0])
    space.store[Calls].add(wrong.model_copy(update={"rep": "Somebody Else"}))
    baselines, _ = read(season, "Rae Ito")
    assert baselines == {"Rae Ito": "Since this baseline was drawn: 1 call of another rep."}
    shown = Shell(space.settings.workspace, capsys)("baseline", "show", "--rep", "Rae Ito").out
    assert baselines["Rae Ito"] in " ".join(shown.split())


def test_the_same_level_again_and_a_first_rating_of_the_baseline_are_no_change(season):
    space = season.space
    (baseline,) = space.store[Baselines].current(RUBRIC.id)
    ratings = [x.rating for x in space.store[Ratings].that_count(RUBRIC.id, baseline.calls, criterion="names_next")]
    level = ratings[0].judgement.value
    again = ratings[0].model_copy(update={"at": datetime.now(UTC) + timedelta(seconds=1), "supersedes": ratings[0].id})
    assert again.judgement.value == level
    space.store[Ratings].add([again])
    assert read(season)[0] == {"Rae": ""}


def test_a_plan_counts_calls_that_are_rated_for_the_first_time(season):
    space = season.space
    make_plan(owner(space), "Rae", ["asks_cost"], RUBRIC.id)
    call = space.store[Calls].get("s-0-00").model_copy(update={"id": "late"})
    space.store[Calls].add(call)
    (one,) = [x.rating for x in space.store[Ratings].that_count(RUBRIC.id, ["s-0-00"], criterion="names_next")]
    space.store[Ratings].add([one.model_copy(update={"call": "late", "at": datetime.now(UTC) + timedelta(seconds=1)})])
    baselines, plan = read(season)
    assert (baselines, plan) == ({"Rae": ""}, "Since this plan was made: 1 call rated for the first time.")


def test_calls_that_came_without_words_count_as_before(site):
    """Ratings of another program come without transcripts: their calls never had words that could be gone."""
    fill_season(site, cycles=False)
    draw_baselines(owner(site.space), RUBRIC.id, rep="Rae")
    with site.space.store.engine.begin() as connection:
        connection.execute(update(calls).values(transcript=None))
    assert read(site)[0] == {"Rae": ""}
