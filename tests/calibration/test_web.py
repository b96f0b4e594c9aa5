"""Calibration over HTTP: opening, rating alone, submitting, comparing, settling, ending."""

from __future__ import annotations

from datetime import UTC, datetime

from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.people import Scope
from agent.ratings.model import Failed, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.model import Example
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, rubric
from tests.calibration.made import ASKED, CALLS, HTMX, PROMISED, RUBRIC, _compared, _opened, form, rate_all  # noqa: F401


def test_a_round_takes_two_people_with_accounts(site):
    program = site.program("ops_lead")
    for raters, words in (
        (["manager"], "with one manager the criteria stay that manager's own"),
        (["manager", "model"], "needs two or more people"),
        (["manager", "nobody"], "nobody has no account"),
        (["manager", "rep"], "rep has no account with which to rate"),
        (["manager", "manager"], "manager stands twice"),
    ):
        answer = program.post("/api/v1/rounds", json={"raters": raters})
        assert answer.status_code == 400
        assert words in answer.json()["detail"]
    assert program.get("/api/v1/rounds").json()["items"] == []


def test_the_form_says_why_these_calls_and_keeps_what_was_chosen(site):
    browser = site.browser("ops_lead")
    sent = form(browser, "/calibration/open", rubric="v1", rater=["manager", "ops_lead"], pick="2", do="show")
    page = browser.post("/calibration/open", data=sent)
    assert page.status_code == 200
    assert "2 reps (Rae 1, Sam 1)" in page.text
    assert page.text.count('name="call"') == 2
    assert "cannot pass yet" in page.text
    refused = browser.post("/calibration/open", data=sent | {"rater": ["manager"], "do": "open", "call": "call-1"})
    assert refused.status_code == 400
    assert "needs two or more people" in refused.text
    assert 'value="manager" checked' in refused.text
    assert '<input type="hidden" name="call" value="call-1">' in refused.text
    kept = browser.post("/calibration/open", data=sent | {"do": "open", "call": ["call-1", "call-3"]})
    assert kept.headers["location"] == "/calibration/1"
    assert site.space.store[Rounds].get("1").calls == ("call-1", "call-3")


def test_the_raters_choose_nothing_twice_and_calls_of_a_round_are_used_up(site, opened):
    again = {"raters": ["manager", "ops_lead"], "calls": ["new-1"]}
    answer = site.program("ops_lead").post("/api/v1/rounds", json=again)
    assert answer.status_code == 422
    assert "already rated in calibration round 1" in answer.json()["detail"]


def test_a_draft_is_saved_with_its_quote_as_the_transcript_has_it(site, opened):
    program = site.program("manager")
    quotes = [{"turn": 0, "words": "what does THE late close  cost you"}, {"turn": 2}]
    sent = {"call": "new-1", "criterion": "asks_cost", "value": "1", "quotes": quotes, "reason": "asks"}
    given = program.post("/api/v1/rounds/1/drafts", json=sent).json()["judgement"]
    assert [q["text"] for q in given["quotes"]] == ["What does the late close cost you", PROMISED]
    mine = program.get("/api/v1/rounds/1/drafts").json()
    assert (len(mine["items"]), mine["wanted"], len(mine["missing"])) == (1, 4, 3)
    assert site.program("ops_lead").get("/api/v1/rounds/1/drafts").json()["items"] == []


def test_what_does_not_fit_is_refused_and_nothing_is_saved(site, opened):
    program = site.program("manager")
    for wrong, status, words in (
        ({"value": "3"}, 422, "not a level of asks_cost"),
        ({"criterion": "charm"}, 400, "no criterion 'charm'"),
        ({"call": "call-1"}, 400, "no call of round 1"),
        ({"quotes": [{"words": "what does it cost"}]}, 422, "nowhere in the transcript"),
        ({"quotes": [{"turn": 1}]}, 422, "turn 1 is Cus's"),
    ):
        sent = {"call": "new-1", "criterion": "asks_cost", "value": "1"} | wrong
        answer = program.post("/api/v1/rounds/1/drafts", json=sent)
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    assert program.get("/api/v1/rounds/1/drafts").json()["items"] == []


