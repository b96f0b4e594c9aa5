"""Rubrics over the API and on the pages: versions, working copies that nobody overwrites, checks, examples, the gate."""

import json
import re

import pytest

from agent.calls.store import Calls
from agent.core.errors import Conflict, InputError
from agent.db.audit import AuditLog
from agent.rubrics import drafts as rubric_drafts
from agent.rubrics.diff import differences, pieces
from agent.rubrics.drafts_model import WorkingCopy, WorkingCriterion
from agent.rubrics.store import RubricDrafts, Rubrics
from tests.api.conftest import csrf
from tests.builders import call, criterion, rubric

ASKED = "What does the late close cost you each month?"
ANSWER = "About nine thousand dollars in waiver fees."
DRAFT = "/api/v1/rubrics/v1/draft"
NEW = {"id": "asks_who", "name": "Asks who decides", "description": "The rep asks who signs the contract."}


def with_example(**facts):
    example = {"kind": "present", "text": ASKED, "source": "call-1", **facts}
    return {
        "criteria": [
            {"id": "asks_cost", "name": "n", "description": "The rep asks what it costs.", "examples": [example]}
        ]
    }


@pytest.fixture(name="client")
def _client(site):
    return site.program("ops_lead")


def saved(client, body, version, path=DRAFT):
    return client.put(path, json=body, headers={"If-Match": f'"{version}"'})


def test_a_working_copy_goes_from_the_base_to_a_new_version(site, client):
    read = client.get(DRAFT)
    assert (read.headers["etag"], read.json()["open"]) == ('"0"', False)
    criteria = [*read.json()["criteria"], NEW]
    answer = saved(client, {"criteria": criteria}, 0)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert [d["version"] for d in client.get("/api/v1/rubric-drafts").json()["items"]] == [1]
    made = client.post(f"{DRAFT}/publish", json={"label": "v2"}, headers={"If-Match": '"1"'})
    assert made.status_code == 201, made.text
    assert [c["id"] for c in made.json()["criteria"]] == ["asks_cost", "asks_who"]
    assert client.get("/api/v1/rubric-drafts").json()["items"] == []
    assert [r["label"] for r in client.get("/api/v1/rubrics").json()["items"]] == ["v2", "v1"]
    diff = client.get("/api/v1/rubrics/v2/diff", params={"against": "v1"}).json()
    assert [(c["id"], c["state"]) for c in diff["criteria"]] == [("asks_cost", "same"), ("asks_who", "added")]
    assert [e.action for e in site.space.store[AuditLog].page()][:2] == ["rubric_published", "rubric_draft_saved"]


def test_two_editors_never_overwrite_each_other(site, client):
    body = client.get(DRAFT).json()
    assert client.put(DRAFT, json={"criteria": body["criteria"]}).status_code == 428
    assert saved(client, {"criteria": [*body["criteria"], NEW]}, 0).status_code == 200
    late = saved(client, {"criteria": []}, 0)
    assert (late.status_code, late.headers["etag"], late.json()["code"]) == (412, '"1"', "precondition_failed")
    assert len(client.get(DRAFT).json()["criteria"]) == 2
    for method, path in (("DELETE", DRAFT), ("POST", f"{DRAFT}/publish")):
        late = client.request(method, path, json={}, headers={"If-Match": '"0"'})
        assert late.status_code == 412


def test_the_store_refuses_a_version_that_is_not_the_last(site):
    space, base = site.space, site.space.store[Rubrics].get("v1")
    first = rubric_drafts.save(space, base, 0, WorkingCopy.of(base))
    with pytest.raises(Conflict):
        rubric_drafts.save(space, base, 0, WorkingCopy.of(base))
    space.store[RubricDrafts].close(base.id, first.version, "")
    # The version goes on where it was: a page from before the copy was given up must not fit the next one.
    assert rubric_drafts.opened(space, base).version == 2
    assert not rubric_drafts.opened(space, base).open


