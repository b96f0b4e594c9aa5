"""Sentences of ours as a page shows them."""

from __future__ import annotations

_ENDS = (".", "!", "?", "…")


def sentence(said: object) -> str:
    """An error or another text of ours as a sentence: a capital and a full stop. Ids keep their case: only a first word
    of nothing but letters is changed."""
    text = str(said).strip()
    if text.split(maxsplit=1)[:1] and text.split(maxsplit=1)[0].rstrip(",;:").isalpha():
        text = text[:1].upper() + text[1:]
    return text if not text or text.endswith(_ENDS) else f"{text}."
