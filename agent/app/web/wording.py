"""Sentences of ours as a page shows them: commands are left out, since a browser has buttons."""

from __future__ import annotations

import re

_ENDS = (".", "!", "?", "…")

_COMMAND = re.compile(r"\bcloseread [a-z]|(?<![\w-])--[a-z]{2,}")
_CLAUSE = re.compile(r"; | \(|, |: ")
_LEAD_IN = 4  # words at most before a command: "run:", "make one first:"; more than that say something themselves


def sentence(said: object) -> str:
    """An error or another text of ours as a sentence: a capital and a full stop. Ids keep their case: only a first word
    of nothing but letters is changed."""
    text = str(said).strip()
    if text.split(maxsplit=1)[:1] and text.split(maxsplit=1)[0].rstrip(",;:").isalpha():
        text = text[:1].upper() + text[1:]
    return text if not text or text.endswith(_ENDS) else f"{text}."


def without_commands(sentence: str) -> str:
    """`sentence` up to the clause that names a command or an option of the command line.

    "no cycle is known; run: closeread coaching import FILE" is "no cycle is known". What begins with an option is left
    as it is: there would be nothing left.
    """
    found = _COMMAND.search(sentence)
    head = sentence[: found.start()].rstrip(" `\"'(") if found else ""
    if not head:
        return sentence
    said = head.rstrip(":")
    clauses = list(_CLAUSE.finditer(said))
    if head.endswith(":") and len(said[clauses[-1].end() if clauses else 0 :].split()) > _LEAD_IN:
        return said
    return said[: clauses[-1].start()] if clauses else said