def test_an_example_is_located_letter_by_letter(client):
    answer = saved(client, with_example(text=ASKED.upper()), 0)
    example = answer.json()["criteria"][0]["examples"][0]
    assert (example["text"], example["quote"]["span"]) == (ASKED, {"turn": 0, "start": 0, "end": len(ASKED)})
    for facts, said in (
        ({"text": "What does the late close cost you each year?"}, "nowhere"),
        ({"text": "ate close cost you each month?"}, "whole words"),
        ({"text": ANSWER}, "was said by Cus"),
        ({"source": "call-9"}, "no call or interview"),
    ):
        refused = saved(client, with_example(**facts), 1)
        assert said in refused.json()["detail"], facts
    forged = {"span": {"turn": 2, "start": 0, "end": 5}, "speaker": "Rae", "text": "I always ask for the cost."}
    assert saved(client, with_example(text="I always ask for the cost.", quote=forged), 1).status_code == 422
    absent = saved(client, with_example(kind="absent", text=ANSWER), 1)
    assert absent.json()["criteria"][0]["examples"][0]["quote"]["speaker"] == "Cus"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"description": ""}, "has no description"),
        ({"name": " ", "description": " "}, "no name and no description"),
    ],
)
def test_what_is_incomplete_is_kept_and_not_published(client, facts, said):
    assert saved(client, {"criteria": [NEW | facts]}, 0).status_code == 200
    answer = client.post(f"{DRAFT}/publish", json={}, headers={"If-Match": '"1"'})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert client.get(DRAFT).json()["criteria"][0]["id"] == "asks_who"


def test_nothing_new_is_not_published(client):
    answer = client.post(f"{DRAFT}/publish", json={}, headers={"If-Match": '"0"'})
    assert "word for word v1" in answer.json()["detail"]


def test_anchors_of_another_scale_are_kept_and_left_out(client):
    anchors = {"1": "no question", "2": "one question", "5": "a chain of questions"}
    made = client.post(
        "/api/v1/rubrics", json={"criteria": [NEW | {"scale": "1-3", "anchors": anchors}], "label": "scaled"}
    )
    assert made.json()["criteria"][0]["anchors"] == {"1": "no question", "2": "one question"}


def test_the_checks_find_what_is_vague(client):
    vague = NEW | {"description": "The rep builds a good rapport and feels confident early."}
    found = client.post("/api/v1/rubrics/checks", json={"criterion": vague}).json()
    by_test = {t["test"]: t["rules"] for t in found["tests"]}
    assert "inside somebody's head" in by_test["observable"][0]
    assert "'good' has no bound" in by_test["unambiguous"][0]
    assert {t["model"] is None for t in found["tests"]} == {True}
    assert found["others"] == ["no present example yet", "no absent example yet"]
    empty = client.post("/api/v1/rubrics/checks", json={"criterion": {"id": "x"}}).json()
    assert "no name and no description" in empty["others"][0]
    assert (
        client.post("/api/v1/rubrics/checks", json={"criterion": vague, "model": True}).json()["code"] == "role_unbound"
    )


def test_the_gate_is_closed_without_rounds_and_an_override_says_why(client):
    gate = client.get("/api/v1/rubrics/v1/gate").json()
    assert (gate["open"], gate["criteria"][0]["verdict"], gate["criteria"][0]["agreement"]) == (
        False,
        "no information",
        None,
    )
    assert client.post("/api/v1/rubrics/v1/deploy", json={}).status_code == 409
    assert client.post("/api/v1/rubrics/v1/deploy", json={"override": True}).status_code == 400
    state = client.post("/api/v1/rubrics/v1/deploy", json={"override": True, "reason": "A pilot."}).json()
    assert (state["state"], state["reason"], state["by"]) == ("deployed", "A pilot.", "ops_lead")
    assert state["short"][0].startswith("asks_cost")


