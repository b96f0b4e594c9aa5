"""Until a rater has submitted a round, nothing that the others rated reaches that rater: not by any read of the store,
not by any command. Checked for every combination of who has submitted and who asks, and by non-interference: whatever
the others rated, a rater who has not submitted sees the same output."""

import ast
import inspect
import io
import re
import sys
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import chain, combinations

import pytest
import typer
from sqlalchemy import select

from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import NotFound
from agent.core.statistic import Estimate
from agent.db.ledger import SqlLedger
from agent.db.schema import ratings
from agent.interviews.store import Interviews
from agent.main import app
from agent.patterns.model import Codebook, CodebookEntry, Extraction, PatternSet
from agent.patterns.store import Extractions
from agent.ratings.counted import Counting
from agent.ratings.model import Failed, Provenance, Rated, Rating
from agent.ratings.store import MadeWith, Ratings
from tests.builders import ROOT, interview
from tests.calibration.conftest import RUBRIC, everywhere, filled_store, hand_in
from tests.cli.conftest import Shell

AT = datetime(2026, 11, 1, tzinfo=UTC)
RATERS = ("ana", "ben", "cho")
CALLS = ("call-00", "call-01")
VIEWERS = (*RATERS, "", "lead", "model", "model:m", "Ana", "ana ")
CRITERIA = [c.id for c in RUBRIC.criteria]
SUBSETS = list(chain.from_iterable(combinations(RATERS, n) for n in range(len(RATERS) + 1)))


def rating(call, who, value, **made):
    provenance = Provenance(rubric=RUBRIC.id, **made)
    return Rating(
        call=call, criterion="asks_cost", rater=who, judgement=Rated(value=value), provenance=provenance, at=AT
    )


def by_model(call, value):
    return rating(call, "model:m", value, prompt="rate_call@1#x", model="m", request="rq")


def opened(store, submitted, raters=(*RATERS, "model")):
    """A round on CALLS in which `submitted` (and the model) have submitted, with older ratings of the same calls."""
    store[Ratings].add([rating(c, "old", 1) for c in CALLS])
    store[Ratings].add([rating("call-05", who, 1) for who in RATERS])
    new = CalibrationRound(number=1, rubric=RUBRIC.id, raters=raters, calls=CALLS, opened_at=AT)
    found = store[Rounds].open(new, {"model": [by_model(c, 1) for c in CALLS]})
    for who in RATERS:
        drafts = [Draft(call=c, criterion=k, judgement=Rated(value=1)) for c in CALLS for k in CRITERIA]
        store[Rounds].save(found, who, drafts)
        if who in submitted:
            store[Rounds].submit(found, who, CRITERIA, AT)
    return store[Rounds].get("1")


def got(store, viewer):
    """Ratings that can be read by their ids, if somebody knew them."""
    with store.engine.connect() as connection:
        idents = connection.execute(select(ratings.c.id)).scalars().all()
    found = []
    for ident in idents:
        with suppress(NotFound):
            found.append(store[Ratings].get(ident, viewer=viewer))
    return found


# Every way to get ratings out of the store. A new public method must be added here, or to TELLS_NO_RATING with a reason.
READS = {
    "current": lambda store, found, viewer: store[Ratings].current(viewer=viewer),
    "look": lambda store, found, viewer: store[Ratings].look(viewer=viewer).ratings,
    "of_round": lambda store, found, viewer: store[Ratings].of_round(found.id, viewer=viewer).ratings,
    "page": lambda store, found, viewer: store[Ratings].page(limit=1000, viewer=viewer).rows,
    "get": lambda store, found, viewer: got(store, viewer),
}
TELLS_NO_RATING = {
    "add": "writes",
    "add_if": "writes",
    "supersede": "writes, and gives back what it was given",
    "rated_calls": "names of calls that a model has rated, not what it rated",
    "failed_ids": "ids of ratings without a result, so that they are asked again",
    "unrated_calls": "names of calls",
    "count_unrated": "a number of calls",
    "current_status": "which criteria have a rating by a model, and whether it failed, not what it said",
    "blind_calls": "names of calls",
    "judged_until": "asked about calls of `that_count` alone; only how many differ comes out of it",
    "that_count": "calls of blind rounds have none for anybody: the test below",
    "calls_of_rounds": "ids of calls that are or were in a round, nothing of what was given there",
    "which_have_one": "names of calls; those of blind rounds have none, as `that_count` says",
    "said_in_rounds": "none of a blind round for anybody: the test below",
    "outcomes": "nothing of a blind round: the test below",
    "made_with": "prompts and models",
    "other_servers": "the servers that answered, no judgement",
    "repeated": "how many of a model's repeated readings differ, not what they were",
}
ROUNDS_TELL_NO_RATING = {
    "next_number": "a number",
    "used_calls": "names of calls",
    "open": "who rates what",
    "get": "who rates what and who has submitted",
    "all": "who rates what and who has submitted",
    "drafts": "a rater's own drafts only",
    "drafted": "how many ratings each rater has in draft",
    "check_open": "nothing",
    "save": "writes",
    "submit": "writes",
    "correct": "the correction as its rater gave it",
    "adjudicate": "writes",
    "plan": "writes the last day and whose ratings are the reference",
    "adjudications": "decisions, which are refused while a round is blind",
    "close": "who rated what, not how",
    "log": "events; see test_the_log_holds_no_judgement",
}


