"""What a speaker's label looks like, so that a colon in a sentence is not taken for one.

Letters only break ties: who recurs in the places of labels, or is known, is a speaker however the name is written.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from agent.text.names import INVISIBLE, folded

MAX_LABEL = 80

# Words that open a spoken sentence before a colon ("Look: …") and seldom are a whole label.
_OPENER_WORDS = """
    actually also although and anyway anyways because basically bottom but caveat conclusion example eventually exactly
    fact fine finally first firstly footnote generally great hence here honestly however i if important instead into it
    just last lastly later listen look maybe meaning meanwhile my next no nope not note now number obviously ok okay or
    our overall p.s perhaps point problem quote really remember reminder result right second secondly see so sorry still
    summary sure thanks that then there therefore third thirdly this though thus tip to top unfortunately update warning
    we well what when where which who why yeah yep yes yet you your
"""
# Lower-case words inside names and labels: "Ann van der Berg", "Head of Finance", "Ann (via phone)".
_PARTICLE_WORDS = """
    a al and at bin binti da das de del den der di do dos du e el for from ibn la las le los of on or san st ten ter
    the to van via von y zu
"""
_NAME_PARTICLES = frozenset(("da", "das", "de", "del", "den", "der", "di", "do", "dos", "du", "van", "von"))
_ELIDED = frozenset({"d'", "d’", "o'", "o’", "l'", "l’"})
_OPENERS = frozenset(_OPENER_WORDS.split())
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_LOWER_LABEL = re.compile(
    r"(agent|advisor|ae|buyer|caller|client|customer|guest|host|interviewee|interviewer|moderator|operator|"
    r"participant|person|prospect|q|a|rep|sales rep|seller|spk|speaker|unknown|unknown speaker|voice)[ _#-]*\w{0,3}"
)
_HANDLE = re.compile(r"[^\W_][\w.@-]{0,30}")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
# What no word of a sentence looks like: a phone number, `user123`, `ann_lee`, `ann.lee`, `iPhone`.
_ACCOUNT = re.compile(r"\+?\(?\d[\d ()./-]{5,18}\d|[a-z]+\d+|[a-z\d]+([_.][a-z\d]+)+|[a-z]{1,3}[A-Z][A-Za-z]{2,}")
_INITIALS = re.compile(r"[A-Z]{1,3}\d{0,2}")
_ASIDE = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\])")
_SENTENCE_END = re.compile(r"[!?…;]|[^\W\d_]{3,}\.$")
_NOT_IN_NAMES = re.compile(r"[<>{}=\"“”„*]|https?$|--")
_TITLE_DOT = re.compile(r"\b(Prof|Mrs|Capt|Corp|Inc|Ltd|Esq|Sgt|Gen|Gov|Sen|Rep|Rev|Hon|Dept)\.")
_INNER_SENTENCE = re.compile(r"[!?…;<>{}=]|[^\W\d_]{3,}\.(\s|$)|,.*,.*,|https?$|--|://")
SOUNDS = frozenset({"music", "laughter", "applause", "crosstalk", "inaudible", "silence", "pause", "noise", "laughs"})
_QUOTES = "\"'“”„‘’«»*_"
_BEFORE = re.compile(
    r"\A(?:[>:–—•·@-]+\s*|(?:\*|#{1,6}|\d{1,3}[.)])\s+)+"
)  # a bullet, a mark of direction, a heading's
_CHAT = re.compile(r"from\s+(?P<name>\S.*?)\s+to\s+(everyone|.+\((direct message|privately)\))", re.IGNORECASE)
_MAX_WORDS, _MAX_ONCE_WORDS = 8, 3


def bare_label(label: str) -> str:
    """A label without what exports put around it: `[Ann]`, `“Ann”`, `>> Ann`, `- Ann`, `_Ann_`, `1. Ann`, `### Ann`,
    `From Ann to Everyone`, marks of writing direction."""
    label = _BEFORE.sub("", " ".join(label.translate(INVISIBLE).split()), count=1).strip()
    if chat := _CHAT.fullmatch(label):
        label = chat["name"]
    if len(label) > 2 and label[0] in "[(" and label[-1] in "])" and not set(label[1:-1]) & set("[]()"):
        label = label[1:-1].strip()
    return label.strip(_QUOTES).strip() if label[:1] in _QUOTES and label[-1:] in _QUOTES else label


def possible(label: str) -> bool:
    """Whether `label` could be a speaker's if it recurs: it has at least a letter, a digit or a picture."""
    seen = any(sign.isalnum() or unicodedata.category(sign) == "So" for sign in label)
    return 0 < len(label) <= MAX_LABEL and seen and label.lower() not in SOUNDS


