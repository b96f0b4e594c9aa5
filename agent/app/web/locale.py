"""Dates and numbers in the format of the reader's language (`Accept-Language`). The words of the pages are English."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent
from markupsafe import Markup

from agent.core import statistic

_DEFAULT = Locale("en", "GB")
_MOST = 10  # languages looked at; a browser sends a handful


class Local:
    """`t` in templates: `t(value)` for a day, a moment or a number; `t.percent(0.4)`, `t.usd(1.5)`."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale

    @property
    def tag(self) -> str:
        """The language tag, for scripts."""
        return str(self.locale).replace("_", "-")

    def __call__(self, value: date | datetime | int | float) -> str:
        """`value` as text; moments are in UTC and say so, with the exact time for scripts."""
        match value:
            case datetime():
                shown = format_datetime(value, "d MMM y, HH:mm", locale=self.locale)
                return Markup('<time datetime="{}">{} UTC</time>').format(value.isoformat(timespec="seconds"), shown)
            case date():
                return Markup('<time datetime="{}">{}</time>').format(
                    value.isoformat(), format_date(value, "medium", locale=self.locale)
                )
            case bool():
                return "yes" if value else "no"
            case _:
                return format_decimal(value, locale=self.locale)

    def number(self, value: float, digits: int = 2) -> str:
        """A number with at most this many decimals."""
        return format_decimal(round(value, digits), locale=self.locale, decimal_quantization=False)

    def chance(self, probability: float) -> str:
        """A probability in per cent: never 0 or 1, as `agent.core.statistic.chance` has it."""
        return statistic.chance(probability, lambda part: self.percent(part, 1))

    def p_value(self, p: float) -> str:
        return statistic.p_value(p, self._three)

    def _three(self, value: float) -> str:
        return self.number(value, 3)

    def percent(self, share: float, digits: int = 0) -> str:
        """A share (0 to 1) as a percentage."""
        return format_percent(
            share, f"#,##0{'.' + '0' * digits if digits else ''}\N{NO-BREAK SPACE}%", locale=self.locale
        )

    def usd(self, amount: float) -> str:
        """US dollars."""
        return format_currency(amount, "USD", locale=self.locale)


@lru_cache(maxsize=256)
def local(accept_language: str) -> Local:
    """The first known language of the header, else English."""
    for part in accept_language.split(",")[:_MOST]:
        tag = part.partition(";")[0].strip()
        try:
            return Local(Locale.parse(tag, sep="-"))
        except (ValueError, UnknownLocaleError):
            continue
    return Local(_DEFAULT)
