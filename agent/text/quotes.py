"""Finding a claimed quote in a transcript: exactly, in one turn, said by the right speaker, or not at all.

Two texts are equal here if they differ only in case, white space, Unicode form (NFC), typographic quotation marks,
dashes (`--` is one) and ellipses, and full-width punctuation. Nothing is fuzzy: a negation or a number may hide in
one character, so at a similarity of 95 % "we did ship" still matches "we didn't ship". For the same reason a quote
may not begin or end inside a word or a number ("able to sign" in "unable to sign", "4k" in "24k", "5 percent" in
"2.5 percent"), nor right beside what turns it into something else ("We pay 15" in "We pay 15 thousand", "buy it
again" in "not buy it again"). Scripts that put no spaces between words (Chinese, Japanese, Thai …) have no such
boundaries, so there a quote may begin and end anywhere but beside a negation that it would cut off, inside a number
and inside a word in Katakana.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from typing import Literal

from agent.core.transcript import Quote, Span, Turn

_MARKS = {
    **dict.fromkeys("‘’‚‛′ʼ`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
    **{chr(ord(plain) + 0xFEE0): plain for plain in "!\"#%&'()*+,-./:;<=>?@[\\]_{|}~"},
}
_ONE_TO_ONE = str.maketrans({mark: plain for mark, plain in _MARKS.items() if len(plain) == 1})
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_JOINING_HYPHENS = frozenset("-‐‑")
_APOSTROPHES = frozenset("'’ʼ")
_SEPARATOR = "\n"
_DASHES = re.compile("-{2,}")
# Han, Hiragana, Katakana, Bopomofo; Thai, Lao, Myanmar, Khmer.
_UNSPACED = re.compile(
    "[\u3005-\u3007\u3040-\u312f\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
)
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc\u31f0-\u31ff\uff66-\uff9f]")
_HAN_NUMERALS = frozenset("〇零一二三四五六七八九十百千万萬亿億兆两兩")
_NEGATION_BEFORE = ("不", "没", "沒", "未", "无", "無", "非", "别", "別", "勿", "ไม่", "ບໍ່", "មិន")
_NEGATION_AFTER = re.compile("なかっ|なく|ない|ません|ず(?!つ)|ぬ|まい")
_MIN_WORDS, _MIN_LETTERS = 2, 8

Reason = Literal["empty", "too short", "not found", "wrong speaker", "over several turns", "inside a word", "ambiguous"]


@dataclass(frozen=True)
class NotLocated:
    """Why a quote was refused; `detail` is a sentence that says what to do."""

    reason: Reason
    detail: str


def _folded(text: str) -> Iterator[tuple[str, int]]:
    """The folded characters of `text`, each with the offset of the character cluster it came from."""
    for cluster, offset in _clusters(text):
        for char in unicodedata.normalize("NFC", cluster):
            if char in _INVISIBLE:
                continue
            if char.isspace():
                yield " ", offset
                continue
            for out in unicodedata.normalize("NFC", _MARKS.get(char, char).casefold()):
                yield out, offset


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    """`text` cut into pieces that NFC (Unicode composition) treats separately: before each character that combines
    with nothing to its left."""
    start = 0
    for i in range(1, len(text)):
        if text[i].isascii() or not _combines(text[i]):
            yield text[start:i], start
            start = i
    if text:
        yield text[start:], start


def _combines(char: str) -> bool:
    # Hangul vowels and final consonants, and a few signs, compose with what precedes although their class is 0.
    return unicodedata.combining(char) > 0 or "\u1160" <= char <= "\u11ff" or unicodedata.category(char) == "Mc"


def fold(text: str) -> str:
    """`text` without the differences that do not count in a comparison, and with single spaces."""
    plain = text.translate(_ONE_TO_ONE)
    if plain.isascii():
        return " ".join(_DASHES.sub("-", plain).split()).lower()
    return " ".join(_DASHES.sub("-", "".join(char for char, _ in _folded(text))).split())


_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"\b\w+$")
_STAMMERED = frozenset(("i", "we", "you", "he", "she", "they", "it", "the", "a", "and", "but", "that", "this", "is"))
_WRAPPING = "\"' "
_AROUND = ('"', "...")


def _needle(quote: str) -> str:
    """The folded quote without the marks that a writer puts around a quotation."""
    text = fold(quote)
    if text.startswith(_AROUND) or text.endswith(_AROUND):
        text = re.sub(r"^(?:\.{3}|[\"\s])+|(?:\.{3}|[\"\s])+$", "", text)
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text.strip(_WRAPPING)
    return text


def _joined(before: str, after: str, text: str, at: int) -> bool:
    """Whether the characters `before` and `after`, on the two sides of offset `at`, belong to one word or number."""
    if _UNSPACED.match(before) or _UNSPACED.match(after):
        return _cut_without_spaces(before, after, text, at)
    if before.isalnum() and after.isalnum():
        return True
    beyond_left = text[at - 2] if at >= 2 else ""
    beyond_right = text[at + 1] if at + 1 < len(text) else ""
    if before.isalnum() and (after in _JOINING_HYPHENS or after in _APOSTROPHES):
        return beyond_right.isalnum()
    if after.isalnum() and before in _JOINING_HYPHENS and _stammered(text, at):
        return False
    if after.isalnum() and (before in _JOINING_HYPHENS or before in _APOSTROPHES):
        # "-5 percent" is a number with its sign; "non-refundable" and "can't" are one word.
        return beyond_left.isalnum() or (after.isdigit() and before in _JOINING_HYPHENS and beyond_left != before)
    if after.isdigit() and before in ".,−":
        return before == "−" or beyond_left.isdigit()
    return before.isdigit() and after in ".," and beyond_right.isdigit()


_SPACE = "[ \u00a0\u2009\u202f]"
# On both sides of a cut: a number in groups or with a fraction, a range, a time; a number and
# its percent or its thousand.
_NUMBER_WORD = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|thousand"
    rf"|a|few|several|half a){_SPACE}$",
    re.IGNORECASE,
)
_DIGIT_BEFORE = re.compile(rf"\d{_SPACE}?$")
_GROUP = re.compile(rf"{_SPACE}?\d{{3}}(?!\d)")
_MAGNITUDE = re.compile(
    rf"{_SPACE}?[%‰٪％]|{_SPACE}(?:percent|per cent|prozent|pour cent|por ciento|hundred|thousand|million|billion|"
    r"trillion|tausend|millionen|milliarden|mille|millions|milliards|mil|millones|mln|mio|mrd|bn|k|m)\b",
    re.IGNORECASE,
)
_BETWEEN_DIGITS = re.compile(r"\d[.,:/٫٬·–−'’]$")
_NEGATES = re.compile(
    r"not|never|cannot|can['’]t|\w+n['’]t|nicht|kein\w*|nie|niemals|niet|geen|ikke|inte|pas|jamais|nunca", re.IGNORECASE
)
_NEXT_WORD = re.compile(rf"{_SPACE}([\w'’]+)")
_REACH = 24


def _changes_sense(text: str, at: int) -> bool:
    """Whether a quote that is cut at `at` would lose a negation, or a word that makes its number another number."""
    left, right = text[max(0, at - _REACH) : at], text[at : at + _REACH]
    apart = left[-1:].isspace()
    if _GROUP.match(right) and _DIGIT_BEFORE.search(left):
        return True
    if _MAGNITUDE.match(f" {right}" if apart else right) and (
        _DIGIT_BEFORE.search(left) or _NUMBER_WORD.search(left if apart else f"{left} ")
    ):
        return True
    if right[1:2].isdigit() and _BETWEEN_DIGITS.search(left + right[:1]):
        return True
    if right[:1].isdigit() and _BETWEEN_DIGITS.search(left):
        return True
    if left.rstrip()[-1:] in (".", "!", "?", "…"):
        return False  # a sentence ends here: what stands beyond it negates something else
    if apart:
        return _NEGATES.fullmatch(left.split()[-1] if left.strip() else "") is not None
    behind = _NEXT_WORD.match(right)
    return behind is not None and _NEGATES.fullmatch(behind[1]) is not None


def _cut_without_spaces(before: str, after: str, text: str, at: int) -> bool:
    """Whether a cut at `at` separates what belongs together, in a script without spaces."""
    if _KATAKANA.match(before) and _KATAKANA.match(after):
        return True
    if all(char in _HAN_NUMERALS or char.isdigit() for char in (before, after)):
        return True
    return text.endswith(_NEGATION_BEFORE, 0, at) or _NEGATION_AFTER.match(text, at) is not None


def _stammered(text: str, at: int) -> bool:
    """Whether the word from offset `at` repeats the one before its hyphen, as in "I-I don't know".

    Only words that make no compound with themselves count: "so-so" and "re-read" stay one word.
    """
    left, right = _LAST_WORD.search(text, 0, at - 1), _WORD.match(text, at)
    return (
        left is not None
        and right is not None
        and left[0].casefold() == right[0].casefold()
        and left[0].casefold() in _STAMMERED
    )


class QuoteIndex:
    """The turns of one transcript, prepared for many look-ups. A turn is folded when it is first searched; all turns
    are folded only if a quote is not in the turn it is claimed for."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns
        self._folded: dict[int, tuple[str, Sequence[int]]] = {}

    def locate(
        self, quote: str, speakers: Collection[str] | None = None, turn: int | None = None
    ) -> Quote | NotLocated:
        """The place of `quote`, said by one of `speakers` (None: anybody).

        `turn` is the claimed turn: it decides where the words stand in several turns, and is corrected in silence
        where they stand in exactly one other turn.
        """
        needle = _needle(quote)
        if not needle:
            return NotLocated("empty", "the quote is empty")
        if turn is not None and 0 <= turn < len(self._turns):
            # What stands in the claimed turn is taken, wherever else it stands: no other turn need be folded.
            claimed = next((hit for hit in self._occurrences(needle, turn) if self._counts(hit, speakers)), None)
            if claimed is not None:
                return self._evidence(quote, needle, claimed)
        return self._locate_anywhere(quote, needle, speakers, turn)

    def _locate_anywhere(
        self, quote: str, needle: str, speakers: Collection[str] | None, turn: int | None
    ) -> Quote | NotLocated:
        text, starts = self._whole
        spans = [hit for i in _turns_with(needle, text, starts) for hit in self._occurrences(needle, i)]
        if not spans:
            if needle in text.replace(_SEPARATOR, " "):
                return NotLocated("over several turns", f"{quote!r} runs over several turns; quote within one turn")
            return NotLocated("not found", f"{quote!r} is nowhere in the transcript; copy the words letter by letter")
        whole = [hit for hit in spans if self._on_boundaries(hit)]
        if not whole and any(self._whole_words(hit) for hit in spans):
            what = f"{quote!r} leaves out what stands right beside it in turn {spans[0].turn} and changes its sense"
            return NotLocated(
                "inside a word", f"{what} (a negation, a percent sign, the rest of a number); quote that too"
            )
        if not whole:
            return NotLocated(
                "inside a word",
                f"{quote!r} begins or ends inside a word or number of turn {spans[0].turn}; quote whole words",
            )
        allowed = [hit for hit in whole if speakers is None or self._turns[hit.turn].speaker in speakers]
        if not allowed:
            said_by = self._turns[whole[0].turn].speaker
            return NotLocated("wrong speaker", f"{quote!r} was said by {said_by} in turn {whole[0].turn}")
        meant = next((hit for hit in allowed if hit.turn == turn), None) if len(allowed) > 1 else allowed[0]
        if meant is None:
            turns = sorted({hit.turn for hit in allowed})
            if len(turns) > 1:
                places = ", ".join(map(str, turns))
                return NotLocated("ambiguous", f"{quote!r} stands in turns {places}; name the right turn")
            meant = allowed[0]
        return self._evidence(quote, needle, meant)

    def _counts(self, hit: Span, speakers: Collection[str] | None) -> bool:
        return self._on_boundaries(hit) and (speakers is None or self._turns[hit.turn].speaker in speakers)

    @cached_property
    def _whole(self) -> tuple[str, list[int]]:
        """All turns folded and joined, one on each line, and the offset at which each begins."""
        pieces = [self._fold(turn)[0] for turn in range(len(self._turns))]
        return _SEPARATOR.join(pieces), list(accumulate((len(p) + 1 for p in pieces), initial=0))

    def _fold(self, turn: int) -> tuple[str, Sequence[int]]:
        folded = self._folded.get(turn)
        if folded is None:
            folded = self._folded[turn] = _fold_turn(self._turns[turn].text)
        return folded

    def _evidence(self, quote: str, needle: str, hit: Span) -> Quote | NotLocated:
        source = self._turns[hit.turn]
        text = source.text[hit.start : hit.end]
        if not _long_enough(needle) and fold(text) != fold(source.text):
            return NotLocated("too short", f"{quote!r} is too short to be evidence; quote the whole sentence")
        return Quote(span=hit, speaker=source.speaker, text=text)

    def _occurrences(self, needle: str, turn: int) -> Iterator[Span]:
        text, offsets = self._fold(turn)
        at = text.find(needle)
        while at >= 0:
            last = offsets[at + len(needle) - 1]
            yield Span(turn=turn, start=offsets[at], end=self._end_of_cluster(turn, last))
            at = text.find(needle, at + 1)

    def _end_of_cluster(self, turn: int, last: int) -> int:
        """The offset after the source character at `last` and the marks that combine with it."""
        text = self._turns[turn].text
        end = last + 1
        while end < len(text) and not text[end].isascii() and _combines(text[end]):
            end += 1
        return end

    def _on_boundaries(self, hit: Span) -> bool:
        text = self._turns[hit.turn].text
        if (hit.start > 0 and _changes_sense(text, hit.start)) or (
            hit.end < len(text) and _changes_sense(text, hit.end)
        ):
            return False
        return self._whole_words(hit)

    def _whole_words(self, hit: Span) -> bool:
        text = self._turns[hit.turn].text
        if hit.start > 0 and _joined(text[hit.start - 1], text[hit.start], text, hit.start):
            return False
        return hit.end >= len(text) or not _joined(text[hit.end - 1], text[hit.end], text, hit.end)


