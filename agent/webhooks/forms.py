"""An event in the form its receiver understands: signed JSON, a message in Slack or in Teams, an e-mail.

Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (text, with `&`, `<` and `>` escaped).
Teams: an Adaptive Card in a message, as its workflows take it
(https://learn.microsoft.com/en-us/connectors/teams/?tabs=text1#microsoft-teams-webhook).
"""

import json
from datetime import date
from email.message import EmailMessage
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from agent.core.language import N_, _, retold
from agent.core.wording import day

Form = Literal["standard", "slack", "teams", "email"]
_TEAMS = (".webhook.office.com", ".logic.azure.com", ".api.powerplatform.com")


def form_of(url: str) -> Form:
    """The form that an address takes, told by its host."""
    parts = urlsplit(url)
    if parts.scheme == "mailto":
        return "email"
    host = (parts.hostname or "").rstrip(".").lower()
    if host == "hooks.slack.com":
        return "slack"
    return "teams" if host.endswith(_TEAMS) else "standard"


def written(form: Form, body: str) -> str:
    """What is sent: `body` (the event as JSON) itself, or a message made from it."""
    if form == "standard":
        return body
    title, *lines = words(json.loads(body))
    if form == "slack":
        text = "\n".join([f"*{_slack(title)}*", *(f"• {_slack(line)}" for line in lines)])
        return json.dumps({"text": text}, ensure_ascii=False)
    blocks: list[dict[str, Any]] = [{"type": "TextBlock", "text": title, "weight": "Bolder", "wrap": True}]
    blocks += [
        {"type": "TextBlock", "text": _escaped_for_card(line), "wrap": True, "spacing": "Small"} for line in lines
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return json.dumps({"type": "message", "attachments": [{"contentType": kind, "content": card}]}, ensure_ascii=False)


def email(url: str, body: str, ident: str) -> EmailMessage:
    """The event as an e-mail to the addresses of a `mailto:` URL; the sender's address is added when it is sent."""
    title, *lines = words(json.loads(body))
    message = EmailMessage()
    message["Subject"] = title
    message["To"] = ", ".join(addresses_of(url))
    message["Message-ID"] = f"<{ident}@closeread>"  # the same for every attempt
    message.set_content("\n".join(f"- {line}" for line in lines) + "\n" if lines else f"{title}\n")
    return message


def addresses_of(url: str) -> list[str]:
    """The addresses in a `mailto:` URL."""
    return [one.strip() for one in unquote(urlsplit(url).path).split(",")]


def words(event: dict[str, Any]) -> list[str]:
    """A title and one sentence for each line, in the language spoken now."""
    kind, subject, data = str(event["event"]), str(event["subject"]), event.get("data", {})
    if kind == "week.summary":
        first, last = (day(date.fromisoformat(data[end])) for end in ("first", "last"))
        return [_("Closeread: the week of {first} to {last}", first=first, last=last), *map(retold, data["sentences"])]
    facts = {name: retold(str(data.get(name, ""))) for name in ("state", "reason")}
    return [_(_TOLD[kind], subject=subject, **facts) if kind in _TOLD else f"Closeread: {kind} {subject}"]


_TOLD = {
    "call.scored": N_("Closeread: {subject} is scored"),
    "job.finished": N_("Closeread: {subject} has ended: {state}"),
    "job.paused": N_("Closeread: {subject} waits: {reason}"),
    "dispute.opened": N_("Closeread: A rating is disputed ({subject})"),
    "dispute.assigned": N_("Closeread: Somebody is to answer a dispute ({subject})"),
    "dispute.answered": N_("Closeread: A dispute is answered ({subject})"),
    "ping": N_("Closeread: A test: messages arrive here"),
}


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped_for_card(text: str) -> str:
    """The text with everything escaped that a card would read as formatting or as a link."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("_", "\\_").replace("[", "\\[")
