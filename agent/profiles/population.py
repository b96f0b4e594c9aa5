"""Which calls a figure is about. Every figure is of a population, and every heading names it with its days."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.core.errors import UsageError
from agent.core.language import _

Kind = Literal["", "baseline", "days", "cycle", "all"]
DAYS = 30
_DAYS = re.compile(r"(?:last\s*)?(\d{1,4})\s*(?:d|days)?", re.IGNORECASE)


@dataclass(frozen=True)
class Population:
    """The baseline calls, the calls of the last `days` days, those of each rep's cycle of that name, or all.

    An empty kind stands for how reps do now: `Season.current`.
    """

    kind: Kind = ""
    days: int = 0
    cycle: str = ""

    @classmethod
    def named(cls, text: str) -> "Population":
        """As a person or an address names it: `baseline`, `all`, a number of days (`30d`), or the name of a cycle."""
        name = text.strip()
        if name in ("", "baseline", "all"):
            return cls(name)  # type: ignore[arg-type]
        if match := _DAYS.fullmatch(name):
            if not int(match[1]):
                raise UsageError(
                    _("the period {text} has no day; write for example {days}d", text=repr(text), days=DAYS)
                )
            return cls("days", days=int(match[1]))
        return cls("cycle", cycle=name)

    @property
    def name(self) -> str:
        """What `named` reads back."""
        return {"days": f"{self.days}d", "cycle": self.cycle}.get(self.kind, self.kind)

    @property
    def words(self) -> str:
        """What it is called; of days nothing, since their title says more."""
        return {"baseline": _("baseline"), "all": _("all calls"), "cycle": cycle_words(self.cycle)}.get(self.kind, "")


def cycle_words(name: str) -> str:
    """A cycle's name as it is read: "cycle 3"."""
    found = re.fullmatch(r"cycle_(\d+)", name)
    return _("cycle {n}", n=found[1]) if found else name.replace("_", " ")


USUAL = Population()
BASELINE, LAST_DAYS, ALL = Population("baseline"), Population("days", days=DAYS), Population("all")


def periods_of(cycles: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The periods that a page offers: the name that addresses take, and the words for people."""
    named = tuple((name, cycle_words(name)) for name in cycles)
    last = _("last {n} days", n=DAYS)
    return ((LAST_DAYS.name, last), *reversed(named), ("baseline", BASELINE.words), ("all", ALL.words))
