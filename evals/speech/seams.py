"""What it costs to hear a recording in parts: word errors of the whole, of the parts joined, and around the seams.

    PYTHONPATH=. python evals/speech/seams.py [MINUTES] [SECONDS_A_PART]

The words of the sample's calls are spoken by espeak-ng and heard by pocketsphinx, once as a whole and once in parts. It
hears badly, and not the same twice where it begins elsewhere: what counts is how much worse the joined parts are than the
whole. `by the clock` cuts each part at its seam without comparing words, `end to end` leaves what both parts heard.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pocketsphinx

from agent.speech.sound import Track, decode
from agent.speech.words import HeardWord, bare, join, parts_of
from agent.text.importers import read_transcript

SAMPLE = Path(__file__).parents[2] / "sample" / "ledgerline" / "calls"
NEAR = 5.0  # seconds before and behind a seam
VOICES = ("en-us", "en-gb")


def spoken(seconds: float, folder: Path) -> tuple[Track, list[str]]:
    """Turns of the sample's calls, said by two voices in turn, and their words."""
    words: list[str] = []
    pieces: list[np.ndarray] = []
    length = 0.0
    files = [path for path in sorted(SAMPLE.iterdir()) if path.suffix in (".txt", ".vtt", ".srt")]
    turns = [turn.text for path in files for turn in read_transcript(path).turns]
    for number, text in enumerate(turns):
        if length > seconds:
            break
        out = folder / "turn.wav"
        said = ["espeak-ng", "-v", VOICES[number % 2], "-s", "150", "-w", str(out), text]
        subprocess.run(said, check=True)
        samples = np.array(decode(out, folder).tracks[0].samples)
        pieces += [samples, np.zeros(4_000, np.int16)]
        length += len(samples) / 16_000 + 0.25
        words += [word for token in text.split() if (word := bare(token)).isalnum()]
    return Track(np.concatenate(pieces)), words


def heard(track: Track, start: float, end: float) -> list[HeardWord]:
    """What pocketsphinx hears between two times, in times of that part."""
    decoder = pocketsphinx.Decoder(loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw(track.samples[int(start * 16_000) : int(end * 16_000)].tobytes(), full_utt=True)
    decoder.end_utt()
    said = [one for one in decoder.seg() if not one.word.startswith(("<", "["))]
    return [
        HeardWord(text=one.word.split("(")[0], start=one.start_frame / 100, end=(one.end_frame + 1) / 100)
        for one in said
    ]


def errors(one: list[str], two: list[str]) -> int:
    """Words to be changed, added or left out until `two` is `one`."""
    row = np.arange(len(two) + 1)
    for i, word in enumerate(one, 1):
        change = row[:-1] + np.array([word != other for other in two], dtype=int) if two else row[:0]
        new = np.empty_like(row)
        new[0] = i
        for j in range(1, len(row)):
            new[j] = min(change[j - 1], row[j] + 1, new[j - 1] + 1)
        row = new
    return int(row[-1])


def texts(words: list[HeardWord]) -> list[str]:
    """Their words alone."""
    return [bare(word.text) for word in words]


def main(minutes: float, part_seconds: float) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        track, truth = spoken(minutes * 60, Path(place))
    whole = heard(track, 0.0, track.seconds)
    parts = parts_of(track, part_seconds)
    told = [(part, heard(track, part.start, part.end)) for part in parts]
    joined = join(told).words
    cuts = [0.0, *(part.cut for part in parts)]
    clocked, doubled = [], []
    for begin, (part, words) in zip(cuts, told, strict=False):
        later = [word.later(part.start) for word in words]
        doubled += later
        clocked += [word for word in later if begin <= (word.start + word.end) / 2 < part.cut]
    print(
        f"{track.seconds / 60:.1f} minutes, {len(truth):,} words said, {len(parts) - 1} seams, parts of {part_seconds:g} s"
    )
    rows = {"as a whole": whole, "parts joined": joined, "by the clock": clocked, "end to end": doubled}
    for name, words in rows.items():
        wrong = errors(truth, texts(words))
        print(
            f"{name:>13}: {len(words):5,} words heard, {wrong:5,} word errors ({wrong / len(truth):.1%} of those said)"
        )
    for name, words in list(rows.items())[1:3]:
        near = away = near_words = away_words = 0
        edges = [0.0, *(edge for cut in cuts[1:-1] for edge in (cut - NEAR, cut + NEAR)), track.seconds + 1]
        for number, (first, last) in enumerate(pairwise(edges)):
            inside = [[w for w in row if first <= w.start < last] for row in (whole, words)]
            found, size = errors(texts(inside[0]), texts(inside[1])), len(inside[0])
            if number % 2:
                near, near_words = near + found, near_words + size
            else:
                away, away_words = away + found, away_words + size
        print(
            f"{name:>13}: differs from the whole in {near} of {near_words} words within {NEAR:g} s of a seam "
            f"({near / near_words:.1%}) and {away} of {away_words} elsewhere ({away / away_words:.1%})"
        )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5, float(sys.argv[2]) if len(sys.argv) > 2 else 30)
