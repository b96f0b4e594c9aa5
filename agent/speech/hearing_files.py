"""Transcribes whole recordings: what it would cost, part by part, and where the result is kept until it is imported."""

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from agent.app.telling import Note
from agent.core.errors import Advice, CloseReadError, ImportProblem, InputError, RoleUnbound
from agent.llm.model import Model, Request, Setting
from agent.llm.retries import Retries
from agent.llm.wire import Endpoint, is_loopback
from agent.settings import Binding
from agent.speech.hearing import LOCAL, ROLE, LocalWhisper, Recogniser, part_request, usual_settings
from agent.speech.model import HeardRecording, HearingPlan
from agent.speech.sound import Track, as_mp3, decode, digest_of, measure
from agent.speech.words import HeardWord, HeardWords, in_order, join, parts_of
from agent.text.importers import Format, Reader, Reading, Source, reading_of
from agent.text.importers.turns import transcript_of
from agent.workspace import Workspace

AT_ONCE = 4  # parts in flight: each is some 20 MB
FORMAT = Format(
    "recording", "a recording, heard by the model of the role transcriber", (), lambda _: False, lambda _: []
)


@dataclass(frozen=True)
class Recorded:
    """A recording to be transcribed: the name that its owner knows, and the file."""

    name: str
    path: Path


def bound_transcriber(space: Workspace) -> Binding | None:
    """The model of the role `transcriber`; None if none is bound. CLOSEREAD_MODEL is not used: it reads text and
    cannot hear."""
    return space.settings.models().roles.get(ROLE)


def leaves_to(space: Workspace, bound: Binding) -> str:
    """Who receives the sound: a host or a provider; empty if it stays on this machine."""
    base = space.base_url(bound)
    if bound.model.startswith(LOCAL) or is_loopback(base):
        return ""
    return urlsplit(base).hostname or bound.model.partition("/")[0]