def test_a_file_goes_out_and_in_and_is_the_same(site, client):
    text = client.get("/api/v1/rubrics/v1/file")
    assert text.headers["content-disposition"].startswith('attachment; filename="v1.yaml"')
    same = client.post("/api/v1/rubrics/import", files={"file": ("mine.yaml", text.content)})
    assert same.json()["id"] == site.space.store[Rubrics].get("v1").id
    for form, start in (("html", b"<!doctype"), ("docx", b"PK"), ("pdf", b"%PDF")):
        assert client.get("/api/v1/rubrics/v1/guide", params={"format": form}).content.startswith(start)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mine.yaml", b"criteria: []", "mine.yaml: there is no list of criteria"),
        ("mine.yaml", b"a: &a [x]\nb: [*a, *a]", "mine.yaml:2: uses a YAML alias"),
        ("mine.yaml", b"label: 2024-13-45", "cannot be read"),
        ("mine.json", b"[" * 100_000, "nests too many brackets"),
        ("mine.json", b"[" * 500 + b"]" * 500, "nests too many brackets"),
        ("mine.yaml", b"[" * 100_000, "mine.yaml:1: nests too many brackets"),
        ("mine.yaml", b"- " * 100_000, "mine.yaml:1: nests too many brackets"),
        ("mine.yaml", b"label: 1" + b":1" * 300_000, "mine.yaml:1: holds a text of more than 10,000 characters"),
        ("mine.json", b'{"criteria": 1', "mine.json:1: is not JSON"),
        ("../../etc/mine.yaml", b"\xff\xfe\x00", "mine.yaml: is not UTF-8"),
        ("mine.yaml", b"x" * 1_100_000, "at most"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(site, client, name, content, said):
    answer = client.post("/api/v1/rubrics/import", files={"file": (name, content)})
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]
    browser = site.ops_browser
    page = browser.post("/rubric-import", files={"file": (name, content)}, data={"csrf": csrf(browser, "/rubric")})
    assert page.status_code == 422
    assert "Bring your own" in page.text


def test_a_manager_reads_and_does_not_edit(site):
    manager = site.program("manager")
    assert manager.get(DRAFT).status_code == 200
    assert saved(manager, {"criteria": []}, 0).status_code == 403
    page = site.browser("manager").get("/rubric/v1").text
    assert "/edit" not in page.split("<main", 1)[1]
    assert "Deploy" not in page.split("<main", 1)[1]


def form(browser, version, **facts):
    """What the editor sends for the one criterion of v1."""
    plain = {
        "version": str(version),
        "name": "Asks for the cost",
        "description": "The rep asks what the problem costs.",
    }
    return plain | {"scale": "binary", "weight": "1", "then": "stay", "csrf": csrf(browser, "/rubric")} | facts


EDITOR = "/rubric/v1/edit/asks_cost"


def test_words_selected_in_a_transcript_become_an_example(site):
    browser = site.ops_browser
    pick = {"add": "present", "pick_source": "call-1", "pick_turn": "0", "pick_words": ASKED, "pick_why": "an amount"}
    done = browser.post(EDITOR, data=form(browser, 0, **pick))
    assert (done.status_code, done.headers["location"]) == (303, f"{EDITOR}?source=call-1#examples")
    example = browser.get(f"{EDITOR}?source=call-1").text
    assert f"<mark>{ASKED}</mark>" in example
    stored = rubric_drafts.opened(site.space, site.space.store[Rubrics].get("v1")).working.criteria[0].examples[0]
    assert (stored.quote.text, stored.why, stored.kind) == (ASKED, "an amount", "present")
    wrong = browser.post(EDITOR, data=form(browser, 1, example=stored.model_dump_json(), note="", **pick))
    assert (wrong.status_code, "example of the criterion already" in wrong.text) == (422, True)
    dropped = browser.post(EDITOR, data=form(browser, 1, example=stored.model_dump_json(), note="", drop="0"))
    assert dropped.status_code == 303
    assert not rubric_drafts.opened(site.space, site.space.store[Rubrics].get("v1")).working.criteria[0].examples