def test_nothing_is_submitted_before_all_is_there_and_nothing_changes_after(site, opened):
    program = site.program("manager")
    assert program.post("/api/v1/rounds/1/submit").status_code == 409
    rate_all(program, "1", "4")
    assert program.post("/api/v1/rounds/1/submit").json() == {"ratings": 4, "waiting": ["ops_lead"]}
    again = {"call": "new-1", "criterion": "asks_cost", "value": "0"}
    assert program.post("/api/v1/rounds/1/drafts", json=again).status_code == 409
    states = {r["name"]: r["submitted"] for r in program.get("/api/v1/rounds/1").json()["raters"]}
    assert states == {"manager": True, "ops_lead": False}


def test_the_report_is_shown_to_nobody_while_somebody_is_blind(site, opened):
    program = site.program("manager")
    rate_all(program, "1", "4")
    program.post("/api/v1/rounds/1/submit")
    for role in ("manager", "ops_lead", "viewer"):
        for path in ("report", "record"):
            assert site.program(role).get(f"/api/v1/rounds/1/{path}").status_code == 409
    hidden = site.program("viewer").get("/api/v1/rounds/1/ratings").json()
    assert (hidden["items"], hidden["withheld"], hidden["waiting"]) == ([], 4, ["ops_lead"])


def test_the_screen_saves_one_criterion_and_says_how_far_i_am(site, opened):
    browser, path = site.browser("manager"), "/calibration/1/rate"
    page = browser.get(path).text
    assert "Criterion 1 of 2 on this call" in page
    assert "0 of 4 rated" in page
    sent = form(
        browser, path, call="new-1", criterion="asks_cost", level="1", reason="asks", turn="0", words="late close"
    )
    part = browser.post(path, data=sent | {"do": "quote"}, headers=HTMX)
    assert part.status_code == 200
    assert "“late close”" in part.text
    assert "1 of 4 rated" in part.text
    assert "<html" not in part.text
    assert "asks" in browser.get(path, params={"call": "new-1", "criterion": "asks_cost"}).text
    assert 'value="depth"' in browser.get(path).text, "it goes on where I left off"


def test_a_quote_that_is_not_there_loses_nothing_that_was_typed(site, opened):
    browser, path = site.browser("manager"), "/calibration/1/rate"
    sent = form(browser, path, call="new-1", criterion="asks_cost", value="1", reason="kept", words="not said by them")
    sent |= {"quote_turn": "0", "quote_words": "late close"}
    part = browser.post(path, data=sent | {"do": "quote"}, headers=HTMX)
    assert (part.status_code, part.headers["hx-retarget"]) == (422, "#saved")
    assert "is nowhere in the transcript" in part.text
    assert 'name="quote_words" value="late close"' in part.text
    page = browser.post(path, data=sent)
    assert page.status_code == 422
    assert "kept</textarea>" in page.text
    assert 'value="not said by them"' in page.text


def test_going_on_without_a_level_keeps_the_reason_from_being_lost(site, opened):
    browser, path = site.browser("manager"), "/calibration/1/rate"
    sent = form(browser, path, call="new-1", criterion="asks_cost", do="next")
    assert "criterion=depth" in browser.post(path, data=sent).headers["location"]
    refused = browser.post(path, data=sent | {"reason": "half a thought"}, headers=HTMX)
    assert refused.status_code == 422
    assert "Choose a level" in refused.text


def test_next_swaps_the_form_within_a_call_and_loads_the_page_of_the_next_call(site, opened):
    browser, path = site.browser("manager"), "/calibration/1/rate"
    sent = form(browser, path, call="new-1", criterion="asks_cost", value="1", do="next")
    part = browser.post(path, data=sent, headers=HTMX)
    assert part.headers["hx-push-url"] == f"{path}?call=new-1&criterion=depth"
    assert 'id="rating"' in part.text
    onward = browser.post(path, data=sent | {"criterion": "depth", "value": "4"}, headers=HTMX)
    assert onward.headers["hx-redirect"] == f"{path}?call=new-2&criterion=asks_cost"
    last = browser.post(path, data=sent | {"call": "new-2", "criterion": "depth"}, headers=HTMX)
    assert last.headers["hx-redirect"] == "/calibration/1/submit"


