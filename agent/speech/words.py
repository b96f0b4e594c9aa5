"""Words with their times, and long recordings in parts: cut where it is quiet, and joined without doubling a word.

Each part reaches `OVERLAP` seconds into the next. What both have heard is found by comparing their words,
and one of the two is left out.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import numpy as np
from pydantic import Field

from agent.core.base import Frozen
from agent.speech.sound import Track

OVERLAP = 5.0
_QUIET_FRAMES = 15  # 0.3 s
_SEARCHED = 0.4  # of a part's length, before its end
_SAME_TIME = 1.5
_WORDS_A_SECOND = 4


class HeardWord(Frozen):
    """One word. `voice` is the recogniser's label of who says it; `exact` False where its time was worked out from
    those of the words or the passage around it."""

    text: str
    start: float
    end: float
    voice: str | None = None
    exact: bool = True

    def later(self, seconds: float) -> "HeardWord":
        """The same word, that many seconds later."""
        times = {"start": round(self.start + seconds, 3), "end": round(self.end + seconds, 3)}
        return self.model_copy(update=times)


class HeardWords(Frozen):
    """What a recogniser heard in one part, in the order spoken; times count from its beginning."""

    words: tuple[HeardWord, ...] = Field(default=())


@dataclass(frozen=True)
class Part:
    """A part of a track, in seconds. `cut` is where the next part takes over; for the last part its end."""

    start: float
    end: float
    cut: float


def parts_of(track: Track, longest: float) -> list[Part]:
    """The track in parts of at most `longest` seconds, cut at the quietest moment near each part's end."""
    parts, begin = [], 0.0
    while track.seconds - begin > longest:
        last = begin + longest - OVERLAP
        # The middle of the quietest third of a second between two times.
        first = last - longest * _SEARCHED
        frames = track.loudness[int(first * 50) : int(last * 50)]
        level = np.convolve(frames, np.ones(_QUIET_FRAMES) / _QUIET_FRAMES, mode="valid")
        cut = round(first + (int(level.argmin()) + _QUIET_FRAMES / 2) / 50, 2)
        parts.append(Part(begin, min(track.seconds, cut + OVERLAP), cut))
        begin = cut - OVERLAP
    return [*parts, Part(begin, track.seconds, track.seconds)]


@dataclass
class Joined:
    """The words of several parts in one list. `fresh` are the voices that could not be matched with those before and
    so have new names."""

    words: list[HeardWord] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)


def join(parts: Sequence[tuple[Part, Sequence[HeardWord]]]) -> Joined:
    """The words of all parts in one list, with times from the beginning of the recording."""
    joined = Joined()
    cut = 0.0
    for number, (part, heard) in enumerate(parts):
        words = [word.later(part.start) for word in heard]
        if number:
            _add(joined, words, cut)
        else:
            joined.words = named_voices(words)
        cut = part.cut
    return joined


def _add(joined: Joined, words: list[HeardWord], cut: float) -> None:
    """Append the words of the next part."""
    tail, head = _around(joined.words, cut, last=True), _around(words, cut, last=False)
    pairs = _both_heard(joined.words[tail:], words[:head])
    same = _voices(joined, [(joined.words[tail + a].voice, words[b].voice) for a, b in pairs], words)
    words = [_called(word, same) for word in words]
    if pairs:
        # Where both have heard the same word nearest to the cut, one part ends and the other goes on.
        a, b = min(pairs, key=lambda pair: abs(joined.words[tail + pair[0]].start - cut))
        joined.words = [*joined.words[: tail + a + 1], *words[b + 1 :]]
        return
    before = [word for word in joined.words if _middle(word) < cut]
    joined.words = [*before, *(word for word in words if _middle(word) >= cut)]


def _around(words: Sequence[HeardWord], cut: float, *, last: bool) -> int:
    """Where the words near a cut begin (in the part before it) or end (in the part after it)."""
    if words and not any(word.exact for word in words):  # times that were worked out may be far off: go by their number
        near = round(2 * OVERLAP * _WORDS_A_SECOND)
        return max(0, len(words) - near) if last else min(len(words), near)
    if last:
        return next((i for i, word in enumerate(words) if word.end > cut - OVERLAP - 1), len(words))
    return next((i for i, word in enumerate(words) if word.start > cut + OVERLAP + 1), len(words))


