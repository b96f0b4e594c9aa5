"""What a rep may read of calibration: what it settled, never who rated how."""

from agent.calibration import verbs
from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.overriding import Given
from agent.rubrics.store import Rubrics
from tests.calibration.walk import AT


def test_a_rep_reads_what_a_round_settled_and_no_raters_name(site):
    store = site.space.store
    number = store[Rounds].next_number()
    rubric = store[Rubrics].get("v1").id
    ratings = {
        r: [
            Rating(
                call="call-1",
                criterion="asks_cost",
                rater=r,
                judgement=Rated(value=v),
                reason="heard",
                provenance=Provenance(rubric=rubric),
                at=AT,
            )
        ]
        for r, v in {"manager": 1, "ops_lead": 0}.items()
    }
    store[Rounds].open(
        CalibrationRound(number=number, rubric=rubric, raters=("manager", "ops_lead"), calls=("call-1",), opened_at=AT),
        ratings,
    )
    rep = site.program("rep")

    def shown():
        return (
            rep.get("/api/v1/calls/call-1").text
            + rep.get("/api/v1/ratings").text
            + site.browser("rep").get("/calls/call-1").text
        )

    for name in ("manager", "ops_lead"):
        assert name not in shown()
    verbs.settle_difference(site.who("manager"), str(number), "call-1", "asks_cost", Given("0", "Nobody asked."))
    verbs.close_round(site.who("ops_lead"), str(number))
    for name in ("manager", "ops_lead"):
        assert name not in shown()
    assert "settled in calibration" in site.browser("rep").get("/calls/call-1").text
    (listed,) = rep.get("/api/v1/ratings").json()["items"]
    assert (listed["rater"], listed["value"]) == ("settled:round 1", 0)
