"""The catalogs of `agent/locale`: what the program says, and how it is said in other languages (docs/page-languages.md).

python deploy/catalogs.py update     # new and changed messages into closeread.pot and each language's file
python deploy/catalogs.py check      # exit 1 where something does not fit its message, or more than sixty are missing
python deploy/catalogs.py left de    # what is not translated yet
"""

import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po

from agent.app.web.marking import messages_of
from agent.core.language import CATALOGS, ENGLISH, LANGUAGES
from deploy.sentences import sentences

ROOT = Path(__file__).parents[1]
TEMPLATE = CATALOGS / "closeread.pot"
OTHERS = [code for code in LANGUAGES if code != ENGLISH]
MOST_WAITING = 60
_KEYWORDS = ["_", "N_", "NS_", "NN_", "ngettext"]
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_MARKS = re.compile(r"</?\d+>")


def extracted() -> Catalog:
    """All messages of templates and code, in the order of their files."""
    catalog = Catalog(project="closeread", charset="utf-8", copyright_holder="The Closeread authors", fuzzy=False)
    for path in sorted((ROOT / "agent").rglob("*")):
        where = str(path.relative_to(ROOT))
        for message in _of(path):
            catalog.add(message, locations=[(where, None)])
    return catalog


def _of(path: Path) -> Iterator[str | tuple[str, str]]:
    if path.suffix == ".html" and path.parent.name == "templates":
        for one in messages_of(path.read_text("utf-8")):
            yield one[0] if len(one) == 1 else (one[0], one[1])
    elif path.suffix == ".py":
        yield from sentences(path)
        with path.open("rb") as file:
            for _line, function, found, _comments in extract_python(file, _KEYWORDS, [], {}):
                texts = (found,) if isinstance(found, str) else found
                if function in ("ngettext", "NN_") and texts[0]:
                    yield (texts[0], texts[1])
                elif function == "NS_":
                    yield from filter(None, texts)
                elif texts and texts[0]:
                    yield texts[0]


def of_language(code: str) -> Catalog:
    """What its file says."""
    path = CATALOGS / f"{code}.po"
    if not path.is_file():
        return Catalog(locale=code, project="closeread", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def update() -> None:
    """Write the template, and into each language's file what it lacks; what nobody says any more goes."""
    found = extracted()
    _write(TEMPLATE, found)
    for code in OTHERS:
        catalog = of_language(code)
        catalog.update(found, no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        _write(CATALOGS / f"{code}.po", catalog)


def _write(path: Path, catalog: Catalog) -> None:
    """Without dates and versions, so that a file changes only with what it says."""
    catalog.header_comment = "# Closeread. Apache-2.0. See docs/page-languages.md.\n#"
    for key in ("creation_date", "revision_date"):
        setattr(catalog, key, _LONG_AGO)
    with path.open("wb") as file:
        write_po(file, catalog, width=0, sort_output=False, include_lineno=False)


def faults(code: str, found: Catalog) -> list[str]:
    """What is wrong with a language's file."""
    told = of_language(code)
    wrong = []
    for message in found:
        if not message.id:
            continue
        own = told.get(message.id if isinstance(message.id, str) else message.id[0])
        said = () if own is None else (own.string,) if isinstance(own.string, str) else tuple(own.string)
        if own is None or not all(said) or own.fuzzy or own.pluralizable != message.pluralizable:
            wrong.append(f"{code}: not translated: {message.id!r}")
        elif any(_places(text) != _places(_ids(message)[-1]) for text in said):
            wrong.append(f"{code}: other placeholders than in {message.id!r}: {own.string!r}")
        elif any("<" in _MARKS.sub("", text) for text in said):
            wrong.append(f"{code}: markup in {own.string!r}")
    return wrong


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _places(text: str) -> tuple[list[str], list[str]]:
    return sorted({name for _text, name, _form, _how in string.Formatter().parse(text) if name}), sorted(
        _MARKS.findall(text)
    )


def check() -> list[str]:
    """What is wrong with any of the files. A few new messages may wait for their translation: they are said in English."""
    found = extracted()
    with TEMPLATE.open("rb") as file:
        noted = {message.id for message in read_po(file)}
    wrong = [f"not in {TEMPLATE.name}: {message.id!r}" for message in found if message.id not in noted]
    for code in OTHERS:
        told = faults(code, found)
        waiting = [fault for fault in told if fault.startswith(f"{code}: not translated")]
        wrong += told if len(waiting) > MOST_WAITING else [fault for fault in told if fault not in waiting]
    return wrong if len(wrong) > MOST_WAITING or any("not in" not in fault for fault in wrong) else []


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["update"]:
            update()
        case ["check"]:
            wrong = check()
            sys.stdout.write("".join(f"{one}\n" for one in wrong))
            sys.exit(bool(wrong))
        case ["left", code]:
            sys.stdout.write("".join(f"{one}\n" for one in faults(code, extracted())))
        case _:
            sys.exit(__doc__)
