"""Lists of words in YAML."""

import pytest

from agent.core.base import Frozen
from agent.core.errors import ImportProblem
from agent.core.word_lists import Words, word_list


class Greetings(Frozen):
    polite: Words
    form: str


def test_patterns_are_one_and_their_pieces_are_filled_in(tmp_path):
    path = tmp_path / "en.yaml"
    path.write_text(
        "parts:\n  day: day|morning\n  good: good (?:{day})\npolite:\n  - ^{good}\n  - hi{1,3}\nform: '{good} {name}'\n"
    )
    read = word_list(path, Greetings)
    assert read.polite.pattern == "(?:^good (?:day|morning))|(?:hi{1,3})"
    assert [bool(read.polite.search(said)) for said in ("Good morning, all", "so good day", "HIII")] == [
        True,
        False,
        True,
    ]
    assert read.form == "good (?:day|morning) {name}", "a name of no piece is left as it is"


def test_a_list_that_lacks_something_is_refused(tmp_path):
    path = tmp_path / "en.yaml"
    path.write_text("polite:\n  - please\n")
    with pytest.raises(ImportProblem, match="form"):
        word_list(path, Greetings)
