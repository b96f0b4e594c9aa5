"""Generates a call of 60,000 words: evidence is at the start, in the middle and at the end, and nowhere in between.

A reader who loses the middle of long texts gets it wrong. The turns between are read-outs of an invoice list: plain
talk of a rep and a customer that meets none of the sample's criteria.
"""

import random

from agent.core.transcript import Transcript, Turn

WORDS = 60_000
CUSTOMER = "Ines Duarte"

START = (
    "You said invoices sit for nine days before anybody looks at them. "
    "What do those nine days cost you in lost supplier discounts over a year?"
)
MIDDLE = (
    "So success is what you just said: every invoice under five hundred pounds paid inside three working days, by the "
    "end of June. Is that right, or would you put it differently?"
)
END = (
    "Then we agree: on Tuesday the 14th at ten I send you the pilot agreement, you have your controller mark it up by "
    "that Friday, and the purpose is to start the two-site pilot on the 21st."
)
_MEASURE = "For me it has worked if every invoice under five hundred pounds is paid inside three working days, by June."
_SUPPLIERS = ("Harrow Timber", "Kestrel Fuels", "Oakline Packaging", "Bright Water", "Dunmore Steel", "Pell and Sons")
_PLACES = ("the north depot", "the yard office", "site four", "the paint shop", "head office", "the second warehouse")


def long_call(rep: str) -> Transcript:
    """The call. Its seed is fixed, because the text is part of a request's id."""
    chance = random.Random(60_000)
    lines: list[tuple[str, str]] = [
        (rep, "Thank you for making the time. Shall we go through the list as you suggested?"),
        (CUSTOMER, "Yes. It is long, I warn you. The trouble is that invoices sit for nine days before anybody looks."),
        (rep, START),
        (CUSTOMER, "About forty thousand. Let us get through the list, I want all of it on the recording."),
    ]
    words = sum(len(text.split()) for _, text in lines)
    middle_said = False
    while words < WORDS - 150:
        number, sheet = chance.randint(10_000, 99_999), chance.randint(2, 60)
        supplier, place = chance.choice(_SUPPLIERS), chance.choice(_PLACES)
        added = [
            (
                CUSTOMER,
                f"Number {number}, that is {supplier}, delivered to {place}, on sheet {sheet} of the binder, with the "
                "slip stapled behind it and the stamp of whoever took it in, and it is marked as received and filed.",
            ),
            (rep, f"Number {number}, {supplier}, noted. Next one."),
        ]
        if not middle_said and words >= WORDS // 2:
            added, middle_said = [(CUSTOMER, _MEASURE), (rep, MIDDLE), (CUSTOMER, "That is right. Go on.")], True
        lines += added
        words += sum(len(text.split()) for _, text in added)
    lines += [(CUSTOMER, "That was the last one. What now?"), (rep, END), (CUSTOMER, "Agreed. Speak then.")]
    turns = tuple(Turn(index=at, speaker=speaker, text=text) for at, (speaker, text) in enumerate(lines))
    return Transcript(turns=turns, roles={rep: "rep", CUSTOMER: "customer"})
