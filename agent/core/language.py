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
from collections.abc import Callable, Iterator
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
    """Whether the reader's language is English. Texts and figures in the source are English and need no translation
    then."""
    return _spoken.get() == ENGLISH


def speak(code: str) -> None:
    """Use this language for the rest of the request or command. An unknown code means English."""
    _spoken.set(code if code in LANGUAGES else ENGLISH)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Use this language inside the `with` block. An unknown code means English."""
    before = _spoken.set(code if code in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _spoken.reset(before)


def preferred(accepted: str) -> str:
    """The first language in an `Accept-Language` header, by its weights, that we have a catalog for; empty if there
    is none."""
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
    """The text for one or for several, chosen by `count`, in the language spoken now, with `values` in their places."""
    forms = (one, more) if english() else catalog(current()).get(one, (one, more))
    said = forms if isinstance(forms, str) else forms[count != 1]
    return said.format(**values) if values else said


def N_(message: str) -> str:
    """Mark a text for translation where it is defined, before the reader's language is known; `_` translates it when
    it is shown."""
    return message


def NS_(*messages: str) -> tuple[str, ...]:
    """Mark several texts at once, such as the headings of a table."""
    return messages


def NN_(one: str, more: str) -> tuple[str, str]:
    """Mark both forms of a text that counts something."""
    return one, more


def retold(text: str) -> str:
    """Translate a finished English sentence of ours, such as one that was stored or made in the background.

    The values that were put into the sentence are kept as they are, unless a value is itself one of our texts. Never
    use it on what people wrote.
    """
    return text if english() or not text else _retold(current(), text)


@lru_cache(maxsize=4_096)
def _retold(code: str, text: str) -> str:
    if told := _whole(code, text):
        return told
    told = _by_sentences(code, text)
    return told if told != text else _whole(code, text, _with_any_places) or text


def _whole(code: str, text: str, with_places: Callable[[str, str], str] | None = None) -> str:
    """The translation of `text` if it is one message of the catalog, with or without a capital and a full stop; else
    empty."""
    core, end = re.fullmatch(r"(.*?)([.;:!?]?)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    for look in (_as_it_stands, with_places or _with_places):
        for said in dict.fromkeys((text, core, core[:1].lower() + core[1:])):
            if told := look(code, said):
                told = told if said[:1] == text[:1] else told[:1].upper() + told[1:]
                return told if said == text else told + end
    return ""


def _as_it_stands(code: str, text: str) -> str:
    said = catalog(code).get(text, "")
    return said if isinstance(said, str) else said[0]


def _with_places(code: str, text: str) -> str:
    """The translation of a message with places, if no place holds a second sentence: two sentences one after the
    other are more likely than one inside the other."""
    return _with_any_places(code, text, "; ")


def _with_any_places(code: str, text: str, without: str = "\0") -> str:
    for told, own, pattern in _patterns(code):
        if own in text and (found := pattern.fullmatch(text)):
            values = found.groupdict()
            if not any(without in value for value in values.values()):
                return told.format(**{name: _retold(code, value) for name, value in values.items()})
    return ""


def _by_sentences(code: str, text: str) -> str:
    """Several sentences in a row, each translated by itself, and the text in brackets behind them."""
    if found := re.fullmatch(r"(.+) \((.+)\)(\.?)", text, re.DOTALL):
        said = f"{_retold(code, found[1])} ({_retold(code, found[2])}){found[3]}"
        if said != text:
            return said
    parts = re.split(r"(?<=[.;:!?]) ", text)
    if len(parts) == 1:
        pieces = text.split(", ")
        return figures_as_written[0](text) if len(pieces) == 1 else ", ".join(_retold(code, one) for one in pieces)
    told, at = [], 0
    while at < len(parts):
        ends = range(min(len(parts), at + _LONGEST), at + 1, -1)
        end, said = next(((e, s) for e in ends if (s := _whole(code, " ".join(parts[at:e])))), (at + 1, ""))
        told.append(said or _retold(code, parts[at]))
        at = end
    return " ".join(told)


@cache
def _patterns(code: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """For each message with places: the English text, its translation, and a pattern that finds it in a finished
    sentence. Messages with the most fixed words come first, because they match most surely."""
    found = []
    both = [(one, said if isinstance(said, str) else said[0]) for one, said in catalog(code).items()]
    for message, told in [*both, *_of_several(code)]:
        parts = re.split(r"\{(\w+)\}", message)
        own = "".join(parts[::2])
        words = len(re.findall(r"[a-z]{2,}", own))
        if len(parts) > 1 and words and not re.search(r"</?\d+>", message):
            any_of = ".+?" if words >= _OWN_WORDS else _NUMBER
            shape = "".join(
                re.escape(part)
                if not at % 2
                else f"(?P={part})"  # the same as where it stood before
                if part in parts[1:at:2]
                else f"(?P<{part}>{any_of})"
                for at, part in enumerate(parts)
            )
            found.append((-len(own), message, told, max(parts[::2], key=len), re.compile(shape, re.DOTALL)))
    return [one[2:] for one in sorted(found, key=lambda one: one[:2])]


figures_as_written: list[Callable[[str], str]] = [lambda text: text]
"""How days and numbers in an English text become those of the language spoken: `agent.core.wording`, which stands on
this module, puts its own here."""
_LONGEST = 6  # sentences of one message
_OWN_WORDS = 3  # with fewer of them only numbers and days are taken for values: else any text of somebody's might fit
_NUMBER = r"(?:\d{1,2} [A-Z][a-z]{2} \d{4}|[+-]?\d[\d,]*(?:\.\d+)?(?: %)?)"
_Said = dict[str, str | tuple[str, str]]
_ENTRY = re.compile(
    r'^msgid "(.+)"\n(?:msgstr "(.+)"|msgid_plural "(.+)"\nmsgstr\[0\] "(.+)"\nmsgstr\[1\] "(.+)")$', re.MULTILINE
)


@cache
def catalog(code: str) -> _Said:
    """All messages of one language: a text, or a pair for one and for several. Every language here uses the first
    form for one and the second for all other numbers."""
    return {message: alone or (one, more) for message, alone, _several, one, more in _entries(code)}


def _of_several(code: str) -> list[tuple[str, str]]:
    """The forms for more than one, in English and in the language."""
    return [(several, more) for _message, _alone, several, _one, more in _entries(code) if several]


@cache
def _entries(code: str) -> list[tuple[str, ...]]:
    text = (CATALOGS / f"{code}.po").read_text("utf-8")
    return [tuple(json.loads(f'"{part}"') for part in found) for found in _ENTRY.findall(text)]
