"""In which language a text is: py3langid, whose model lies in its package. Nothing is fetched."""

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
    """The code of the language that these texts together are in; empty where they are too short or it is not sure."""
    text = " ".join(texts)[:_READ]
    if sum(c.isalpha() for c in text) < _LEAST:
        return ""
    code, sure = _identifier().classify(text)
    return str(code) if sure >= _SURE else ""


def languages_of(texts: Sequence[str]) -> list[str]:
    """The code of each text's language: its own where that is sure, else that of all together, else English."""
    together = language_of(texts) or "en"
    return [language_of([text]) or together for text in texts]