def test_an_example_out_of_the_rated_call_is_not_shown_on_it(site):
    example = Example(kind="present", text=ASKED, source="new-1", why="this gives it away")
    site.space.store[Rubrics].add(rubric(criterion(examples=(example,)), label="with example"))
    for ident in CALLS:
        site.space.store[Calls].add(call(ident, "Sam"))
    new = {"rubric": "with example", "raters": ["manager", "ops_lead"], "calls": CALLS}
    assert site.program("ops_lead").post("/api/v1/rounds", json=new).status_code == 201
    browser = site.browser("manager")
    shown = {c: "gives it away" in browser.get("/calibration/1/rate", params={"call": c}).text for c in CALLS}
    assert shown == {"new-1": False, "new-2": True}


def test_submitting_on_the_page_lists_what_is_missing_first(site, opened):
    browser = site.browser("manager")
    early = browser.post("/calibration/1/submit", data=form(browser, "/calibration/1/submit"))
    assert early.status_code == 409
    assert "4 of 4 ratings are missing" in early.text
    rate_all(site.program("manager"), "1", "4")
    assert browser.get("/calibration/1/rate").headers["location"] == "/calibration/1/submit"
    page = browser.get("/calibration/1/submit").text
    assert "All 4 ratings are there" in page
    assert browser.post("/calibration/1/submit", data=form(browser, "/calibration/1/submit")).status_code == 303
    assert "Your ratings of round 1" in browser.get("/calibration/1/rate").text


def test_the_comparison_shows_both_quotes_and_reasons_side_by_side(site, compared):
    page = site.browser("manager").get("/calibration/1").text
    for words in ("reason of manager", "reason of ops_lead", "Turn 0, Sam", "“late close”", "How sure is this?"):
        assert words in page
    report = site.program("viewer").get("/api/v1/rounds/1/report").json()
    assert [c["criterion"] for c in report["criteria"]] == ["asks_cost", "depth"], "most disagreement first"
    first = report["criteria"][0]
    assert (first["agreement"]["value"], first["agreement"]["n"], first["rounds"]) == (0.0, 2, 1)
    assert [split["call"] for split in first["splits"]] == CALLS
    assert "undefined" in report["raters"][0]["drift"]


def model_ratings():
    """What a model gave on all cells, a failed one among them."""
    failed = Failed(kind="evidence", detail="quoted what nobody said")
    given = [Rated(value=1), Rated(value=4), Rated(value=0), failed]
    cells = [(ident, found.id) for ident in CALLS for found in RUBRIC.criteria]
    made = Provenance(rubric=RUBRIC.id, prompt="rate_call@1#x", model="openai/m", request="rq-1")
    return [
        Rating(
            call=ident,
            criterion=name,
            rater="model:openai/m",
            judgement=judgement,
            reason="read by a machine",
            provenance=made,
            at=datetime(2026, 11, 1, tzinfo=UTC),
        )
        for (ident, name), judgement in zip(cells, given, strict=True)
    ]


