"""`closeread agreement`: every agreement statistic of any table of ratings."""

import json
import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer
from rich.table import Table

from agent.app.cli.context import say
from agent.app.cli.showing import ShowingConsole
from agent.core.errors import ImportProblem, UsageError
from agent.core.statistic import Estimate, Statistic, Undefined, interval_words, percent, three_decimals
from agent.ratings.table_file import RatingRow, read_rating_rows
from agent.stats.agreement import REGISTRY, all_statistics
from agent.stats.bootstrap import Resampling
from agent.stats.rating_table import MISSING, NOT_APPLICABLE, Level, RatingTable
from agent.text.manifest import pairs

Scale = Literal["nominal", "ordinal", "interval", "ratio"]
_MOST_ORDINAL_LEVELS = 100  # ordinal alpha needs levels² numbers a unit


def agreement(
    file: Annotated[Path, typer.Argument(help="CSV file, one row a rating.", show_default=False)],
    scale: Annotated[Scale, typer.Option(help="What may be compared: sameness, order, differences, ratios.")],
    unit: Annotated[str, typer.Option(help="Column with what was rated.")] = "unit",
    rater: Annotated[str, typer.Option(help="Column with who rated it.")] = "rater",
    value: Annotated[str, typer.Option(help="Column with the rating. An empty cell is missing.")] = "value",
    levels: Annotated[str, typer.Option(help="All levels of the scale, lowest first: 1,2,3,4,5")] = "",
    missing: Annotated[list[str] | None, typer.Option(help="A label that means: not rated.")] = None,
    not_applicable: Annotated[list[str] | None, typer.Option(help="A label that means: does not apply.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="COLUMN=VALUE: only rows with that value.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the resampling.")] = 0,
    resamples: Annotated[int, typer.Option(min=100, help="Resamples of units for intervals.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Agreement between raters, plain and corrected for chance, with intervals.

    Levels come from the scale, not from the ratings: name them all with --levels, also those nobody used.
    """
    chosen = pairs("--where", where or [])
    rows = read_rating_rows(file, unit=unit, rater=rater, value=value, where=chosen, note=say)
    table = _table(str(file), rows, scale, _listed(levels), {"", *(missing or [])}, set(not_applicable or []))
    statistics = all_statistics(table, Resampling(resamples=resamples, seed=seed))
    notes = _notes(table, bool(levels))
    if as_json:
        typer.echo(_as_json(unit, table, bool(levels), statistics, notes))
    else:
        _print(table, statistics, notes)


def _listed(levels: str) -> list[str]:
    """The labels of --levels. Raises UsageError for an empty or repeated one."""
    labels = [label.strip() for label in levels.split(",")] if levels else []
    if "" in labels or len(set(labels)) != len(labels):
        raise UsageError(f"--levels wants each level once, separated by commas: 1,2,3,4,5; got {levels!r}")
    return labels


def _table(
    path: str,
    rows: Sequence[RatingRow],
    scale: Scale,
    labels: Sequence[str],
    missing: Collection[str],
    not_applicable: Collection[str],
) -> RatingTable:
    rated = [row for row in rows if row.value not in missing and row.value not in not_applicable]
    if not rated:
        raise ImportProblem(path, None, "there are no ratings: every value is missing or does not apply")
    levels = _levels(path, rated, scale, labels)
    if scale == "ordinal" and len(levels) > _MOST_ORDINAL_LEVELS:
        raise UsageError(f"{len(levels)} levels are too many for an ordinal scale; use --scale interval or ratio")
    codes = {level: code for code, level in enumerate(levels)}
    units = {name: place for place, name in enumerate(dict.fromkeys(row.unit for row in rows))}
    raters = {name: place for place, name in enumerate(dict.fromkeys(row.rater for row in rows))}
    cells = np.full((len(units), len(raters)), MISSING)
    for row in rows:
        if row.value in not_applicable:
            cells[units[row.unit], raters[row.rater]] = NOT_APPLICABLE
        elif row.value not in missing:
            level = row.value if isinstance(levels[0], str) else _number(row.value)
            if level not in codes:
                raise _not_a_level(path, row, levels)
            cells[units[row.unit], raters[row.rater]] = codes[level]
    return RatingTable(cells, levels, scale)


def _levels(path: str, rated: Sequence[RatingRow], scale: Scale, labels: Sequence[str]) -> tuple[Level, ...]:
    """Levels as named by --levels, else all values seen, in order; numbers wherever all of them are numbers."""
    if labels:
        return _named_levels(labels, scale)
    seen = list(dict.fromkeys(row.value for row in rated))
    if numbers := _numbers(seen, scale):
        return tuple(sorted(set(numbers)))
    if scale == "nominal":
        return tuple(sorted(seen))
    words = [row for row in rated if _number(row.value) is None]
    if scale == "ordinal" and len(words) == len(rated):
        raise UsageError("an ordinal scale of words needs --levels with all levels, lowest first")
    hint = f"name it with --missing {words[0].value!r} if it means: not rated"
    raise ImportProblem(path, words[0].line, f"{words[0].value!r} is not a number", hint)


def _named_levels(labels: Sequence[str], scale: Scale) -> tuple[Level, ...]:
    numbers = _numbers(labels, scale)
    if not numbers:
        if scale in ("interval", "ratio"):
            raise UsageError(f"--scale {scale} wants numbers in --levels; got {','.join(labels)}")
        return tuple(labels)
    if len(set(numbers)) < len(numbers) or (scale != "nominal" and list(numbers) != sorted(numbers)):
        raise UsageError(f"--levels wants each level once, lowest first; got {','.join(labels)}")
    return numbers


def _numbers(labels: Sequence[str], scale: Scale) -> tuple[int | float, ...]:
    """The labels as numbers, or nothing if one is not. On a nominal scale 01 and 1 are two labels, not one number."""
    numbers = [number for label in labels if (number := _number(label)) is not None]
    if len(numbers) < len(labels) or (scale == "nominal" and list(map(str, numbers)) != list(labels)):
        return ()
    return tuple(numbers)


def _number(label: str) -> int | float | None:
    try:
        number = float(label)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _not_a_level(path: str, row: RatingRow, levels: Sequence[Level]) -> ImportProblem:
    what = f"{row.value!r} is not one of the levels {', '.join(map(str, levels))}"
    return ImportProblem(path, row.line, what, f"name it with --missing {row.value!r} if it means: not rated")


def _notes(table: RatingTable, named: bool) -> list[str]:
    if named:
        return []
    shown = ", ".join(map(str, table.levels[:12])) + (", …" if len(table.levels) > 12 else "")
    return [
        f"Levels are the values seen ({shown}). Name the scale's own with --levels:"
        " AC1, AC2 and Brennan-Prediger depend on levels that nobody used."
    ]


def _as_json(unit: str, table: RatingTable, named: bool, statistics: dict[str, Statistic], notes: Sequence[str]) -> str:
    document = {
        "unit": unit,
        "units": table.codes.shape[0],
        "raters": table.codes.shape[1],
        "scale": table.metric,
        "levels": list(table.levels),
        "levels_from": "--levels" if named else "values seen",
        "statistics": {name: statistic.model_dump(mode="json") for name, statistic in statistics.items()},
        "notes": list(notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def _print(table: RatingTable, statistics: dict[str, Statistic], notes: Sequence[str]) -> None:

    console = ShowingConsole(highlight=False)
    units, raters = table.codes.shape
    shown = Table(
        "statistic", "value", "range (95 %, or roughly)", "n", title=f"{units} units, {raters} raters, {table.metric}"
    )
    not_computed: dict[str, list[str]] = {}
    for name, statistic in statistics.items():
        if isinstance(statistic, Estimate):
            shown.add_row(REGISTRY[name].title, f"{statistic.value:.3f}", _interval(statistic), str(statistic.n))
        else:
            not_computed.setdefault(statistic.undefined, []).append(REGISTRY[name].title)
    console.print(shown)
    for line in (_meaning(statistics), *notes):
        console.print(line, markup=False)
    for reason, titles in not_computed.items():
        console.print(f"Not computed: {', '.join(titles)}: {reason}.", markup=False)


def _interval(statistic: Statistic) -> str:
    return (interval_words(statistic, three_decimals) if isinstance(statistic, Estimate) else "") or "withheld"


def _meaning(statistics: dict[str, Statistic]) -> str:
    """One line on what the chance-corrected value says, and a warning where plain agreement flatters."""
    alpha, exact = statistics["krippendorff_alpha"], statistics["exact_agreement"]
    if isinstance(alpha, Undefined):
        return f"Agreement beyond chance cannot be computed: {alpha.undefined}."
    if alpha.value <= 0:
        says = "the raters agree no better than if they had rated at random"
    else:
        says = f"the raters avoid {percent(alpha.value)} of the disagreement that chance alone would bring"
    line = f"Krippendorff's alpha is {alpha.value:.2f}: {says} (0 is chance, 1 is full agreement)."
    if not isinstance(exact, Undefined) and exact.value >= 0.85 and alpha.value < 0.4:
        line += " Plain agreement is high here mainly because nearly all ratings are the same level."
    return line
