"""Reads from an answer's headers how fast one may go on: how much is left, when it is refilled, how long to wait.

`x-ratelimit-limit-…`, `-remaining-…` and `-reset-…` for `requests` and `tokens` (OpenAI, "Rate limits"; most
OpenAI-compatible providers send the same names, litellm gives Anthropic's under them), Retry-After (RFC 9110, 10.2.3)
and retry-after-ms. A header that cannot be read says nothing.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agent.llm.pacing import CALM, Remaining, Signal

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:[0-9]{1,12}(?:\.[0-9]{1,12})?(?:ms|s|m|h|d))+")
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")
# The reset is when the whole allowance is back; part of it is back much earlier.
_WHOLE_AGAIN = 30.0


def signal_of(headers: Mapping[str, str], *, refused: bool = False, asked: float | None = None) -> Signal:
    """The signal in `headers` (names in lower case, or a mapping that does not tell cases apart).

    `asked` is the pause that the answer's body asks for, where the headers name none.
    """
    requests, tokens = _remaining(headers, "requests"), _remaining(headers, "tokens")
    if not refused:
        return CALM if requests is None and tokens is None else Signal(requests=requests, tokens=tokens)
    pause = asked_pause(headers)
    pause = asked if pause is None else pause
    if pause is None:
        empty = [r.reset for r in (requests, tokens) if r is not None and r.left <= 0 and r.reset is not None]
        pause = min(_WHOLE_AGAIN, max(empty)) if empty else None
    return Signal(True, pause, requests, tokens)


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks to wait."""
    milliseconds = _number(headers.get("retry-after-ms"))
    return milliseconds / 1000 if milliseconds is not None else retry_after_seconds(headers.get("retry-after"))


def retry_after_seconds(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait by a Retry-After header, given as seconds or as an HTTP date."""
    if not value:
        return None
    if (seconds := _number(value)) is not None:
        return seconds
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - (now or datetime.now(UTC))).total_seconds())


def seconds_of(text: str | None) -> float | None:
    """Seconds of a reset header: `6m0s`, `120ms`, `1h2m3.5s`, or a bare number of seconds. None for anything else."""
    bare = _number(text)
    if bare is not None or not text:
        return bare
    if not _DURATION.fullmatch(text.strip()):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9.]+)(ms|s|m|h|d)", text))


def _remaining(headers: Mapping[str, str], kind: str) -> Remaining | None:
    left = _number(headers.get(f"x-ratelimit-remaining-{kind}"))
    if left is None:
        return None
    limit = _number(headers.get(f"x-ratelimit-limit-{kind}"))
    return Remaining(left, limit, seconds_of(headers.get(f"x-ratelimit-reset-{kind}")))


def _number(text: str | None) -> float | None:
    matched = _NUMBER.fullmatch(text.strip()) if text else None
    return float(matched.group()) if matched else None