def public(kind):
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_every_method_that_may_return_ratings_is_known_here():
    assert public(Ratings) == set(READS) | set(TELLS_NO_RATING)
    assert public(Rounds) == set(ROUNDS_TELL_NO_RATING)


@pytest.mark.parametrize("submitted", SUBSETS, ids=lambda s: "+".join(s) or "nobody")
def test_no_read_returns_what_others_rated_to_who_has_not_submitted(tmp_path, submitted):
    store = filled_store(tmp_path / "space")
    found = opened(store, submitted)
    complete = set(submitted) == set(RATERS)
    for viewer in VIEWERS:
        for name, read in READS.items():
            seen = {r.rater for r in read(store, found, viewer) if r.call in CALLS}
            if complete or viewer in submitted:
                assert {*submitted, "model:m"} <= seen, (name, viewer)
            else:
                assert seen <= {viewer} - {"model:m"}, (name, viewer)
        assert {r.rater for r in store[Ratings].current(["call-05"], viewer=viewer)} == set(RATERS)
    store.close()


@pytest.mark.parametrize("submitted", SUBSETS, ids=lambda s: "+".join(s) or "nobody")
def test_nothing_counts_on_a_blind_call_for_anybody(tmp_path, submitted):
    """Not in the table of what counts, and so in no figure: whoever has submitted, and whoever looks."""
    store = filled_store(tmp_path / "space")
    found = opened(store, submitted)
    complete = set(submitted) == set(RATERS)
    assert {one.rater for one in store[Ratings].said_in_rounds([found.id])[found.id]} == (
        {*RATERS, "model:m"} if complete else set()
    )
    assert set(CALLS) & {one.rating.call for one in store[Ratings].that_count(RUBRIC.id)} == (
        set(CALLS) if complete else set()
    )
    assert set(CALLS) & set(store[Counting].calls(RUBRIC).calls) == (set(CALLS) if complete else set())
    assert [store[Ratings].outcomes(RUBRIC.id, call) is None for call in CALLS] == [not complete] * len(CALLS)
    left = store[Counting].uncounted(RUBRIC).blind
    assert [one.calls for one in left] == ([] if complete else [len(CALLS)])
    store.close()


def test_drafts_are_given_to_their_rater_only(store):
    found = opened(store, ())
    store[Rounds].save(found, "ana", [Draft(call=CALLS[0], criterion="depth", judgement=Rated(value=5))])
    mine = {(d.call, d.criterion): d.judgement.value for d in store[Rounds].drafts(found, "ana")}
    theirs = {(d.call, d.criterion): d.judgement.value for d in store[Rounds].drafts(found, "ben")}
    assert mine[CALLS[0], "depth"] == 5
    assert theirs[CALLS[0], "depth"] == 1


def test_ratings_given_after_the_round_opened_are_withheld_too(store):
    opened(store, ("ben",))
    store[Ratings].add([rating(CALLS[0], "late", 0), by_model(CALLS[0], 0)])
    assert store[Ratings].current([CALLS[0]], viewer="ana") == []
    assert "late" in {r.rater for r in store[Ratings].current([CALLS[0]], viewer="ben")}


