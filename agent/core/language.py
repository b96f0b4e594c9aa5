"""The reader's language: English, or one that `agent/locale` has a catalog for (docs/page-languages.md).

    with speaking("de"):
        _("{n} of {all} calls", n=3, all=12)                         # "3 von 12 Gesprächen"
        ngettext("{n} call", "{n} calls", 2, n=2)                    # "2 Gespräche"
    LABELS = {"moved": N_("moved")}                                  # marked here, said with _(LABELS["moved"])

Whoever answers a reader sets it (a page's request, a command that writes a document); everything else speaks English.
So what goes to a model, into the database, the audit log or a file of data is English, and is translated when shown.
Without a translation a text stays as it is in the source.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

ENGLISH = "en"
CATALOGS = Path(__file__).parents[1] / "locale"
# What each is called by those who speak it.
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "es": "Español"}
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def current() -> str:
    """The code of the language that is spoken now: "en", "de"."""
    return _spoken.get()


def english() -> bool:
    """Whether it is English, whose words and figures are those of the source."""
    return _spoken.get() == ENGLISH


def speak(code: str) -> None:
    """Speak that language for the rest of this request or command; one that is not known is English."""
    _spoken.set(code if code in LANGUAGES else ENGLISH)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak that language within; one that is not known is English."""
    before = _spoken.set(code if code in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _spoken.reset(before)


def preferred(accepted: str) -> str:
    """The first language of ours in a header `Accept-Language`, by its weights; empty where it names none."""
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        name, _semicolon, weight = part.partition(";q=")
        code = name.strip().lower().partition("-")[0]
        try:
            wanted.append((float(weight or 1), code))
        except ValueError:
            continue
    found = [code for weight, code in sorted(wanted, key=lambda one: -one[0]) if weight > 0 and code in LANGUAGES]
    return found[0] if found else ""


def _(message: str, **values: Any) -> str:
    """`message` in the language spoken now, with `values` in their places."""
    said = message if english() else catalog(current()).get(message, message)
    if not isinstance(said, str):  # the same words count something elsewhere
        said = said[0]
    return said.format(**values) if values else said


def ngettext(one: str, more: str, count: float, **values: Any) -> str:
    """The form for `count`, with `values` in their places."""
    forms = (one, more) if english() else catalog(current()).get(one, (one, more))
    said = forms if isinstance(forms, str) else forms[count != 1]
    return said.format(**values) if values else said


def N_(message: str) -> str:
    """Mark a text for the catalogs, where it is made before anybody's language is known."""
    return message


def NS_(*messages: str) -> tuple[str, ...]:
    """Mark several texts, such as the heads of a table."""
    return messages


def NN_(one: str, more: str) -> tuple[str, str]:
    """Mark both forms of a text that counts something."""
    return one, more


def retold(text: str) -> str:
    """A sentence of ours that was made in English (kept in the database, worked out in the background) in the language
    spoken now. What stood in its places stays, but for what is a text of ours itself. Never for words of people."""
    return text if english() or not text else _retold(current(), text)


@lru_cache(maxsize=4_096)
def _retold(code: str, text: str) -> str:
    said = catalog(code).get(text)
    if isinstance(said, str):
        return said
    for message, pattern in _patterns(code):
        if found := pattern.fullmatch(text):
            values = {name: _retold(code, value) for name, value in found.groupdict().items()}
            told = catalog(code)[message]
            return (told if isinstance(told, str) else told[1]).format(**values)
    return text


@cache
def _patterns(code: str) -> list[tuple[str, re.Pattern[str]]]:
    """What each message with places looks like when it is said in English; those with the most words of their own first."""
    found = []
    for message in catalog(code):
        parts = re.split(r"\{(\w+)\}", message)
        own = "".join(parts[::2])
        if len(parts) > 1 and len(re.findall(r"[a-z]{2,}", own)) >= _OWN_WORDS and not re.search(r"</?\d+>", message):
            names = [name for at, name in enumerate(parts) if at % 2]
            if len(set(names)) == len(names):
                shape = "".join(f"(?P<{p}>.+?)" if at % 2 else re.escape(p) for at, p in enumerate(parts))
                found.append((-len(own), message, re.compile(shape, re.DOTALL)))
    return [(message, pattern) for _length, message, pattern in sorted(found, key=lambda one: one[:2])]


_OWN_WORDS = 3
_Said = dict[str, str | tuple[str, str]]
_ENTRY = re.compile(
    r'^msgid "(.+)"\n(?:msgstr "(.+)"|msgid_plural ".+"\nmsgstr\[0\] "(.+)"\nmsgstr\[1\] "(.+)")$', re.MULTILINE
)


@cache
def catalog(code: str) -> _Said:
    """What each message is in one language; with the form for one and for more where it counts something. All languages
    that there are say one of 1 and the other of everything else."""
    said: _Said = {}
    for found in _ENTRY.findall((CATALOGS / f"{code}.po").read_text("utf-8")):
        message, alone, one, more = (json.loads(f'"{text}"') for text in found)
        said[message] = alone or (one, more)
    return said
