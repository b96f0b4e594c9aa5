"""What is particular about chats as JSON: messages in any order, people by id, what no person wrote."""

import json
from typing import Any

import pytest

from agent.core.errors import ImportProblem
from agent.text.importers import Reading, Source, reading_of

SAID = [("U01", "Right, so what happens?"), ("U02", "It is <https://x.example/a|this &amp; that>."), ("U01", "Okay.")]
NAMES = {"U01": "Bo Ray", "U02": "Ann Lee"}


def read(document: Any, part: str = "") -> Reading:
    return reading_of(Source("export.json", json.dumps(document).encode(), part=part))


def slack(said: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"type": "message", "user": who, "text": text, "ts": f"17723592{i:02}.000200"}
        for i, (who, text) in enumerate(said)
    ]


def test_slacks_answer_has_the_newest_message_first_and_names_beside_it() -> None:
    """https://docs.slack.dev/reference/methods/conversations.history"""
    users = [{"id": who, "name": "x", "profile": {"real_name": name}} for who, name in NAMES.items()]
    joined = {
        "type": "message",
        "subtype": "channel_join",
        "user": "U02",
        "text": "<@U02> has joined",
        "ts": "17723591.0",
    }
    reading = read({"ok": True, "messages": [*slack(SAID)[::-1], joined], "users": users})
    assert [(turn.speaker, turn.text, turn.start) for turn in reading.transcript.turns] == [
        ("Bo Ray", "Right, so what happens?", 0.0),
        ("Ann Lee", "It is this & that.", 1.0),
        ("Bo Ray", "Okay.", 2.0),
    ]
    assert reading.notes == ("left out, no message of a person: '@Ann Lee has joined'",)


def test_who_is_not_named_anywhere_keeps_the_id() -> None:
    assert read(slack(SAID)).transcript.speakers == ("U01", "U02")


def test_an_account_that_was_exported_holds_several_conversations() -> None:
    """Microsoft's export of an account (Skype, Teams for home): messages.json."""

    def conversation(name: str, words: str) -> dict[str, Any]:
        said = [
            {
                "displayName": who,
                "originalarrivaltime": at,
                "messagetype": "RichText",
                "content": text,
                "from": f"8:{who}",
            }
            for who, at, text in (("Bo Ray", "2026-03-01T10:00:04Z", words), ("Ann Lee", "2026-03-01T10:00:01Z", "Hi."))
        ]
        return {"id": name, "MessageList": said}

    document = {"userId": "8:bo", "conversations": [conversation("a", "One <b>price</b>."), conversation("b", "Two.")]}
    with pytest.raises(ImportProblem, match="holds 2 conversations") as refused:
        read(document)
    assert "export.json#1 to #2" in str(refused.value)
    assert [turn.text for turn in read(document, "1").transcript.turns] == ["Hi.", "One price ."]


def test_google_chat_writes_its_days_out() -> None:
    messages = [
        {
            "creator": {"name": NAMES[who], "email": "x@ledger.example", "user_type": "Human"},
            "created_date": f"Sunday, March 1, 2026 at 10:00:0{i}\u202fAM UTC",
            "text": text,
        }
        for i, (who, text) in enumerate(SAID)
    ]
    reading = read({"messages": messages})
    assert [(turn.speaker, turn.start) for turn in reading.transcript.turns] == [
        ("Bo Ray", 0.0),
        ("Ann Lee", 1.0),
        ("Bo Ray", 2.0),
    ]
    assert reading.notes == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": None, "texts": "No."}, "message 2 has no text"),
        ({"ts": "soon"}, "message 2 has no time"),
        ({"user": None}, "belong to nobody: 'It is this & that"),
    ],
)
def test_a_message_without_a_part_of_it_is_refused(change: dict[str, Any], said: str) -> None:
    messages = slack(SAID)
    messages[1] = {key: value for key, value in {**messages[1], **change}.items() if value is not None}
    with pytest.raises(ImportProblem, match=said):
        read(messages)


def test_lrc_has_tags_times_of_words_and_rows_said_twice() -> None:
    text = "[ti:Call 3]\n[length:00:20]\n\n[00:01.00][00:11.00]Bo Ray: Right.\n[00:05.50]Ann Lee: <00:05.60> No, <00:06.00> never.\n"
    reading = reading_of(Source("call.lrc", text.encode()))
    assert [(turn.speaker, turn.start, turn.text) for turn in reading.transcript.turns] == [
        ("Bo Ray", 1.0, "Right."),
        ("Ann Lee", 5.5, "No, never."),
        ("Bo Ray", 11.0, "Right."),
    ]
    assert reading.notes == ("left out, above the first turn: 2 lines (3 words), the first: line 1, '[ti:Call 3]'",)
    with pytest.raises(ImportProblem, match="not a time") as refused:
        reading_of(Source("call.lrc", text.replace("[00:05.50]", "[00:75.50]").encode()))
    assert refused.value.line == 5