def test_a_correction_is_as_blind_as_what_it_corrects(store):
    found = opened(store, ("ben",))
    store[Rounds].correct(found, rating(CALLS[0], "ben", 0).model_copy(update={"reason": "misread turn 0"}))
    assert store[Ratings].current([CALLS[0]], viewer="ana") == []
    assert not any("misread" in e.model_dump_json() for e in store[Rounds].log())


def test_giving_a_round_up_ends_it_for_those_who_did_not_submit(store):
    found = opened(store, ("ben", "cho"))
    closed = store[Rounds].close(found, "ana", "no time")
    assert {r.rater for r in store[Ratings].current([CALLS[0]], viewer="ana")} == {"old", "ben", "cho", "model:m"}
    assert closed.submitted == ("ben", "cho", "model")
    with pytest.raises(Exception, match="closed"):
        store[Rounds].submit(found, "ana", CRITERIA, AT)


def test_what_may_be_asked_again_names_no_judgement(store):
    made = {"prompt": "rate_call@1#x", "model": "m", "request": "rq"}
    bad = rating(CALLS[0], "model:m", 1, **made).model_copy(
        update={"judgement": Failed(kind="evidence", detail="quote not found", claimed=1)}
    )
    store[Ratings].add([bad])
    assert store[Ratings].failed_ids(MadeWith(RUBRIC.id, "rate_call@1#x", "m", 0)) == {(CALLS[0], "asks_cost"): bad.id}


def test_the_log_holds_no_judgement(store):
    found = opened(store, RATERS)
    store[Ratings].look(viewer="ana")
    for entry in store[Rounds].log([found]):
        assert not {"value", "judgement", "quotes"} & set(entry.event.model_dump())


# ---------------------------------------------------------------------------------------------------- commands

# Arguments with which each command that reads a workspace is run; ROUND and CALL are in the blind round.
RUNS = {
    "calls list": [],
    "calls show": ["call-00"],
    "interviews list": [],
    "rubric list": [],
    "rubric show": ["team"],
    "rubric export": ["team"],
    "rubric deploy": ["team"],
    "score show": ["call-00"],
    "ratings list": [],
    "export scoring-guide": [],
    "baseline make": [],
    "baseline show": [],
    "coach log": ["Rae"],
    "coach cycle": ["Rae", "cycle_1", "--start", "2026-10-01", "--end", "2026-10-30", "--criteria", "depth"],
    "disputes list": [],
    "disputes show": ["di-1"],
    "disputes assign": ["di-1", "ana"],
    "disputes answer": ["di-1", "declined", "--reason", "It stays."],
    "coach plan": [],
    "coach track": [],
    "funnel": [],
    "gaps": [],
    "outcomes": [],
    "weights accept": [],
    "weights propose": [],
    "export calibration": ["1"],
    "export report": [],
    "export scorecard": ["--rep", "Rae"],
    "export summary": [],
    "report": [],
    "cost": [],
    "next": ["--all"],
    "calibrate status": ["1"],
    "calibrate reveal": ["1"],
    "calibrate report": ["1"],
    "calibrate adjudicate": ["1"],
    "calibrate sharpen": ["1"],
    "calibrate audit": ["1"],
    "calibrate submit": ["1"],
    "calibrate rate": ["1"],
    "calibrate close": ["1"],
    "calibrate plan": ["1"],
    "calibrate correct": ["1", "--call", "call-00", "--criterion", "depth", "--value", "1", "--reason", "x"],
    "score run": ["--calls", "call-00"],
    "calibrate open": ["--raters", "ana,ben", "--calls", "call-00"],
}


def leaves(command, path=()):
    if hasattr(command, "list_commands"):
        for name in command.list_commands(None):
            yield from leaves(command.get_command(None, name), (*path, name))
    else:
        yield " ".join(path)


def options_of(path):
    command = typer.main.get_command(app)
    for name in path.split():
        command = command.get_command(None, name)
    return {option for parameter in command.params for option in parameter.opts}


def test_every_command_that_asks_who_is_looking_is_run_below():
    """Whatever shows ratings to a person takes --as; whatever does not take it gets what nobody in particular may see."""
    every = set(leaves(typer.main.get_command(app)))
    assert {path for path in every if "--as" in options_of(path)} - set(RUNS) == set()
    assert set(RUNS) <= every


