"""All agreement statistics by name, with the properties each one promises. Tests hold every promise for every one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from agent.domain.statistic import Statistic
from agent.stats.agreement.alpha import applies_alpha, krippendorff_alpha
from agent.stats.agreement.icc import icc
from agent.stats.agreement.kappas import (
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    scott_pi,
)
from agent.stats.agreement.plain import (
    applies_agreement,
    exact_agreement,
    negative_agreement,
    positive_agreement,
    weighted_agreement,
    within_one,
)
from agent.stats.agreement.preconditions import DEFAULT
from agent.stats.bootstrap import Resampling
from agent.stats.rating_table import RatingTable


@dataclass(frozen=True)
class Properties:
    """What holds for a statistic on every table. Unit order, rater order, units nobody rated and `<= 1` hold for all.

    `chance_corrected`: near 0 for raters who choose levels at random, and undefined on constant ratings.
    `two_raters_only`: undefined for more. `ordered_only`: undefined on nominal scales.
    `relabelling`: on a nominal scale, what the levels are called changes nothing.
    `reversal`: turning the scale round changes nothing. `affine`: nor does another zero or unit of measurement.
    `unpaired_units`: units with one rating change nothing. `unused_levels`: levels nobody used change nothing.
    `full_agreement`: 1 where raters always agree and use more than one level.
    `reads_applicability`: looks at whether the criterion applies, not at levels.
    """

    chance_corrected: bool = True
    two_raters_only: bool = False
    ordered_only: bool = False
    relabelling: bool = True
    reversal: bool = True
    affine: bool = True
    unpaired_units: bool = True
    unused_levels: bool = True
    full_agreement: bool = True
    reads_applicability: bool = False


@dataclass(frozen=True)
class AgreementStatistic:
    """One registered statistic: its name in files, its title for people, and how it is computed."""

    name: str
    title: str
    of: Callable[..., Statistic]
    properties: Properties
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __call__(self, table: RatingTable, resampling: Resampling | None = DEFAULT) -> Statistic:
        """The statistic of this table."""
        return self.of(table, resampling, **self.options)


_PLAIN = Properties(chance_corrected=False)
_ONE_SIDED = replace(_PLAIN, relabelling=False, reversal=False, full_agreement=True)
_APPLIES = replace(_PLAIN, reads_applicability=True)
_SCALE = Properties(unused_levels=False)
_ORDERED = Properties(ordered_only=True)


def _entries() -> list[AgreementStatistic]:
    linear, quadratic = {"weighting": "linear"}, {"weighting": "quadratic"}
    two, uneven = Properties(two_raters_only=True), Properties(unpaired_units=False)
    scale_ordered = Properties(ordered_only=True, unused_levels=False, unpaired_units=False)
    entry = AgreementStatistic
    return [
        entry("exact_agreement", "Exact agreement", exact_agreement, _PLAIN),
        entry("within_one", "Agreement within one point", within_one, replace(_PLAIN, ordered_only=True, affine=False)),
        entry(
            "weighted_agreement",
            "Agreement, quadratic weights",
            weighted_agreement,
            replace(_PLAIN, ordered_only=True, unused_levels=False),
            quadratic,
        ),
        entry("positive_agreement", "Agreement that it is there", positive_agreement, _ONE_SIDED),
        entry("negative_agreement", "Agreement that it is absent", negative_agreement, _ONE_SIDED),
        entry("applies_agreement", "Agreement that it applies", applies_agreement, _APPLIES),
        entry(
            "krippendorff_alpha", "Krippendorff's alpha", krippendorff_alpha, Properties(affine=False, reversal=False)
        ),
        *(
            entry(
                f"krippendorff_alpha_{metric}",
                f"Krippendorff's alpha, {metric}",
                krippendorff_alpha,
                Properties(ordered_only=metric != "nominal", affine=metric != "ratio", reversal=metric != "ratio"),
                {"metric": metric},
            )
            for metric in ("nominal", "ordinal", "interval", "ratio")
        ),
        entry("applies_alpha", "Alpha that it applies", applies_alpha, replace(_APPLIES, chance_corrected=True)),
        entry("cohen_kappa", "Cohen's kappa", cohen_kappa, two),
        entry("cohen_kappa_linear", "Cohen's kappa, linear", cohen_kappa, replace(two, ordered_only=True), linear),
        entry(
            "cohen_kappa_quadratic", "Cohen's kappa, quadratic", cohen_kappa, replace(two, ordered_only=True), quadratic
        ),
        entry("conger_kappa", "Conger's kappa", conger_kappa, uneven),
        entry(
            "conger_kappa_quadratic",
            "Conger's kappa, quadratic",
            conger_kappa,
            replace(uneven, ordered_only=True),
            quadratic,
        ),
        entry("fleiss_kappa", "Fleiss' kappa", fleiss_kappa, uneven),
        entry(
            "fleiss_kappa_quadratic",
            "Fleiss' kappa, quadratic",
            fleiss_kappa,
            replace(uneven, ordered_only=True),
            quadratic,
        ),
        entry("scott_pi", "Scott's pi", scott_pi, two),
        entry("gwet_ac1", "Gwet's AC1", gwet_ac, replace(_SCALE, unpaired_units=False)),
        entry("gwet_ac2", "Gwet's AC2, quadratic", gwet_ac, scale_ordered, quadratic),
        entry("brennan_prediger", "Brennan-Prediger", brennan_prediger, _SCALE),
        entry(
            "brennan_prediger_quadratic",
            "Brennan-Prediger, quadratic",
            brennan_prediger,
            replace(_ORDERED, unused_levels=False),
            quadratic,
        ),
        *(
            entry(
                f"icc{form}{'k' if average else ''}",
                f"ICC({form},{'k' if average else '1'})",
                icc,
                _ORDERED,
                {"form": form, "average": average},
            )
            for average in (False, True)
            for form in ("1", "2", "3")
        ),
    ]


REGISTRY: Mapping[str, AgreementStatistic] = MappingProxyType({entry.name: entry for entry in _entries()})


def all_statistics(table: RatingTable, resampling: Resampling | None = DEFAULT) -> dict[str, Statistic]:
    """Every registered statistic of the table by name, in the order people should read them."""
    return {name: statistic(table, resampling) for name, statistic in REGISTRY.items()}
