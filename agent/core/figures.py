"""A statistic as it is read, in one style for pages, documents, messages and the terminal: of how many before per cent.

    read(found, "counted", "call")         # Figure("6 of 12 calls", "50 % (21 to 79 %)")
    read(found, "rate", "rep")             # Figure("20 %", "(16 to 25 %), 18 reps"): an estimated share
    read(found, "level", "call", scale)    # Figure("level 3.2 of 5", "(2.4 to 3.9), 12 calls")
    read(found, "points", "call")          # Figure("+24 points", "(+8 to +40), 12 calls"): a change of a share
    str(read(...))                         # "6 of 12 calls, 50 % (21 to 79 %)"

Without a unit the count is left out: it stands beside, as where two figures rest on the same calls.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agent.core.language import N_, NN_, _, english, ngettext, retold
from agent.core.scale import Scale
from agent.core.statistic import Estimate, Statistic, interval_words, percent
from agent.core.wording import fixed, number

Form = Literal["counted", "rate", "level", "points", "levels", "number", "signed", "fine"]


@dataclass(frozen=True)
class Figure:
    """A figure in words (`main`) and what is needed to judge it (`rest`): its interval and what it rests on."""

    main: str
    rest: str = ""

    def __str__(self) -> str:
        if not self.rest:
            return self.main
        return f"{self.main}{' ' if self.rest.startswith('(') else ', '}{self.rest}"


def plural(count: float, unit: str) -> str:
    """ "1 call", "12 calls", "1,404 deals"."""
    if not english() and unit in _UNITS:
        return ngettext(*_UNITS[unit], count, n=number(count))
    return f"{number(count)} {unit}{'' if count == 1 else 's'}"


def read(found: Statistic, form: Form, unit: str = "", scale: Scale | None = None) -> Figure:
    """The statistic in words; where there is none, the reason."""
    if not isinstance(found, Estimate):
        return Figure(_("none"), f"({retold(found.undefined)})")
    write, mark = _WRITTEN[form]
    ends = interval_words(found, write)
    ends = f"({ends}{mark if mark == ' %' else ''})" if ends else ""
    if form == "counted" and unit:
        of = of_them(round(found.value * found.n), found.n, unit)
        return Figure(of, f"{percent(found.value)} {ends}".rstrip())
    main = write(found.value)
    if mark:
        main += " point" if english() and main in ("+1", "-1") and mark == " points" else _(mark)
    if form == "level" and scale is not None:
        main = _("level {level} of {highest}", level=main, highest=scale.highest)
    count = plural(found.n, unit) if unit else ""
    return Figure(main, ", ".join(part for part in (ends, count) if part))


def of_them(part: int, count: int, unit: str) -> str:
    """ "6 of 12 calls"."""
    if not english() and unit in _PARTS:
        return ngettext(*_PARTS[unit], count, part=number(part), n=number(count))
    return f"{number(part)} of {plural(count, unit)}"


# As the catalogs have them: other languages make their plurals otherwise, and after "of" another form.
_UNITS = {
    "call": NN_("{n} call", "{n} calls"),
    "deal": NN_("{n} deal", "{n} deals"),
    "interview": NN_("{n} interview", "{n} interviews"),
    "rep": NN_("{n} rep", "{n} reps"),
    "rating": NN_("{n} rating", "{n} ratings"),
    "case": NN_("{n} case", "{n} cases"),
    "day": NN_("{n} day", "{n} days"),
    "dispute": NN_("{n} dispute", "{n} disputes"),
    "file": NN_("{n} file", "{n} files"),
    "pattern": NN_("{n} pattern", "{n} patterns"),
    "problem": NN_("{n} problem", "{n} problems"),
}
_PARTS = {
    "call": NN_("{part} of {n} call", "{part} of {n} calls"),
    "deal": NN_("{part} of {n} deal", "{part} of {n} deals"),
    "interview": NN_("{part} of {n} interview", "{part} of {n} interviews"),
    "rep": NN_("{part} of {n} rep", "{part} of {n} reps"),
    "rating": NN_("{part} of {n} rating", "{part} of {n} ratings"),
    "case": NN_("{part} of {n} case", "{part} of {n} cases"),
}


def _in_hundred(part: float) -> str:
    return fixed(100 * part, 0)


def _signed(value: float, digits: int) -> str:
    text = number(value, digits)
    return f"+{text}" if value > 0 and text != "0" else text


# How a value and each end of its range are written, and what stands after the value.
_WRITTEN: dict[Form, tuple[Callable[[float], str], str]] = {
    "counted": (_in_hundred, " %"),
    "rate": (_in_hundred, " %"),
    "level": (lambda value: fixed(value, 1), ""),
    "points": (lambda part: _signed(100 * part, 0), N_(" points")),
    "levels": (lambda value: _signed(value, 1), N_(" levels")),
    "number": (number, ""),
    "signed": (lambda value: _signed(value, 2), ""),
    "fine": (lambda value: _signed(value, 4), ""),
}
