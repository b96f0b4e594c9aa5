"""JSON of chats: Slack's and Discord's exports, Teams (Microsoft Graph, and the export of an account), Telegram, Google
Chat. Messages stand in any order and are sorted by their moments; what no person wrote (joining, calls) is left out.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from agent.text.importers.base import Format, Line, Source, left_out
from agent.text.importers.json_lists import names_of
from agent.text.importers.rows import moment

_Message = Mapping[str, Any]

_WHO = ("user_profile", "from", "author", "creator", "sender", "user", "username", "displayName")
_NAME = ("real_name", "displayName", "display_name", "nickname", "name", "username", "email")
_ID = ("id", "user", "from_id", "from", "authorId")
_WHEN = ("ts", "createdDateTime", "originalarrivaltime", "timestamp", "created_at", "created_date", "date")
_TEXT = ("text", "body", "content")
# Keys by which one of these exports is told from a transcript: each has all of one of these sets.
_MARKS = (
    {"ts", "type", "text"},
    {"messageType", "createdDateTime", "body"},
    {"messagetype", "originalarrivaltime", "content"},
    {"author", "content", "timestamp"},
    {"creator", "created_date"},
    {"date", "type", "text", "id"},
)
_WRITTEN = (None, "bot_message", "thread_broadcast", "me_message", "file_share")  # Slack's kinds of messages with words
_GOOGLES = "%A, %B %d, %Y at %I:%M:%S %p %Z"
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SLACK = re.compile(r"<(?P<mark>[@#!]?)(?P<of>[^<>|\s]+)(?:\|(?P<shown>[^<>]*))?>")


def _conversations(document: Any) -> list[list[_Message]]:
    """The lists of messages in a document."""
    if isinstance(document, list):
        messages: list[_Message] = [one for one in document if isinstance(one, dict)]
        marked = sum(any(marks <= one.keys() for marks in _MARKS) for one in messages)
        return [messages] if messages and marked * 2 > len(document) else []
    if not isinstance(document, dict):
        return []
    inner = [document[key] for key in ("messages", "value", "MessageList") if isinstance(document.get(key), list)]
    more = document.get("conversations")
    return [found for one in (inner or (more if isinstance(more, list) else ())) for found in _conversations(one)]


def _sniff(source: Source) -> bool:
    return bool(_conversations(source.document))


def _read(source: Source) -> list[Line]:
    same = _conversations(source.document)
    number = int(source.part) if source.part.isdigit() else 1 if len(same) == 1 else 0
    if not 1 <= number <= len(same):
        what = f"this file holds {len(same)} conversations, not one"
        raise source.problem(
            None, what, f"name one in the manifest: {source.name.rpartition('/')[2]}#1 to #{len(same)}"
        )
    names = _names(source.document, same[number - 1])
    lines = sorted(_lines(source, same[number - 1], names), key=lambda line: line.start or 0)
    return list(_from_first(lines))


def _lines(source: Source, messages: Sequence[_Message], names: Mapping[str, str]) -> Iterator[Line]:
    for i, message in enumerate(messages, start=1):
        text = _words(message, names)
        if text is None:
            raise source.problem(None, f"message {i} has no text where the others have theirs", "export the chat again")
        if not text:
            continue  # a picture, a file
        at = next((at for key in _WHEN if (at := _moment(message.get(key))) is not None), None)
        if at is None:
            raise source.problem(None, f"message {i} has no time: {text[:40]!r}", "export the chat again")
        own = message.get("type", "message"), message.get("messageType", "message"), message.get("subtype")
        if own[0] not in ("message", "Default", "Reply") or own[1] != "message" or own[2] not in _WRITTEN:
            yield Line(None, text, at, note="no message of a person", spoken=False)
        else:
            named = next((name for key in _WHO if (name := _name(message.get(key)))), None)
            ident = next((names[str(message[key])] for key in _ID if str(message.get(key)) in names), None)
            yield Line(ident or named, text, at)


def _from_first(lines: Sequence[Line]) -> Iterator[Line]:
    first = next((line.start or 0 for line in lines if line.spoken), 0)
    for line in lines:
        if line.spoken:
            yield Line(line.speaker, line.text, round((line.start or 0) - first, 3), joins=True)
        else:
            yield left_out(line.text, None, line.note)


def _moment(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        return None
    try:
        return float(value)  # Slack's seconds
    except ValueError:
        pass
    try:
        return datetime.strptime(" ".join(value.split()), _GOOGLES).timestamp()
    except ValueError:
        return moment(value)


def _name(person: Any) -> str | None:
    """The name of a person: a text, an object with one, or one in which such an object is (Teams: `from.user`)."""
    if isinstance(person, str):
        return person.strip() or None
    if not isinstance(person, dict):
        return None
    own = next((person[key].strip() for key in _NAME if isinstance(person.get(key), str) and person[key].strip()), None)
    return own or next((name for key in ("user", "application", "profile") if (name := _name(person.get(key)))), None)


def _names(document: Any, messages: Sequence[_Message]) -> dict[str, str]:
    """Names by id, from a list of users in the document and from messages that hold both."""
    beside = document.get("users") if isinstance(document, dict) else None
    names = dict(names_of(beside)) if isinstance(beside, dict) else {}
    for one in beside if isinstance(beside, list) else ():
        if (
            isinstance(one, dict)
            and isinstance(one.get("id"), str)
            and (name := _name(one.get("profile")) or _name(one))
        ):
            names[one["id"]] = _name({"real_name": one.get("real_name")}) or name
    for message in messages:
        for key, of in (("user", "user_profile"), ("from", "displayName")):
            if isinstance(message.get(key), str) and (name := _name(message.get(of))):
                names.setdefault(message[key], name)
    return names


def _words(message: _Message, names: Mapping[str, str]) -> str | None:
    """The text of a message, without markup; empty for a picture, None if the message has no text at all."""
    written = next((message[key] for key in _TEXT if message.get(key)), "" if set(_TEXT) & message.keys() else None)
    if isinstance(written, dict):  # Teams
        written = written.get("content")
    if written == "":
        written = message.get("text_entities") or ""
    if isinstance(written, list):  # Telegram: links and names are objects
        written = "".join(str(one.get("text", "")) if isinstance(one, dict) else str(one) for one in written)
    if not isinstance(written, str):
        return None
    if "ts" in message:
        written = _SLACK.sub(lambda found: _shown_by_slack(found, names), written)
    elif "messageType" in message or "messagetype" in message:
        written = _TAG.sub(" ", written)
    return " ".join(html.unescape(written).split())


def _shown_by_slack(found: re.Match[str], names: Mapping[str, str]) -> str:
    """What Slack displays in place of `<@U012AB3CD>`, `<https://…|here>` or `<!channel>`."""
    mark, of, shown = found["mark"], found["of"], found["shown"]
    return f"@{names.get(of, shown or of)}" if mark in ("@", "!") else shown or of


FORMAT = Format("chat", "JSON of chats: Slack, Teams, Discord, Telegram, Google Chat", (".json",), _sniff, _read)
