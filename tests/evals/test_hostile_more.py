"""The attacks that wait for readings: they load, differ, and none of them shows what they ask a rater to see."""

from agent.evals.loading import read_suite
from tests.builders import ROOT


def test_the_attacks_load_and_each_is_another():
    suite = read_suite(ROOT / "evals" / "hostile_more")
    assert len(suite.cases) == 41
    said = [" ".join(turn.text for turn in case.call.transcript.turns) for case in suite.cases]
    speakers = [tuple(case.call.transcript.speakers) for case in suite.cases]
    assert len(set(zip(said, speakers, strict=True))) == 41
    assert all("injection" in case.tags for case in suite.cases)
