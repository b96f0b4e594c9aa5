"""A transcribed recording, and an estimate of what transcribing costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.core.base import Frozen
from agent.core.transcript import Transcript
from agent.speech.words import HeardWord
from agent.text.importers.base import Line

PAUSE_SECONDS = 1.0
ONE_VOICE = "Voice"


class HeardRecording(Frozen):
    """The words of a recording, by track: one track, or one for each of two channels. `sound` is the hash of its
    file; `requests` are the ids of the requests that heard it."""

    sound: str
    seconds: float
    model: str
    tracks: tuple[tuple[HeardWord, ...], ...]
    requests: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def passages(self) -> list[tuple[str, list[HeardWord]]]:
        """Who says what, in the order spoken. Voices are named by channel, else as the recogniser told them apart. A
        recording in which it told nobody apart is one unnamed voice, cut at its pauses."""
        found = [
            passage for number, track in enumerate(self.tracks, 1) for passage in self._passages_of_track(number, track)
        ]
        return sorted(found, key=lambda passage: passage[1][0].start)

    def _passages_of_track(self, number: int, track: Sequence[HeardWord]) -> list[tuple[str, list[HeardWord]]]:
        apart = any(word.voice for word in track)
        made: list[tuple[str, list[HeardWord]]] = []
        for word in track:
            who = f"Channel {number}" if len(self.tracks) > 1 else word.voice or "Voice ?" if apart else ONE_VOICE
            if made and made[-1][0] == who and word.start - made[-1][1][-1].end <= PAUSE_SECONDS:
                made[-1][1].append(word)
            else:
                made.append((who, [word]))
        return made

    @property
    def lines(self) -> list[Line]:
        """The passages as lines, as if they had been read from a file."""
        open_voice = len(self.tracks) == 1 and not any(word.voice for word in self.tracks[0])
        return [
            Line(who, " ".join(word.text for word in words), words[0].start, joins=not open_voice)
            for who, words in self.passages
        ]

    def times(self, transcript: Transcript) -> list[list[tuple[int, float]]]:
        """For each turn of a transcript made from this recording: the offsets at which its words begin, and the
        seconds at which they are said."""
        left = [word for _, words in self.passages for word in words]
        found = []
        for turn in transcript.turns:
            times, at = [], 0
            for token in turn.text.split():
                at = turn.text.index(token, at)
                # A word that is not among the next ones was put there by hand: it has no time of its own.
                place = next((i for i, word in enumerate(left[:5]) if word.text == token), None)
                if place is not None:
                    times.append((at, left[place].start))
                    left = left[place + 1 :]
                at += len(token)
            found.append(times)
        return found


@dataclass(frozen=True)
class HearingPlan:
    """The most that transcribing some recordings would take. `usd` is None if the price of `model` is unknown;
    `leaves_to` names who would receive the sound, empty if it stays on this machine. `asks`: somebody has to allow
    it first."""

    files: int
    minutes: float
    usd: float | None
    model: str
    leaves_to: str
    asks: bool

    @property
    def sentence(self) -> str:
        """The estimate in words."""
        many = "1 recording" if self.files == 1 else f"{self.files} recordings"
        price = (
            "of unknown price" if self.usd is None else "at no price" if not self.usd else f"at most ${self.usd:.2f}"
        )
        price = "less than $0.01" if self.usd and self.usd < 0.01 else price
        where = f"sent to {self.leaves_to}" if self.leaves_to else "on this machine"
        return f"{many}, {self.minutes:.1f} minutes of sound, {price}, heard by {self.model} {where}"
