"""Interviews that came as notes or e-mails of one voice: the buyer's words are what is
quoted and said to be the buyer's.

All else is told by the interviewer, and stands under that label. Whose quoted words are is told by the words around
them: `Ann said: “…”`, `“…,” she said`, a quotation alone on its line. Where these name anybody else, or nobody for
certain, the words stay with the interviewer: a quote in the wrong mouth is worse than one that is merely told.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from agent.core.errors import ImportProblem
from agent.core.language import N_, NN_
from agent.core.transcript import TOLD
from agent.text.importers import Reading, Source, detect, lines_of, reading_of
from agent.text.importers.base import MAX_ROWS, Line, left_out
from agent.text.importers.turns import transcript_of
from agent.text.names import folded, same_person

_QUOTED = re.compile(r"“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|»([^«»]+)«|「([^「」]+)」|『([^『』]+)』|\"([^\"]+)\"")
_BULLET = re.compile(r"([-*•·–—]|\d{1,3}[.)])\s+")
_EMAIL_HEAD = re.compile(r"(from|to|cc|bcc|sent|date|subject|reply-to|importance|attachments?)\s*:.*", re.IGNORECASE)
_EARLIER = re.compile(r"-{2,}\s*original message\s*-{2,}", re.IGNORECASE)
_WROTE = re.compile(r"on .{5,150} wrote:", re.IGNORECASE)
_SAYING = re.compile(
    r"\b(said|says?|saying|told|tells?|asked|asks?|wrote|writes?|replied|replies|answered|answers|added|adds|explained|"
    r"explains|recalled|recalls|noted|notes|mentioned|mentions|called|calls|continued|admitted|described|describes|"
    r"felt|feels|thought|thinks|stated|commented|remarked|complained|complains|concluded|recounted|put it|summed up|"
    r"offered|promised|claimed|wondered|insisted|argued|objected|repeated|quoted|words)\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(r"\b(was|were|been|being|got|is|are)\s+$", re.IGNORECASE)
_NEGATED = re.compile(r"\b(never|not|didn['’]t|don['’]t|doesn['’]t)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;:(–—]|\b(?:and|but|that|because|when|while|after|before|who|if|whether)\b", re.IGNORECASE)
_ROLE = re.compile(r"\b(the |our )?(buyer|customer|client|prospect|interviewee|respondent)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(he|she)\b", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(i|we|me|us|you|they|it|rep|reps|seller|sellers|salesperson|vendor|competitor|interviewer|"
    r"c[etifo]o|cmo|ciso|vp|boss|manager|director|head|lead|colleague|team|board|partner|lawyer|legal|it|procurement"
    r"|finance|auditor|consultant|"
    r"analyst|engineer|husband|wife|somebody|someone|everybody|everyone|nobody|people|another|others?|q|question)\b",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"\b[A-Z][\w'’-]+")
_NOBODY = re.compile(
    r"\b(i|we|me|us|you|they|it|(mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|"
    r"august|september|october|november|december)\b",
    re.IGNORECASE,
)
_OWN_WORDS = re.compile(
    r"(?:(?P<whose>[^'’]{2,40})['’]s? |(?:in )?(?:his|her) |the )?(?:(?:own|key|best|main|direct|final) )*"
    r"(?:quotes?|quotations?|verbatims?|words|verdict|answer|summary|conclusion|reaction|advice)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…]\s+(?=\S)")
_CLAUSE_END = re.compile(r"[,.;:!?]")
_SUBJECT_WORDS = 4
_LEAST_WORDS = 2
_REMEMBERED = 800  # characters before a quotation in which somebody may have been spoken of


@dataclass(frozen=True)
class _People:
    """The buyers, by each part of their names. Every other name belongs to somebody else."""

    buyers: Mapping[str, str]
    only: str
    parts: frozenset[str]

    def named(self, words: str) -> set[str]:
        """The buyers that `words` name."""
        return {self.buyers[part] for part in re.findall(r"[\w'’-]+", folded(words)) if part in self.buyers}

    def others(self, words: str) -> bool:
        """Whether `words` mention anybody else: a role, a pronoun, or a capitalised word inside the clause that is
        no part of a buyer's name."""
        capitals = [word for word in _CAPITAL.findall(words) if folded(word) not in self.parts]
        plain = _ROLE.sub(" ", words)
        first = words.strip().split(" ")[0] if words.strip() else ""
        return _OTHERS.search(plain) is not None or any(word != first for word in capitals)


