"""Our messages as sentences for pages."""

from __future__ import annotations

_ENDS = (".", "!", "?", "…")


def sentence(said: object) -> str:
    """An error or another message with a capital and a full stop. A first word that is an id (not only letters) keeps
    its case."""
    text = str(said).strip()
    if text.split(maxsplit=1)[:1] and text.split(maxsplit=1)[0].rstrip(",;:").isalpha():
        text = text[:1].upper() + text[1:]
    return text if not text or text.endswith(_ENDS) else f"{text}."
