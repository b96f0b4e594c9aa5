"""All agreement statistics by name, with the properties each one promises. Tests hold every promise for every one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from agent.core.statistic import Statistic
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
        return self.of(table, resampling, **self.options)


def _plain() -> list[AgreementStatistic]:
    plain = Properties(chance_corrected=False)
    weighted = replace(plain, ordered_only=True, unused_levels=False)
    within = replace(plain, ordered_only=True, affine=False)
    one_sided = replace(plain, relabelling=False, reversal=False)
    applies = replace(plain, reads_applicability=True)
    entry = AgreementStatistic
    return [
        entry("exact_agreement", "Exact agreement", exact_agreement, plain),
        entry("within_one", "Agreement within one point", within_one, within),
        entry("weighted_agreement", "Agreement, quadratic weights", weighted_agreement, weighted, _QUADRATIC),
        entry("positive_agreement", "Agreement that it is there", positive_agreement, one_sided),
        entry("negative_agreement", "Agreement that it is absent", negative_agreement, one_sided),
        entry("applies_agreement", "Agreement that it applies", applies_agreement, applies),
    ]


def _alphas() -> list[AgreementStatistic]:
    title, own_metric = "Krippendorff's alpha", Properties(affine=False, reversal=False)  # it may be ratio
    applies = Properties(reads_applicability=True)
    entries = [AgreementStatistic("krippendorff_alpha", title, krippendorff_alpha, own_metric)]
    for metric in ("nominal", "ordinal", "interval", "ratio"):
        ratio = metric == "ratio"
        promised = Properties(ordered_only=metric != "nominal", affine=not ratio, reversal=not ratio)
        name, options = f"krippendorff_alpha_{metric}", {"metric": metric}
        entries.append(AgreementStatistic(name, f"{title}, {metric}", krippendorff_alpha, promised, options))
    return [*entries, AgreementStatistic("applies_alpha", "Alpha that it applies", applies_alpha, applies)]


def _kappas() -> list[AgreementStatistic]:
    two, pooled = Properties(two_raters_only=True), Properties(unpaired_units=False)
    uniform = Properties(unused_levels=False)
    gwet = replace(pooled, unused_levels=False)
    entry = AgreementStatistic
    return [
        entry("cohen_kappa", "Cohen's kappa", cohen_kappa, two),
        _ordered(entry("cohen_kappa_linear", "Cohen's kappa, linear", cohen_kappa, two, _LINEAR)),
        _ordered(entry("cohen_kappa_quadratic", "Cohen's kappa, quadratic", cohen_kappa, two, _QUADRATIC)),
        entry("conger_kappa", "Conger's kappa", conger_kappa, pooled),
        _ordered(entry("conger_kappa_quadratic", "Conger's kappa, quadratic", conger_kappa, pooled, _QUADRATIC)),
        entry("fleiss_kappa", "Fleiss' kappa", fleiss_kappa, pooled),
        _ordered(entry("fleiss_kappa_quadratic", "Fleiss' kappa, quadratic", fleiss_kappa, pooled, _QUADRATIC)),
        entry("scott_pi", "Scott's pi", scott_pi, two),
        _ordered(entry("scott_pi_linear", "Scott's pi, linear", scott_pi, two, _LINEAR)),
        _ordered(entry("scott_pi_quadratic", "Scott's pi, quadratic", scott_pi, two, _QUADRATIC)),
        entry("gwet_ac1", "Gwet's AC1", gwet_ac, gwet),
        _ordered(entry("gwet_ac2", "Gwet's AC2, quadratic", gwet_ac, gwet, _QUADRATIC)),
        entry("brennan_prediger", "Brennan-Prediger", brennan_prediger, uniform),
        _ordered(
            entry("brennan_prediger_quadratic", "Brennan-Prediger, quadratic", brennan_prediger, uniform, _QUADRATIC)
        ),
    ]


def _correlations() -> list[AgreementStatistic]:
    return [
        AgreementStatistic(
            name=f"icc{form}{'k' if average else ''}",
            title=f"ICC({form},{'k' if average else '1'})",
            of=icc,
            properties=Properties(ordered_only=True),
            options={"form": form, "average": average},
        )
        for average in (False, True)
        for form in ("1", "2", "3")
    ]


def _ordered(statistic: AgreementStatistic) -> AgreementStatistic:
    """The same with weights, which need an order."""
    return replace(statistic, properties=replace(statistic.properties, ordered_only=True))


_LINEAR, _QUADRATIC = {"weighting": "linear"}, {"weighting": "quadratic"}

REGISTRY: Mapping[str, AgreementStatistic] = MappingProxyType(
    {entry.name: entry for entry in (*_plain(), *_alphas(), *_kappas(), *_correlations())}
)


def all_statistics(table: RatingTable, resampling: Resampling | None = DEFAULT) -> dict[str, Statistic]:
    """Every registered statistic of the table by name, in the order people should read them."""
    return {name: statistic(table, resampling) for name, statistic in REGISTRY.items()}
