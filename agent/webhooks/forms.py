"""An event in the form in which its receiver takes it: signed JSON, a message in Slack or in Teams, an e-mail.

Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (text, with `&`, `<` and `>` escaped).
Teams: an Adaptive Card in a message, as its workflows take it
(https://learn.microsoft.com/en-us/connectors/teams/?tabs=text1#microsoft-teams-webhook).
"""

import json
from email.message import EmailMessage
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

Form = Literal["standard", "slack", "teams", "email"]
_TEAMS = (".webhook.office.com", ".logic.azure.com", ".api.powerplatform.com")


def form_of(url: str) -> Form:
    """The form that an address takes, as its host gives away."""
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
    blocks += [{"type": "TextBlock", "text": _plain(line), "wrap": True, "spacing": "Small"} for line in lines]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return json.dumps({"type": "message", "attachments": [{"contentType": kind, "content": card}]}, ensure_ascii=False)


def email(url: str, body: str, ident: str) -> EmailMessage:
    """The event as an e-mail to the addresses of a `mailto:` URL; who sends it says from whom it is."""
    title, *lines = words(json.loads(body))
    message = EmailMessage()
    message["Subject"] = title
    message["To"] = ", ".join(one.strip() for one in unquote(urlsplit(url).path).split(","))
    message["Message-ID"] = f"<{ident}@closeread>"  # the same for every attempt
    message.set_content("\n".join(f"- {line}" for line in lines) + "\n" if lines else f"{title}\n")
    return message


def words(event: dict[str, Any]) -> list[str]:
    """A title, and a sentence a line."""
    kind, subject, data = str(event["event"]), str(event["subject"]), event.get("data", {})
    if kind == "week.summary":
        return [f"Closeread: the week of {data['first']} to {data['last']}", *data["sentences"]]
    told = {
        "call.scored": f"{subject} is scored",
        "job.finished": f"{subject} has ended: {data.get('state', '')}",
        "job.paused": f"{subject} waits: {data.get('reason', '')}",
        "dispute.opened": f"A rating is disputed ({subject})",
        "dispute.assigned": f"Somebody is to answer a dispute ({subject})",
        "dispute.answered": f"A dispute is answered ({subject})",
        "ping": "A test: messages arrive here",
    }
    return [f"Closeread: {told.get(kind, f'{kind} {subject}')}"]


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    """Without what a card would read as formatting or as a link."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("_", "\\_").replace("[", "\\[")
