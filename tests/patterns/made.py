"""A small extraction: six won and six lost interviews, two patterns, codings by both analysts."""

from itertools import count

from agent.core.transcript import Quote
from agent.interviews.store import Interviews
from agent.patterns.concluding import conclude
from agent.patterns.model import Codebook, CodebookEntry, Coding, Extraction, Observation
from agent.patterns.store import Extractions
from agent.text.quotes import QuoteIndex
from tests.builders import interview

COST, BROCHURE = "She asked what a late close costs us.", "He sent the standard brochure."
SAID = {"asked_cost": COST, "sent_brochure": BROCHURE}
WON, LOST = [f"won-{n}" for n in range(1, 7)], [f"lost-{n}" for n in range(1, 7)]
PRESENT = {"asked_cost": {*WON, "lost-1"}, "sent_brochure": {*LOST, "won-1"}}


def entry(ident, observations=(), name=""):
    return CodebookEntry(
        id=ident,
        name=name or ident.replace("_", " ").capitalize(),
        behavior=f"The rep {ident.replace('_', ' ')} in a call.",
        moments=("pricing",),
        observations=tuple(observations),
    )


def quote(document, words):
    found = QuoteIndex(document.transcript.turns).locate(words)
    assert isinstance(found, Quote)
    return found


def coding(book, ident, document, reader, present):
    quotes = (quote(document, SAID[ident]),) if present else ()
    return Coding(
        codebook=book,
        entry=ident,
        interview=document.id,
        reader=reader,
        present=present,
        quotes=quotes,
        reason=f"{reader} read it",
    )


def interviews():
    return [interview(i, "won", COST, BROCHURE) for i in WON] + [interview(i, "lost", COST, BROCHURE) for i in LOST]


def extraction(number):
    """Analyst B does not see `asked_cost` in won-1: the only cell that is undecided."""
    documents = interviews()
    noted = [
        Observation(
            interview=document.id,
            analyst="analyst_a",
            behavior=f"asked about the cost {number}",
            moment="pricing",
            subject="ours",
            quote=quote(document, COST),
            request="rq",
        )
        for document in documents
        if document.id in PRESENT["asked_cost"]
    ]
    book = Codebook(
        entries=(
            entry("asked_cost", [o.id for o in noted], f"Asked cost {number}"),
            entry("sent_brochure"),
        )
    )
    codings = [
        coding(book.id, ident, document, reader, document.id in PRESENT[ident])
        for ident in PRESENT
        for document in documents
        for reader in ("analyst_a", "analyst_b")
        if (ident, document.id, reader) != ("asked_cost", "won-1", "analyst_b")
    ]
    won_1 = next(d for d in documents if d.id == "won-1")
    codings.append(coding(book.id, "asked_cost", won_1, "analyst_b", False))
    patterns = conclude(book, codings, documents, noted, 0)
    return Extraction(observations=tuple(noted), codebook=book, codings=tuple(codings), patterns=patterns)


_number = count(1)


def extracted(space):
    """Store another such extraction, of which nothing was edited yet."""
    for document in interviews():
        space.store[Interviews].add(document)
    found = extraction(next(_number))
    space.store[Extractions].add(found)
    return found