def plan(space: Workspace, files: Sequence[Recorded]) -> HearingPlan:
    """The most that transcribing `files` would take. Parts that were transcribed before cost nothing, and parts
    overlap. Unreadable files cost nothing. RoleUnbound if no model is bound."""
    bound = _bound(space)
    seconds = 0.0
    for file in files:
        try:
            found = measure(file.path, file.name)
        except ImportProblem:  # told where it is read
            continue
        overlap = 10.0 * (found.seconds // bound.part_seconds)
        seconds += (found.seconds + overlap) * (2 if found.channels == 2 else 1)
    price = space.prices([bound]).of(bound.model)
    gets = leaves_to(space, bound)
    privacy = space.settings.privacy()
    asks = bool(gets) and privacy.pseudonyms is not False and not privacy.sound_may_leave
    usd = None if price is None else seconds * price.second
    return HearingPlan(len(files), seconds / 60, usd, bound.model, gets, asks)


def check_allowed(planned: HearingPlan, allowed: bool) -> None:
    """Raises InputError if sound in which people are named would leave this machine and nobody has allowed it."""
    if planned.asks and not allowed:
        raise InputError(
            f"this sound would leave as it is to {planned.leaves_to}: names are spoken in it, "
            "and no placeholder can take their place",
            advice=Advice(
                option="--send-sound, where it may",
                there="say that it may be sent",
                text="sound_may_leave: true in config/privacy.yaml allows it for good",
            ),
        )


class HeardFolder:
    """Transcribed recordings in a folder, by the hash of the recording: their words, and their sound as it will be
    stored."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, sound: str) -> HeardRecording | None:
        """The recording with that hash, if it was transcribed."""
        with suppress(OSError, ValidationError):
            return HeardRecording.model_validate_json((self.folder / f"{sound}.heard.json").read_bytes())
        return None

    def put(self, heard: HeardRecording, mp3: bytes) -> None:
        """Store the words and the sound."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if mp3:
            (self.folder / f"{heard.sound}.mp3").write_bytes(mp3)
        draft = self.folder / f"{heard.sound}.part"
        draft.write_text(heard.model_dump_json(), encoding="utf-8")
        draft.replace(self.folder / f"{heard.sound}.heard.json")

    def fail(self, sound: str, problem: ImportProblem) -> None:
        """Store why a recording could not be transcribed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{sound}.problem.json").write_text(json.dumps([problem.what, problem.hint]), encoding="utf-8")

    def failure(self, sound: str) -> tuple[str, str] | None:
        """What was wrong with a recording and what to do, if it could not be transcribed."""
        with suppress(OSError, ValueError):
            what, hint = json.loads((self.folder / f"{sound}.problem.json").read_text(encoding="utf-8"))
            return str(what), str(hint)
        return None

    def waits(self, file: Recorded) -> bool:
        """Whether the recording has yet to be transcribed."""
        sound = known_digest(file.path)
        return self.get(sound) is None and self.failure(sound) is None

    def mp3(self, sound: str) -> bytes:
        """The recording's sound; empty if it is not stored."""
        with suppress(OSError):
            return (self.folder / f"{sound}.mp3").read_bytes()
        return b""


async def hear_files(
    space: Workspace,
    files: Sequence[Recorded],
    into: HeardFolder,
    *,
    allowed: bool = False,
    budget_usd: float | None = None,
    job: str = "",
    note: Note = lambda _: None,
    step: Callable[[], None] = lambda: None,
) -> list[ImportProblem]:
    """Transcribe all of `files`, one after the other; unreadable ones are returned as problems.

    An error of the provider or a limit (`BudgetExceeded`) ends it. The parts done so far stay in the cache, so the next
    try pays only for the rest. InputError if it is not allowed (`check_allowed`).
    """
    bound, problems = _bound(space), list[ImportProblem]()
    readable = [file for file in files if _readable(file, problems)]
    check_allowed(plan(space, readable), allowed)
    keep = space.settings.privacy().keep_sound_days > 0
    made: list[Recogniser | LocalWhisper] = []

    def recogniser(endpoint: Endpoint, retries: Retries) -> Model:
        made.append(LocalWhisper(bound.folder) if bound.model.startswith(LOCAL) else Recogniser(endpoint, retries))
        return made[0]

    for problem in problems:
        path = next(file.path for file in files if file.name == problem.where)
        into.fail(known_digest(path), problem)
    async with space.hearing(bound, recogniser, budget_usd, job) as model:
        try:
            for file in readable:
                sound = await asyncio.to_thread(known_digest, file.path)
                if into.get(sound) is None:
                    heard = await _heard(space, bound, model, file, sound)
                    mp3 = await asyncio.to_thread(as_mp3, file.path, file.name) if keep else b""
                    await asyncio.to_thread(into.put, heard, mp3)
                    note(f"{file.name}: {heard.seconds / 60:.1f} minutes, {sum(map(len, heard.tracks)):,} words")
                step()
        finally:
            for one in made:
                await one.aclose()
    return problems


def _readable(file: Recorded, problems: list[ImportProblem]) -> bool:
    try:
        measure(file.path, file.name)
    except ImportProblem as problem:
        problems.append(problem)
        return False
    return True


async def _heard(space: Workspace, bound: Binding, model: Model, file: Recorded, digest: str) -> HeardRecording:
    """Transcribe one recording, part by part."""
    with tempfile.TemporaryDirectory(prefix="closeread-sound-") as place:
        sound = await asyncio.to_thread(decode, file.path, Path(place), file.name)
        asked: list[str] = []
        places = asyncio.Semaphore(min(AT_ONCE, bound.limits.in_flight))
        one_voice = len(sound.tracks) > 1
        usual = usual_settings(bound.model, one_voice=one_voice)
        settings = {name: value for name, value in {**usual, **bound.settings}.items() if value is not None}
        notes = [sound.note] if sound.note else []
        tracks = []
        for track in sound.tracks:
            words, fresh = await _track(
                track, bound, settings, space.endpoint_name(bound), model, digest, places, asked
            )
            tracks.append(tuple(words))
            if fresh and not one_voice:
                notes.append(
                    f"{', '.join(fresh)}: heard in a later part, and perhaps somebody who spoke "
                    "before under another number"
                )
        if len(tracks) == 1 and not any(word.voice for word in tracks[0]):
            notes.append("nobody is told apart in it: all its words are those of one open voice")
    return HeardRecording(
        sound=digest,
        seconds=sound.seconds,
        model=bound.model,
        tracks=tuple(tracks),
        requests=tuple(dict.fromkeys(asked)),
        notes=tuple(notes),
    )


async def _track(
    track: Track,
    bound: Binding,
    settings: Mapping[str, Setting],
    endpoint: str,
    model: Model,
    digest: str,
    places: asyncio.Semaphore,
    asked: list[str],
) -> tuple[list[HeardWord], list[str]]:
    """The words of one track, and the voices that could not be matched with those of the part before."""
    parts, failed = parts_of(track, float(bound.part_seconds)), list[CloseReadError]()

    async def one(number: int) -> Sequence[HeardWord]:
        part = parts[number]
        if track.is_silent(part.start, part.end):
            return ()
        async with places:
            if failed:
                return ()
            request: Request[HeardWords] = await asyncio.to_thread(
                part_request, track, part, bound.model, settings, endpoint, f"sound {digest[:12]}"
            )
            asked.append(request.id)
            try:
                return (await model.ask(request)).value.words
            except CloseReadError as error:
                failed.append(error)
                return ()

    # An error stops parts not yet begun: those in flight are paid for, so their answers are waited for and kept.
    heard = await asyncio.gather(*map(one, range(len(parts))))
    if failed:
        raise failed[0]
    joined = join(list(zip(parts, heard, strict=True)))
    return in_order(joined.words), joined.fresh


class HeardReader:
    """A reader that returns the transcribed words of recordings, and reads everything else with `under`."""

    def __init__(self, heard: HeardFolder, under: Reader = reading_of) -> None:
        self.heard, self._under = heard, under

    def __call__(
        self,
        source: Source,
        *,
        format: str | None = None,
        speakers: Mapping[str, str] | None = None,
        people: Iterable[str] = (),
    ) -> Reading:
        """Reads one file, like `reading_of`. ImportProblem for a recording that was not transcribed or in which
        nothing was heard."""
        if not source.is_recording or source.path is None:
            return self._under(source, format=format, speakers=speakers, people=people)
        sound = known_digest(source.path)
        heard = self.heard.get(sound)
        if failure := self.heard.failure(sound):
            raise source.problem(None, *failure)
        if heard is None:
            return self._under(source, format=format, speakers=speakers, people=people)  # which says what to do
        if not any(heard.tracks):
            raise source.problem(None, "nothing was heard in this recording", "play it: is there speech in it?")
        transcript, notes = transcript_of(source.name, heard.lines, speakers)
        return Reading(FORMAT, transcript, (*heard.notes, *notes), sound)


def known_digest(path: Path) -> str:
    """The hash of a file, cached as long as the file does not change."""
    state = path.stat()
    return _digest(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4_096)
def _digest(path: Path, size: int, changed: int) -> str:
    return digest_of(path)


def _bound(space: Workspace) -> Binding:
    bound = bound_transcriber(space)
    if bound is None:
        raise RoleUnbound(ROLE)
    return bound
