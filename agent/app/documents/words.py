"""How documents word scores, changes and places in a transcript."""

from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.language import _, ngettext
from agent.core.marks import state_in_words
from agent.core.statistic import Estimate, Statistic
from agent.core.statistic import percent as percent
from agent.stats.profiles import CriterionProfile


def score_words(statistic: Statistic, say: Direction) -> str:
    """A rate as calls and per cent, or a mean level, with its range: "9 of 12 calls, 75 % (43 to 95 %)"."""
    return str(read(statistic, "counted" if say.scale.binary else "level", "call", say.scale))


def state_words(state: str, shown: Statistic, say: Direction) -> str:
    """A state with its mark. On a longer scale also the share of calls that decides it: "~ variable; shown in 7 of
    12 calls, 58 % (28 to 85 %)"."""
    said = state_in_words(state, say.state(state))
    if say.scale.binary or not isinstance(shown, Estimate):
        return said
    return _("{said}; shown in {calls}", said=said, calls=read(shown, "counted", "call"))


def left_out(not_applicable: int, failed: int) -> str:
    """Calls that are in no denominator: "2 do not apply, 1 failed"; empty where there are none."""
    parts = [
        ngettext("{n} does not apply", "{n} do not apply", not_applicable, n=not_applicable) if not_applicable else "",
        ngettext("{n} failed", "{n} failed", failed, n=failed) if failed else "",
    ]
    return ", ".join(part for part in parts if part)


def profile_words(row: CriterionProfile, say: Direction) -> tuple[str, str, str]:
    """How a rep does on one criterion, in three cells: the score, the state, and what is left out."""
    aside = left_out(row.not_applicable, row.failed) or "–"
    return score_words(row.score, say), state_words(row.state, row.shown, say), aside


def change_words(statistic: Statistic, say: Direction, unit: str = "call") -> str:
    """A change of a rate in points, of a mean level in levels: "+24 points (+8 to +40), 12 calls". Without a `unit` how
    many is left out: it stands beside."""
    return str(read(statistic, "points" if say.scale.binary else "levels", unit))


def place(speaker: str, source: str, turn: int) -> str:
    """Where something was said: speaker, call or interview, turn."""
    return ", ".join(part for part in (speaker, source, _("turn {turn}", turn=turn)) if part)
