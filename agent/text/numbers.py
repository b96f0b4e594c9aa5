"""Amounts of money as people and exports write them, read in one way for a whole column."""

import re
from collections.abc import Iterable

_DOLLARS = re.compile(r"US\$|USD|\$", re.IGNORECASE)
_CURRENCIES = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
_CURRENCY = re.compile(r"[€£¥₹]|[A-Z]{2}\$|(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", re.IGNORECASE)
_EMPTY = frozenset({"", "-", "–", "—", "n/a"})  # what reports write where no amount is known
_SPACES = re.compile(r"[\s'’_]+")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*")


class Amounts:
    """One column of amounts in US dollars. Cells that can be read in one way only decide how the others are read:
    12.000 is twelve thousand unless another cell writes cents behind a full stop."""

    def __init__(self, column: Iterable[str]) -> None:
        self._cents = {mark for cell in column if (mark := _cents_mark(_bare(cell)))}

    def read(self, written: str) -> float | None:
        """The amount in dollars, or None for an empty cell or a dash. `ValueError` for what is no number, what can
        be read in two ways, and other currencies."""
        if is_empty(written):
            return None
        if currency := currency_of(written):
            raise ValueError(f"the amount {written!r} is in {currency}, not US dollars")
        bare = _bare(written)
        negative = bare.startswith("(") and bare.endswith(")")
        bare = bare.strip("()") if negative else bare
        if bare.endswith("-") and bare[:1].isdigit():  # as SAP writes what is below zero
            bare = f"-{bare[:-1]}"
        if not _NUMBER.fullmatch(bare):
            raise ValueError(f"the amount {written!r} is not a number")
        value = self._value(written, bare)
        return -value if negative else value

    def _value(self, written: str, bare: str) -> float:
        digits = bare.lstrip("+-")
        grouped = _GROUPED.fullmatch(digits)
        if grouped and digits.count(grouped["mark"]) == 1 and self._cents == {grouped["mark"]}:
            whole, part = digits.replace(grouped["mark"], ""), digits.replace(grouped["mark"], ".")
            raise ValueError(
                f"the amount {written!r} can be read in two ways: {whole} or {part}; write the one that is meant"
            )
        if grouped:
            return float(bare.replace(grouped["mark"], ""))
        mark = _cents_mark(bare)
        other = "," if mark == "." else "."
        whole, _, part = bare.rpartition(mark) if mark else (bare, "", "")
        groups = whole.lstrip("+-").split(other)
        if (
            (mark and mark in whole)
            or (not mark and set(bare) & set(",."))
            or (len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])))
        ):
            raise ValueError(f"the amount {written!r} is not a number")
        return float(f"{whole.replace(other, '')}.{part or 0}")


def is_empty(written: str) -> bool:
    """Whether a cell means that there is no amount: nothing, a dash or `n/a`."""
    return written.strip().casefold() in _EMPTY


def currency_of(written: str) -> str:
    """The currency that an amount names; empty for US dollars and if none is named."""
    matched = _CURRENCY.search(_DOLLARS.sub("", written) if not re.match(r"\s*[A-Z]{2}\$", written) else written)
    if matched is None or matched[0].upper() in ("US$", "USD", "INF", "NAN"):
        return ""
    sign = matched[0].upper()
    return _CURRENCIES.get(sign) or (f"{sign[:2]}D" if sign.endswith("$") else sign)


def _bare(written: str) -> str:
    return _SPACES.sub("", _DOLLARS.sub("", written)).replace("−", "-")


def _cents_mark(bare: str) -> str:
    """The mark before the cents of a cell that can be read in one way only; else empty."""
    digits = bare.strip("()+-")
    if not _NUMBER.fullmatch(digits) or _GROUPED.fullmatch(digits):
        return ""
    last = max(digits.rfind("."), digits.rfind(","))
    return digits[last] if last >= 0 and digits.count(digits[last]) == 1 else ""
