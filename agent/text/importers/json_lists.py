"""JSON of any service that lists what was said: objects with a key for the words and, most often, for the speaker and
the time, wherever in the document the list lies.

Read so: AssemblyAI, Avoma, Azure, Chorus, Dialpad, ElevenLabs, Fathom, Fireflies, Gladia, Google, Grain, Granola, IBM
Watson, Otter, Read.ai, Recall.ai, Speechmatics, tl;dv, and what scripts write. What one time counts (seconds,
milliseconds) is decided once for a whole file. Names may stand in a list of their own, by id.
"""

import html
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.core.errors import ImportProblem
from agent.text.importers import plain, srt, webvtt
from agent.text.importers.base import Format, Line, Source, left_out
from agent.text.importers.rows import moment, unit_of
from agent.text.importers.shapes import Word, by_time, numbered, word_lines
from agent.text.importers.times import clock_seconds, plain_seconds

_TEXT = (
    *("text", "transcript", "sentence", "content", "Content", "snippet", "message", "utterance", "display", "body"),
    *("words", "punctuated_word", "word", "raw_text", "value", "transcription", "phrase", "said"),
)  # fmt: skip
_NAME = (
    *("speaker_name", "speakerName", "display_name", "displayName", "name", "participant_name", "user_name"),
    *("participantName", "full_name", "fullName", "username", "who"),
)  # fmt: skip
_SPEAKER = (
    *("speaker", "participant", "user", "speaker_label", "speakerLabel", "speakerTag", "speaker_id", "speakerId"),
    *("speaker_tag", "ParticipantRole", "participant_type", "role", "source", "channel", "media_channel"),
)  # fmt: skip
# Keys that say who speaks only where no other does: a channel beside a missing speaker is not another name for one.
_WEAK = ("participant_type", "role", "source", "channel", "media_channel")
_EMAIL = ("email", "emailAddress", "matched_calendar_invitee_email")
_PEOPLE = ("speakers", "participants", "parties", "users", "attendees", "speaker_names", "speakerNames", "speaker_map")
_IDS = ("speakerId", "speaker_id", "id", "speaker")
# Where a time is, and what its number counts in seconds; 0 where the file as a whole has to tell.
_START: dict[str, float] = {
    **dict.fromkeys(("start", "start_time", "startTime", "begin", "from", "timestamp", "time", "offset", "ts"), 0.0),
    **dict.fromkeys(
        (
            "snippet_time",
            "timestamps",
            "start_timestamp",
            "start_seconds",
            "startedAt",
            "startsAt",
            "secondsFromStart",
            "relative",
            "startSeconds",
            "startOffset",
        ),
        0.0,
    ),
    **dict.fromkeys(
        (
            "start_ms",
            "startMs",
            "offsetMilliseconds",
            "BeginOffsetMillis",
            "start_time_ms",
            "startTimeMs",
            "start_offset_ms",
            "startMillis",
        ),
        0.001,
    ),
    **dict.fromkeys(("offsetInTicks", "startInTicks"), 1e-7),
    "start_offset": 1 / 16_000,  # Otter counts samples of its audio
}
_NESTED = ("sentences", "words", "elements", "items", "segments")
_BEST = ("alternatives", "nBest", "NBest")
_GRANOLA = {"microphone": "Me", "system": "Them", "speaker": "Them"}  # as its own page shows them
_MAX_DEPTH = 8
_MAX_ENTRIES, _MAX_KEYS = 100_000, 5_000  # a day of talk has fewer words, and no object so many keys
_RESOURCE = re.compile(r"[\w-]+(?:/[\w.-]+){2,}")  # Google's name of a thing: conferenceRecords/c/participants/p
_ISO_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_TAGGED, _TAG = re.compile(r"</(p|div|span)>|<br\s*/?>"), re.compile(r"</?[a-zA-Z][^<>]*>")
_EPOCH = 1e8  # a number of seconds as large is a moment, not a time from the beginning

_Object = Mapping[str, Any]
_Place = tuple[str | int, ...]  # keys and positions from the top: a key may hold any letter


