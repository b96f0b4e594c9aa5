"""A second check of who speaks, made without knowing how the labels were found.

Whatever is written twice at the beginning of rows before a colon may be somebody. Where such a row opens no turn its
words would be another's, so the file is refused until somebody says what it is. So is one of records (`speaker: Ann`,
`text: …`) that was read as talk. Words of every format are looked at so (`check_words`), rows of text and captions once
more, by the file (`check_labels`). A label that is met once is told in a note.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from agent.core.errors import Advice
from agent.text.importers.base import Line, Source
from agent.text.importers.labels import SOUNDS, bare_label, name_like, once_like, opens_sentence, plausible
from agent.text.names import INVISIBLE, folded

_CLOCK_BEFORE = re.compile(r"\A[\[(<]?\d{1,4}:\d{2}(:\d{2})?([.,]\d{1,3})?[\])>]?\s*[-–—|]?\s*")
_COLON = re.compile(r"(?P<label>\S.{0,79}?)\s?(?::(?=\s|\Z)|：)")
_CLOCK = r"[\[(]?\d{1,3}:\d\d(?::\d\d)?[\])]?"
_ALONE = re.compile(rf"{_CLOCK}:?")
_AROUND = tuple(
    re.compile(rf"{opens}(?P<label>[^{inside}]{{1,60}}){closes}")
    for opens, inside, closes in (
        (r"\[", r"\[\]", r"\]"),
        (r"\(", "()", r"\)"),
        ("<", "<>", ">"),
        (r"\*\*", "*", r"\*\*"),
    )
)
# Other ways in which a row may begin like somebody's turn, each with the least share of the rows that begin so.
_OTHERS: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(rf"(?P<label>[^\W\d_].{{0,59}}?)[\s,]+{_CLOCK}:?(?=\s|\Z)"), 0.05),
    (re.compile(r"(?P<label>[^\s:：][^:：]{0,59}?):(?=[^\s\d:/\\])"), 0.05),
    *((pattern, 0.05) for pattern in _AROUND),
    (re.compile(r"\((?P<label>[^()]{1,60}\([^()]*\))\)"), 0.05),
    (re.compile(r"#{1,6}\s+(?P<label>[^#]{1,60})\Z"), 0.05),
    (re.compile(r"(?P<label>[^\s\d–—-][^\t|:：;]{0,39}?)(?:\t+|\s*[|;]\s*|\s+(?:[–—=~>]|--?>?)\s+)\S"), 0.05),
    (re.compile(r"(?P<label>[–—])\s*\w"), 0.05),
    (re.compile(r"(?P<label>[^?!…,:：]{0,39}[^.?!…,:：\s]|\w\.)\Z"), 0.1),
    (re.compile(r"(?P<label>\S+(?:\s\S+)?)[.,]\s"), 0.3),
    (re.compile(r"(?P<label>\S+\s\S+)\s"), 0.3),
    (re.compile(r"(?P<label>\S+)\s"), 0.3),
)
_DASHES = ("–", "—")
_PLAIN, _PLAIN_SHARE = 3, 0.25  # how often a single word has to, which sentences may begin with
_WORDS_TOO, _MOST = 0.1, 0.5  # ways with this share or more are ones of words too: there a word begins most rows
# A capitalised label of up to four words behind the end of a sentence.
_INSIDE = re.compile(
    r"[.?!…][\"”’)\]]*\s+(?P<label>[A-ZÀ-Þ][^\s:.?!,;]{0,30}(?:\s[A-ZÀ-Þ0-9(][^\s:.?!,;]{0,30}){0,3}):\s"
)
_MAX_NAME_WORDS = 4
_MAX_ROWS_OF_ONE = 1_000
_TWICE = 2  # how often a label has to stand inside words
# A single plain word ("Question: …") stands before words of one speaker more often: in this share of all turns.
_BEHIND, _BEHIND_SHARE = 3, 0.1
_KEYS = frozenset(
    [
        "speaker",
        "speaker_name",
        "name",
        "text",
        "words",
        "content",
        "message",
        "utterance",
        "transcript",
        "sentence",
        "start",
        "end",
        "time",
        "timestamp",
        "start_time",
        "end_time",
        "begin",
        "duration",
        "id",
        "index",
        "role",
        "confidence",
    ]
)


def check_labels(source: Source, rows: Sequence[tuple[int, str]], lines: Sequence[Line]) -> list[Line]:
    """`lines`, with a note on words that contain a row which begins with a label met once. Raises ImportProblem if
    words begin like the turn of somebody who was not found as a speaker.

    `rows` are the rows of the file, with the same numbers as the lines. A label declared to be words (`--speakers
    "Note=words"`) opens a line of its own until it is joined to the words before it.
    """
    opened = {line.number for line in lines if line.speaker or not line.spoken}
    heard = {folded(line.speaker): line.speaker for line in lines if line.speaker}
    inside = list(_inside(rows, lines, opened))
    _check_keys(source, lines)
    within = {number for number, _ in inside}
    speech = {line.number for line in lines if line.speaker}
    beside = [(number, row) for number, row in rows if number not in speech and row.strip()]
    for name, found in _labels_in(beside, _COLON).items():
        number, label = next((one for one in found if one[0] in within), (0, ""))
        if number and (len(found) >= _TWICE or name in heard):
            raise source.problem(number, _what(label, len(found)), _advice(source, name, label))
    clocks = [(number, row.strip()) for number, row in inside if _ALONE.fullmatch(row.strip())]
    if len(clocks) > 1 or any(row.count(":") > 1 or row[0] in "[(" for _, row in clocks):
        many = f"{len(clocks)} clock times stand" if len(clocks) > 1 else f"the clock time {clocks[0][1]} stands"
        what = f"{many} alone inside somebody's words: turns seem to begin there"
        raise source.problem(clocks[0][0], what, "write the name before the words of each turn:  [00:01:02] Ann Lee: …")
    begins = {number for (_, above), (number, _) in itertools.pairwise(rows) if ends_sentence(above)}
    seldom = [found[0] for found in _labels_in(beside, _COLON).values() if len(found) == 1]
    for pattern, share in _OTHERS:
        for name, found in _labels_in(beside, pattern).items():
            number, label = next((one for one in found if one[0] in within), (0, ""))
            known = name in heard or name in source.people
            odd = known or _is_odd(label)
            least = max(_TWICE, share * len(inside)) if odd else max(_PLAIN, _PLAIN_SHARE * len(inside))
            if not odd and share >= _WORDS_TOO:
                found = [] if opens_sentence(label) else [one for one in found if one[0] in begins & within]
                least = max(_PLAIN, _MOST * len(begins & within))
            if number and len(found) >= least and name not in source.words:
                raise source.problem(number, _what(label, len(found)), _in_the_file(label))
            seldom += found[:1] if share < _WORDS_TOO and (odd or name_like(label)) else []
    _check_names(source, inside, heard.values())
    seldom = [(number, label) for number, label in seldom if number in within]
    some = [(number, label) for number, label in seldom if name_like(label) or (number in begins and " " not in label)]
    return _with_notes(source, lines, some)


def check_words(source: Source, lines: Sequence[Line]) -> list[Line]:
    """`lines` without a speaker's own name in front of the words, and with a note on words that contain a label
    once. Raises ImportProblem if the words of a turn contain another turn's label, in any format: at their
    beginning, at the beginning of a row, or after a sentence."""
    if source.one_voice or source.decided:
        return list(lines)
    own = [_without_own_name(line) for line in lines]
    heard = {folded(line.speaker): line.speaker for line in own if line.speaker}
    once = _check_beginnings(source, own, heard) | _check_within(source, own, heard)
    return [replace(line, note=_once(once[i])) if i in once and not line.note else line for i, line in enumerate(own)]


def _with_notes(source: Source, lines: Sequence[Line], seldom: Sequence[tuple[int, str]]) -> list[Line]:
    """`lines` with a note on each line that contains one of the labels `seldom` met, which are given with the
    numbers of their rows."""
    noted = list(lines)
    for number, label in seldom:
        if _could_speak(label) and folded(label) not in source.words:
            begun = [(line.number, i) for i, line in enumerate(noted) if line.spoken and (line.number or 0) <= number]
            _, at = max(begun, default=(0, -1), key=lambda pair: pair[0] or 0)
            noted[at] = replace(noted[at], note=noted[at].note or _once(label))
    return noted


def _could_speak(label: str) -> bool:
    """Whether a label that occurs once may be a person: it looks like a name, or is one word that opens no sentence."""
    return plausible(label) and once_like(label) and any(map(str.isalpha, label))


def ends_sentence(row: str) -> bool:
    """Whether a row is blank or ends a sentence, so that the next row begins something new."""
    return not row.strip() or row.rstrip("\"'”’»)] ")[-1:] in ".?!…。？！"


def _once(label: str) -> str:
    return f"these words hold {label!r} once as a speaker's name stands; if somebody speaks there, say so in the file"


def _without_own_name(line: Line) -> Line:
    if not line.speaker or not line.spoken or ":" not in line.text.replace("：", ":"):
        return line
    found = _COLON.match(line.text)
    if found is None or folded(bare_label(found["label"])) != folded(line.speaker):
        return line
    rest = line.text[found.end() :].strip()
    return (
        replace(line, text=rest, note=line.note or "the speaker's name stood before the words as well")
        if rest
        else line
    )


def _check_beginnings(source: Source, lines: Sequence[Line], heard: Mapping[str, str]) -> dict[int, str]:
    """The labels that the words of one line begin with, by line number. Raises ImportProblem for a label that so
    many lines begin with that it may be a speaker's."""
    spoken = sum(line.spoken for line in lines)
    rows = [(i, row) for i, x in enumerate(lines) if x.spoken for row in x.text.split("\n")[:_MAX_ROWS_OF_ONE]]
    once: dict[int, str] = {}
    for pattern in (_COLON, *_AROUND):
        for name, found in _labels_in(rows, pattern).items():
            others = [(lines[i], label) for i, label in found if folded(lines[i].speaker or "") != name]
            if not others or name in source.words:
                continue
            if name in heard or name in source.people:
                least = 1.0 if _is_odd(others[0][1]) else _TWICE
            elif pattern is not _COLON:
                continue
            else:
                named = _is_odd(others[0][1]) or name_like(others[0][1])
                least = _TWICE if named else max(_BEHIND, spoken * _BEHIND_SHARE)
            if len(others) >= least:
                line, label = others[0]
                whose = f"{line.speaker}'s words" if line.speaker else "the words"
                what = f"{whose} {line.text[:40]!r} have {label!r} at the beginning: a speaker, or words?"
                hint = _in_the_file(label)
                own = "give these words a turn of their own in the file"
                raise source.problem(line.number, what, replace(hint, text=own))
            if len(found) == 1 and pattern is _COLON and name_like(found[0][1]) and _could_speak(found[0][1]):
                once[found[0][0]] = found[0][1]
    return once