def _turns_with(needle: str, text: str, starts: Sequence[int]) -> Iterator[int]:
    """The numbers of the turns that contain `needle`, in order."""
    at = text.find(needle)
    while at >= 0:
        turn = bisect_right(starts, at) - 1
        yield turn
        at = text.find(needle, starts[turn + 1])


def _long_enough(needle: str) -> bool:
    words, letters = _MIN_WORDS, _MIN_LETTERS
    if not needle.isascii() and (_UNSPACED.search(needle) or any(char >= "\u2e80" for char in needle)):
        words, letters = 1, _MIN_LETTERS // 2
    return needle.count(" ") >= words - 1 and _has_letters(letters).match(needle) is not None


@cache
def _has_letters(number: int) -> re.Pattern[str]:
    """A pattern that matches a text with at least that many letters or digits."""
    return re.compile(rf"(?:[\W_]*+[^\W_]){{{number}}}")


def _fold_turn(text: str) -> tuple[str, Sequence[int]]:
    """The folded text with single spaces, and for each of its characters the offset in `text`."""
    plain = text.translate(_ONE_TO_ONE)
    if (
        plain.isascii() and "--" not in plain and " ".join(plain.split()) == plain
    ):  # nothing moves: character for character
        return plain.lower(), range(len(plain))
    chars: list[str] = []
    offsets = array("L")
    for char, offset in _folded(text):
        if (char == " " and (not chars or chars[-1] == " ")) or (char == "-" and chars and chars[-1] == "-"):
            continue
        chars.append(char)
        offsets.append(offset)
    while chars and chars[-1] == " ":
        chars.pop()
        offsets.pop()
    return "".join(chars), offsets
