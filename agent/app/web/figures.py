"""Days and numbers in templates, in the one style that documents and messages have too (`agent.core.wording`)."""

from datetime import date, datetime

from markupsafe import Markup

from agent.core import statistic, wording

_PER_CENT = "\N{NO-BREAK SPACE}%"


class Figures:
    """`t` in templates: `t(value)` for a day, a moment or a number; `t.percent(0.4)`,
    `t.range(0.2, 0.6)`, `t.usd(1.5)`."""

    def __call__(self, value: date | datetime | int | float) -> str:
        """`value` as text. A moment is in UTC and says so, with the exact time in an attribute for scripts."""
        match value:
            case datetime():
                exact, shown = value.isoformat(timespec="seconds"), wording.moment(value)
                return Markup('<time datetime="{}">{} UTC</time>').format(exact, shown)
            case date():
                return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), wording.day(value))
            case bool():
                return "yes" if value else "no"
            case _:
                return wording.number(value)

    number = staticmethod(wording.number)
    day = staticmethod(wording.day)
    usd = staticmethod(wording.usd)
    p_value = staticmethod(statistic.p_value)

    def percent(self, share: float, digits: int = 0) -> str:
        """A share (0 to 1) as a percentage."""
        return _unbroken(statistic.percent(share, digits))

    def range(self, low: float, high: float) -> str:
        """Two shares, as "35 to 88 %"."""
        return _unbroken(statistic.percent_range(low, high))

    def chance(self, probability: float) -> str:
        """A probability in per cent, never shown as 0 or 100 (`agent.core.statistic.chance`)."""
        return _unbroken(statistic.chance(probability))


def _unbroken(text: str) -> str:
    return text.replace(" %", _PER_CENT)