def test_words_that_are_not_there_are_refused_and_nothing_typed_is_lost(site):
    browser = site.ops_browser
    typed = form(browser, 0, description="My long new wording.", add="absent", pick_words="nobody said this at all")
    answer = browser.post(EDITOR, data=typed | {"pick_source": "call-1"})
    assert answer.status_code == 422
    for kept in ("My long new wording.", "nobody said this at all", "nowhere in the transcript", ASKED):
        assert kept in answer.text


def test_the_second_to_save_sees_both_versions_and_loses_nothing(site):
    browser = site.ops_browser
    assert browser.post(EDITOR, data=form(browser, 0, description="Wording of the first.")).status_code == 303
    late = browser.post(EDITOR, data=form(browser, 0, description="Wording of the second.", weight="2"))
    assert late.status_code == 412
    table = late.text.split("Both versions", 1)[1].split("</table>")[0]
    assert re.search(r"Description.*Wording of the first\..*Wording of the second\.", table, re.S)
    assert "Weight" in table
    assert "Wording of the second.</textarea>" in late.text
    version = re.search(r'name="version" value="(\d+)"', late.text).group(1)
    again = browser.post(EDITOR, data=form(browser, version, description="Wording of the second.", then="back"))
    assert again.headers["location"] == "/rubric/v1/edit#c-asks_cost"
    draft = rubric_drafts.opened(site.space, site.space.store[Rubrics].get("v1"))
    assert draft.working.criteria[0].description == "Wording of the second."


def test_a_criterion_that_was_taken_out_meanwhile_can_be_put_back(site):
    browser = site.ops_browser
    base = site.space.store[Rubrics].get("v1")
    rubric_drafts.save(site.space, base, 0, WorkingCopy())
    late = browser.post(EDITOR, data=form(browser, 0))
    assert (late.status_code, "took this criterion out" in late.text) == (412, True)
    assert browser.post(EDITOR, data=form(browser, 1)).status_code == 303
    assert rubric_drafts.opened(site.space, base).working.criterion("asks_cost").name == "Asks for the cost"


def test_a_rubric_is_written_by_hand_ordered_and_published(site):
    browser = site.ops_browser
    token = csrf(browser, "/rubric/new/edit")
    for version, name in enumerate(("Asks who decides", "Asks what it costs")):
        added = browser.post("/rubric/new/add", data={"version": version, "name": name, "csrf": token})
        assert added.status_code == 303
    moved = {"version": 2, "criterion": "asks_what_it_costs", "move": "up", "csrf": token}
    assert browser.post("/rubric/new/order", data=moved).status_code == 303
    assert browser.post("/rubric/new/order", data=moved).status_code == 412
    page = browser.get("/rubric/new/edit").text
    assert page.index("Asks what it costs</a>") < page.index("Asks who decides</a>")
    early = browser.post("/rubric/new/publish", data={"version": 3, "label": "hand", "csrf": token})
    assert (early.status_code, 'value="hand"' in early.text) == (422, True)
    for version, ident in ((3, "asks_who_decides"), (4, "asks_what_it_costs")):
        facts = form(browser, version, name=ident, description="The rep asks for it in so many words.")
        assert browser.post(f"/rubric/new/edit/{ident}", data=facts).status_code == 303
    done = browser.post("/rubric/new/publish", data={"version": 5, "label": "hand", "csrf": token})
    assert done.headers["location"] == f"/rubric/{site.space.store[Rubrics].get('hand').id}"


def test_the_page_says_what_is_short_and_keeps_the_reason(site):
    browser = site.ops_browser
    page = f"/rubric/{site.space.store[Rubrics].get('v1').id}"
    token = csrf(browser, page)
    refused = browser.post(f"{page}/deploy", data={"reason": "Pilot with two reps", "csrf": token})
    assert (refused.status_code, 'value="Pilot with two reps"' in refused.text) == (409, True)
    done = browser.post(f"{page}/deploy", data={"reason": "Pilot", "override": "true", "csrf": token})
    assert done.status_code == 303
    assert "deployed below the gate" in browser.get("/rubric").text


