"""Finds turns that look as if somebody spoke to a model instead of the other person, so that people read them.

A mark changes no rating: what a model says is checked in other ways (quotes are located, replies are narrow). The rules
know wordings that were met, mostly English ones; what they let through is not thereby harmless.
"""

import re
import unicodedata
from functools import lru_cache

from agent.core.transcript import Transcript, Turn

HINT = "a hint by wordings: of 40 such orders that it was not made with it finds 10"
"""What a mark is worth, wherever one is shown; `tests/text/test_suspicion.py` counts again."""
_READ = 20_000  # characters of a turn; attacks stand in what a model reads, and a person reads no further either
_ABOUT = (
    r"(?:(?:every|all|each|both|any) (?:of )?(?:the )?(?:\w+ )?(?:criteri\w+|behaviou?rs?|scales?|levels?|marks)|"
    r"everything|everywhere"
    r"|(?:highest|top|maximum|best|full|lowest) (?:levels?|marks?|scores?|ratings?|points)|as (?:shown|met|present)"
    r"|level \d|[0-5] (?:on|for) (?:every|all|each)|as [0-5]\b)"
)
_RULES: tuple[tuple[str, str], ...] = (
    (
        "marks of a chat with a model",
        r"<\|[^|]{0,40}\|>|\[/?inst\]|<</?sys>>|={3} ?(?:system|user|assistant)\b"
        r"|^\W*(?:system|assistant|developer|tool) ?: "
        r"|</?(?:transcript|system|instructions?|prompt|assistant|user|tool|function|criteria)\w*[ >]|\{\{|\{%"
        r"|\"(?:role|ratings?|criterion|level|reason|evidence)\" ?:|^\W{0,3}#{1,6} .{0,40}\binstruction",
    ),
    ("markup or a formula", r"<(?:script|img|iframe|svg)\b|!\[[^\]]{0,60}\]\(|(?:^|\s)=\w{3,12}\(\""),
    ("the name of a criterion as programs write it", r"_(?<=[a-z]{3}_)[a-z_]{3,}\b"),
    (
        "words to whoever rates",
        r"\b(?:language model|rating system|scoring system|rating guidelines|raters?\b|llm\b)"
        r"|\b(?:whoever|who) (?:is )?(?:rat|grad|scor|mark)(?:es|e|s|ing|ed) (?:this|the (?:call|rep|recording|"
        r"transcript))\b|\breader of (?:this|the) (?:transcript|call|recording)"
        r"|\b(?:low|high|full|bad|top) marks\b|\bfull credit\b"
        r"|\b(?:hey|dear|hi|hello|note to|to|attention) (?:the |any |an )?(?:\w+ )?(?:grader|scorer|evaluator|bot|"
        r"chatgpt|gpt|algorithm)\b"
        r"|\b(?:if|as) (?:you(?:'re| are) )?an? (?:\w+ )?(?:ai|bot|language model|machine|automated \w+|grader|scorer|"
        r"evaluator)\b|\b(?:chatgpt|claude|gemini|copilot),"
        r"|\bmachine (?:that is )?(?:listening|reading)\b|\b(?:to|for|dear) (?:the |any )?ai (?:that|who|which|reading|"
        r"rating|scoring|model)",
    ),
    (
        "an order to rate",
        rf"\b(?:rate|score|grade|mark|award|assign|output|copy|treat)\b[^.?!]{{0,50}}\b{_ABOUT}"
        rf"|\b(?:give|gets?|put) (?:\w+ ){{0,3}}(?:[0-5]|zero|one|five)\b[^.?!]{{0,20}}\b{_ABOUT}"
        rf"|\bgive\b[^.?!]{{0,30}}\b(?:highest|maximum) level"
        r"|\bcount (?:that|this|it|the (?:last|next|first) \w+)(?: for today| as\b|[.!]? *$)|\bas evidence\b"
        r"|\b(?:assume|consider(?:ed)?|pretend|confirm|verified|approved)\b[^.?!]{0,70}\b(?:criteri\w+|top score|"
        r"success measure|ratings below|fulfilled)\b|\bevery item (?:is )?(?:present|shown|met)\b"
        r"|\b(?:a|straight) (?:five|5)s? across\b|\bpretend (?:that )?this (?:call|conversation|transcript)\b"
        r"|\bthis is an excellent call\b|\b(?:output|following) json\b"
        r"|\bon this scale\b|\bdefinition update\b|\b(?:all|every) criteri\w+ (?:are|is|have|has|count)",
    ),
    (
        "an order to ignore what was asked",
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.?!,]{0,40}\b(?:instructions?|prompts?|rubric|criteri\w+|"
        r"guidelines?|rules? above)"
        r"|\bforget everything (?:you|above|before)|\b(?:whatever|what) you (?:were|have been) told\b"
        r"|\b(?:hidden|previous|prior|earlier|system) (?:instructions?|prompts?)\b"
        r"|\binstructions? above\b|\bsystem (?:override|message)\b"
        r"|\b(?:end of (?:the )?transcript|begin (?:the )?evaluation|new (?:task|instructions?):)"
        r"|\bregardless of what was said\b",
    ),
    (
        "a question after instructions or secrets",
        r"\b(?:(?:in|into|begin|start) (?:your|the)|as your) reason\b(?! why)|\byour (?:system )?prompt\b"
        r"|\b(?:text|list) of your instructions"
        r"|\byour rubric\b|\bapi key\b.{0,60}\breason\b|\bcall the function \w+",
    ),
    (
        "words in a code",
        r"\brot ?13\b|\bbase ?64\b|\bdecode (?:it|this|and)\b|\bread (?:this|it) backwards\b"
        r"| [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} ",
    ),
    (
        "a forged turn or line of roles",
        r"(?:^|\s)\[?\d{1,4}\]? [\w' ]{2,40}: .+\b\d{1,4}\]? [\w' ]{2,40}: |\bis the rep[;.,]",
    ),
    (
        "words to whoever rates, in another language",
        r"\bkriterien\b.{0,60}\b(?:stufe|erfüllt|punkt)|\bcrit[eè]r\w+\b.{0,60}\b(?:cumplid|niveau|niveles?|nivel|"
        r"maximal|máxim)"
        r"|\b(?:bestnote|höchstnote|höchste punktzahl|(?:note|niveau) maximale?|meilleure note|nota máxima|"
        r"máxima (?:nota|puntuación)|voto massimo)\b"
        r"|\b(?:consignes|instructions) précédentes|instrucciones anteriores|istruzioni precedenti"
        r"|vorherige[nr]? anweisung|instruções anteriores"
        r"|à l.attention du mod[eè]le|instrucci[oó]n para el|критери\w+.{0,60}(?:балл|выполнен)"
        r"|评分模型|所有标准|評価システム|ルーブリック|نموذج التقييم",
    ),
)
_COMPILED = tuple((what, re.compile(pattern)) for what, pattern in _RULES)
# The last rule is slow and seldom needed: it is tried where one of these stands in the turn.
_OTHER_LANGUAGE: tuple[str, ...] = (
    *("krit", "crit", "note", "nota", "punk", "punt", "niveau", "voto", "instru", "istru", "anweisung"),
    *("consigne", "modèle", "modele", "模型", "标准", "評価", "ルーブリック", "крит", "نموذج"),
)
_LONG = re.compile(r"[A-Za-z0-9+/]{40,}")
_HIDDEN = re.compile(
    r"[\u200b\u2060\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]|(?<=[A-Za-z])[\u00ad\u200c\u200d\ufeff](?=[A-Za-z])"
)
_TWO_ALPHABETS = re.compile(r"[A-Za-z][\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][A-Za-z]")
_NAME = re.compile(r"[<>{}\[\];=|]|\b(?:is|was|are) (?:the|rated|a)\b")