def _inside(
    rows: Sequence[tuple[int, str]], lines: Sequence[Line], opened: set[int | None]
) -> Iterator[tuple[int, str]]:
    """The rows that are in the middle of somebody's words and opened no turn."""
    said = sorted((line.number, _squashed(line.text)) for line in lines if line.spoken and line.number)
    at, text, begin = 0, "", 0
    for number, row in rows:
        while at < len(said) and said[at][0] <= number:
            text, at, begin = said[at][1], at + 1, 0
        if number in opened or not (own := _squashed(row)[:40]):
            continue
        found = text.find(own, begin)  # rows stand in the order of the words
        if found >= 0:
            begin = found
            yield number, row


def _squashed(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _is_odd(label: str) -> bool:
    """Whether a label is written as no sentence would begin: several capitalised words, digits, signs, no letters."""
    words = label.split()
    names = 1 < len(words) <= _MAX_NAME_WORDS and not any(word[0].islower() for word in words)
    strange = re.search(r"\d|[@_/]|[^\W\d_](?<![\x00-\u024f])", label) is not None and len(words) <= _MAX_NAME_WORDS
    return names or strange or not any(map(str.isalpha, label))


def _labels_in(rows: Iterable[tuple[int, str]], pattern: re.Pattern[str]) -> dict[str, list[tuple[int, str]]]:
    places: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, row in rows:
        if "-->" in row:
            continue  # a time line, which has a check of its own
        found = pattern.match(_CLOCK_BEFORE.sub("", row.translate(INVISIBLE).strip()))
        label = (bare_label(found["label"]) or found["label"]) if found else ""
        if label and folded(label) not in SOUNDS and (label in _DASHES or any(map(_seen, label))):
            places[folded(label)].append((number, label))
    return places


def _check_names(source: Source, inside: Sequence[tuple[int, str]], heard: Iterable[str]) -> None:
    """Raises ImportProblem for a row inside words that begins with a known speaker's name before a mark or a new
    sentence: its colon may have been forgotten."""
    names = [name for name in heard if len(name.split()) > 1 and folded(name) not in source.words]
    if not names:
        return
    pattern = re.compile(rf"\W*(?P<label>{'|'.join(map(re.escape, names))})(?:\s*[;|>=~]|\s+[-–—]|\s+[A-ZÀ-Þ])")
    for number, row in inside:
        if match := pattern.match(row):
            what = f"this row begins with {match['label']!r}, and stands inside somebody's words"
            raise source.problem(number, what, _in_the_file(match["label"]))


def _check_within(source: Source, lines: Sequence[Line], heard: Mapping[str, str]) -> dict[int, str]:
    """The labels that stand once after a sentence, by line number. Raises ImportProblem if such a label recurs there
    and never at the beginning of a row: several turns may have been put into one row."""
    places: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for i, line in enumerate(lines):
        for match in _INSIDE.finditer(line.text) if line.spoken and ":" in line.text else ():
            places[folded(match["label"])].append((i, match["label"]))
    for name, found in places.items():
        line, label = lines[found[0][0]], found[0][1]
        often = len(found) > (0 if name in heard and " " in name else 1 if " " in name else 2)
        if often and name not in source.words:
            what = f"{line.text[:40]!r} goes on with {label!r} before a colon: another turn seems to begin there"
            hint = Advice(
                text="begin each turn on a line of its own",
                option=f'--speakers "{label}=words" if nobody begins to speak there',
                there="say below that it is words",
                label=label,
            )
            raise source.problem(line.number, what, hint)
    once = [found[0] for name, found in places.items() if len(found) == 1 and name not in source.words]
    return {i: label for i, label in once if _could_speak(label)}


def _seen(sign: str) -> bool:
    return sign.isalnum() or ord(sign) > 0x2FFF


def _what(label: str, count: int) -> str:
    often = f"{count} times" if count > 1 else "as a speaker's name does"
    return f"{label!r} stands before words {often}: a speaker, or words?"


def _advice(source: Source, name: str, label: str) -> Advice:
    if name in source.people:
        return Advice(text="write it in the file as Name: words, each turn on a line of its own")
    return Advice(
        option=f'--speakers "{label}=other" (or a name) or "{label}=words"', there="say below what it is", label=label
    )


def _in_the_file(label: str) -> Advice:
    return Advice(
        text=f"write  {label}: …  before the words of each turn, on a line of its own",
        option=f'--speakers "{label}=words" if nobody begins to speak there',
        there="say below that it is words",
        label=label,
    )


def _check_keys(source: Source, lines: Sequence[Line]) -> None:
    counts = Counter(folded(line.speaker) for line in lines if line.speaker)
    keys = {name for name, count in counts.items() if count > 1} & _KEYS
    if len(keys) > 1:
        first = next(line for line in lines if line.speaker and folded(line.speaker) in keys)
        what = f"{', '.join(sorted(keys))} are keys of a list, not people"
        raise source.problem(first.number, what, "save it as JSON or CSV, or as lines like Ann Lee: words")
