"""How a page shows our own sentences."""

import re

from agent.core.language import NS_, _, retold

_ENDS = (".", "!", "?", "…")


def sentence(said: object) -> str:
    """An error or another text of ours as a sentence, with a capital and a full stop. Ids keep their case: only a
    first word made of letters alone is changed."""
    text = capital(retold(str(said).strip()))
    return text if not text or text.endswith(_ENDS) else f"{text}."


def capital(said: object) -> str:
    """A text of ours with a capital, to begin a sentence with."""
    text = str(said)
    first = text.split(maxsplit=1)[0].rstrip(",;:") if text.strip() else ""
    return text[:1].upper() + text[1:] if first.isalpha() else text


def plain(name: object) -> str:
    """A name such as `cycle_3` or `cannot_tell` in words."""
    return retold(re.sub(r"^analyst (.)$", lambda found: f"analyst {found[1].upper()}", str(name).replace("_", " ")))


def ended(reason: str) -> str:
    """Why a job stands still or has ended: kept in English, with the name of whoever stopped it."""
    by = reason.removeprefix("cancelled by ")
    return _("cancelled by {name}", name=by) if by != reason else retold(reason)


_SHIPPED = (
    *NS_("Discovery", "Demo", "Evaluation", "Proposal", "Negotiation", "Lead", "Meeting", "Won"),
    *NS_("Closing", "Pricing", "Installation", "Competitors", "References", "Technical questions", "Objections"),
    *NS_(
        "Success criteria", "Stakeholders", "Problem discovery", "Next steps", "Follow-up", "Opening", "Habits", "Other"
    ),
)


def shipped(name: str) -> str:
    """The name of a stage or moment, translated if it comes from our config/stages.yaml; a workspace's own names
    stay as they are."""
    known = name[:1].upper() + name[1:]
    told = _(known) if known in _SHIPPED else known
    return name if told == known else told