@dataclass(frozen=True, slots=True)
class _Said:
    """What one entry says. `time` is the time as written, with the scale that its key implies (0: unknown). `weak`:
    its `ident` comes from a key that names nobody if other entries have a better one."""

    speaker: str | None
    ident: str | None
    text: str
    time: Any = None
    scale: float = 0.0
    glued: bool = False
    word: bool = False
    weak: bool = False


@dataclass(slots=True)
class _Found:
    """A list of entries in the document: where it lies (`path`, without numbers, is the same for all lists of its
    kind), and what its entries say. `silent` are the entries in which no words were found."""

    path: _Place
    place: _Place
    said: list[_Said] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    sounds: list[str] = field(default_factory=list)
    passed_over: int = 0

    @property
    def told(self) -> tuple[bool, int, bool]:
        """How much a list tells about speakers and times, to compare lists by: whether a key that means a speaker
        names them, how many there are, and whether there are times."""
        heard = {one.speaker or one.ident for one in self.said} - {None}
        strong = any(one.speaker or (one.ident and not one.weak) for one in self.said)
        return strong, len(heard), any(one.time is not None for one in self.said)

    @property
    def words(self) -> int:
        return sum(len(one.text.split()) for one in self.said)

    @property
    def named(self) -> bool:
        return sum(one.speaker is not None or one.ident is not None for one in self.said) * 2 > len(self.said)


def _sniff(source: Source) -> bool:
    document = source.document
    if _best_list(document) is not None or _whole(document) is not None:
        return True
    try:
        return bool(_written(source))
    except ImportProblem:
        return True  # said when it is read


def _whole(document: Any) -> str | None:
    """The whole text in one piece, from services that do not tell who spoke."""
    text = document.get("text") if isinstance(document, dict) else None
    return text if isinstance(text, str) and text.strip() else None


def _written(source: Source) -> list[Line]:
    """The lines of a document that holds the talk as one text, laid out like a text file or captions; empty if there
    is none."""
    texts = [text for text in _sentences(source.document, 0) if "\n" in text.strip()]
    name = source.name.removesuffix(".json")  # what is inside is no JSON
    inner = replace(source, name=name, data=max(texts, key=len, default="").encode(errors="replace"), part="")
    form = next((form for form in (webvtt.FORMAT, srt.FORMAT, plain.FORMAT) if texts and form.sniff(inner)), None)
    lines = form.read(inner) if form else []
    return [replace(line, number=None) for line in lines] if sum(line.speaker is not None for line in lines) > 1 else []


def _read(source: Source) -> list[Line]:
    document = source.document
    lists = _lists(document)
    best = _best_list(document, lists)
    if best is None and (lines := _written(source)):
        return lines
    if best is None and (whole := _whole(document)):
        return [Line(None, whole)]
    if best is None:
        what = "no list of what was said was found in this JSON"
        raise source.problem(
            None, f"{what}{_status_in_words(document)}", 'write [{"speaker": "Ann Lee", "text": "…", "start": 4.0}, …]'
        )
    same = [found for found in lists if found.path == best.path]
    if len(same) > 1:
        best = _list_meant(source, same)
    _check_silent(source, document, best)
    sounds = [left_out(sound, None, "a sound or a remark in brackets") for sound in best.sounds]
    return [*_words_of_other_lists(best, lists), *sounds, *_lines(best, _names_by_id(document, best.said))]


def _words_of_other_lists(best: _Found, lists: Sequence[_Found]) -> list[Line]:
    """The words of other lists with speakers that this list lacks, marked as left out. Most other lists repeat the
    same words in other pieces."""
    heard = {word for one in best.said for word in one.text.lower().split()}
    apart = [found for found in lists if found.path != best.path and (found.named or all(x.word for x in found.said))]
    others = [" ".join(one.text for one in found.said) for found in apart]
    new = [text for text in others if sum(word not in heard for word in text.lower().split()) * 5 > len(text.split())]
    return [left_out(text, None, "another list of the file") for text in new]


