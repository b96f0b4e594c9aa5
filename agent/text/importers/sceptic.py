"""A second judge of who speaks, who knows nothing of how labels were found.

Whatever is written twice at the beginning of rows before a colon may be somebody. Where such a row opens no turn its
words would be another's, so the file is refused until somebody says what it is. So is one of records (`speaker: Ann`,
`text: …`) that was read as talk.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agent.core.errors import Advice
from agent.text.importers.base import Line, Source
from agent.text.importers.labels import SOUNDS, bare_label
from agent.text.names import INVISIBLE, folded

_CLOCK_BEFORE = re.compile(r"\A[\[(<]?\d{1,4}:\d{2}(:\d{2})?([.,]\d{1,3})?[\])>]?\s*[-–—|]?\s*")
_COLON = re.compile(r"(?P<label>\S.{0,79}?)\s?(?::(?=\s|\Z)|：)")
_CLOCK = r"[\[(]?\d{1,3}:\d\d(?::\d\d)?[\])]?"
_ALONE = re.compile(rf"{_CLOCK}:?")
# Other ways in which a row may begin like somebody's turn, each with the least share of the rows that begin so.
_OTHERS: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(rf"(?P<label>[^\W\d_].{{0,59}}?)[\s,]+{_CLOCK}:?(?=\s|\Z)"), 0.05),
    (re.compile(r"(?P<label>[^\s:：][^:：]{0,59}?):(?=[^\s\d:/\\])"), 0.05),
    (re.compile(r"\[(?P<label>[^\[\]]{1,60})\]"), 0.05),
    (re.compile(r"\((?P<label>[^()]{1,60}(?:\([^()]*\))?)\)"), 0.05),
    (re.compile(r"<(?P<label>[^<>]{1,60})>"), 0.05),
    (re.compile(r"\*\*(?P<label>[^*]{1,60})\*\*"), 0.05),
    (re.compile(r"#{1,6}\s+(?P<label>[^#]{1,60})\Z"), 0.05),
    (re.compile(r"(?P<label>[^\s\d–—-][^\t|:：;]{0,39}?)(?:\t+|\s*[|;]\s*|\s+(?:[–—=~>]|--?>?)\s+)\S"), 0.05),
    (re.compile(r"(?P<label>[–—])\s*\w"), 0.05),
    (re.compile(r"(?P<label>[^?!…,:：]{0,39}[^.?!…,:：\s])\Z"), 0.1),
    (re.compile(r"(?P<label>\S+(?:\s\S+)?)[.,]\s"), 0.3),
    (re.compile(r"(?P<label>\S+\s\S+)\s"), 0.3),
    (re.compile(r"(?P<label>\S+)\s"), 0.3),
)
_DASHES = ("–", "—")
_PLAIN, _PLAIN_SHARE = 3, 0.25  # how often a single word has to, which sentences may begin with
# A capitalised label of up to four words behind the end of a sentence.
_INSIDE = re.compile(
    r"[.?!…][\"”’)\]]*\s+(?P<label>[A-ZÀ-Þ][^\s:.?!,;]{0,30}(?:\s[A-ZÀ-Þ0-9(][^\s:.?!,;]{0,30}){0,3}):\s"
)
_MAX_NAME_WORDS = 4
# How often a label has to stand inside words; behind another label (`Acme: Ann Lee: …`) more often: words begin so too.
_TWICE, _BEHIND, _BEHIND_SHARE = 2, 3, 0.1
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


def check_labels(source: Source, rows: Sequence[tuple[int, str]], lines: Sequence[Line]) -> None:
    """Raises ImportProblem where words of `lines` begin like a turn of somebody who was not heard.

    `rows` are the file's, with the numbers that lines have. A label said to be words (`--speakers "Note=words"`) opens
    a line of its own until it is joined to the words before.
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
    for name, found in _labels_in(_words_behind_labels(rows, lines), _COLON).items():
        if len(found) >= max(_BEHIND, len(lines) * _BEHIND_SHARE):
            number, label = found[0]
            raise source.problem(number, _what(label, len(found)), _advice(source, name, label))
    clocks = [number for number, row in inside if _ALONE.fullmatch(row.strip())]
    if len(clocks) > 1:
        what = f"{len(clocks)} clock times stand alone inside somebody's words: turns seem to begin there"
        raise source.problem(clocks[0], what, "write the name before the words of each turn:  [00:01:02] Ann Lee: …")
    for pattern, share in _OTHERS:
        for name, found in _labels_in(beside, pattern).items():
            number, label = next((one for one in found if one[0] in within), (0, ""))
            known = name in heard or name in source.people
            odd = known or _is_odd(label)
            least = max(_TWICE, share * len(inside)) if odd else max(_PLAIN, _PLAIN_SHARE * len(inside))
            if number and len(found) >= least and (odd or share < 0.1) and name not in source.words:
                raise source.problem(number, _what(label, len(found)), _in_the_file(label))
    _check_names(source, inside, heard.values())
    _check_within(source, lines, heard)


