"""Calls told twice: the pairs differ only where they may, and levels that flip are found, counted and told."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from agent.core.errors import ImportProblem, InputError
from agent.evals.archive import Archive
from agent.evals.loading import read_suite
from agent.evals.report import report_of
from agent.evals.suite_files import Variant
from agent.evals.variants import in_markdown, pair_report, retold, with_variants
from agent.evals.verbs import Wanted, planned
from agent.llm.recording import read_recordings
from agent.ratings.model import Rated
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import ROOT, call
from tests.evals.made import answering, ran, suite, table

RECORDED = ROOT / "evals" / "recordings" / "ledgerline"
FAIRNESS = ROOT / "evals" / "fairness"
NUMBER = re.compile(r"\d+|\b(?:\w+teen|\w+ty|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b")


def test_the_shipped_pairs_differ_only_where_they_may():
    made = read_suite(FAIRNESS)
    calls = {case.id: case.call for case in made.cases}
    pairs = [case for case in made.cases if case.like]
    assert sorted(kind for case in pairs for kind in case.tags) == ["accent"] * 8 + ["names"] * 8 + ["variety"] * 8
    for case in pairs:
        before, after = calls[case.like].transcript, case.call.transcript
        assert before.id != after.id
        assert [t.start for t in before.turns] == [t.start for t in after.turns]
        for one, other in zip(before.turns, after.turns, strict=True):
            where = f"{case.id}, turn {one.index}: {one.text} | {other.text}"
            assert before.roles[one.speaker] == after.roles[other.speaker]
            assert re.findall(r"\d+", one.text) == re.findall(r"\d+", other.text), where
            assert one.text.count("?") == other.text.count("?"), where


def test_the_shipped_pairs_keep_every_number_that_is_written_as_a_word():
    made = read_suite(FAIRNESS)
    calls = {case.id: case.call for case in made.cases}
    for case in (case for case in made.cases if "names" in case.tags and case.like):
        for one, other in zip(calls[case.like].transcript.turns, case.call.transcript.turns, strict=True):
            assert NUMBER.findall(one.text) == NUMBER.findall(other.text)


def test_what_is_right_of_a_call_is_right_of_it_told_in_another_way():
    made = read_suite(FAIRNESS)
    right = {case.id: case.references for case in made.cases}
    for case in (case for case in made.cases if case.like):
        assert [(r.criterion, r.value, r.turns) for r in case.references] == [
            (r.criterion, r.value, r.turns) for r in right[case.like]
        ]


def test_the_originals_are_asked_as_they_were_recorded(tmp_path):
    made = read_suite(FAIRNESS)
    recorded = {r.id for r in read_recordings(RECORDED / "rate_call.jsonl")}
    space = Workspace(Settings(tmp_path, "sqlite://", {"CLOSEREAD_MODEL": "openai/relay"}, replay=RECORDED))
    asked = {request.subject for request in planned(space, made, Wanted()).requests() if request.id not in recorded}
    assert asked == {case.id for case in made.cases if case.like}


CALL = call("one", "Tom", ("Tom", "Hello Ann, what does it cost? Thomas asks."), ("Ann", "Nine, Tom."))


def retelling(**instead: str):
    variant = Variant(id="one-names", like="one", kind="names", about="Other names.", instead=instead)
    return retold(Path("variants.yaml"), CALL, variant)


def test_whole_words_change_everywhere_and_nothing_else():
    told = retelling(Tom="Ann", Ann="Tom")
    assert told.rep == "Ann"
    assert [(t.speaker, t.text) for t in told.transcript.turns] == [
        ("Ann", "Hello Tom, what does it cost? Thomas asks."),
        ("Tom", "Nine, Ann."),
    ]
    assert told.transcript.roles["Ann"] == "rep"


def test_words_that_the_call_does_not_say_and_one_name_for_two_are_refused():
    with pytest.raises(ImportProblem, match="one does not say 'Thom'"):
        retelling(Thom="Xi")
    with pytest.raises(ImportProblem, match="two speakers have the same name"):
        retelling(Tom="Ann")


def paired(tmp_path: Path, pairs: int = 4):
    """Calls, each told once with other words."""
    made = suite(table(pairs, lambda i: 1))
    lines = [
        f"  - {{id: call-{i:02d}-told, like: call-{i:02d}, kind: names, about: Told, instead: {{'Noted for': For}}}}"
        for i in range(pairs)
    ]
    (tmp_path / "variants.yaml").write_text("\n".join(["variants:", *lines]), encoding="utf-8")
    cases = tuple(with_variants(tmp_path / "variants.yaml", made.cases))
    return replace(made, cases=cases, file=made.file.model_copy(update={"variants": "variants.yaml"}))


def test_levels_that_flip_are_counted_by_kind_and_direction(tmp_path):
    made = paired(tmp_path)
    run = ran(made, answering(lambda case, c, d: int(case not in ("call-01-told", "call-02-told", "call-03"))))
    report = pair_report(run, made, run)
    kind = report.kinds[0]
    assert (kind.kind, kind.pairs, kind.ratings, kind.flips, kind.lower, kind.higher) == ("names", 4, 4, 3, 2, 1)
    assert kind.p == 1.0
    assert kind.pairs_with_flips.value == 0.75
    assert [(f.variant, f.original, f.changed) for f in report.flips] == [
        ("call-01-told", "1", "0"),
        ("call-02-told", "1", "0"),
        ("call-03-told", "0", "1"),
    ]
    assert "3 of 4 levels flip within pairs" in in_markdown(report)
    assert "is not known: run with --draws 3" in in_markdown(report)


def test_what_flips_by_itself_stands_beside_what_flips_within_pairs(tmp_path):
    made = paired(tmp_path)
    run = ran(made, answering(lambda case, c, d: int((case, d) != ("call-02", 1))), draws=3)
    report = pair_report(run, made, run)
    assert (report.reread.ratings, report.reread.flips) == (16, 1)
    assert report.flips == []
    assert "0 of 4 levels flip within pairs; 1 of 16 when the very same call is read again" in in_markdown(report)
    assert in_markdown(report).endswith("None.\n")


def test_a_pair_that_was_not_answered_is_named_and_not_counted(tmp_path):
    made = paired(tmp_path)
    run = ran(made, answering(lambda *_: 1))
    half = run.model_copy(update={"answers": tuple(a for a in run.answers if a.case != "call-00-told")})
    report = pair_report(half, made, half)
    assert (report.kinds[0].pairs, report.unanswered) == (3, ["call-00-told"])
    assert "Not answered, so not counted: call-00-told." in in_markdown(report)


def test_runs_without_pairs_are_refused(tmp_path):
    plain = suite(table(2, lambda i: 1))
    run = ran(plain, answering(lambda *_: 1))
    with pytest.raises(InputError, match="no calls told in another way"):
        pair_report(run, plain, run)
    with pytest.raises(InputError, match="has changed since"):
        pair_report(run, paired(tmp_path), run)
    only = replace(made := paired(tmp_path), cases=tuple(c for c in made.cases if not c.like))
    alone = ran(only, answering(lambda *_: 1)).model_copy(update={"suite_id": made.id})
    with pytest.raises(InputError, match="holds no pair"):
        pair_report(alone, made, alone)


def test_the_published_pairs_come_from_their_recordings(closeread, monkeypatch):
    monkeypatch.setenv("CLOSEREAD_REPLAY", str(ROOT / "evals" / "recordings" / "fairness"))
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/relay")
    closeread("eval", "run", "fairness", "--json")
    report = closeread("eval", "pairs", closeread.json["run"], "--json").json
    told = {kind["kind"]: (kind["pairs"], kind["ratings"], kind["flips"]) for kind in report["kinds"]}
    assert told == {"names": (8, 56, 1), "accent": (8, 56, 3), "variety": (8, 56, 3)}
    assert {flip["criterion"] for flip in report["flips"]} == {"discovery_depth"}


def test_the_command_tells_writes_and_closes_the_gate(closeread, monkeypatch, tmp_path):
    monkeypatch.setenv("CLOSEREAD_REPLAY", str(RECORDED))
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/relay")
    closeread("eval", "run", "fairness", "--cases", "dev-call-03,dev-call-08", "--json")
    originals = closeread.json
    assert closeread("eval", "pairs", originals["run"]).code == 3
    assert "holds no pair" in closeread.err

    runs = Archive(closeread.folder / "evals")
    run = runs.run(originals["run"]).run
    told = [a.model_copy(update={"case": f"{a.case}-names"}) for a in run.answers]
    lower = [
        a.model_copy(update={"judgement": Rated(value=3), "reason": "no | *chain*"})
        if (a.case, a.criterion) == ("dev-call-08-names", "objection_handling")
        else a
        for a in told
    ]
    same = [r.model_copy(update={"case": f"{r.case}-names"}) for r in run.references]
    both = run.model_copy(
        update={"answers": (*run.answers, *lower), "references": (*run.references, *same), "criteria": run.criteria}
    )
    runs.keep(both, report_of(both, {}))

    report = closeread("eval", "pairs", both.id, "--json", "--at-most", "1").json
    assert closeread.code == 0
    assert [(f["variant"], f["original"], f["changed"]) for f in report["flips"]] == [("dev-call-08-names", "5", "3")]
    assert (report["kinds"][0]["pairs"], report["kinds"][0]["ratings"]) == (2, 14)
    assert closeread("eval", "pairs", both.id, "--at-most", "0", "--out", tmp_path / "pairs.md").code == 4
    assert "1 levels flip" not in closeread.err
    assert "no \\| \\*chain\\*" in (tmp_path / "pairs.md").read_text(encoding="utf-8")
    closeread("eval", "pairs", both.id)
    assert "dev-call-08-names" in closeread.out


def test_the_published_flips_come_out_of_the_recordings(closeread, monkeypatch):
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/relay")
    ids = {}
    for name, more in (("fairness", ()), ("ledgerline", ("--tag", "eight", "--draws", "3"))):
        monkeypatch.setenv("CLOSEREAD_REPLAY", str(ROOT / "evals" / "recordings" / name))
        ids[name] = closeread("eval", "run", name, *more, "--json").json["run"]
    report = closeread("eval", "pairs", ids["fairness"], "--again", ids["ledgerline"], "--json").json
    told = (ROOT / "evals" / "README.md").read_text(encoding="utf-8")
    ratings, again = sum(kind["ratings"] for kind in report["kinds"]), report["reread"]
    assert f"{len(report['flips'])} of {ratings} levels flip within pairs" in told
    assert f"{again['flips']} of {again['ratings']}, .05" in told
    for kind in report["kinds"]:
        counts = [kind[name] for name in ("ratings", "flips", "lower", "higher")]
        row = f"| {kind['kind']} | {kind['pairs']} | {kind['pairs_with_flips']['value']:.2f} ("
        assert row in told
        assert f"| {' | '.join(map(str, counts))} | {kind['p']:.3f} |" in told
