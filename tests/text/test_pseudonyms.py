"""Placeholders: which names give way, that they come back letter by letter, and that they are stable."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.text.pseudonyms import Pseudonyms, any_of, names_of

PEOPLE = ("Tom Becker", "Oyelaran, Kofi", "Will Grace", "Lee", "Ana-Sofía Ruiz (North)", "O'Brien")
COMPANIES = ("Helio Ridge Energy", "First National Bank", "Three Rivers Foods", "AB")


def made(secret="s"):
    return Pseudonyms(secret, PEOPLE, COMPANIES)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Tom Becker called.", ["Tom", "Becker"]),
        ("That is Becker's number, TOM said", ["Becker", "TOM"]),
        ("Kofi and Oyelaran", ["Kofi", "Oyelaran"]),
        ("I asked Will about it", ["Will"]),
        ("Ana-Sofía asked O'Brien", ["Ana-Sofía", "O'Brien"]),
        ("Helio Ridge Energy, or Helio Ridge, or Helio", ["Helio", "Ridge", "Energy"]),
        ("Three Rivers Foods and Three Rivers", ["Three", "Rivers"]),
        ("write to tom.b+x@becker-mail.example now", ["tom.b", "becker-mail"]),
        ("at https://becker.example/a?b=1, or www.helio.example.", ["becker", "helio"]),
        ("call +1 (312) 555-0147 or 0171 234 5678", ["555", "234"]),
        ("card 4111 1111 1111 1111 please", ["4111"]),
        ("IBAN DE89 3704 0044 0532 0130 00", ["DE89"]),
        ("at 12 Harbor View Road", ["12", "Harbor"]),
    ],
)
def test_what_gives_way_and_comes_back(text, gone):
    pseudonyms = made()
    hidden = pseudonyms.disguise(text)
    assert not [word for word in gone if word in hidden], hidden
    assert pseudonyms.restore(hidden) == text
    assert pseudonyms.disguise(hidden) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "Will you pay? Grace is short.",
        "I will, with grace",
        "Three of us have energy for the first national thing",
        "We pay 15,000 dollars, or 1.5 % of 2,400,000, since 2019-10-02 at 10:30.",
        "order 12345678901234 came in 2024 and 2025",
        "It was 90 to 95 percent, 10-12 people, 3 1 2",
        "a becker is a baker",
        "",
    ],
)
def test_what_stays(text):
    assert made().disguise(text) == text


def test_a_name_has_one_placeholder_and_only_with_the_secret():
    first, again, other = made(), made(), made("another")
    text = "Tom asked Becker; Tom Becker."
    assert first.disguise(text) == again.disguise(text) != other.disguise(text)
    tom, becker = first.disguise("ask Tom")[4:], first.disguise("ask Becker")[4:]
    assert first.disguise("ask Tom Becker") == f"ask {tom} {becker}"
    assert not any(letter.isdigit() for letter in tom + becker)


def test_a_model_that_changes_the_case_is_understood():
    pseudonyms = made()
    hidden = pseudonyms.disguise("ask Tom")
    assert pseudonyms.restore({"quotes": [hidden.upper(), hidden.lower()], "turn": 3}) == {
        "quotes": ["ASK Tom", "ask Tom"],
        "turn": 3,
    }


def test_what_nobody_gave_out_stays():
    assert made().restore("PersonABCDE said") == "PersonABCDE said"


@given(
    st.lists(
        st.one_of(
            st.sampled_from([*PEOPLE, *COMPANIES, "Tom", "TOM", "a@b.example", "+44 20 7946 0958", "Will", "—", "\n"]),
            st.text(max_size=12),
        ),
        max_size=12,
    )
)
def test_everything_comes_back(parts):
    pseudonyms = made()
    text = " ".join(parts)
    assert pseudonyms.restore(pseudonyms.disguise(text)) == text
    assert json.loads(json.dumps(pseudonyms.restore([text]))) == [text]


def test_names_come_from_manifests_and_speakers_and_labels_are_none():
    bodies = [
        {"rep": "Tom Becker", "customer": "Jo Wu; Al Ng", "account": "Helio", "transcript": {"roles": {"Sam": "rep"}}},
        {"rep": "", "buyer": "Kay", "transcript": {"roles": {"Speaker 1": "buyer", "Interviewer": "interviewer"}}},
    ]
    assert names_of(bodies) == ({"Tom Becker", "Jo Wu", "Al Ng", "Sam", "Kay"}, {"Helio"})


@given(st.sets(st.text("abB -.é|", min_size=1, max_size=5), min_size=1), st.text("abB -.é|", max_size=40))
def test_grouped_names_are_found_where_each_of_them_is(names, text):
    side_by_side = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    for around in ("{}", r"(?<!\w){}(?!\w)"):
        grouped = re.compile(around.format(any_of(names)))
        assert grouped.findall(text) == re.compile(around.format(f"(?:{side_by_side})")).findall(text)