def test_the_live_check_answers_with_a_part_of_the_page(site):
    browser = site.ops_browser
    token = csrf(browser, "/rubric")
    facts = {"name": "x", "description": "The rep feels interested in everything the buyer says."}
    part = browser.post("/rubric-checks", data=facts | {"csrf": token}, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert re.search(r'class="bad"><strong>Observable</strong>: .*inside somebody', part.text)
    assert re.search(r'class="good"><strong>Specific</strong>: the rules find nothing', part.text)


def test_differences_say_what_reopens_the_gate():
    old = rubric(criterion("a"), criterion("b"), criterion("c"), label="old").criteria
    new = (
        criterion("c"),
        criterion("a", weight=2.0),
        criterion("b", description="The rep asks what the problem costs a year."),
    )
    found = differences(old, new)
    assert {c.id: (c.state, c.reopens) for c in found.criteria} == {
        "a": ("changed", False),
        "b": ("changed", True),
        "c": ("same", False),
    }
    assert found.reordered
    assert not differences(old, old).any
    changed = next(c for c in found.criteria if c.id == "b").fields[0]
    assert changed.pieces == [
        ("same", "The rep asks what the problem"),
        ("removed", "costs."),
        ("added", "costs a year."),
    ]
    assert pieces("", "new") == [("added", "new")]


def test_a_working_criterion_survives_its_round_through_the_editor(site):
    full = WorkingCriterion.of(
        criterion(
            scale="1-5",
            anchors={n: f"level {n}" for n in range(1, 6)},
            weight=-1.5,
            stage="demo",
            flaws=("vague",),
            only_in=("demo",),
            counts={"each": "Asks what it costs.", "of": "turns", "at_least": {2: 1, 3: 2, 4: 4, 5: 9}},
        )
    )
    assert WorkingCriterion.of(full.finished()) == full
    browser, base = site.ops_browser, None
    rubric_drafts.save(site.space, base, 0, WorkingCopy(criteria=(full,)))
    page = browser.get(f"/rubric/new/edit/{full.id}").text
    values = dict(re.findall(r'<input name="(\w+)"[^>]* value="([^"]*)"', page.split('id="criterion"')[1]))
    values |= dict(re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)</textarea>', page))
    values["only_in"] = re.findall(r'name="only_in" value="(\w+)" checked', page)
    for name in ("scale", "speaker", "stage", "counts_of"):
        block = re.search(rf'<select name="{name}".*?</select>', page, re.S).group()
        values[name] = re.search(r'value="([^"]*)" selected', block).group(1)
    sent = {k: v for k, v in values.items() if not k.startswith(("pick", "source"))}
    assert (
        browser.post(
            f"/rubric/new/edit/{full.id}", data=sent | {"version": "1", "csrf": csrf(browser, "/rubric")}
        ).status_code
        == 303
    )
    after = rubric_drafts.opened(site.space, base).working.criteria[0]
    assert after.model_dump(exclude={"flaws"}) == full.model_dump(exclude={"flaws"})


def test_the_best_call_for_an_example_may_be_any_of_the_workspace(site):
    site.space.store[Calls].add(call("call-9", "Rae", ("Rae", "Who signs the contract on your side?")))
    found = rubric_drafts.pick(site.space, "call-9", "who signs the contract", None, "present", "rep")
    assert found.quote.span.turn == 0
    with pytest.raises(InputError):
        rubric_drafts.pick(site.space, "call-9", "who signs the contract", None, "present", "customer")


def test_examples_in_the_schema_are_accepted(client):
    schema = client.get("/api/v1/openapi.json").json()
    shapes = schema["components"]["schemas"]
    given = shapes["NewRubric"]["examples"][0]
    del given["criteria"][0]["examples"]  # its call is not in this workspace
    assert client.post("/api/v1/rubrics", json=json.loads(json.dumps(given))).status_code == 201
