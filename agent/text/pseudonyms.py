"""Replaces names and other personal data by placeholders before a text is sent to a model, and puts them back into the
reply.

    Tom Becker           PersonQXVB PersonALMC        each part of a name has its own, so "Tom" and "Becker's" fit
    Helio Ridge Energy   CompanyTRWQ                  an account whole, and its first words alone
    tom@becker.example   EmailKDPA                    also phones, cards, bank accounts, street addresses, links

A placeholder is made from a secret of the workspace and what it stands for: the same name has the same one in every
request, and nobody without the secret can try names. It is letters only, so that no number in a text is changed.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agent.text.names import INVISIBLE, person

Kind = Literal["Person", "Company", "Email", "Phone", "Card", "Account", "Address", "Link"]
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 5
_PLACEHOLDER = re.compile(r"\b(?:Person|Company|Email|Phone|Card|Account|Address|Link)[A-HJ-NP-Z]{5}(?![A-Za-z])")
_ANY_CASE = re.compile(_PLACEHOLDER.pattern, re.IGNORECASE)
_SHORTEST = 2  # letters of a part of a name

# Words that stand in names of companies and mean little alone; and parts of names that are titles or small words.
_COMMON = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "of",
        "for",
        "first",
        "new",
        "north",
        "south",
        "east",
        "west",
        "united",
        "american",
        "national",
        "global",
        "general",
        "group",
        "holdings",
        "company",
        "inc",
        "ltd",
        "llc",
        "gmbh",
        "ag",
        "corp",
        "corporation",
        "systems",
        "services",
        "solutions",
        "partners",
        "energy",
        "health",
        "medical",
        "foods",
        "capital",
        "bank",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "von",
        "van",
        "de",
        "la",
        "le",
        "der",
        "den",
        "di",
        "da",
        "dos",
        "el",
        "al",
        "jr",
        "sr",
        "ii",
        "iii",
    ]
)
# Parts of names that are words of every text as well: they give way with a capital letter only, and not where a
# sentence begins. All other parts give way wherever they stand with a capital letter.
_WORDS = frozenset(
    [
        "will",
        "mark",
        "grace",
        "hope",
        "may",
        "june",
        "april",
        "august",
        "rose",
        "art",
        "bill",
        "rich",
        "ray",
        "jack",
        "chance",
        "sky",
        "dawn",
        "faith",
        "joy",
        "drew",
        "pat",
        "rob",
        "sue",
        "gene",
        "frank",
        "ernest",
        "young",
        "long",
        "short",
        "brown",
        "green",
        "white",
        "black",
        "gray",
        "king",
        "price",
        "park",
        "wood",
        "stone",
        "field",
        "hill",
        "lane",
        "ford",
        "day",
        "love",
        "best",
        "sharp",
        "strong",
        "wise",
        "case",
        "cook",
        "baker",
    ]
)

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]", re.IGNORECASE)
_BANK = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){12,18}(?![\w-]|[.,]\d)")
_PHONE = re.compile(
    r"(?<![\w.,$€£%-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,5}\)[ .-]?)?\d{2,5}(?:[ .-]\d{2,5}){1,4}(?![\w%-]|[.,]\d)"
)
_DATE = re.compile(r"(?:19|20)\d\d[-. ]\d\d?[-. ]\d\d?|\d\d?[-. ]\d\d?[-. ](?:19|20)\d\d")
_ADDRESS = re.compile(
    r"\b\d{1,5} (?:[A-Z][\w'.-]+ ){1,4}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place)\b\.?"
)
_FOUND: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("Link", _LINK),
    ("Email", _EMAIL),
    ("Account", _BANK),
    ("Card", _CARD),
    ("Address", _ADDRESS),
    ("Phone", _PHONE),
)


@dataclass
class Pseudonyms:
    """The placeholders of one workspace. Only the names in `people` and `companies` are replaced; unknown names
    stay."""

    secret: str = field(repr=False)
    people: Iterable[str] = ()
    companies: Iterable[str] = ()

    def __post_init__(self) -> None:
        self._back: dict[str, str] = {}
        self._given: dict[tuple[Kind, str, str], str] = {}
        self._names: dict[str, tuple[Kind, str]] = {}
        parts: set[str] = set()
        for name in self.people:
            parts |= set(_parts(name))
        for name in self.companies:
            for words in _beginnings(name):
                self._names.setdefault(words.casefold(), ("Company", words))
        for part in sorted(parts):
            self._names[part.casefold()] = ("Person", part)
        self._pattern = re.compile(rf"(?<!\w){any_of(self._names)}(?!\w)", re.I) if self._names else None

    def disguise(self, text: str) -> str:
        """`text` with placeholders. Placeholders that it already holds are kept."""
        for kind, pattern in _FOUND:
            text = pattern.sub(lambda found, kind=kind: self._found(kind, found[0]), text)  # type: ignore[misc]
        return self._pattern.sub(self._named, text) if self._pattern else text

    def restore(self, node: Any) -> Any:
        """A JSON value in which the placeholders that this object gave out are names again."""
        match node:
            case str():
                return _ANY_CASE.sub(lambda found: self._back.get(_canonical(found[0]), found[0]), node)
            case list():
                return [self.restore(one) for one in node]
            case dict():
                return {key: self.restore(value) for key, value in node.items()}
        return node

    def _found(self, kind: Kind, said: str) -> str:
        if kind == "Card" and not _luhn(said):
            return said
        if kind == "Account" and not _iban(said):
            return said
        if kind == "Phone" and (_DATE.fullmatch(said) or not 8 <= sum(letter.isdigit() for letter in said) <= 15):
            return said
        return self._placeholder(kind, said, said)

    def _named(self, matched: re.Match[str]) -> str:
        said = matched[0]
        kind, name = self._names[said.casefold()]
        if not said[0].isupper() and said[0].isalpha():
            return said
        if said.casefold() in _WORDS and _begins(matched.string, matched.start()):
            return said
        return self._placeholder(kind, said, name.casefold() if said == name else said)

    def _placeholder(self, kind: Kind, said: str, key: str) -> str:
        if (kind, said, key) not in self._given:
            self._given[kind, said, key] = self._made(kind, said, key)
        return self._given[kind, said, key]

    def _made(self, kind: Kind, said: str, key: str) -> str:
        digest = hmac.new(self.secret.encode(), f"{kind}\0{key}".encode(), hashlib.sha256).digest()
        number = int.from_bytes(digest[:8], "big")
        letters = ""
        for _ in range(_LENGTH):
            number, rest = divmod(number, len(_LETTERS))
            letters += _LETTERS[rest]
        made = kind + letters
        while self._back.setdefault(made, said) != said:  # another has it: one in eight million
            made = f"{kind}{_next(made.removeprefix(kind))}"
        return made


def any_of(names: Iterable[str]) -> str:
    """A regular expression that finds any of the names, the longest if several fit. Names are grouped by first
    letter, because hundreds of alternatives side by side would each be tried at every word."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_letter.setdefault(name[0], []).append(re.escape(name[1:]))
    groups = [f"{re.escape(letter)}(?:{'|'.join(rests)})" for letter, rests in by_letter.items()]
    return f"(?:{'|'.join(groups)})"


