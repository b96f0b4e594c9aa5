"""Files made to take all time or memory: each kind is refused, or read within the bounds that the documentation names."""

from __future__ import annotations

import io
import os
import resource
import zipfile
from contextlib import ExitStack, suppress
from time import process_time

import pytest

from agent.core.errors import ImportProblem
from agent.core.yaml_files import parse_document
from agent.text.importers import Source, apart, reading_of
from agent.text.importers.apart import MOST_MB, MOST_SECONDS, read_apart
from evals import hostile_imports


def greedy(task: str) -> object:
    return read_apart(f"tests.text.greedy:{task}", Source("call.pdf", b"words"))


@pytest.mark.parametrize("task", ["grow", "die"])
def test_what_takes_too_much_ends_and_the_next_file_is_read(task: str) -> None:
    with pytest.raises(
        ImportProblem, match=rf"call\.pdf: this file takes more than {MOST_SECONDS} seconds or {MOST_MB} MB"
    ):
        greedy(task)
    assert greedy("count") == 5


@pytest.mark.slow
def test_what_takes_too_long_ends_and_the_next_file_is_read() -> None:
    begin = sum(os.times()[2:4])
    with pytest.raises(ImportProblem, match=rf"takes more than {MOST_SECONDS} seconds"):
        greedy("spin")
    assert sum(os.times()[2:4]) - begin < MOST_SECONDS + 3
    assert greedy("count") == 5


def test_what_a_library_raises_is_told() -> None:
    with pytest.raises(ImportProblem, match=r"call\.pdf: this file cannot be read \(ZeroDivisionError\)"):
        greedy("fail")


def test_a_process_that_ended_in_between_is_started_again() -> None:
    assert greedy("count") == 5
    apart.stop()
    assert greedy("count") == 5
    apart._running[1].kill()  # type: ignore[index]
    apart._running[1].wait()  # type: ignore[index]
    assert greedy("count") == 5


def test_a_program_with_many_open_files_reads_all_the_same() -> None:
    apart.stop()
    with ExitStack() as many:
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 1200:
            pytest.skip("so many files may not be open here")
        while many.enter_context(open(os.devnull)).fileno() < 1100:
            pass
        assert greedy("count") == 5
    apart.stop()


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files:
            opened.writestr(name, data)
    return out.getvalue()


_HUGE = b" " * (65 * 2**20)
SMALL = {
    "cut.pdf": hostile_imports.FILES["nested_arrays.pdf"],
    "drawing.pdf": hostile_imports.FILES["operators.pdf"],
    "zip.docx": lambda: zipped(("word/document.xml", _HUGE)),
    "zip.xlsx": lambda: zipped(("xl/workbook.xml", b"<a/>"), ("xl/worksheets/sheet1.xml", _HUGE)),
    "cells.xlsx": hostile_imports.FILES["wide_rows.xlsx"],
    "deep.docx": hostile_imports.FILES["deep_paragraphs.docx"],
    "deep.json": hostile_imports.FILES["deep_objects.json"],
    "deep_talk.json": hostile_imports.FILES["deep_talk.json"],
    "deep.html": hostile_imports.FILES["nested.html"],
    "deep.rtf": hostile_imports.FILES["groups.rtf"],
    "deep.eml": hostile_imports.FILES["parts.eml"],
}
REFUSED = set(SMALL)
SMALL |= {"one_line.txt": lambda: b"Ann: " + b"word " * 400_000, "one_cue.srt": hostile_imports.FILES["one_cue.srt"]}


@pytest.mark.parametrize("name", SMALL)
def test_each_kind_is_refused_or_read_in_time(name: str) -> None:
    data = SMALL[name]()
    begin = process_time()
    with suppress(ImportProblem):
        reading_of(Source(name, data))
        assert name not in REFUSED
    assert process_time() - begin < MOST_SECONDS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.yaml", "[" * 5_000),
        ("deep_map.yaml", "".join(" " * i + "a:\n" for i in range(500))),
        ("aliases.yaml", "a: &a [1]\n" + "\n".join(f"b{i}: [*a, *a]" for i in range(9))),
        ("number.yaml", "a: " + ":".join(["1"] * 100_000)),
        ("long.yaml", "a: " + "b" * 2_000_000),
        ("deep.json", "[" * 100_000),
    ],
)
def test_hostile_yaml_is_refused_before_anything_is_built_of_it(name: str, text: str) -> None:
    begin = process_time()
    with pytest.raises(ImportProblem):
        parse_document(name, text.encode(), uploaded=True)
    assert process_time() - begin < MOST_SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("name", hostile_imports.FILES)
def test_every_hostile_file_keeps_to_the_bounds(name: str) -> None:
    outcome, seconds, most = hostile_imports.measured(name)
    assert outcome.startswith(("read", "refused")), outcome
    assert seconds < MOST_SECONDS + 2, "in the process apart, and what this one takes"
    assert most <= MOST_MB


def test_every_kind_of_hostile_file_has_its_reader() -> None:
    """The list of hostile files covers each kind that is read."""
    kinds = {name.rpartition(".")[2] for name in hostile_imports.FILES}
    assert kinds >= {"txt", "vtt", "srt", "json", "csv", "docx", "xlsx", "pdf", "rtf", "html", "eml"}