def test_only_the_store_reads_the_table_of_ratings():
    """Each of these files takes a viewer, or tells no rating; the tests above hold the first kind to it."""
    readers = {
        path.relative_to(ROOT / "agent").with_suffix("").as_posix()
        for path in (ROOT / "agent").rglob("*.py")
        for source in [path.read_text()]
        for node in (ast.walk(ast.parse(source)) if "agent.db.schema" in source else ())
        if isinstance(node, ast.ImportFrom) and node.module == "agent.db.schema"
        if "ratings" in {alias.name for alias in node.names}
    }
    lists = {"db/blindness", "calls/store", "ratings/store_pages"}
    counted = {"ratings/recount", "ratings/counted"}  # nothing of blind calls for anybody: the test above
    numbers = {"retention/store"}  # takes words away and tells how many ratings: tests/retention/test_store.py
    removes = {
        "corrections/store",
        "uploads/kinds",
    }  # what rests on a thing and whose quotes are to be kept: no judgement
    withheld = {
        "disputes/store",
        "ratings/store_reviews",
    }  # leave out calls of blind rounds: tests/api/test_blind_api.py
    counts = {
        "db/overview",
        "db/resting",
        "db/planner",
        "scoring/left",
    }  # how many, whether any, or a hash: no judgement
    assert readers - lists - counted - numbers - withheld - counts - removes == {
        "ratings/store",
        "ratings/store_import",
        "ratings/of_rounds",  # ids and raters, so that names can be left out
        "calibration/store",
    }


class TypingShell(Shell):
    """A shell with somebody at the keyboard."""

    typed = ""

    def __call__(self, *arguments):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", io.StringIO(self.typed))
            return super().__call__(*arguments)


def extraction():
    entry = CodebookEntry(id="asks", name="Asks", behavior="The rep asked.", moments=("other",))
    book = Codebook(entries=(entry,))
    none = Estimate(value=0.0, n=1)
    patterns = PatternSet(
        codebook=book.id, interviews=("int-1",), patterns=(), expected_false=none, moments=(), unlocated=0
    )
    return Extraction(observations=(), codebook=book, codings=(), patterns=patterns)


def world(folder, capsys, tmp_path, others):
    """A workspace with a blind round in which ben (and the model) gave `others`, and ana has drafts."""
    store = filled_store(folder, 6)
    store[Interviews].add(interview().model_copy(update={"date": date(2026, 10, 1)}))
    store[Extractions].add(extraction())
    store[Ratings].add([by_model(c, others).model_copy(update={"reason": f"SECRET {others}"}) for c in CALLS])
    depth = by_model(CALLS[0], 1).model_copy(
        update={"criterion": "depth", "judgement": Rated(value=4 + others), "reason": "SECRET"}
    )
    store[Ratings].add([depth, depth.model_copy(update={"call": CALLS[1]})])
    store.close()
    shell = TypingShell(folder, capsys)
    assert shell("calibrate", "open", "--raters", "ana,ben,model", "--calls", ",".join(CALLS)).code == 0, shell.err
    hand_in(shell, tmp_path, "ana", everywhere(CALLS[:1], 1, 3), submit=False)
    hand_in(shell, tmp_path, "ben", everywhere(CALLS, others, 2 + 3 * others), reason=f"SECRET {others}")
    return shell


def outputs(shell, tmp_path, viewer):
    found = {}
    for path, arguments in RUNS.items():
        known = options_of(path)
        more = ["--as", viewer] if viewer and "--as" in known else []
        page = tmp_path / ("page.html" if path == "report" else "page.md")
        page.write_text("")
        out = ["--out", page] if path.split()[0] in ("report", "export") else []
        for json in ([], ["--json"]) if "--json" in known else ([],):
            shell.typed = "?\nq\n"
            shell(*path.split(), *arguments, *more, *out, *json)
            text = shell.out + shell.err + (page.read_text() if out else "")
            found[path, *json] = (shell.code, masked(text))
    return found


def masked(text):
    """Without what differs between any two runs: times, folders, ids of stored ratings of one's own."""
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+00:00)?", "TIME", text)
    text = re.sub(r"\d\d \w+ \d{4}, \d\d:\d\d UTC", "TIME", text)
    return re.sub(r"(/[\w.-]+)+/(page\.html|page\.md|space-\d)", "PATH", text)