def read_notes(source: Source, buyers: Sequence[str]) -> Reading:
    """The notes or e-mail in `source`: turns of the buyers where they are quoted; everything else is told by the
    interviewer.

    Raises ImportProblem for a file that is no text or document, or cannot be read.
    """
    form = detect(source)
    if form.name not in ("text", "docx", "rtf", "html", "pdf", "eml"):
        what = f"this is {form.title}, not notes of one voice"
        raise source.problem(None, what, "import it as a conversation")
    talk = _talking(source, buyers)
    read = lines_of(form, Source(source.name, source.data, one_voice=True))
    aside = [line for line in read if not line.spoken]
    paragraphs, heads = _paragraphs([(line.number, line.text) for line in read if line.spoken], mail=form.name == "eml")
    parts = [part for buyer in buyers for part in re.findall(r"[\w'’-]{2,}", folded(buyer))]
    people = _People(
        {part: name for name in buyers for part in re.findall(r"[\w'’-]{2,}", folded(name)) if parts.count(part) == 1},
        buyers[0] if len(buyers) == 1 else "",
        frozenset(parts),
    )
    turns = (line for number, text in paragraphs for line in _turns(text, number, people))
    lines = list(islice(turns, MAX_ROWS + 1))  # more are refused below
    transcript, notes = transcript_of(source.name, [*aside, *heads, *lines])
    roles = {name: "interviewer" if name == TOLD else "buyer" for name in transcript.speakers}
    transcript = transcript.model_copy(update={"roles": roles})
    told = tuple(note for note in notes if not note.startswith(("only one speaker", "heard once")))
    quoted = Counter(line.speaker for line in lines if line.speaker != TOLD)
    own = ", ".join(_PASSAGES[count != 1].format(n=count, name=name) for name, count in quoted.items())
    quotes = _ALL_ELSE.format(own=own) if own else _NO_QUOTES
    return Reading(form, transcript, (*talk, *told, quotes))


_TALK = N_("this reads as a conversation of {names}; as one, what the buyer says is the buyer's own")


def _talking(source: Source, buyers: Sequence[str]) -> list[str]:
    """A warning if the file reads like a conversation: read as notes, the buyer's words would count as retold only."""
    try:
        heard = reading_of(source, people=buyers).transcript
    except ImportProblem:
        return []
    turns = Counter(turn.speaker for turn in heard.turns)
    named = [name for name in turns if same_person(name) in set(map(same_person, buyers))]
    if len(turns) < 2 or not (named or min(turns.values()) > 1):
        return []
    return [_TALK.format(names=", ".join(turns))]


_PASSAGES = NN_("{n} quoted passage of {name}", "{n} quoted passages of {name}")
_ALL_ELSE = N_("notes: {own}; all else is told by the interviewer")
_NO_QUOTES = N_("notes: nothing is quoted of the buyer; all else is told by the interviewer")


def _paragraphs(
    rows: Iterable[tuple[int | None, str]], *, mail: bool = False
) -> tuple[list[tuple[int | None, str]], list[Line]]:
    """The rows as paragraphs (a blank row, a bullet or a heading begins a new one), and what of an e-mail does not
    belong to its text."""
    paragraphs: list[tuple[int | None, str]] = []
    aside: list[Line] = []
    head = earlier = False
    apart = True
    for number, row in rows:
        text = row.strip()
        if not paragraphs and _EMAIL_HEAD.fullmatch(text):
            aside.append(left_out(text, number, "the head of the e-mail"))
            head = mail = True
            continue
        earlier = earlier or (mail and _EARLIER.fullmatch(text) is not None)
        if text.startswith(">") or earlier or (mail and _WROTE.fullmatch(text)):
            if mail:
                aside.append(left_out(text, number, "quoted from an earlier e-mail"))
                continue
            text = text.lstrip("> ")
        if head and not text:
            head = False
        begins = apart or not paragraphs or _BULLET.match(text) is not None or text.startswith("#")
        apart = not text or text.startswith("#")
        text = _BULLET.sub("", text, count=1).lstrip("# ") if begins else text
        if not text:
            continue
        if begins:
            paragraphs.append((number, text))
        else:
            paragraphs[-1] = (paragraphs[-1][0], f"{paragraphs[-1][1]} {text}")
    return paragraphs, aside