def _status_in_words(document: Any) -> str:
    if not isinstance(document, dict):
        return ""
    said = " ".join(str(document[key]) for key in ("status", "error") if isinstance(document.get(key), str))
    return f" (status {said})" if said else ""


def _list_meant(source: Source, same: Sequence[_Found]) -> _Found:
    number = int(source.part) if source.part.isdigit() else 0
    if 1 <= number <= len(same):
        return same[number - 1]
    what = f"this file holds {len(same)} transcripts, not one"
    raise source.problem(None, what, f"name one in the manifest: {source.name.rpartition('/')[2]}#1 to #{len(same)}")


def _check_silent(source: Source, document: Any, found: _Found) -> None:
    """Raises ImportProblem for an entry whose words are not under the key that other entries use: they would be
    lost."""
    there = document
    for key in found.place:
        there = there[key]
    entries = [one if isinstance(one, dict) else {} for one in there]
    sounding = [one for i, one in enumerate(entries) if i not in set(found.silent)]
    counts = Counter(key for one in sounding for key in one)
    known = {key for one in sounding[:_MAX_ENTRIES] for key, _ in _keyed(one, 0)}
    usual = {key for key, count in counts.items() if count * 2 >= len(sounding)}
    for i in found.silent:
        own = entries[i] if i < len(entries) else {}
        strange = [value for key, value in own.items() if key not in usual or (key in _TEXT and value)]
        texts = [text for value in strange for text in _sentences(value, 0, least=1)] or _sentences(own, 0)
        texts = texts or list(_said_under(own, 0)) or [text for key, text in _keyed(own, 0) if key not in known]
        if texts:
            place = "".join(f"/{key}" for key in found.place) or "at the top"
            what = f"entry {i + 1} of the list {place} has words where the others have none: {texts[0][:40]!r}"
            raise source.problem(None, what, "give each entry the same keys")


def _said_under(value: Any, depth: int) -> Iterator[str]:
    """The texts under keys of spoken words, anywhere inside `value`."""
    if depth > _MAX_DEPTH or not isinstance(value, dict | list):
        return
    for key, inner in value.items() if isinstance(value, dict) else ((None, one) for one in value):
        if key in _TEXT and isinstance(inner, str) and any(map(str.isalpha, inner)):
            yield inner
        yield from _said_under(inner, depth + 1)