def _parts(name: str) -> Iterator[str]:
    for part in re.split(r"[\s,;()<>\[\]/]+", person(name.translate(INVISIBLE))):
        bare = part.strip(".'\"")
        if len(bare) >= _SHORTEST and bare.casefold() not in _COMMON and not bare.isdigit():
            yield bare


def _beginnings(name: str) -> Iterator[str]:
    """The whole name, then its first words, down to the shortest beginning that still means this name by itself."""
    words = name.translate(INVISIBLE).split()
    for count in range(len(words), 0, -1):
        first = " ".join(words[:count]).strip(" ,.")
        alone = count == 1 and (len(first) < 4 or first.casefold() in _WORDS)
        if first and not alone and not all(word.casefold().strip(".,") in _COMMON for word in words[:count]):
            yield first


def _begins(text: str, at: int) -> bool:
    """Whether a sentence begins at this place, where every word has a capital letter."""
    before = text[:at].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?:\n…"


def _canonical(said: str) -> str:
    return said[:1].upper() + said[1:-_LENGTH].lower() + said[-_LENGTH:].upper()


def _next(letters: str) -> str:
    place = _LETTERS.index(letters[-1])
    return letters[:-1] + _LETTERS[(place + 1) % len(_LETTERS)]


def _luhn(said: str) -> bool:
    digits = [int(letter) for letter in said if letter.isdigit()]
    doubled = (sum(divmod(2 * d, 10)) if at % 2 else d for at, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def _iban(said: str) -> bool:
    plain = said.replace(" ", "")
    turned = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def names_of(bodies: Iterable[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    """People and companies in the stored facts of calls and interviews: the manifests' columns and the speakers."""
    people: set[str] = set()
    companies: set[str] = set()
    written: set[object] = set()  # as they stand in the columns, where most come again and again
    for facts in bodies:
        written.update(map(facts.get, ("rep", "buyer", "customer")))
        people.update((facts.get("transcript") or {}).get("roles") or ())
        if facts.get("account"):
            companies.add(str(facts["account"]))
    people |= {one.strip() for names in written for one in re.split("[;,]", str(names or "")) if one.strip()}
    return {name for name in people if not _is_label(name)}, companies


def _is_label(name: str) -> bool:
    """Whether a speaker's label names nobody: Speaker 1, Rep, Customer."""
    words = [word for word in re.split(r"[\W\d_]+", name.casefold()) if word]
    return all(word in _LABELS for word in words)


_LABELS = frozenset(
    [
        "speaker",
        "rep",
        "seller",
        "agent",
        "customer",
        "client",
        "buyer",
        "prospect",
        "caller",
        "interviewer",
        "interviewee",
        "therapist",
        "host",
        "guest",
        "user",
        "unknown",
        "person",
        "participant",
        "a",
        "b",
        "c",
        "d",
        "other",
        "cus",
        "sales",
        "moderator",
    ]
)