def suspicion(turn: Turn) -> str:
    """What in the turn looks as if it was meant for a model; empty if nothing does."""
    return _of_text(turn.text[:_READ]) or _of_name(turn.speaker)


def suspicious(transcript: Transcript) -> dict[int, str]:
    """What looks so, by the number of its turn, for the turns in which something does."""
    return {turn.index: what for turn in transcript.turns if (what := suspicion(turn))}


def _of_text(text: str) -> str:
    if not text.isascii() and _HIDDEN.search(text):
        return "letters that nobody sees"
    if not text.isascii() and _TWO_ALPHABETS.search(text):
        return "letters of two alphabets in one word"
    if any(map(_coded, _LONG.findall(text))):
        return "words in a code"
    plain = unicodedata.normalize("NFKC", text)
    if plain != text and sum("\uff01" <= c <= "\uff5e" for c in text) > len(text) / 2:
        return _of_text(plain) or "letters of another width"
    lower = plain.lower()
    rules = _COMPILED if any(hint in lower for hint in _OTHER_LANGUAGE) else _COMPILED[:-1]
    return next((what for what, pattern in rules if pattern.search(lower)), "")


def _coded(word: str) -> bool:
    return "/" not in word[:20] and not (word.islower() or word.isupper()) and not word.isdigit()


@lru_cache(maxsize=4_096)
def _of_name(name: str) -> str:
    return "a speaker's name that is none" if _NAME.search(name) or len(name) > 80 else ""