def _keyed(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Every text anywhere inside `value`, with its key."""
    if depth > _MAX_DEPTH or not isinstance(value, dict | list):
        return
    for key, inner in value.items() if isinstance(value, dict) else (("", one) for one in value):
        if isinstance(inner, str) and any(map(str.isalpha, inner)):
            yield key, inner
        yield from _keyed(inner, depth + 1)


def _sentences(value: Any, depth: int, least: int = 3) -> list[str]:
    """The texts of at least `least` words, anywhere inside `value`."""
    if isinstance(value, str):
        return [value] if len(value.split()) >= least and any(map(str.isalpha, value)) else []
    if depth > _MAX_DEPTH or not isinstance(value, dict | list):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [text for one in inner for text in _sentences(one, depth + 1, least)]


# Finding the list


def _best_list(document: Any, lists: Sequence[_Found] | None = None) -> _Found | None:
    """The list that holds the talk.

    A list with speakers is better than one without, and one with most of the words better than one with few. Among the
    rest the best is the one that tells most about who speaks and when (Azure's combined phrases hold all words of a
    channel in one piece), then the one with the longest pieces.
    """
    lists = _lists(document) if lists is None else lists
    some = [found for found in lists if found.named] or list(lists)
    most = max((found.words for found in some), default=0)
    if not most:
        return None
    whole = [found for found in some if found.words >= 0.9 * most]
    return max(whole, key=lambda found: (*found.told, found.words / len(found.said)))


def _lists(document: Any) -> list[_Found]:
    if isinstance(document, dict) and (watson := _watson(document)):
        return [watson]
    return list(_search(document, (), (), 0))


def _search(value: Any, path: _Place, place: _Place, depth: int) -> Iterator[_Found]:
    if depth > _MAX_DEPTH:
        return
    if len(value) > _MAX_ENTRIES if isinstance(value, list) else isinstance(value, dict) and len(value) > _MAX_KEYS:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                yield from _search(inner, (*path, key), (*place, key), depth + 1)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        found = _entries(value, path, place)
        if found.said and len(found.said) * 2 >= len(value) - found.passed_over:
            yield found
        else:
            for i, inner in enumerate(value[:500]):
                yield from _search(inner, (*path, 0), (*place, i), depth + 1)


def _entries(value: Sequence[Any], path: _Place, place: _Place) -> _Found:
    found = _Found(path, place)
    kinds = {one.get("type") for one in value if isinstance(one, dict) and isinstance(one.get("type"), str)}
    spoken = "transcript" in kinds  # Dialpad's lines hold moments beside what was said
    for i, one in enumerate(value):
        kind = one.get("type") if isinstance(one, dict) else None
        if not isinstance(one, dict) or (spoken and isinstance(kind, str) and kind != "transcript"):
            found.passed_over += 1
            continue
        if spoken and kind is None:
            found.silent.append(i)  # it says words, and not that somebody spoke them
            continue
        if kind == "audio_event":  # as ElevenLabs calls laughter
            found.sounds.append(str(one.get("text", "")))
            found.passed_over += 1
            continue
        said = list(_said(one))
        found.said += said
        if not said:
            found.silent.append(i)
    if any(one.ident and not one.weak for one in found.said):
        found.said = [replace(one, ident=None) if one.weak else one for one in found.said]
    repeats = _repeats(value)
    if repeats is not None:
        found.said = repeats
    return found


def _repeats(value: Sequence[Any]) -> list[_Said] | None:
    """The words of the last entry if it repeats those of all others, as Google's does, with who said them; then only
    it is read. None otherwise."""
    last = value[-1] if value and isinstance(value[-1], dict) else {}
    words = [one for one in _said(last) if one.word] if any(key in last for key in _BEST) else []
    if not words:
        return None
    before = sum(len(one.text.split()) for entry in value[:-1] if isinstance(entry, dict) for one in _said(entry))
    return words if words and before and abs(len(words) - before) <= 0.1 * before else None


def _watson(document: _Object) -> _Found | None:
    """IBM Watson's words ([word, from, to]), with the speakers that stand in another list and match by time."""
    labels, results = document.get("speaker_labels"), document.get("results")
    if not isinstance(labels, list) or not isinstance(results, list):
        return None
    spans = [one for one in labels if isinstance(one, dict) and isinstance(one.get("from"), int | float)]
    if len(spans) < len(labels):
        return None
    found, at = _Found(("results",), ("results",)), 0
    for result in results:
        best = _first(result, _BEST) if isinstance(result, dict) else None
        if best and not isinstance(best.get("timestamps", []), list):
            return None
        if best and str(best.get("transcript") or "").strip() and not best.get("timestamps"):
            return None  # words without times: who says them is open
        for word in best.get("timestamps") or [] if best else []:
            if (
                isinstance(word, list)
                and len(word) >= 2
                and isinstance(word[0], str)
                and isinstance(word[1], int | float)
            ):
                while at + 1 < len(spans) and spans[at + 1]["from"] <= word[1]:
                    at += 1
                speaker = spans[at].get("speaker") if spans else None
                found.said.append(
                    _Said(None, None if speaker is None else str(speaker), word[0], word[1], 1.0, word=True)
                )
    return found if found.said else None


# Reading an entry


def _said(entry: _Object) -> Iterator[_Said]:
    """What one entry says: its own words, or those of the list inside it, with who said them and when."""
    best = _first(entry, _BEST)
    entry = {**entry, **best} if best else entry
    name, ident, weak = _speaker(entry)
    inner = next((entry[key] for key in _NESTED if isinstance(entry.get(key), list) and entry[key]), None)
    pieces = [one for one in inner or () if isinstance(one, dict)]
    if any(map(_is_elsewhere, pieces)) and not all(map(_is_elsewhere, pieces)):
        return  # one of its words stands under another key: the entry is asked about as a whole
    own = next((entry[key] for key in _TEXT if isinstance(entry.get(key), str) and entry[key].strip()), None)
    several = len({who for one in pieces if (who := _speaker(one)[:2]) != (None, None)}) > 1
    if pieces and (best or own is None or name is ident is None or several):
        named = [_piece(one, name, ident, weak=weak) for one in pieces]
        heard = [one for one in named if one and (one.speaker or one.ident)]
        if (heard and (name or ident or best or own is not None)) or (own is None and (name or ident)):
            yield from (one for one in named if one)
            return
    if own is None:
        return
    time, scale = _time(entry)
    kind = entry.get("type")
    if kind == "spacing":
        return
    word = kind in ("word", "punctuation") or "word" in entry or "punctuated_word" in entry
    yield _Said(name, ident, own.strip(), time, scale, glued=kind == "punctuation", word=word, weak=weak)


def _is_elsewhere(piece: _Object) -> bool:
    """Whether a part has words, but not as text under a known key."""
    return not any(isinstance(piece.get(key), str) for key in _TEXT) and bool(_sentences(dict(piece), 0, least=1))


def _piece(one: _Object, name: str | None, ident: str | None, *, weak: bool) -> _Said | None:
    own_name, own_ident, own_weak = _speaker(one)
    text = next((one[key] for key in _TEXT if isinstance(one.get(key), str)), "")
    time, scale = _time(one)
    if not text.strip() or one.get("type") == "spacing":
        return None
    alone = len(text.split()) == 1
    speaker, label, by = (own_name, own_ident, own_weak) if own_name or own_ident else (name, ident, weak)
    glued = one.get("type") == "punctuation"
    return _Said(speaker, label, text.strip(), time, scale, glued=glued, word=alone, weak=by)


def _first(entry: _Object, keys: Sequence[str]) -> _Object | None:
    for key in keys:
        value = entry.get(key)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return value[0]
    return None


def _speaker(entry: _Object) -> tuple[str | None, str | None, bool]:
    """The speaker's name, the speaker's id, and whether the id comes from a key that may mean something else."""
    written = (entry[key].strip() for key in _NAME if isinstance(entry.get(key), str))
    name = next((name for name in written if name and not _RESOURCE.fullmatch(name)), None)
    ident, weak = None, False
    for key in _SPEAKER:
        if ident is None:
            weak = key in _WEAK
        value = entry.get(key)
        if key == "user" and value is None and isinstance(entry.get("users"), list) and len(entry["users"]) == 1:
            value = entry["users"][0]  # Zoom's timeline: several at once are nobody
        if isinstance(value, dict):
            name = name or _full_name(value)
            ident = ident or next((str(value[k]) for k in _IDS if isinstance(value.get(k), str | int)), None)
            ident = ident or _GRANOLA.get(str(value.get("source")))
        elif isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            own = str(value).strip()
            own = own.rpartition("/")[2] if _RESOURCE.fullmatch(own) else own
            ident = ident or (_GRANOLA.get(str(value)) if key == "source" else None) or own
    return name, ident, weak


def _full_name(person: _Object) -> str | None:
    """The name in an object that is a person: its own, first and last, or the e-mail address."""
    for key in _NAME:
        if isinstance(person.get(key), str) and person[key].strip():
            return str(person[key]).strip()
    parts = [person.get(key) for key in ("firstName", "first_name", "lastName", "last_name")]
    joined = " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
    return joined or next((person[key] for key in _EMAIL if isinstance(person.get(key), str) and person[key]), None)


def _time(entry: _Object) -> tuple[Any, float]:
    for key, scale in _START.items():
        value = entry.get(key)
        if isinstance(value, dict):
            return _time(value)
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            return value, scale
    return None, 0.0


def names_of(people: Any) -> dict[str, str]:
    """Names by id, from a list of people with ids or from an object whose keys are ids."""
    names: dict[str, str] = {}
    if isinstance(people, dict):
        named = {key: _full_name(one) if isinstance(one, dict) else one for key, one in people.items()}
        return {key: name for key, name in named.items() if isinstance(name, str) and name.strip()}
    for person in people if isinstance(people, list) else ():
        if isinstance(person, dict) and (name := _full_name(person)):
            names |= {str(person[key]): name for key in _IDS if isinstance(person.get(key), str | int)}
    return names


def names_beside(document: Any) -> bool:
    """Whether the document lists the speakers' names by id, apart from the talk."""
    return next(_people(document, 0), None) is not None


def _names_by_id(document: Any, said: Sequence[_Said]) -> dict[str, str]:
    """Names by id, from lists of people and from entries that hold both. An id with two names is left out."""
    names: dict[str, set[str]] = {}
    for ident, name in _people(document, 0):
        names.setdefault(ident, set()).add(name)
    for one in said:
        if one.speaker and one.ident:
            names.setdefault(one.ident, set()).add(one.speaker)
    return {ident: next(iter(some)) for ident, some in names.items() if len(some) == 1}


def _people(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _PEOPLE:
                yield from names_of(inner).items()
            elif isinstance(inner, dict | list):
                yield from _people(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value[:50]:
            yield from _people(inner, depth + 1)


# Times, and lines


def _lines(found: _Found, names: Mapping[str, str]) -> list[Line]:
    if sum(_TAGGED.search(one.text) is not None for one in found.said) * 2 > len(found.said):
        found.said = [replace(one, text=" ".join(html.unescape(_TAG.sub(" ", one.text)).split())) for one in found.said]
    starts = _seconds([(one.time, one.scale) for one in found.said], found.words)
    pairs = list(zip(found.said, starts, strict=True))
    speakers = [one.speaker or names.get(one.ident or "") or numbered(one.ident) for one in found.said]
    if sum(one.word for one in found.said) * 2 > len(found.said):
        said = [Word(who, one.text, start, None, one.glued) for who, (one, start) in zip(speakers, pairs, strict=True)]
        return word_lines([said])
    lines = [
        Line(who, one.text, start, joins=True) if one.text else left_out("", None, "")
        for who, (one, start) in zip(speakers, pairs, strict=True)
    ]
    channels = {one.ident for one in found.said}
    crossed = any(a is not None and b is not None and b < a for a, b in itertools.pairwise(starts))
    return by_time(lines) if crossed and len(channels) > 1 else lines


def _seconds(times: Sequence[tuple[Any, float]], words: int) -> list[float | None]:
    """The times in seconds. All bare numbers are read in one unit; times of day count from the first of them."""
    bare = [float(time) for time, scale in times if isinstance(time, int | float) and not scale]
    bare += [
        number for time, scale in times if isinstance(time, str) and not scale and (number := _number(time)) is not None
    ]
    unit = unit_of(bare, words) if bare and max(bare) < _EPOCH else 0.001 if bare and max(bare) > 1e11 else 1.0
    read = [_one_time(time, scale or unit) for time, scale in times]
    moments = [value for value, is_moment in read if is_moment and value is not None]
    zero = min(moments, default=0.0)
    return [
        plain_seconds(value - zero if is_moment else value) if value is not None else None for value, is_moment in read
    ]


def _number(written: str) -> float | None:
    try:
        return float(written)
    except ValueError:
        return None


def _one_time(time: Any, scale: float) -> tuple[float | None, bool]:
    """A time in seconds, and whether it is a time of day rather than a time since the beginning."""
    if isinstance(time, int | float):
        value = plain_seconds(time, scale)
        return value, value is not None and value > _EPOCH
    if not isinstance(time, str):
        return None, False
    written = time.strip()
    if (number := _number(written)) is not None:
        return _one_time(number, scale)
    if duration := _ISO_DURATION.fullmatch(written):
        hours, minutes, seconds = (float(part or 0) for part in duration.groups())
        return hours * 3600 + minutes * 60 + seconds, False
    at = moment(written)
    if at is not None:
        return at, True
    number = _number(written.removesuffix("s"))
    return (clock_seconds(written), False) if number is None else (number, False)


FORMAT = Format(
    "json",
    "JSON with a list of what was said: AssemblyAI, Fathom, Fireflies, Gladia, Google, Speechmatics and others",
    (".json",),
    _sniff,
    _read,
)
