"""Sentences of ours as a page shows them: commands are left out, since a browser has buttons."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"\bcloseread [a-z]|(?<![\w-])--[a-z]{2,}")
_CLAUSE = re.compile(r"; | \(|, |: ")
_LEAD_IN = 4  # words at most before a command: "run:", "make one first:"; more than that say something themselves


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
