"""Finds English on a page that is told in another language: by comparing it with the same page in English.

What is left of a text after the words of the workspace (transcripts, names, criteria, what models wrote) are taken out is
ours, and must not be the same in both languages, nor hold words that only the English catalog knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import yaml
from lxml import html
from sqlalchemy import inspect
from sqlalchemy import text as sql

from agent.core.language import catalog
from tests.builders import ROOT

_READ = (
    "title",
    "aria-label",
    "placeholder",
    "alt",
    "data-why",
    "data-confirm",
    "data-empty",
    "data-label",
    "data-name",
)
_SILENT = {"script", "style", "code", "kbd", "samp", "textarea", "del", "ins"}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# Hashes, ids and file names: letters with figures between them.
_IDENT = re.compile(
    r"\w+://\S+|\b[A-Z]+_[A-Z_]+\b|[\w-]+(?:[./@][\w*.-]+)+|\b(?=[\w@#.-]*\d)(?=[\w@#.-]*[a-z])[\w@#-]{4,}\b"
)
# Tables whose rows say sentences of ours beside words of people.
_OURS = {
    "jobs",
    "plans",
    "audit_log",
    "computed",
    "alembic_version",
    "sqlite_sequence",
    "round_log",
    "idempotency",
    "sessions",
}
# What holds a name or a title in a row: short words that no sentence is about.
_NAMES = re.compile(
    r"(?:^|_)(?:id|name|rep|deal|call|label|title|speaker|speakers|parts|buyer|seller|company|stage|moment|account|buyer|company|reason|comment|person|by|rubric|"
    r"criterion|prompt|model|codebook|source|who|reps|peer|interview|base|rater|raters|a|b|email|on|subject|ending|product)$"
)


class Words:
    """The words of a workspace: what people said, called things, and what models wrote about them."""

    def __init__(self, engine: Any, more: Iterable[str] = ()) -> None:
        self._first: dict[str, list[tuple[str, ...]]] = {}
        long: list[str] = []
        names: set[str] = set(more)
        self._exact: set[str] = set()
        for key, text in (*_leaves(engine), *_of_files()):
            words = text.split()
            if len(words) >= 4:
                long.append(" ".join(words))
            elif len(words) >= 2:
                self._exact.add(_bare(text))
            if _NAMES.search(key) and len(words) <= 12:
                names.add(text)
        self._long = "\n".join(long).casefold()
        for name in names:
            for part in (name, *re.split(r"[·,/]", name)):
                words = tuple(_WORD.findall(part.replace("_", " ")))
                if words:
                    self._first.setdefault(words[0], []).append(words)

    def without(self, text: str) -> str:
        """What is left of a text."""
        said = " ".join(text.split()).strip(" “”\"'„….:")
        if (len(said.split()) >= 3 and said.casefold() in self._long) or _bare(text) in self._exact:
            return ""
        for quote in re.findall(r"[“\"„']([^“”\"]{6,}?)[”\"“']", said):
            if quote.strip(" …").casefold() in self._long:
                said = said.replace(quote, " ")
        parts = re.split(r"(?<=[.!?]) ", said)
        said = " ".join(part for part in parts if len(part.split()) < 4 or part.casefold() not in self._long)
        words = _WORD.findall(_IDENT.sub(" ", said).replace("_", " "))
        kept, at = [], 0
        while at < len(words):
            fits = [n for n in self._first.get(words[at], ()) if tuple(words[at : at + len(n)]) == n]
            if fits:
                at += max(map(len, fits))
            else:
                kept.append(words[at])
                at += 1
        return " ".join(word for word in kept if len(word) > 1)


def _bare(text: str) -> str:
    return " ".join(_WORD.findall(text)).casefold()


def _of_files() -> Iterator[tuple[str, str]]:
    """What a workspace says in files of its own: stages and moments, what the law asks for, test suites, prompts."""
    for path in (ROOT / "config").glob("*.yaml"):
        yield from _strings("name", yaml.safe_load(path.read_text("utf-8")) or {})
    for path in (*(ROOT / "evals").glob("*/suite.yaml"), *(ROOT / "evals").glob("*/suite.json")):
        yield from _strings("name", yaml.safe_load(path.read_text("utf-8")) or {})
        yield "name", path.parent.name
    for path in (ROOT / "prompts").rglob("*.md"):
        yield "name", path.parent.name
        yield from (("text", line.partition(":")[2].strip(' "')) for line in path.read_text("utf-8").splitlines()[:20])


def _leaves(engine: Any) -> Iterator[tuple[str, str]]:
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            if name in _OURS:
                continue
            for row in connection.execute(sql(f'select * from "{name}"')).mappings():
                for key, value in row.items():
                    if isinstance(value, str) and value[:1] in "[{":
                        try:
                            yield from _strings(str(key), json.loads(value))
                        except ValueError:
                            yield str(key), value
                    elif isinstance(value, dict | list):
                        yield from _strings(str(key), value)
                    elif isinstance(value, str):
                        yield str(key), value


def _strings(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield key, str(name)
            yield from _strings(str(name), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(key, inner)


def texts(page: str) -> Iterator[str]:
    """What people read on a page: texts between its elements, and those of attributes."""
    for element in html.document_fromstring(page).iter() if page.strip() else ():
        if not isinstance(element.tag, str):
            if element.tail and element.getparent().tag not in _SILENT:
                yield " ".join(element.tail.split())
            continue
        inside = any(parent.tag in _SILENT or _other(parent) for parent in element.iterancestors())
        if element.text and element.tag not in _SILENT and not inside and not _other(element):
            yield " ".join(element.text.split())
        if element.tail and not inside:
            yield " ".join(element.tail.split())
        for name in _READ:
            if element.get(name):
                yield " ".join(element.get(name).split())
        if element.tag == "input" and element.get("type") in ("submit", "button"):
            yield element.get("value", "")


def _other(element: Any) -> bool:
    """Whether it is marked as being in a language of its own."""
    return element.tag != "html" and element.get("lang") is not None


def english_left(english: str, told: str, code: str, words: Words, same: Iterable[str] = ()) -> dict[str, str]:
    """The texts of a page in another language that are English, each with why it is thought to be."""
    before, found, same = set(texts(english)), {}, set(same)
    for text in dict.fromkeys(texts(told)):
        left = words.without(text) if len(text) > 1 else ""
        parts = [part for part in left.split() if part not in same]
        if not parts:
            continue
        if text in before:
            found[text] = f"the same in English: {' '.join(parts)}"
        elif odd := [part for part in parts if part.casefold() in only_english(code)]:
            found[text] = f"English words: {' '.join(odd)}"
    return found


@cache
def only_english(code: str) -> frozenset[str]:
    """Words that our English has, and our texts in the other language have not."""

    def of(said: Iterable[str]) -> set[str]:
        return {word.casefold() for text in said for word in _WORD.findall(re.sub(r"\{\w+\}|<[^>]*>", " ", text))}

    told = catalog(code)
    others = [text for said in told.values() for text in ((said,) if isinstance(said, str) else said)]
    return frozenset(word for word in of(told) - of(others) if len(word) > 1)
