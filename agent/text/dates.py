"""Dates as people and exports write them, read in one way only; which order a column has, its own days decide."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from agent.core.language import N_

DateOrder = Literal["", "month_first", "day_first"]

# Months in English, German, French, Spanish, Dutch, Italian and Portuguese, long and short, without accents: no word is
# another month in another of these languages.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januar janner janvier enero januari gennaio janeiro jan janv ene gen genn",
            "february februar fevrier febrero februari febbraio fevereiro feb febr fevr fev febb",
            "march marz maerz mars marzo maart marco mar mrz mrt maa",
            "april avril abril aprile apr avr abr",
            "may mai mayo mei maggio maio mag magg",
            "june juni juin junio giugno junho jun giu",
            "july juli juillet julio luglio julho jul juil lug",
            "august aout agosto augustus aug ago",
            "september septembre septiembre setiembre settembre setembro sep sept set sett",
            "october oktober octobre octubre ottobre outubro oct okt ott out",
            "november novembre noviembre novembro nov",
            "december dezember decembre diciembre dicembre dezembro dec dez dic",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH, _YEAR = r"(?P<month>[^\W\d_]{3,10})\.?", r"(?P<year>\d{4}|\d{2})"
_NAMED = tuple(
    re.compile(form, re.IGNORECASE)
    for gap in (r"[\s.,]+(?:(?:de|del|do)\s+)?", r"\s*-\s*", "/")  # the same one twice: "March 3-14" is no day
    for form in (
        rf"(?P<day>\d{{1,2}}){gap}{_MONTH}{gap}{_YEAR}",
        rf"{_MONTH}{gap}(?P<day>\d{{1,2}}){gap}{_YEAR}",
        rf"(?P<year>\d{{4}}){gap}{_MONTH}{gap}(?P<day>\d{{1,2}})",
    )
)
_EAST = re.compile(
    r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]"
    r"(?:\s*[(（]?(?:[月火水木金土日](?:曜日)?|星期[一二三四五六日天]|周[一二三四五六日]|[월화수목금토일](?:요일)?)[)）]?)?"
)
_TIME_OF_DAY = re.compile(
    r"(?:(?<=[日일)）])|[T ,]+(?:(?:at|um|à|a las|om|alle|às)\s+)?)\d{1,2}[:h]\d{2}(:\d{2}([.,]\d+)?)?"
    r"(\s*[AaPp]\.?[Mm]\.?|\s*Uhr)?\s*(Z|[A-Z]{2,5}|(UTC|GMT)?[+-]\d{2}:?\d{2})?$"
)
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_WEEKDAY = re.compile(
    r"^((mon|tue|wed|thu|fri|sat|sun)[a-z]*|(mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|"
    r"mo|di|mi|do|fr|sa|so|(lun|mar|mercre|jeu|vendre|same)di|dimanche|lun|mer|jeu|ven|sam|dim|"
    r"lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo|mi[ée]|jue|vie|s[áa]b|dom|"
    r"(maan|dins|woens|donder|vrij|zater|zon)dag|ma|wo|vr|za|zo|"
    r"(luned|marted|mercoled|gioved|venerd)[ìi]|sabato|domenica|gio|"
    r"(segunda|ter[çc]a|quarta|quinta|sexta)(-feira)?|seg|ter|qua|qui|sex|"
    r"mar(?=[., ]+\d{1,2}(?:[./-]\d{1,2}[./-]\d|(?:er)?\W+[^\W\d])))[., ]+",  # else "Mar 14 2026" is March
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th|er|°|º)(?!\w)", re.IGNORECASE)
_SERIAL = re.compile(r"[2-6]\d{4}(\.\d+)?", re.ASCII)  # Excel's days since 1899-12-30: 1954 to 2091
_NOT_AMBIGUOUS = N_("write it as 2026-03-31")


class TwoWays(ValueError):
    """A date that can be read in two ways (3/4/2026); its message names both."""


def column_order(written: Iterable[str], order: DateOrder = "", usual: DateOrder = "") -> DateOrder:
    """Whether the dates of one table put the day or the month first: as the person said (`order`), as a day above 12
    in one of them shows, or as this kind of export `usual`ly writes them. Empty if that stays open or two dates
    contradict each other."""
    if order:
        return order
    told = {said for cell in written if (said := _order_told_by(cell))}
    return told.pop() if len(told) == 1 else "" if told else usual


def _order_told_by(written: str) -> DateOrder:
    numbers = _NUMBERS.fullmatch(_WEEKDAY.sub("", _TIME_OF_DAY.sub("", written).strip()))
    if not numbers or numbers[2] == ".":
        return ""
    first, second = int(numbers[1]), int(numbers[3])
    return "day_first" if first > 12 >= second else "month_first" if second > 12 >= first else ""


def read_day(written: str, order: DateOrder = "") -> date:
    """The day that `written` names; a time of day after it is dropped. A dotted date is day first.

    Raises `ValueError`, with what to write instead, for what is no date; `TwoWays` for 3/4/2026 unless `order` decides.
    """
    bare = _TIME_OF_DAY.sub("", unicodedata.normalize("NFC", written).strip()).strip()
    bare = _ORDINAL.sub("", _WEEKDAY.sub("", bare))
    try:
        return date.fromisoformat(bare)
    except ValueError:
        pass
    try:
        if year_first := _YEAR_FIRST.fullmatch(bare) or _EAST.fullmatch(bare):
            return date(*map(int, year_first.groups()))
        if numbers := _NUMBERS.fullmatch(bare):
            return _by_numbers(written, numbers, order)
        if _SERIAL.fullmatch(bare):
            return date(1899, 12, 30) + timedelta(days=int(float(bare)))
        if named := next((match for form in _NAMED if (match := form.fullmatch(bare))), None):
            return date(
                _four_digits(named["year"]), _MONTHS.get(_without_accents(named["month"]), 0), int(named["day"])
            )
    except TwoWays:
        raise
    except ValueError:
        raise ValueError(f"{written!r} is not a date; {_NOT_AMBIGUOUS}") from None
    raise ValueError(f"{written!r} is not a date; {_NOT_AMBIGUOUS}")


def read_past_day(written: str, order: DateOrder = "") -> date:
    """The day on which something was said. Raises `ValueError` also for a day that is still in the future everywhere
    on earth."""
    day = read_day(written, order)
    if day > datetime.now(UTC).date() + timedelta(days=1):
        raise ValueError(f"{written!r} is still to come; write the day on which it was held")
    return day


def _four_digits(written: str) -> int:
    year = int(written)
    return year if len(written) > 2 else year + (2000 if year < 70 else 1900)


def _without_accents(word: str) -> str:
    """A word in lower case, without accents."""
    return "".join(mark for mark in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(mark))


def _by_numbers(written: str, numbers: re.Match[str], order: DateOrder) -> date:
    first, second, year = int(numbers[1]), int(numbers[3]), _four_digits(numbers[4])
    order = "day_first" if numbers[2] == "." else order
    if not order and first <= 12 and second <= 12 and first != second:
        raise TwoWays(
            f"the date {written!r} can be read in two ways: {year}-{first:02}-{second:02} or "
            f"{year}-{second:02}-{first:02}; say whether the day or the month comes first, "
            "or write the one that is meant"
        )
    day_first = order == "day_first" or (not order and first > 12)
    return date(year, second, first) if day_first else date(year, first, second)
