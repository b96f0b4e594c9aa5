"""Sharper wordings from the calls that split the raters: drafted by a model, accepted or edited by a person."""

import re

import pytest

from agent.calibration.report import round_report
from agent.calibration.sharpening import sharpen, sharpen_request
from agent.core.errors import InputError
from agent.llm.recording import Recorder
from agent.llm.roles import Role
from agent.rubrics.file import read_rubric
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import PROMPTS, asked, criterion, role
from tests.calibration.conftest import BINARY, calls, everywhere, hand_in
from tests.calibration.test_calibrating import RULE, made
from tests.cli.conftest import Shell
from tests.llm.fakes import FakeModel

PROMPT = PROMPTS.get("sharpen_criterion")
BY_ID = {c.id: c for c in calls(8)}
NEW = "The rep asks for the cost of the problem in money. A question after the customer named a sum does not count."
MISS = {"source": "call-01", "turn": 2, "quote": "I will send you something.", "why": "no question"}


def reply(**given):
    base = {"difference": "Whether a follow-up counts.", "description": NEW, "anchors": [], "near_miss": MISS}
    return base | given


def report(criterion=BINARY, ana=(1, 1, 0, 0, 1, 0), ben=(1, 0, 0, 0, 1, 1), **given):
    rated = made({"ana": list(ana), "ben": list(ben)}, criterion, **given)
    calls = tuple(f"call-{n:02}" for n in range(len(ana)))
    renamed = dict(zip(rated.round.calls, calls, strict=True))
    ratings = [r.model_copy(update={"call": renamed[r.call], "reason": f"said by {r.rater[0]}"}) for r in rated.ratings]
    decided = {(renamed[c], k): d.model_copy(update={"call": renamed[c]}) for (c, k), d in rated.adjudications.items()}
    found = type(rated)(rated.round.model_copy(update={"calls": calls}), rated.rubric, ratings, decided)
    full = round_report(found, [found], RULE)
    return next(c for c in full.criteria if c.criterion.id == criterion.id)


def test_the_request_shows_the_splitting_calls_and_no_names_of_raters():
    request = sharpen_request(report(decided={1: 0}), BY_ID, role(reply, "drafter"), PROMPT)
    text = request.messages[-1].content
    assert "Call call-01:" in text
    assert "Call call-05:" in text
    assert "call-00" not in text
    assert text.index("[0]") < text.index("The criterion:")
    assert "- Manager 1 gave 1: said by a" in text
    assert "- Manager 2 gave 0: said by b" in text
    assert "- Decided afterwards: 0: r" in text
    assert not re.search(r"\b(ana|ben)\b", text)


async def test_a_draft_keeps_the_id_and_adds_one_located_near_miss():
    drafter = role(lambda _: reply(), "drafter")
    found = await sharpen(report(), BY_ID, drafter, PROMPT)
    assert found.criterion.id == "asks_cost"
    assert found.criterion.description == NEW
    example = found.criterion.examples[-1]
    assert (example.kind, example.source, example.quote.span.turn) == ("absent", "call-01", 2)
    assert found.notes == ()
    assert len(asked(drafter)) == 1


@pytest.mark.parametrize(
    ("miss", "says"),
    [
        (MISS | {"quote": "I will certainly send you something."}, "nowhere in the transcript"),
        (MISS | {"source": "call-00"}, "not one of the calls that split"),
        (None, "names no near miss"),
    ],
)
async def test_a_near_miss_that_nobody_said_is_left_out_and_noted(miss, says):
    drafter = role(lambda _: reply(near_miss=miss), "drafter")
    found = await sharpen(report(), BY_ID, drafter, PROMPT)
    assert found.criterion.examples == BINARY.examples
    assert says in found.notes[-1]
    assert found.miss_lost == (miss is not None)
    assert len(asked(drafter)) == (1 if miss is None else 2)


async def test_an_unchanged_description_is_refused_after_one_re_ask():
    drafter = role(lambda _: reply(description=BINARY.description), "drafter")
    with pytest.raises(InputError, match="empty or unchanged"):
        await sharpen(report(), BY_ID, drafter, PROMPT)
    assert len(asked(drafter)) == 2


async def test_a_scale_keeps_an_anchor_for_each_level():
    scale = criterion("depth", scale="1-3", anchors={1: "none", 2: "one", 3: "two"})
    from tests.builders import rubric

    found = report(scale, (1, 3, 2, 1, 1, 1), (1, 1, 2, 1, 1, 1), of=rubric(scale))
    good = [{"level": n, "text": f"{n} questions"} for n in (1, 2, 3)]
    mended = role(lambda r: reply(anchors=good if len(r.messages) > 2 else good[:1]), "drafter")
    assert (await sharpen(found, BY_ID, mended, PROMPT)).criterion.anchors == {
        1: "1 questions",
        2: "2 questions",
        3: "3 questions",
    }


async def test_without_a_split_there_is_nothing_to_sharpen():
    with pytest.raises(InputError, match="no call of this round split the raters"):
        await sharpen(report(ben=(1, 1, 0, 0, 1, 0)), BY_ID, role(lambda _: reply(), "drafter"), PROMPT)


