"""Recognises the language of a text with py3langid, whose model is part of its package, so nothing is downloaded."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from agent.core.lazy import lazy
from agent.core.tongues import TONGUES

langid = lazy("py3langid.langid")

_LEAST = 20  # letters; of less nobody can say it surely
_SURE = 0.9
_READ = 4_000  # characters; more change nothing


@cache
def _identifier() -> Any:
    made = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    made.set_languages(sorted(TONGUES))
    return made


def language_of(texts: Iterable[str]) -> str:
    """The code of the language of all these texts together; empty if they are too short or the result is uncertain."""
    text = " ".join(texts)[:_READ]
    if sum(c.isalpha() for c in text) < _LEAST:
        return ""
    code, sure = _identifier().classify(text)
    return str(code) if sure >= _SURE else ""


def languages_of(texts: Sequence[str]) -> list[str]:
    """The code of each text's language: its own if that is certain, else that of all texts together, else English."""
    together = language_of(texts) or "en"
    return [language_of([text]) or together for text in texts]
