"""Profiles, coaching and outcomes on a season of nine reps: what pages and API say, to whom, and what forms do."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from agent.app.web.later import Later
from agent.calibration.store import Rounds
from agent.coaching.store import Coaching
from agent.coaching.tracking import MOVEMENT, MovementFigure
from agent.core.errors import InputError
from agent.core.people import Scope
from agent.core.statistic import Estimate
from agent.db.audit import AuditLog
from agent.outcomes.figures import FUNNEL
from agent.outcomes.store import Deals
from agent.profiles import figures
from agent.profiles.season import rated_season
from agent.profiles.verbs import draw_baselines
from agent.rubrics.in_use import in_use_id
from agent.rubrics.store import Rubrics
from agent.stats.trends import VERDICTS
from tests.api.conftest import csrf, made_site
from tests.api.season import RUBRIC, fill_season
from tests.llm.stub import Stub, says, status


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    """A season whose baselines are drawn. Tests that change it use reps of their own."""
    with made_site(tmp_path_factory.mktemp("season")) as site:
        fill_season(site)
        draw_baselines(site.who("ops_lead"))
        yield site
        if hasattr(site.app.state, "later"):
            site.app.state.later.wait(120)


@pytest.fixture(name="clients", scope="module")
def _clients(site):
    return {role: site.program(role) for role in ("ops_lead", "manager", "rep", "viewer")}


def settled(site, client, path):
    """The answer once what it rests on was worked out."""
    client.get(path)
    site.app.state.later.wait(120)
    return client.get(path)


def test_figures_need_a_rating(tmp_path):
    with made_site(tmp_path) as site, pytest.raises(InputError, match="no ratings that count"):
        rated_season(site.space)


def test_the_heat_map_comes_in_pages_with_the_teams_gaps_first(site, clients):
    first = clients["viewer"].get("/api/v1/profiles", params={"period": "baseline", "limit": 4}).json()
    second = (
        clients["viewer"]
        .get("/api/v1/profiles", params={"period": "baseline", "limit": 200, "cursor": first["next"]})
        .json()
    )
    rows = first["items"] + second["items"]
    assert [row["rep"] for row in rows] == sorted(row["rep"] for row in rows)
    assert len(rows) == first["team"]["reps"] == 9
    assert first["team"]["focus"] == ["asks_cost"]
    assert first["team"]["weights"] == "rubric season"
    gap = first["team"]["team_gaps"][0]
    assert (gap["criterion"], len(gap["reps"])) == ("asks_cost", 9)
    cells = {cell["criterion"]: cell for cell in rows[0]["cells"]}
    assert cells["asks_cost"]["state"] == "consistently absent"
    assert cells["names_next"]["state"] == "consistently present"
    assert cells["asks_cost"]["score"]["value"] == 0
    assert cells["asks_cost"]["score"]["n"] == 12
    assert rows[0]["total"]["value"] == 0.5


def test_a_rep_gets_the_own_figures_and_no_others_names(site, clients):
    for path in (
        "/api/v1/profiles",
        "/api/v1/profiles/Rae",
        "/api/v1/gaps?period=baseline",
        "/api/v1/baselines",
        "/api/v1/cycles",
        "/api/v1/plans",
        "/api/v1/movement",
        "/api/v1/sessions",
    ):
        answer = clients["rep"].get(path)
        assert answer.status_code == 200, path
        assert "Rae" in answer.text or '"items":[]' in answer.text, path
        assert not re.search(r"\bSam\b|Rep \d", answer.text), path
    browser = site.browser("rep")
    for path in ("/profiles", "/coaching", "/profiles/Rae", "/coaching/Rae"):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert not re.search(r"\bSam\b|Rep \d", page.text), path
    assert browser.get("/profiles/Sam").status_code == browser.get("/coaching/Sam").status_code == 404
    assert browser.get("/coaching/team").status_code == 404


def test_a_cell_says_its_figures_in_words(site):
    page = site.browser("viewer").get("/profiles?period=baseline").text
    cell = re.search(r'<td class="cell p0" title="([^"]*)">(.*?)</td>', page, re.DOTALL)
    assert cell[1] == "Asks for the cost: 0 of 12 calls, 0 % (0 to 26 %); consistently absent"
    words = re.sub(r"<[^>]+>", " ", cell[2])
    assert " ".join(words.split()) == "0 of 12 − 0 % (0 to 26 %), consistently absent"
    assert page.index("Every rep on every criterion") < page.index("What the team shares")
    assert "style=" not in page


def test_drawing_leaves_alone_who_has_a_baseline_and_a_picked_list_must_be_meant(site, clients):
    manager = clients["manager"]
    nobody = manager.post("/api/v1/baselines", json={"only_missing": True})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "input")
    picked = {"rep": "Rep 3", "calls": [f"s-2-{at:02}" for at in range(10)]}
    assert manager.post("/api/v1/baselines", json=picked).status_code == 409
    made = manager.post("/api/v1/baselines", json=picked | {"manual": True})
    assert made.status_code == 201, made.text
    assert made.json()[0]["manual"] is True
    assert made.json()[0]["by"] == "manager"
    assert clients["viewer"].post("/api/v1/baselines", json={}).status_code == 403


def test_movement_is_of_those_who_moved_and_the_last_cycle_can_be_asked_for(site, clients):
    found = settled(site, clients["viewer"], "/api/v1/movement?cycles=last&limit=200").json()
    assert found["state"] == "ready"
    assert found["false_moved"] > 0
    verdicts = {row["rep"]: row["verdict"] for row in found["items"]}
    assert verdicts.pop("Rep 9") != "moved"
    assert set(verdicts.values()) == {"moved"}
    assert [(one["criterion"], one["verdict"] in VERDICTS) for one in found["criteria"]] == [("asks_cost", True)]
    page = clients["manager"].get("/coaching/movement").text
    assert page.index("Does coaching on it work?") < page.index("Rep by rep") < page.index("If nothing had changed")
    some = clients["viewer"].get("/api/v1/movement", params={"rep": "Sam", "verdict": "moved"}).json()
    assert [row["rep"] for row in some["items"]] == ["Sam"]
    own = clients["rep"].get("/api/v1/movement").json()
    assert [(row["rep"], row["verdict"]) for row in own["items"]] == [("Rae", "moved")]
    hidden = own["items"][0]
    assert hidden["uncoached"]["undefined"] == hidden["team_rise"]["undefined"] == "about other reps"
    assert own["criteria"] == []


def test_a_figure_is_computed_anew_when_something_changes_and_the_old_one_says_so(site, clients):
    before = settled(site, clients["viewer"], "/api/v1/funnel").json()
    assert before["state"] == "ready"
    assert clients["viewer"].get("/api/v1/funnel").json()["as_of"] == before["as_of"]
    deal = site.space.store[Deals].all()[0]
    site.space.store[Deals].add([deal.model_copy(update={"id": "d-new"})])
    stale = clients["viewer"].get("/api/v1/funnel").json()
    assert (stale["state"], stale["as_of"]) == ("stale", before["as_of"])
    after = settled(site, clients["viewer"], "/api/v1/funnel").json()
    assert after["state"] == "ready"
    reached = [dict(found["value"]["team"]["reached"])["lead"] for found in (before, after)]
    assert reached[1] == reached[0] + 1


def test_a_figure_says_how_it_stands():
    from datetime import UTC, datetime

    value = MovementFigure(criteria=(), rows=(), false_moved=0.0)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    good = figures.Kept[MovementFigure](at=at, rubric="r", value=value)
    none = figures.Kept[MovementFigure](at=at, rubric="r", problem="there are no deals")
    stands = [
        (True, good, "", "ready", ""),
        (True, none, "", "none", "there are no deals"),
        (False, good, "", "stale", ""),
        (False, good, "broken", "stale", "broken"),
        (False, none, "", "computing", ""),
        (False, none, "broken", "none", "broken"),
        (False, None, "", "computing", ""),
        (False, None, "broken", "none", "broken"),
    ]
    for current, kept, trouble, state, problem in stands:
        shell = figures.shell_of(figures.Figure("key", current, kept), None, trouble)
        assert (shell["state"], shell["problem"]) == (state, problem)


def test_looking_at_figures_changes_no_figure(site):
    rubric = in_use_id(site.space.store)
    for kind in (FUNNEL, MOVEMENT):
        found = figures.look(site.space, kind, rubric)
        figures.compute(site.space, kind, rubric, found.key)
        assert figures.look(site.space, kind, rubric).current


def test_the_link_with_the_win_rate_never_says_what_made_it(site, clients):
    found = settled(site, clients["manager"], "/api/v1/outcomes").json()
    assert {link["criterion"] for link in found["value"]["links"]} == {"asks_cost", "names_next"}
    settled(site, clients["manager"], "/api/v1/funnel")
    page = site.browser("manager").get("/outcomes")
    assert page.status_code == 200
    assert found["value"]["sentence"] in page.text.replace("&#39;", "'")
    assert "caused" not in page.text.lower()
    assert "lead to proposal" in page.text


def test_without_data_pages_say_what_is_missing(tmp_path):
    with made_site(tmp_path) as site:
        ops, rep = site.browser("ops_lead"), site.browser("rep")
        assert "3 calls have no ratings against" in ops.get("/profiles").text
        assert "none is rated yet: read what was said" in rep.get("/profiles").text
        assert ops.get("/coaching").status_code == 200
        ops.get("/outcomes")
        site.app.state.later.wait(60)
        page = ops.get("/outcomes").text
        assert "Import deals" in page
        assert "There are no deals." in page
        assert "closeread deals import" not in page
        assert "3 calls have no ratings against" in ops.get("/coaching/Rae/plan").text


def test_a_plan_proposes_with_reasons_and_takes_what_a_person_chose(site, clients):
    manager = clients["manager"]
    proposed = manager.get("/api/v1/plans/Rep 9/proposal").json()
    assert [(one["criterion"], one["proposed"]) for one in proposed["candidates"]] == [
        ("asks_cost", True),
        ("names_next", False),
    ]
    assert proposed["candidates"][0]["reason"].startswith("Does it in 1 of 15 calls: 63 points short of the target")
    assert proposed["population"].startswith("last 30 days with calls, ")
    coached = manager.get("/api/v1/plans/Sam/proposal").json()
    assert not any(one["proposed"] for one in coached["candidates"])  # Sam does it since coaching began
    nothing = manager.post("/api/v1/plans", json={"who": "Sam"})
    assert nothing.status_code == 400
    made = manager.post("/api/v1/plans", json={"who": "Sam", "criteria": ["asks_cost"]}).json()
    (chosen,) = made["criteria"]
    assert chosen["criterion"] == "asks_cost"
    assert [moment["kind"] for moment in chosen["moments"]] == ["missed", "missed", "done"]
    missed = chosen["moments"][0]
    assert [turn["index"] for turn in missed["passage"]["turns"]] == [0, 1, 2]
    assert missed["why"] == "nothing is asked"
    assert "no model is bound" in missed["missing"]
    other = manager.post("/api/v1/plans", json={"who": "Sam", "criteria": ["names_next"]}).json()
    assert other["criteria"][0]["reason"] == "Chosen by manager; the figures show no clear gap here."
    again = manager.post("/api/v1/plans", json={"who": "Sam", "criteria": ["asks_cost"]}).json()
    assert again["id"] == made["id"]
    assert manager.get("/api/v1/plans/Sam").json()["id"] == made["id"]  # made again, it is the newest
    three = manager.post("/api/v1/plans", json={"who": "Sam", "criteria": ["asks_cost", "names_next", "asks_cost"]})
    assert three.status_code == 422
    assert manager.post("/api/v1/plans", json={"who": "Sam", "criteria": ["no_such"]}).status_code == 422


def test_the_teams_plan_has_moments_of_several_reps(site, clients):
    made = clients["manager"].post("/api/v1/plans", json={"who": "team", "criteria": ["asks_cost"]}).json()
    missed = [moment["rep"] for moment in made["criteria"][0]["moments"] if moment["kind"] == "missed"]
    assert len(set(missed)) == 2
    assert made["criteria"][0]["reason"] == "Chosen by manager; the figures show no clear gap here."
    lines = clients["viewer"].get("/api/v1/plans").json()["items"]
    assert (lines[0]["who"], lines[0]["criteria"]) == ("team", ["Asks for the cost"])


def test_the_brief_prints_with_its_own_style_alone_and_downloads(site, clients):
    clients["manager"].post("/api/v1/plans", json={"who": "Rep 4", "criteria": ["asks_cost"]})
    browser = site.browser("manager")
    page = browser.get("/coaching/Rep 4/brief")
    assert page.status_code == 200
    assert "Coaching brief: Rep 4" in page.text
    assert re.search(r"style-src 'sha256-[^']+'", page.headers["content-security-policy"])
    assert "@media print" in page.text
    for form, begins in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = browser.get("/coaching/Rep 4/brief", params={"format": form})
        assert answer.content.startswith(begins)
        assert f'attachment; filename="coaching-brief-Rep-4.{form}"' in answer.headers["content-disposition"]


def test_the_builder_keeps_what_was_ticked(site):
    browser = site.browser("manager")
    path = "/coaching/Rep 9/plan"
    page = browser.get(path).text
    assert re.search(r'value="asks_cost" checked', page)
    token = csrf(browser, path)
    none = browser.post(path, data={"csrf": token})
    assert none.status_code == 400
    assert "Tick one or two criteria." in none.text
    made = browser.post(path, data={"csrf": token, "criterion": ["names_next"]})
    assert made.headers["location"] == "/coaching/Rep%209"
    assert "Chosen by manager" in browser.get("/coaching/Rep 9").text


def test_forms_of_a_reps_page_keep_what_was_typed(site):
    browser = site.browser("manager")
    token = csrf(browser, "/coaching/Rep 6")
    wrong = browser.post(
        "/coaching/Rep 6/cycles",
        data={"csrf": token, "cycle": "spring", "start": "2026-05-09", "end": "2026-05-01", "criterion": "asks_cost"},
    )
    assert wrong.status_code == 422
    assert "before it starts" in wrong.text
    assert 'value="spring"' in wrong.text
    right = {"csrf": token, "cycle": "spring", "start": "2026-05-01", "end": "2026-05-30", "criterion": "asks_cost"}
    assert browser.post("/coaching/Rep 6/cycles", data=right).status_code == 303
    empty = browser.post("/coaching/Rep 6/sessions", data={"csrf": token, "note": " ", "day": "2026-05-02"})
    assert empty.status_code == 422
    assert "write down what was agreed" in empty.text.lower()
    logged = {"csrf": token, "note": "Ask <b>first</b>", "day": "2026-05-02", "criterion": "asks_cost"}
    assert browser.post("/coaching/Rep 6/sessions", data=logged).status_code == 303
    page = browser.get("/coaching/Rep 6").text
    assert "Ask &lt;b&gt;first&lt;/b&gt;" in page
    assert "spring" in page
    (session,) = site.space.store[Coaching].sessions("Rep 6")
    assert (session.coach, session.criteria) == ("manager", ("asks_cost",))
    actions = [row.action for row in site.space.store[AuditLog].page(limit=20)]
    assert {"cycle_set", "session_logged"} <= set(actions)


def test_accepted_weights_make_a_new_version_and_need_one_for_each_criterion(site, clients):
    ops = clients["ops_lead"]
    half = ops.post("/api/v1/weights", json={"rubric": RUBRIC.id, "weights": {"asks_cost": 2}})
    assert half.status_code == 400
    assert "names_next" in half.json()["detail"]
    same = {"asks_cost": 1, "names_next": 1}
    assert ops.post("/api/v1/weights", json={"rubric": RUBRIC.id, "weights": same}).status_code == 400
    new = {"rubric": RUBRIC.id, "weights": {"asks_cost": 2, "names_next": 0.5}, "label": "heavier"}
    made = ops.post("/api/v1/weights", json=new)
    assert made.status_code == 201, made.text
    assert [c.weight for c in site.space.store[Rubrics].get("heavier").criteria] == [2, 0.5]
    assert [c.weight for c in site.space.store[Rubrics].get("season").criteria] == [1, 1]
    assert clients["manager"].post("/api/v1/weights", json=new).status_code == 403


def test_the_form_of_weights_says_what_is_no_number(site):
    browser = site.browser("ops_lead")
    token = csrf(browser, "/outcomes/weights")
    form = {"csrf": token, "rubric": RUBRIC.id, "weight:asks_cost": "much", "weight:names_next": "1", "label": "x"}
    answer = browser.post("/outcomes/weights", data=form)
    assert answer.status_code == 422
    assert "which is no number" in answer.text
    assert 'value="much"' in answer.text
    form |= {"weight:asks_cost": "1,5", "label": "comma"}
    assert browser.post("/outcomes/weights", data=form).headers["location"] == "/rubric"
    assert site.space.store[Rubrics].get("comma").criterion("asks_cost").weight == 1.5


def test_calls_of_a_running_round_are_in_no_figure(tmp_path):
    from tests.calibration.walk import AT, CalibrationRound

    with made_site(tmp_path) as site:
        fill_season(site)
        rubric = site.space.store[Rubrics].get("season").id
        before = rated_season(site.space)
        assert before.baselines == ()
        assert "s-1-00" in before.frame.calls
        opened = CalibrationRound(
            number=1, rubric=rubric, raters=("manager", "ops_lead"), calls=("s-1-00",), opened_at=AT
        )
        site.space.store[Rounds].open(opened, {})
        notes = []
        after = rated_season(site.space, notes.append, rubric)
        assert set(before.frame.calls) - set(after.frame.calls) == {"s-1-00"}
        assert notes == ["1 call is left out as long as calibration round 1 is blind"]
        seen = site.space.seen_by(Scope(name="manager", role="manager"))
        assert tuple(rated_season(seen).frame.calls) == tuple(after.frame.calls)


def test_work_beside_the_server_is_done_once_at_a_time_and_says_why_it_failed():
    later, done = Later(), []

    def bad():
        raise InputError("there are no deals")

    later.start("a", lambda: done.append(1))
    later.wait(10)
    later.start("a", lambda: done.append(2))
    later.start("b", bad)
    later.wait(10)
    assert done == [1, 2]
    assert not later.busy("a")
    assert later.problem("a") == ""
    assert later.problem("b") == "there are no deals"
    assert later.problem("never started") == ""


def test_what_broke_through_our_fault_is_not_tried_again_at_every_look(caplog):
    later, tries = Later(), []

    def broken():
        tries.append(1)
        raise ZeroDivisionError

    for _ in range(3):
        later.start("c", broken)
        later.wait(10)
    assert tries == [1]
    assert "our mistake" in later.problem("c")
    assert "work beside the server failed" in caplog.text


def test_figures_of_reps_are_estimates_with_intervals(site):
    found = figures.look(site.space, MOVEMENT, in_use_id(site.space.store))
    figures.compute(site.space, MOVEMENT, in_use_id(site.space.store), found.key)
    kept = figures.look(site.space, MOVEMENT, in_use_id(site.space.store)).kept
    moved = [row.movement for row in kept.value.rows if row.movement.verdict == "moved"]
    assert moved
    # once given, the verdict stays: a later cycle with few calls does not take it back
    assert any(isinstance(row.difference, Estimate) and row.difference.low > 0 for row in moved)


async def test_the_models_suggestions_come_later_and_are_marked_as_the_models(tmp_path):
    said = json.dumps({"said": "What does the late close cost you?", "practice": "Ask it before any price."})
    async with Stub(says(said)) as stub:
        config = tmp_path / "space" / "config"
        config.mkdir(parents=True, exist_ok=True)
        config.joinpath("models.yaml").write_text(
            f'roles: {{drafter: {{model: openai/stub-1, api_base: "{stub.base}/v1"}}}}\n'
        )
        await asyncio.to_thread(_drafts, tmp_path)
        assert len(stub.raw) == 1  # both missed moments have the same words, and the second comes out of the cache


def _drafts(folder):
    with made_site(folder) as site:
        fill_season(site)
        manager = site.program("manager")
        assert manager.post("/api/v1/baselines", json={}).status_code == 201
        answer = manager.post("/api/v1/plans", json={"who": "Sam", "criteria": ["asks_cost"], "suggestions": False})
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert made["lacks_suggestions"] is True
        assert made["drafting"] is False
        browser = site.browser("manager")
        assert "Have the model suggest words" in browser.get("/coaching/Sam").text
        begun = manager.post("/api/v1/plans/Sam/suggestions")
        assert begun.status_code == 202
        site.app.state.later.wait(60)
        plan = manager.get("/api/v1/plans/Sam").json()
        assert (plan["problem"], plan["drafting"], plan["lacks_suggestions"]) == ("", False, False)
        first = plan["criteria"][0]["moments"][0]
        assert first["said"] == "What does the late close cost you?"
        page = browser.get("/coaching/Sam").text
        assert re.search(
            r"Could have been:</strong> “What does the late close cost you\?” <span class=\"tag\">model", page
        )
        logged = site.space.store[AuditLog].page(limit=5)
        assert ("coaching_suggested", "Sam", "manager") in [(one.action, one.subject, one.person) for one in logged]
        assert manager.post("/api/v1/plans/Sam/suggestions").status_code == 409


async def test_a_model_that_cannot_answer_leaves_the_plan_and_says_so(tmp_path):
    async with Stub(status(401, "no such key")) as stub:
        config = tmp_path / "space" / "config"
        config.mkdir(parents=True, exist_ok=True)
        config.joinpath("models.yaml").write_text(
            f'roles: {{drafter: {{model: openai/stub-1, api_base: "{stub.base}/v1"}}}}\n'
        )
        await asyncio.to_thread(_does_not_draft, tmp_path)


def _does_not_draft(folder):
    with made_site(folder) as site:
        fill_season(site)
        manager = site.program("manager")
        manager.post("/api/v1/baselines", json={})
        manager.post("/api/v1/plans", json={"who": "Sam", "criteria": ["asks_cost"]})
        site.app.state.later.wait(60)
        plan = manager.get("/api/v1/plans/Sam").json()
        assert plan["lacks_suggestions"] is True
        assert plan["criteria"][0]["moments"][0]["missing"].startswith("No suggestion was drafted: ")
        assert "no such key" in site.browser("manager").get("/coaching/Sam").text
