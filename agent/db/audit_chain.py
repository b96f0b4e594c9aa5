"""The hashes that chain the audit log, and the check that nothing in it was changed, taken out or put in.

    mark = SHA-256 of [salt, person, subject, body]       what may name somebody
    hash = SHA-256 of [hash of the line before, number, time, action, mark]

Names stand below a salted mark so that somebody can be forgotten: then the words and the salt of the line go, mark and
hash stay, and the chain still holds. Without the salt nobody can find the name by trying names. Such lines are counted,
and a line `names_removed` in the log itself says how many there have to be. `audit_head` holds the newest number and
hash; a copy of it kept elsewhere (`--expect`) shows what was cut off together with the head.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agent.core.base import canonical_json
from agent.core.errors import InputError

FIRST = "0" * 64
"""What stands for the line before the first."""
REMOVED = "names_removed"
"""The action of the line that says how many lines lost their names: the only change that the database lets through."""
_SHOWN = 20


class Line(Protocol):
    """One row of the audit table, as the check reads it."""

    seq: int
    at: str
    person: str
    action: str
    subject: str
    body: str
    salt: str
    mark: str
    hash: str


@dataclass(frozen=True)
class Head:
    """The newest line's number and hash; number 0 if the log is empty."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True)
class Checked:
    """The result of the check. `faults` describes the first twenty of `wrong` lines in sentences; empty if all is
    well."""

    lines: int
    nameless: int
    head: Head
    wrong: int
    faults: tuple[str, ...]


def noted_heads(texts: Iterable[str]) -> list[Head]:
    """Heads parsed from their printed form `number:hash`. InputError for a text of another form."""
    heads = []
    for text in texts:
        number, _, noted = text.strip().partition(":")
        if not number.isdecimal() or len(noted) != len(FIRST):
            raise InputError(f"{text!r} is no head of the audit log: it is a number, a colon and 64 letters")
        heads.append(Head(int(number), noted))
    return heads


def mark_of(salt: str, person: str, subject: str, body: str) -> str:
    """The hash that stands for the parts of a line that may name somebody."""
    return _sha256([salt, person, subject, body])


def hash_of(before: str, number: int, at: str, action: str, mark: str) -> str:
    """The hash of a line that follows the line with the hash `before`."""
    return _sha256([before, number, at, action, mark])


def check(lines: Iterable[Line], head: Head, expected: Sequence[Head] = ()) -> Checked:
    """Walk along the chain and compare every hash. `lines` are in order; `expected` are heads noted earlier."""
    faults: list[str] = []
    count = nameless = announced = number = 0
    before = FIRST
    noted = {one.number: one.hash for one in expected}
    for line in lines:
        count += 1
        if line.seq != number + 1:
            faults.append(_missing_in_words(number + 1, line.seq - 1))
        if line.hash != hash_of(before, line.seq, line.at, line.action, line.mark):
            faults.append(f"line {line.seq}: its hash does not follow from the line before")
        if not line.salt:
            nameless += 1
        elif line.mark != mark_of(line.salt, line.person, line.subject, line.body):
            faults.append(f"line {line.seq}: person, subject or facts were changed")
        if line.seq in noted and noted.pop(line.seq) != line.hash:
            faults.append(f"line {line.seq}: it is not the line that was noted earlier")
        if line.action == REMOVED and line.salt:
            announced += int(json.loads(line.body).get("lines", 0))
        number, before = line.seq, line.hash
    if head != Head(number, before):
        faults.append(
            f"the newest line is {number}, and has to be {head.number}: lines at the end were cut off or added"
        )
    faults += [f"line {late} was noted earlier and is not there" for late in noted if late]
    if nameless > announced:
        faults.append(f"{nameless} lines have lost their names, {announced} were removed by somebody's order")
    return Checked(count, nameless, Head(number, before), len(faults), tuple(faults[:_SHOWN]))


def _missing_in_words(first: int, last: int) -> str:
    if last < first:
        return f"line {last + 1} stands where line {first} has to be"
    return f"line {first} is missing" if first == last else f"lines {first} to {last} are missing"


def _sha256(content: Any) -> str:
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()