def test_the_model_is_one_more_rater_hidden_like_all_and_then_held_against_people(site):
    site.space.store[Rubrics].add(RUBRIC)
    for ident in CALLS:
        site.space.store[Calls].add(call(ident, "Sam"))
    program, new = site.program("ops_lead"), {"raters": ["manager", "ops_lead", "model"], "calls": CALLS}
    refused = program.post("/api/v1/rounds", json=new)
    assert refused.status_code == 400
    assert "no model has rated all 2 calls" in refused.json()["detail"]
    site.space.store[Ratings].add(model_ratings())
    assert program.post("/api/v1/rounds", json=new).json()["raters"][2]["submitted"]
    assert "machine" not in site.browser("manager").get("/calibration/1").text
    for role, value in (("manager", "1"), ("ops_lead", "0")):
        rate_all(site.program(role), value, "4")
        site.program(role).post("/api/v1/rounds/1/submit")
    page = site.browser("manager").get("/calibration/1").text
    assert "The model against what people agreed on" in page
    assert "read by a machine" in page
    found = {c["criterion"]: c["model"] for c in program.get("/api/v1/rounds/1/report").json()["criteria"]}
    assert (found["asks_cost"]["undecided_calls"], found["depth"]["undecided_calls"]) == (2, 0)
    assert (found["asks_cost"]["failed_ratings"], found["depth"]["failed_ratings"]) == (0, 1)


def test_a_difference_is_settled_with_a_reason_and_only_where_there_is_one(site, compared):
    browser, path = site.browser("manager"), "/calibration/1"
    sent = form(browser, path, call="new-1", criterion="asks_cost", value="1", turn="0")
    bare = browser.post(f"{path}/adjudicate", data=sent)
    assert bare.status_code == 422
    assert "is not settled: say why" in bare.text
    unsaid = browser.post(f"{path}/adjudicate", data=sent | {"reason": "x", "words": "never said by anybody"}).text
    problem = unsaid.partition('class="flash problem"')[2].partition("</div>")[0]
    assert problem.count("new-1") == 1, "which call it is stands once in the sentence"
    assert browser.post(f"{path}/adjudicate", data=sent | {"reason": "she asks"}).status_code == 303
    assert "she asks" in browser.get(path).text
    for role, by in (("viewer", "rater 1"), ("ops_lead", "manager"), ("manager", "manager")):
        settled = site.program(role).get("/api/v1/rounds/1/report").json()["criteria"][0]["splits"][0]["adjudicated"]
        assert (settled["by"], settled["judgement"]["value"]) == (by, 1)
    same = {"call": "new-1", "criterion": "depth", "value": "1", "reason": "x"}
    assert site.program("manager").post("/api/v1/rounds/1/adjudications", json=same).status_code == 400


def test_a_correction_is_kept_beside_what_was_given_blind(site, compared):
    browser, path = site.browser("manager"), "/calibration/1/correct"
    cell = {"call": "new-1", "criterion": "asks_cost"}
    assert "What stands now" in browser.get(path, params=cell).text
    sent = form(browser, "/calibration/1", **cell, value="0")
    assert "Say why: a correction is kept with its reason." in browser.post(path, data=sent).text
    wrong = browser.post(path, data=sent | {"value": "9"}).text
    assert "is not a level of asks_cost" in wrong, "without a reason too, what is wrong is said, not something else"
    assert browser.post(path, data=sent | {"reason": "misheard"}).status_code == 303
    assert "misheard" in browser.get("/calibration/1/rate").text
    report = site.program("viewer").get("/api/v1/rounds/1/report").json()
    assert report["criteria"][0]["agreement"]["value"] == 0.0, "the verdict rests on what was given blind"
    program = site.program("manager")
    again = program.post("/api/v1/rounds/1/corrections", json=cell | {"value": "1", "reason": "and again"}).json()
    assert again["supersedes"].startswith("ra-")
    assert "and again" in browser.get("/calibration/1/rate").text


def test_a_round_is_given_up_with_a_reason_only(site, opened):
    browser, path = site.browser("ops_lead"), "/calibration/1"
    assert browser.post(f"{path}/close", data=form(browser, path)).status_code == 409
    assert browser.post(f"{path}/close", data=form(browser, path, give_up="yes")).status_code == 400
    assert browser.post(f"{path}/close", data=form(browser, path, give_up="yes", reason="left")).status_code == 303
    page = browser.get(path).text
    assert "given up before two people had submitted" in page
    assert "give up this round" not in page.lower()