@pytest.mark.parametrize("viewer", ["ana", *(pytest.param(name, marks=pytest.mark.slow) for name in ("", "lead"))])
def test_what_others_rated_makes_no_difference_to_what_an_unsubmitted_rater_is_shown(tmp_path, capsys, viewer):
    zeros = outputs(world(tmp_path / "space-0", capsys, tmp_path, 0), tmp_path, viewer)
    ones = outputs(world(tmp_path / "space-1", capsys, tmp_path, 1), tmp_path, viewer)
    for command, output in zeros.items():
        assert output == ones[command], command
        assert "SECRET" not in output[1], command
        assert "Traceback" not in output[1], command
    assert zeros["score show",][0] == 0
    assert zeros["report",][0] == 0
    assert zeros["calibrate rate",][0] == (0 if viewer == "ana" else 2)
    assert "withheld" in zeros["score show",][1]
    assert "calibration round 1 is blind" in zeros["report",][1]


@pytest.mark.slow  # both worlds once more
def test_the_same_commands_show_the_difference_to_a_rater_who_has_submitted(tmp_path, capsys):
    """The comparison above can fail: ben has submitted, and sees another output in the other world."""
    zeros = outputs(world(tmp_path / "space-0", capsys, tmp_path, 0), tmp_path, "ben")
    ones = outputs(world(tmp_path / "space-1", capsys, tmp_path, 1), tmp_path, "ben")
    for command in (("score show",), ("ratings list", "--json"), ("calibrate reveal",)):
        assert zeros[command] != ones[command], command
        assert "SECRET" in zeros[command][1], command


def test_a_name_that_stands_for_a_model_is_refused(closeread):
    closeread("calibrate", "open", "--raters", "ana,ben", "--calls", "call-00")
    assert closeread("calibrate", "rate", "1", "--as", "model:m").code == 2
    assert closeread("calibrate", "open", "--raters", "ana,ben,model:m", "--calls", "call-01").code == 2


def test_withheld_says_how_many_and_why(closeread, tmp_path):
    closeread("calibrate", "open", "--raters", "ana,ben", "--calls", ",".join(CALLS))
    hand_in(closeread, tmp_path, "ben", everywhere(CALLS, 1, 3))
    shown = closeread("ratings", "list", "--json")
    assert shown.json["items"] == []
    assert "calibration round 1 is blind: 4 ratings of its calls are withheld until ana submitted" in shown.err


def test_scoring_a_blind_call_does_not_tell_what_came_out(capsys, tmp_path):
    """`score run` stores the model's ratings and counts no outcome of a call in a blind round."""
    from agent.scoring.cli_run import summary
    from agent.scoring.running import Outcome, Scorer, Scoring, results
    from agent.settings import Settings
    from agent.workspace import Workspace
    from tests.builders import role

    filled_store(tmp_path / "space", 6).close()
    shell = Shell(tmp_path / "space", capsys)
    shell("calibrate", "open", "--raters", "ana,ben", "--calls", "call-00")
    space = Workspace(Settings.read(tmp_path / "space", {"CLOSEREAD_MODEL": "test/model"}))
    scoring = Scoring(space, RUBRIC, space.prompt("rate_call"), 0)
    outcome = Outcome()
    scorer = Scorer(scoring, role(lambda _: {}), {}, scoring.space.store[SqlLedger].waiting())
    came = {}
    for ident in ("call-00", "call-01"):
        kept = scorer.keep(space.store[Calls].get(ident), [by_model(ident, 1)])
        assert isinstance(kept, list)
        came[ident] = results(kept)
    scoring._count(came, outcome)
    assert outcome.blind == 1
    assert outcome.calls == 1
    assert "still blind" in summary(outcome)
    space.store.close()


def test_repeated_readings_of_calls_that_are_still_blind_are_not_counted(tmp_path):
    store = filled_store(tmp_path)
    for call in (CALLS[0], "call-05"):
        store[Ratings].add([by_model(call, 1), rating(call, "model:m", 0, prompt="rate_call@1#x", model="m", draw=1)])
    assert store[Ratings].repeated(RUBRIC.id) == {"asks_cost": (2, 2)}
    opened(store, ())
    assert store[Ratings].repeated(RUBRIC.id) == {"asks_cost": (1, 1)}
