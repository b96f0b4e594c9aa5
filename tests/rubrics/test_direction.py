"""A behavior to avoid reads as one: no sentence praises showing it, none blames its absence."""

from agent.core.direction import Direction
from agent.core.scale import SCALES
from agent.core.statistic import Estimate, Undefined
from tests.builders import criterion

AVOID = Direction.of(criterion("discounts").model_copy(update={"weight": -1.0}))
SHOW = Direction.of(criterion("asks_cost"))
LEVELS = Direction(True, SCALES["1-5"])


def test_a_rep_who_always_does_what_is_to_be_avoided_reads_so():
    always = Estimate(value=1.0, n=11)
    assert AVOID.seen(always) == "does it in 11 of 11 calls; the aim is not to"
    assert SHOW.seen(always) == "does it in 11 of 11 calls"
    assert AVOID.severity("consistently absent") == "consistently does it; the aim is not to"
    assert SHOW.severity("consistently absent") == "consistently absent"
    assert "absent" not in AVOID.state("consistently absent") + AVOID.state("consistently present")
    assert AVOID.state("cannot tell") == "cannot tell"
    assert LEVELS.seen(Estimate(value=4.2, n=12)) == "level 4.2 of 5 on 12 calls; lower is better, the aim is not to"
    assert AVOID.seen(Undefined(undefined="no rated call")) == "no rated call"


def test_a_slip_is_no_done_moment_and_a_fall_is_the_movement_wanted():
    assert (AVOID.moment("missed"), AVOID.moment("done")) == ("Did it (to avoid)", "Avoided it")
    assert (SHOW.moment("missed"), SHOW.moment("done")) == ("Missed", "Done")
    before, now = Estimate(value=11 / 12, n=12), Estimate(value=0.25, n=12)
    assert AVOID.moved("moved", before, now) == "moved: from 11 of 12 calls to 3 of 12 calls; less is the aim"
    assert SHOW.moved("not_moved", now, now) == "not moved: from 3 of 12 calls to 3 of 12 calls"
    assert (AVOID.better, SHOW.better) == ("fell", "rose")


def test_a_figure_names_the_stages_on_whose_calls_it_stands():
    staged = criterion("asks_cost").model_copy(update={"only_in": ("demo", "evaluation")})
    assert Direction.of(staged).named("Asks the cost") == "Asks the cost (demo, evaluation calls)"
    avoided = staged.model_copy(update={"weight": -1.0})
    assert Direction.of(avoided).tag == "to avoid; demo, evaluation calls"
    assert SHOW.named("Asks the cost") == "Asks the cost"
