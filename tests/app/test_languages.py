"""What is said in other languages: numbers and days as their countries write them, catalogs that fit their messages."""

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from agent.app.web.marking import messages_of
from agent.app.web.templates import environment
from agent.core import wording
from agent.core.figures import read
from agent.core.language import CATALOGS, LANGUAGES, _, catalog, current, ngettext, preferred, speaking
from agent.core.statistic import Estimate, percent, percent_range
from deploy.catalogs import OTHERS, extracted, faults, of_language


@pytest.mark.parametrize("code", OTHERS)
@given(value=st.floats(-1e9, 1e9), digits=st.integers(0, 3), day=st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_numbers_and_days_are_written_as_the_unicode_consortium_has_them(code, value, digits, day):
    english = wording.number(value, digits)
    plain = float(english.replace(",", ""))
    with speaking(code):
        assert wording.day(day) == format_date(day, "long", locale=code)
        assert wording.number(value, digits) == format_decimal(plain, "#,##0.###", locale=code)
        assert wording.usd(plain) == format_currency(Decimal(f"{plain:.2f}"), "USD", locale=code)


def test_a_figure_is_the_same_figure_in_each_language():
    found = Estimate(value=0.5, n=1234, low=0.2146, high=0.789)
    assert str(read(found, "counted", "call")) == "617 of 1,234 calls, 50 % (21 to 79 %)"
    with speaking("de"):
        assert str(read(found, "counted", "call")) == "617 von 1.234 Gesprächen, 50 % (21 bis 79 %)"
        assert (percent(0.0425, 1), percent_range(0.354, 0.88)) == ("4,2 %", "35 bis 88 %")
        assert wording.days(date(2026, 3, 3), date(2026, 3, 30)) == "3. März 2026 bis 30. März 2026"
    with speaking("es"):
        assert str(read(found, "counted", "call")) == "617 de 1.234 llamadas, 50 % (21 a 79 %)"
    assert percent(0.0425, 1) == "4.2 %"


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("fr, es;q=0.5, en;q=0.1", "es"),
        ("en;q=0.1, ES-mx;q=0.7", "es"),
        ("fr", ""),
        ("de;q=0, en", "en"),
        ("de;q=x", ""),
        ("", ""),
    ],
)
def test_the_first_language_that_the_browser_wants_and_we_have(accepted, code):
    assert preferred(accepted) == code


def test_nobody_else_hears_the_language_of_one_reader():
    with speaking("de"):
        assert current() == "de"
    assert current() == "en"
    with speaking("tlh"):
        assert (_("Start"), current()) == ("Start", "en")


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalog_is_read_as_babel_reads_it(code):
    with (CATALOGS / f"{code}.po").open("rb") as file:
        told = {one.id if isinstance(one.id, str) else one.id[0]: one.string for one in read_po(file) if one.id}
    read_by_babel = {key: text for key, text in told.items() if all((text,) if isinstance(text, str) else text)}
    assert catalog(code) == read_by_babel
    assert all(len(text) == 2 for text in read_by_babel.values() if not isinstance(text, str))


@pytest.mark.slow  # `make check` looks at the same
def test_what_is_translated_fits_its_message():
    messages = extracted()
    assert [(code, fault) for code in OTHERS for fault in faults(code, messages) if "not translated" not in fault] == []


def test_each_language_has_a_catalog_and_each_catalog_a_language():
    assert {path.stem for path in CATALOGS.glob("*.po")} | {"en"} == set(LANGUAGES)
    assert all(str(of_language(code).locale) == code for code in OTHERS)


PLAIN = """<p>Say who speaks in {{ t(left) }} {{ "file" if left == 1 else "files" }}{% if now %}, <a href="/x?{{ left }}">now</a>{% endif %}.</p>
<h2 title="{{ left }} of them">{{ "Open" if now else "Closed" }}</h2>{% for x in (1, 2) %}<b>{{ x }}</b>{% endfor %}"""


def test_a_template_is_taken_apart_into_whole_sentences():
    assert messages_of(PLAIN) == [
        ("Say who speaks in {left} file, <1>now</1>.", "Say who speaks in {left} files, <1>now</1>."),
        ("Say who speaks in {left} file.", "Say who speaks in {left} files."),
        ("{left} of them",),
        ("Open",),
        ("Closed",),
    ]


@pytest.mark.parametrize(("left", "now"), [(1, True), (2, False), ("<b>", True)])
def test_a_rewritten_template_says_what_the_plain_one_says(left, now):
    said = [environment(marked).from_string(PLAIN).render(left=left, now=now, t=str) for marked in (False, True)]
    assert said[1].split() == said[0].split()


def test_values_are_escaped_in_translated_pages_too():
    page = environment(True).from_string('<p title="By {{ name }}">By {{ name }}</p>').render(name='<i>"')
    assert page == '<p title="By &lt;i&gt;&#34;">By &lt;i&gt;&#34;</p>'


def test_plurals_go_by_the_count():
    with speaking("de"):
        assert [ngettext("{n} call", "{n} calls", n, n=n) for n in (0, 1, 2)] == [
            "0 Gespräche",
            "1 Gespräch",
            "2 Gespräche",
        ]


def test_no_function_has_another_underscore_where_it_says_something():
    """A name that is bound in a function hides the one that looks texts up, all through it."""
    hidden = []
    for path in sorted((Path(__file__).parents[2] / "agent").rglob("*.py")):
        source = path.read_text("utf-8")
        for function in ast.walk(ast.parse(source)) if "agent.core.language import" in source else ():
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                own = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == "_"]
                loops = [n for n in ast.walk(function) if isinstance(n, ast.comprehension)]
                inside = {id(name) for loop in loops for name in ast.walk(loop.target)}
                bound = [one for one in own if isinstance(one.ctx, ast.Store) and id(one) not in inside]
                if bound and any(isinstance(one.ctx, ast.Load) for one in own):
                    hidden.append(f"{path}:{function.lineno}")
    assert hidden == []
