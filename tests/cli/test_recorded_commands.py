"""Commands that ask a model, answered from recordings of a capable model over the relay. See evals/recordings/."""

import csv
import re

import pytest
import yaml

from agent.guides.rules import broken
from tests.builders import ROOT, SAMPLE

SPEAKER = re.compile(r"^(\[[\d:]+\] )([^:\n]{2,40}):", re.MULTILINE)


@pytest.fixture
def recorded(closeread, monkeypatch):
    def answered_from(folder):
        monkeypatch.setenv("CLOSEREAD_MODEL", "openai/relay")
        monkeypatch.setenv("CLOSEREAD_REPLAY", str(ROOT / "evals" / "recordings" / folder))
        return closeread

    return answered_from


def test_guides_for_lost_and_won_deals_keep_the_rules_and_share_the_stages(recorded, tmp_path):
    closeread, out = recorded("guide"), tmp_path / "guide.yaml"
    for outcome in ("lost", "won"):
        assert closeread("guide", "draft", "--outcome", outcome, "--out", out).code == 0
    sets = yaml.safe_load(out.read_text(encoding="utf-8"))
    assert {outcome: len(questions) for outcome, questions in sets.items()} == {"lost": 10, "won": 10}
    assert [q["stage"] for q in sets["lost"]] == [q["stage"] for q in sets["won"]]
    assert [q["question"] for questions in sets.values() for q in questions if broken(q["question"])] == []
    assert not {q["question"] for q in sets["lost"]} & {q["question"] for q in sets["won"]}


@pytest.fixture
def nameless(tmp_path):
    """Four calls of the sample with numbers for names, and who each number was."""
    folder = tmp_path / "calls"
    folder.mkdir()
    with (SAMPLE / "calls" / "calls.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))[:40:10]
    parts = {}
    for row in rows:
        names = {}
        text = SPEAKER.sub(
            lambda m: f"{m[1]}{names.setdefault(m[2], f'Speaker {len(names) + 1}')}:",  # noqa: B023
            (SAMPLE / "calls" / row["file"]).read_text(encoding="utf-8"),
        )
        (folder / row["file"]).write_text(text, encoding="utf-8")
        parts |= {(row["file"], n): "rep" if name == row["rep"] else "customer" for name, n in names.items()}
    with (folder / "calls.csv").open("w", encoding="utf-8", newline="") as lines:
        kept = csv.DictWriter(lines, ["call_id", "file", "date", "rep", "stage"], extrasaction="ignore")
        kept.writeheader()
        kept.writerows(rows)
    return folder, parts


def test_speakers_are_proposed_from_what_they_say(recorded, nameless):
    folder, parts = nameless
    shown = recorded("speakers")("calls", "speakers", folder, "--manifest", folder / "calls.csv", "--json").json[
        "items"
    ]
    proposed = {(f["file"], s["label"]): s["part"] for f in shown for s in f["speakers"]}
    assert proposed == parts
    assert len(parts) == 9
    assert all(s["lines"] for f in shown for s in f["speakers"])


def test_the_sample_round_is_sharpened_from_its_splitting_moments(recorded, with_sample):
    closeread = recorded("coaching")
    assert closeread("calibrate", "import", SAMPLE / "calibration" / "ratings.csv").code == 0
    sharp = closeread("calibrate", "sharpen", "1", "--json").json
    drafts = {draft["criterion"]: draft for draft in sharp["drafts"]}
    assert set(drafts) == {"success_measure_playback", "next_step_commitment"}
    # Each gains a near miss that our code found in one of the calls of the round.
    assert [draft["example"]["call"] for draft in drafts.values()] == ["dev-call-22", "dev-call-22"]
    assert sum(line.startswith("+  description: ") for line in sharp["diff"]) == 2


def test_the_model_joins_a_round_and_its_ratings_stay_hidden_until_the_managers_submitted(recorded, with_sample):
    closeread = recorded("ledgerline")
    calls = ["dev-call-01", "dev-call-11"]
    opened = closeread("calibrate", "open", "--raters", "ana,ben,model", "--calls", ",".join(calls))
    assert opened.code == 0, opened.err
    status = closeread("calibrate", "status", "--json").json
    assert "model" in str(status)
    shown = closeread("ratings", "list", "--as", "ana", "--json")
    assert shown.json["items"] == []
    assert f"{7 * len(calls)} ratings" in shown.err


def test_what_a_rep_could_have_said_is_proposed_for_missed_moments_only(recorded, with_sample):
    assert recorded("ledgerline")("score", "run").code == 0
    closeread = recorded("coaching")
    for rep, criteria in (("Priya Raman", ["stakeholder_expansion"]),):
        plan = closeread("coach", "plan", rep, "--json").json
        assert [c["criterion"] for c in plan["criteria"]] == criteria
        for moment in (m for c in plan["criteria"] for m in c["moments"]):
            drafted = moment["kind"] == "missed"
            assert moment["passage"], moment["call"]
            assert [bool(moment[part]) for part in ("said", "practice", "request")] == [drafted] * 3
            assert moment["missing"] == ""