def plausible(label: str) -> bool:
    """Whether `label` could belong to a speaker who is heard only once: short, made of letters or digits, and no
    sentence."""
    if not possible(label) or ":" in label or not any(map(str.isalnum, label)):
        return False
    bare = _TITLE_DOT.sub(r"\1", _ASIDE.sub("", label))
    return len(label.split()) <= _MAX_WORDS and not _INNER_SENTENCE.search(bare)


def name_like(label: str) -> bool:
    """Whether `label` by itself looks like a speaker: a name, a role word, `Speaker 2`, `spk_0`, an address, a number.

    At most six words, the first capitalised (or in a script without case), the others capitalised, numbers or
    particles. What stands in brackets (a company, a title) may be anything.
    """
    if len(label) > MAX_LABEL:
        return False
    core = _ASIDE.sub("", label).strip()
    if not core or _NOT_IN_NAMES.search(core):
        return False
    if _LOWER_LABEL.fullmatch(core.lower()) or _ADDRESS.fullmatch(core):
        return True
    if _ACCOUNT.fullmatch(core) or _INITIALS.fullmatch(core):
        return True
    words = re.split(r"[\s,|/]+", core)
    if opens_sentence(core) or (words[0].lower() in _OPENERS and len(words) > 2):
        return False
    return len(words) <= 6 and not _SENTENCE_END.search(core) and _starts_name(words) and all(map(_in_name, words))


def opens_sentence(label: str) -> bool:
    """Whether `label` is a word that people open sentences with before a colon: "Look: …"."""
    return label.lower().rstrip(".") in _OPENERS and not _INITIALS.fullmatch(label)


def _starts_name(words: Sequence[str]) -> bool:
    """A capital, or a name's particle before one: "de Souza", "d'Arcy"."""
    first = words[0]
    if first[:1].isalpha() and not first[0].islower():
        return True
    elided = first[:2].lower() in _ELIDED and first[2:3].isupper()
    return elided or (first in _NAME_PARTICLES and len(words) > 1 and words[1][:1].isupper())


def _in_name(word: str) -> bool:
    first = word.lstrip("'’-–&#.")[:1]
    return not first or not first.islower() or word.lower() in _PARTICLES or word[:2].lower() in _ELIDED


def handle_like(label: str) -> bool:
    """Whether `label` could be a chat handle ("jsmith", "ann_lee"): one word in any case that opens no sentence."""
    return _HANDLE.fullmatch(label) is not None and not opens_sentence(label)


def recurring(labels: Iterable[str], known: Collection[str] = ()) -> frozenset[str]:
    """The labels (folded) that count as speakers because they recur at the beginnings of rows or are `known`.

    A label that is written like no name (`ann lee`, `You`) counts only if it recurs more often than any turn of phrase
    would.
    """
    written = {folded(label): label for label in labels}
    counts = Counter(map(folded, labels))
    total = counts.total()

    def recurs(label: str) -> bool:
        count, shape = counts[label], written[label]
        if label in known:
            return True
        if name_like(shape):
            return count > 1
        return count > (2 if opens_sentence(shape) else 1) and count >= total * (
            0.15 if opens_sentence(shape) else 0.05
        )

    return frozenset(label for label in counts if recurs(label))


def once_like(label: str) -> bool:
    """Whether a label that occurs once and is not written like a name could still be one ("ann lee"): short, and no
    word that opens sentences."""
    words = label.split()
    return len(words) <= _MAX_ONCE_WORDS and words[0].lower() not in _OPENERS and "'" not in label and "’" not in label