def _turns(text: str, number: int | None, people: _People) -> Iterator[Line]:
    """One paragraph, cut where the buyer is quoted. A straight quotation mark without a partner quotes nothing."""
    paired = text.count('"') % 2 == 0
    matches = [match for match in _QUOTED.finditer(text) if paired or not match[0].startswith('"')]
    told = 0
    for i, match in enumerate(matches):
        before = text[matches[i - 1].end() if i else 0 : match.start()]
        after = text[match.end() : matches[i + 1].start() if i + 1 < len(matches) else len(text)]
        words = next(filter(None, match.groups())).strip()
        so_far = text[max(0, match.start() - _REMEMBERED) : match.start()]
        whose = _whose(before, after, words, so_far, people)
        if whose:
            yield from _told(text[told : match.start()], number)
            yield Line(whose, words, None, number)
            told = match.end()
    yield from _told(text[told:], number)


def _told(text: str, number: int | None) -> Iterator[Line]:
    if any(map(str.isalnum, text)):
        yield Line(TOLD, text.strip().lstrip(".,;:!? "), None, number)


def _whose(before: str, after: str, words: str, so_far: str, people: _People) -> str:
    """The buyer who said the quoted `words`; empty unless the words around them say so."""
    if len(words.split()) < _LEAST_WORDS and not words.endswith((".", "!", "?", "。")) and words.isascii():
        return ""  # a term in quotation marks
    lead = _SENTENCE_END.split(before)[-1]
    tail = "" if _SENTENCE_END.match(words[-1:] + after) and after.lstrip()[:1].isupper() else after
    said = list(_SAYING.finditer(lead))
    if said:
        return _subject(lead, said[-1], so_far, people)
    clause = _CLAUSE_END.split(after.lstrip(" ,–—-"))[0]
    verb = _SAYING.search(clause)
    if verb and len(clause[: verb.start()].split()) <= _SUBJECT_WORDS:
        return _named(clause[: verb.start()].strip() or clause[verb.end() :], so_far, people)
    bare = lead.strip(" \t-–—•*:>")
    if not any(map(str.isalnum, bare)):
        return people.only if not any(map(str.isalnum, tail)) or _SENTENCE_END.match(f".{after}") else ""
    if lead.rstrip().endswith(":"):
        own = _OWN_WORDS.fullmatch(bare.rstrip(": "))
        if own and (not own["whose"] or people.named(own["whose"])):
            return people.only
        return _named(bare, so_far, people)
    return ""


def _subject(lead: str, verb: re.Match[str], so_far: str, people: _People) -> str:
    """The buyer who is the subject of a verb of saying; empty if somebody else is, or nobody said it."""
    if _PASSIVE.search(lead[: verb.start()]) or _NEGATED.search(lead[: verb.start()]):
        return ""
    clauses = [part for part in _CLAUSE.split(lead[: verb.start()]) if part and part.strip()]
    subject = clauses[-1] if clauses else ""
    return _named(subject, so_far, people)


def _named(clause: str, so_far: str, people: _People) -> str:
    """The one buyer that a clause names, or means by a pronoun or a role; empty if it mentions anybody else too."""
    named = people.named(clause)
    first = clause.split()[:1]
    strange = [word for word in first if word[:1].isupper() and folded(word) not in people.parts]
    known = bool(strange) and (_PRONOUN.fullmatch(strange[0]) or _ROLE.match(clause.strip()) or strange[0] == "The")
    if people.others(clause) or (strange and not known and not named and clause.strip()):
        return ""
    if len(named) == 1:
        return named.pop()
    if named:
        return ""
    if _ROLE.search(clause):
        return people.only
    if _PRONOUN.search(clause):
        earlier = _SENTENCE_END.split(so_far)[:-1]  # a pronoun may mean anybody who was spoken of
        return "" if any(people.others(_NOBODY.sub(" ", _QUOTED.sub(" ", one))) for one in earlier) else people.only
    return ""