# -------------------------------------------------------------------------------------------- the command

SIX = [f"call-{n:02}" for n in range(6)]


@pytest.fixture
def split(closeread, tmp_path):
    assert closeread("calibrate", "open", "--raters", "ana,ben", "--calls", ",".join(SIX)).code == 0
    hand_in(closeread, tmp_path, "ana", everywhere(SIX, lambda n: n % 2, 3))
    hand_in(closeread, tmp_path, "ben", everywhere(SIX, lambda n: int(n < 3), 3))
    return closeread


async def record(shell, folder, **changed):
    """Replies for the command, from the fake model, under the ids of the requests that the command will make."""
    from agent.calibration.rounds import report_of

    space = Workspace(Settings.read(shell.folder, {"CLOSEREAD_MODEL": "test/model"}))
    miss = MISS | {"source": "call-00"} | changed
    recorder = Recorder(FakeModel(lambda _: reply(near_miss=miss)), folder)
    found = report_of(space, "1").criteria[0]
    drafted = await sharpen(found, BY_ID, Role("drafter", "test/model", recorder), space.prompt("sharpen_criterion"))
    assert drafted.miss_lost == bool(changed)
    space.store.close()


@pytest.fixture
async def replaying(split, tmp_path, monkeypatch):
    await record(split, tmp_path / "recorded")
    monkeypatch.setenv("CLOSEREAD_MODEL", "test/model")
    monkeypatch.setenv("CLOSEREAD_REPLAY", str(tmp_path / "recorded"))
    return split


@pytest.fixture
def shell_of(replaying):
    assert isinstance(replaying, Shell)
    return replaying


def in_thread(shell, *arguments):
    """The command starts an event loop of its own, which is not allowed inside the test's."""
    import threading

    thread = threading.Thread(target=shell, args=arguments)
    thread.start()
    thread.join()
    return shell


def test_a_draft_is_shown_and_stored_only_when_accepted(shell_of, store):
    shown = in_thread(shell_of, "calibrate", "sharpen", "1")
    assert shown.code == 0, shown.err
    assert "-  description: The rep asks what the problem costs." in shown.out
    assert "Whether a follow-up counts." in shown.out
    assert "not stored" in shown.err
    assert [s.rubric.label for s in store[Rubrics].all()] == ["team"]
    accepted = in_thread(shell_of, "calibrate", "sharpen", "1", "--accept")
    assert accepted.code == 0, accepted.err
    assert "stored: team-2" in accepted.out
    new = store[Rubrics].get("team-2")
    assert new.criterion("asks_cost").description == NEW
    assert new.criterion("asks_cost").examples[-1].text == "I will send you something."
    assert new.criterion("depth") == store[Rubrics].get("team").criterion("depth")
    assert (
        "no round has rated this wording; 1 earlier wording was rated"
        in in_thread(shell_of, "rubric", "deploy", "team-2").err
    )


async def test_a_draft_without_its_near_miss_is_shown_and_ends_with_what_to_do(split, tmp_path, monkeypatch):
    await record(split, tmp_path / "recorded", quote="I will certainly send you something.")
    monkeypatch.setenv("CLOSEREAD_MODEL", "test/model")
    monkeypatch.setenv("CLOSEREAD_REPLAY", str(tmp_path / "recorded"))
    shown = in_thread(split, "calibrate", "sharpen", "1")
    assert shown.code == 6
    assert "Whether a follow-up counts." in shown.out
    assert "asks_cost: the near miss is left out" in shown.err
    assert "run: closeread calibrate sharpen 1 --criterion asks_cost" in shown.err


def test_an_edited_draft_is_taken_over(shell_of, store, tmp_path):
    file = tmp_path / "draft.yaml"
    assert in_thread(shell_of, "calibrate", "sharpen", "1", "--out", file).code == 0
    file.write_text(file.read_text().replace("cost of the problem in money", "cost of the problem in dollars"))
    edited = in_thread(shell_of, "calibrate", "sharpen", "1", "--file", file, "--json")
    assert edited.code == 0, edited.err
    assert edited.json["rubric"]["label"] == "team-2"
    assert any(line.startswith("+") and "in dollars" in line for line in edited.json["diff"])
    assert "in dollars" in store[Rubrics].get("team-2").criterion("asks_cost").description


def test_an_unchanged_file_is_refused(split, tmp_path):
    file = tmp_path / "same.yaml"
    split("rubric", "export", "team", "--out", file)
    assert read_rubric(file, "team").label == "team"
    assert split("calibrate", "sharpen", "1", "--file", file).code == 3
    assert split("calibrate", "sharpen", "1", "--file", file, "--accept").code == 2


def test_without_a_drafter_the_line_to_write_is_named(split):
    ran = split("calibrate", "sharpen", "1")
    assert ran.code == 5
    assert "drafter" in ran.err
    assert split("calibrate", "sharpen", "1", "--criterion", "charm").code == 2
