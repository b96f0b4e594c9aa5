from hypothesis import given
from hypothesis import strategies as st

from agent.app.highlights import pieces
from agent.core.transcript import Span


@st.composite
def marked(draw):
    text = draw(st.text(min_size=1, max_size=30))
    spans = []
    for label in draw(st.lists(st.sampled_from("abc"), max_size=4)):
        start = draw(st.integers(0, len(text) - 1))
        spans.append((Span(turn=0, start=start, end=draw(st.integers(start + 1, len(text)))), label))
    return text, spans


@given(marked())
def test_pieces_are_the_text_and_every_character_has_its_labels(case):
    text, spans = case
    found = pieces(text, 0, spans)
    assert "".join(piece.text for piece in found) == text
    at = 0
    for piece in found:
        expected = {label for span, label in spans if span.start <= at < span.end}
        assert set(piece.labels) == expected
        at += len(piece.text)