def test_the_log_tells_steps_and_no_rating(site, compared):
    site.program("manager").get("/api/v1/rounds/1/ratings")
    kinds = [line["kind"] for line in site.program("viewer").get("/api/v1/rounds/1/log").json()["items"]]
    assert kinds[0] == "opened"
    assert kinds.count("submitted") == 2
    assert "looked" in kinds
    page = site.browser("viewer").get("/calibration/1/log").text
    assert "saved own ratings, 4 times" in page
    assert "reason of" not in page


def test_the_record_is_a_file_to_download(site, compared):
    for kind, start in (("docx", b"PK"), ("pdf", b"%PDF")):
        answer = site.browser("viewer").get("/calibration/1/record", params={"format": kind})
        assert answer.content.startswith(start)
        assert answer.headers["content-disposition"] == f'attachment; filename="calibration-round-1.{kind}"'


def test_who_gave_which_rating_is_for_the_raters_and_ops_leads(site, compared):
    """A viewer, and a manager who did not rate, see the levels and the reasons, and never whose they are."""
    names = ("manager", "ops_lead")
    viewer, lead = site.program("viewer"), site.program("ops_lead")
    for path in ("/api/v1/rounds/1/ratings", "/api/v1/ratings?call=new-1", "/api/v1/ratings?call=new-1&limit=100"):
        told = [item["rater"] for item in viewer.get(path).json()["items"]]
        assert told, path
        assert not set(told) & set(names), path
        assert set(names) & {item["rater"] for item in lead.get(path).json()["items"]}, path
    assert viewer.get("/api/v1/ratings?call=new-1&rater=manager").json()["items"] == []
    report = viewer.get("/api/v1/rounds/1/report").json()
    assert [one["rater"] for one in report["raters"]] == ["rater 1", "rater 2"]
    assert "reason of manager" in site.browser("viewer").get("/calibration/1").text
    scope = Scope(name="other", role="manager")
    seen = site.space.seen_by(scope).store[Ratings].current(["new-1"])
    assert seen
    assert not {rating.rater for rating in seen} & set(names)
    own = site.space.seen_by(Scope(name="manager", role="manager")).store[Ratings].current(["new-1"])
    assert set(names) <= {rating.rater for rating in own}


def test_one_click_takes_a_raters_judgement_with_its_quotes(site, compared):
    browser, path = site.browser("manager"), "/calibration/1"
    split = site.program("manager").get("/api/v1/rounds/1/report").json()["criteria"][0]["splits"][0]
    shown = next(r for r in split["ratings"] if r["judgement"]["value"] == 1)
    cell = {"call": split["call"], "criterion": "asks_cost"}
    page = browser.get(path).text
    assert "Settle on “shown”" in page
    assert "Settle on “not shown”" in page
    assert browser.post(f"{path}/adjudicate", data=form(browser, path, **cell, taken="ra-none")).status_code == 400
    sent = form(browser, path, **cell, taken=shown["id"])
    assert browser.post(f"{path}/adjudicate", data=sent).status_code == 303
    report = site.program("manager").get("/api/v1/rounds/1/report").json()
    decided = next(s for s in report["criteria"][0]["splits"] if s["call"] == split["call"])["adjudicated"]
    assert decided["judgement"] == shown["judgement"]
    assert decided["judgement"]["quotes"]


def test_the_result_page_says_one_sentence_and_groups_the_criteria(site, compared):
    for role in ("viewer", "manager", "ops_lead"):
        page = site.browser(role).get("/calibration/1").text
        lead, _, behind = page.partition("How sure is this?")
        assert "0 of 2 criteria have passed" in lead
        assert "agree in this round" in lead
        for word in ("kappa", "alpha", "seed"):
            assert word not in lead.casefold(), (role, word)
        assert "Beyond chance (alpha)" in behind


def test_what_a_round_can_achieve_stands_on_the_form(site, compared):
    page = site.browser("ops_lead").get("/calibration/open?rubric=team&rater=manager&rater=ops_lead&pick=8").text
    assert "8 more calls, 10 in all (2 of 2 agree within 1 level so far)" in page
    assert "Rounds on one wording add up" in page