def _inside(
    rows: Sequence[tuple[int, str]], lines: Sequence[Line], opened: set[int | None]
) -> Iterator[tuple[int, str]]:
    """The rows that are part of what somebody says and opened no turn."""
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
    """Whether a label is written as no beginning of a sentence is: several capitalised words, digits, signs, no letters."""
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


def _words_behind_labels(rows: Sequence[tuple[int, str]], lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """The words of each turn that stand in a row with its label."""
    written = dict(reversed(rows))
    for line in lines:
        if line.spoken and line.speaker and line.number and line.text[:80] in written.get(line.number, ""):
            yield line.number, line.text


def _check_names(source: Source, inside: Sequence[tuple[int, str]], heard: Iterable[str]) -> None:
    """Raises ImportProblem for a row inside words that begins with the name of somebody heard, before a mark or a new
    sentence: the colon may have been forgotten."""
    names = [name for name in heard if len(name.split()) > 1 and folded(name) not in source.words]
    if not names:
        return
    pattern = re.compile(rf"\W*(?P<label>{'|'.join(map(re.escape, names))})(?:\s*[;|>=~]|\s+[-–—]|\s+[A-ZÀ-Þ])")
    for number, row in inside:
        if match := pattern.match(row):
            what = f"this row begins with {match['label']!r}, and stands inside somebody's words"
            raise source.problem(number, what, _in_the_file(match["label"]))


def _check_within(source: Source, lines: Sequence[Line], heard: Mapping[str, str]) -> None:
    """Raises ImportProblem where what looks like a label stands behind a sentence again and again, not at the beginning of
    a row: several turns may be one row of the file."""
    places: dict[str, list[tuple[Line, str]]] = defaultdict(list)
    for line in lines:
        for match in _INSIDE.finditer(line.text) if line.spoken and ":" in line.text else ():
            places[folded(match["label"])].append((line, match["label"]))
    for name, found in places.items():
        line, label = found[0]
        often = len(found) > (0 if name in heard and " " in name else 1 if " " in name else 2)
        if often and name not in source.words and name not in source.people - heard.keys():
            what = f"{line.text[:40]!r} goes on with {label!r} before a colon: another turn seems to begin there"
            hint = Advice(
                text="begin each turn on a line of its own",
                option=f'--speakers "{label}=words" if nobody begins to speak there',
                there="say below that it is words",
                label=label,
            )
            raise source.problem(line.number, what, hint)


def _seen(sign: str) -> bool:
    return sign.isalnum() or ord(sign) > 0x2FFF


def _what(label: str, count: int) -> str:
    often = f"{count} times" if count > 1 else "as a speaker's name does"
    return f"{label!r} stands before words {often}: a speaker, or words?"


def _advice(source: Source, name: str, label: str) -> Advice:
    if name in source.people:
        return Advice(text="write it in the file as Name: words, each turn on a line of its own")
    return Advice(
        option=f'--speakers "{label}=other" (or a name) or "{label}=words"',
        there="say below what it is",
        label=label,
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