def _both_heard(before: Sequence[HeardWord], after: Sequence[HeardWord]) -> list[tuple[int, int]]:
    """Pairs of positions at which both parts have the same word at about the same time."""
    matcher = SequenceMatcher(None, [bare(w.text) for w in before], [bare(w.text) for w in after], autojunk=False)
    exact = all(word.exact for word in (*before, *after))
    pairs: list[tuple[int, int]] = []
    for block in matcher.get_matching_blocks():
        run = [(block.a + i, block.b + i) for i in range(block.size)]
        if exact:
            pairs += [(a, b) for a, b in run if abs(before[a].start - after[b].start) <= _SAME_TIME]
        elif block.size >= 3:  # without times a word or two may be the same by chance
            pairs += run
    return pairs


def _voices(
    joined: Joined, heard: Sequence[tuple[str | None, str | None]], words: Sequence[HeardWord]
) -> dict[str, str]:
    """The name of each voice of a new part in the whole recording, found by the words that both parts heard. A voice
    that is not in those words gets a new name."""
    votes = Counter((new, old) for old, new in heard if old and new)
    same: dict[str, str] = {}
    for (new, old), _ in votes.most_common():
        if new not in same and old not in same.values():
            same[new] = old
    taken = {word.voice for word in joined.words if word.voice}
    for voice in dict.fromkeys(word.voice for word in words if word.voice):
        if voice not in same:
            number = next(n for n in range(1, 1_000) if f"Voice {n}" not in taken)
            same[voice] = f"Voice {number}"
            taken.add(same[voice])
            joined.fresh.append(same[voice])
    return same


def _called(word: HeardWord, same: Mapping[str, str]) -> HeardWord:
    return word.model_copy(update={"voice": same[word.voice]}) if word.voice else word


def named_voices(words: Sequence[HeardWord]) -> list[HeardWord]:
    """The voices of a part as Voice 1, Voice 2 …, in the order they are heard."""
    voices = dict.fromkeys(word.voice for word in words if word.voice)
    return [_called(word, {v: f"Voice {n}" for n, v in enumerate(voices, 1)}) for word in words]


def _middle(word: HeardWord) -> float:
    return (word.start + word.end) / 2


def bare(text: str) -> str:
    """A word without case and punctuation, for comparison."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    return plain or text


def spread(text: str, start: float, end: float, voice: str | None = None) -> list[HeardWord]:
    """The words of a passage of which only beginning and end are known; times are shared out by the words' lengths."""
    tokens = text.split()
    whole, at, made = sum(len(token) + 1 for token in tokens), 0, []
    for token in tokens:
        first = start + (end - start) * at / whole
        at += len(token) + 1
        last = start + (end - start) * at / whole
        made.append(HeardWord(text=token, start=round(first, 3), end=round(last, 3), voice=voice, exact=False))
    return made


def timed(tokens: Sequence[HeardWord], words: Sequence[HeardWord]) -> list[HeardWord]:
    """`tokens` (with punctuation and computed times) with the exact times of the same `words`. Tokens that have no
    such word are placed between their neighbors."""
    matcher = SequenceMatcher(None, [bare(t.text) for t in tokens], [bare(w.text) for w in words], autojunk=False)
    made = list(tokens)
    for block in matcher.get_matching_blocks():
        for i in range(block.size):
            word, voice = words[block.b + i], tokens[block.a + i].voice
            update = {"start": word.start, "end": word.end, "exact": True, "voice": voice or word.voice}
            made[block.a + i] = made[block.a + i].model_copy(update=update)
    return in_order(_between(made))


def _between(words: list[HeardWord]) -> list[HeardWord]:
    """Words without exact times, spread between the words around them that have some."""
    made: list[HeardWord] = []
    at = 0
    while at < len(words):
        last = next((i for i in range(at, len(words)) if words[i].exact), len(words))
        run = words[at:last]
        if run:
            start = made[-1].end if made else run[0].start
            end = words[last].start if last < len(words) else max(start, run[-1].end)
            voices = [word.voice for word in run]
            fitted = spread(" ".join(word.text for word in run), min(start, end), end)
            made += [word.model_copy(update={"voice": voice}) for word, voice in zip(fitted, voices, strict=True)]
        made += words[last : last + 1]
        at = last + 1
    return made


def in_order(words: Sequence[HeardWord]) -> list[HeardWord]:
    """The words with their times changed so that they never go back."""
    made: list[HeardWord] = []
    latest = 0.0
    for word in words:
        latest = max(latest, word.start)
        made.append(word.model_copy(update={"start": latest, "end": max(latest, word.end)}))
    return made
