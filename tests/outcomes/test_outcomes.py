"""Deals of the sample's season: what is named, what is not, and what the funnel says."""

import re

import pytest

from tests.builders import SAMPLE


def test_the_outcome_link_names_consequence_question_and_no_other(season):
    rows = season("outcomes", "--json").json["value"]["links"]
    assert [r["criterion"] for r in rows if r["verdict"] == "association"] == ["consequence_question"]
    named = next(r for r in rows if r["verdict"] == "association")
    assert named["model"]["low"] > 1
    assert named["p_holm"] < 0.05
    assert named["correlation"]["n"] == 18
    for row in rows:
        assert row["n_needed"] is None or row["verdict"] == "cannot_tell"
        assert row["verdict"] != "cannot_tell" or row["n_needed"] or "mostly chance" in row["model"]["undefined"]


def test_nothing_says_caused(season):
    for arguments in (["outcomes"], ["funnel"], ["coach", "track"]):
        assert season(*arguments).code == 0
        assert not re.search(r"\bcaus", season.out + season.err, re.IGNORECASE)


def test_the_funnel_counts_every_stage_and_sets_it_beside_the_rule(season):
    found = season("funnel", "--json").json["value"]
    assert found["team"]["reached"] == [["lead", 1404], ["meeting", 873], ["proposal", 586], ["won", 204]]
    by_rule = {f"{s['start']}-{s['end']}": s["against"] for s in found["team"]["rule_steps"]}
    assert by_rule == {"lead-proposal": "above", "proposal-won": "in line"}
    assert sum(dict(own["funnel"]["reached"])["won"] for own in found["reps"]) == 204
    assert season("funnel", "--rep", "viktor sorensen").code == 0
    assert season.out.startswith("Funnel of Viktor Sorensen\n")
    assert ": lead 69, meeting 47" in " ".join(season.out.split())


def test_a_criterion_of_a_stage_is_set_against_the_conversion_there(closeread, tmp_path):
    text = (SAMPLE / "rubric.yaml").read_text().replace("scale: binary", "scale: binary\n    stage: discovery", 1)
    (tmp_path / "staged.yaml").write_text(text.replace("label: ledgerline-team", "label: staged"))
    closeread("rubric", "import", tmp_path / "staged.yaml")
    closeread("ratings", "import", SAMPLE / "history" / "ratings.csv")
    closeread("deals", "import", SAMPLE / "history" / "deals.csv")
    (link,) = closeread("funnel", "--json").json["value"]["stage_links"]
    assert (link["stage"], link["criterion"]) == ("meeting", "consequence_question")
    assert link["correlation"]["n"] == 18


@pytest.mark.slow
def test_no_weights_are_proposed_where_scores_foretell_no_deal(season):
    proposal = season("weights", "propose", "--link", "time", "--json").json["value"]
    assert proposal["proposed"] is False
    assert "no better than the win rate" in proposal["reason"]


def test_weights_need_calls_that_name_their_deal(season):
    assert season("weights", "propose").code == 3
    assert "--link time" in season.err


def test_too_few_deals_give_no_weights_and_change_nothing(closeread, tmp_path):
    (tmp_path / "one.yaml").write_text("criteria:\n  - {id: asks, description: Asks what it costs., scale: binary}\n")
    (tmp_path / "r.csv").write_text(
        "call_id,date,rep,criterion,value,deal\nc1,2026-03-02,Rae,asks,1,d1\nc2,2026-03-03,Rae,asks,0,d2\n"
    )
    (tmp_path / "d.csv").write_text(
        "deal_id,rep,opened,closed,outcome\nd1,Rae,2026-03-01,2026-04-01,won\nd2,Rae,2026-03-01,2026-04-01,lost\n"
    )
    for command, name in (("rubric", "one.yaml"), ("ratings", "r.csv"), ("deals", "d.csv")):
        assert closeread(command, "import", tmp_path / name).code == 0
    assert "1 won and 1 lost" in closeread("weights", "propose").out
    assert closeread("weights", "accept").code == 4
    assert len(closeread("rubric", "list", "--json").json["items"]) == 1


def test_weights_from_deals_become_a_new_version_once_accepted(closeread, tmp_path):
    (tmp_path / "two.yaml").write_text(
        "criteria:\n  - {id: asks, description: Asks what it costs., scale: binary}\n"
        "  - {id: chats, description: Talks about the weather., scale: binary}\n"
    )
    closeread("rubric", "import", tmp_path / "two.yaml")
    ratings, deals = (
        ["call_id,date,rep,criterion,value,status,deal"],
        ["deal_id,rep,opened,closed,furthest_stage,outcome"],
    )
    for n in range(120):
        asks, won = n % 2, (n % 2 if n % 5 else 1 - n % 2)
        rep, day = f"Rep {n % 4}", f"2026-03-{1 + n % 28:02}"
        ratings += [f"c{n},{day},{rep},asks,{asks},rated,d{n}", f"c{n},{day},{rep},chats,{n // 2 % 2},rated,d{n}"]
        deals.append(f"d{n},{rep},2026-03-01,2026-04-01,{'won' if won else 'lead'},{'won' if won else 'lost'}")
    for name, rows in (("ratings", ratings), ("deals", deals)):
        (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n")
        assert closeread(name, "import", tmp_path / f"{name}.csv").code == 0
    proposal = closeread("weights", "propose", "--json").json["value"]
    assert proposal["proposed"] is True
    asks, chats = proposal["weights"]
    assert asks["weight"] > chats["weight"]
    assert "beyond chance" in asks["reason"]
    accepted = closeread("weights", "accept", "--label", "weighted", "--weight", "chats=0", "--json").json
    assert accepted["weights"]["chats"] == 0
    assert [r["label"] for r in closeread("rubric", "list", "--json").json["items"]] == ["weighted", "two"]


def test_charts_are_static_and_carry_their_figures(season, tmp_path):
    for arguments, figure in (
        (["baseline", "show"], "Tom Becker, stakeholder_expansion: 1 of 12 calls"),
        (["coach", "track"], "Tom Becker, consequence_question, cycle 3: "),
        (["outcomes"], "consequence_question: 20 %"),
        (["funnel"], "proposal: 586: 586 of 873 deals, 67 %"),
    ):
        path = tmp_path / "chart.svg"
        assert season(*arguments, "--out", path).code == 0
        svg = path.read_text()
        assert figure in svg
        assert 'role="img"' in svg
        assert "<script" not in svg
        assert "href" not in svg


def test_readiness_says_what_is_missing_and_what_it_costs(season, closeread):
    found = {c["what"]: c for c in season("check", "--json").json["findings"]}
    assert not found["15 interviews or more"]["ready"]
    assert found["deals with their outcomes"]["ready"]
    assert "taste" in found["two managers or more who rate"]["cost"]


def test_the_sample_is_ready(closeread):
    for kind in ("interviews", "calls"):
        closeread(kind, "import", SAMPLE / kind, "--manifest", SAMPLE / kind / f"{kind}.csv")
    closeread("deals", "import", SAMPLE / "history" / "deals.csv")
    found = closeread("check", "--json").json
    assert [c["what"] for c in found["findings"] if not c["ready"]] == ["two managers or more who rate"]
