"""All agreement statistics by name. What each promises is held by tests/stats/test_agreement_common.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from agent.core.statistic import Statistic
from agent.stats.agreement.alpha import applies_alpha, krippendorff_alpha
from agent.stats.agreement.icc import icc
from agent.stats.agreement.kappas import brennan_prediger, cohen_kappa, conger_kappa, fleiss_kappa, gwet_ac, scott_pi
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
class AgreementStatistic:
    """One registered statistic: its name in files, its title for people, and how it is computed."""

    name: str
    title: str
    of: Callable[..., Statistic]
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __call__(self, table: RatingTable, resampling: Resampling | None = DEFAULT) -> Statistic:
        return self.of(table, resampling, **self.options)


_LINEAR, _QUADRATIC = {"weighting": "linear"}, {"weighting": "quadratic"}
_entry, _ALPHA = AgreementStatistic, "Krippendorff's alpha"
_ENTRIES = (
    _entry("exact_agreement", "Exact agreement", exact_agreement),
    _entry("within_one", "Agreement within one point", within_one),
    _entry("weighted_agreement", "Agreement, quadratic weights", weighted_agreement, _QUADRATIC),
    _entry("positive_agreement", "Agreement that it is there", positive_agreement),
    _entry("negative_agreement", "Agreement that it is absent", negative_agreement),
    _entry("applies_agreement", "Agreement that it applies", applies_agreement),
    _entry("krippendorff_alpha", _ALPHA, krippendorff_alpha),
    *(
        _entry(f"krippendorff_alpha_{metric}", f"{_ALPHA}, {metric}", krippendorff_alpha, {"metric": metric})
        for metric in ("nominal", "ordinal", "interval", "ratio")
    ),
    _entry("applies_alpha", "Alpha that it applies", applies_alpha),
    _entry("cohen_kappa", "Cohen's kappa", cohen_kappa),
    _entry("cohen_kappa_linear", "Cohen's kappa, linear", cohen_kappa, _LINEAR),
    _entry("cohen_kappa_quadratic", "Cohen's kappa, quadratic", cohen_kappa, _QUADRATIC),
    _entry("conger_kappa", "Conger's kappa", conger_kappa),
    _entry("conger_kappa_quadratic", "Conger's kappa, quadratic", conger_kappa, _QUADRATIC),
    _entry("fleiss_kappa", "Fleiss' kappa", fleiss_kappa),
    _entry("fleiss_kappa_quadratic", "Fleiss' kappa, quadratic", fleiss_kappa, _QUADRATIC),
    _entry("scott_pi", "Scott's pi", scott_pi),
    _entry("scott_pi_linear", "Scott's pi, linear", scott_pi, _LINEAR),
    _entry("scott_pi_quadratic", "Scott's pi, quadratic", scott_pi, _QUADRATIC),
    _entry("gwet_ac1", "Gwet's AC1", gwet_ac),
    _entry("gwet_ac2", "Gwet's AC2, quadratic", gwet_ac, _QUADRATIC),
    _entry("brennan_prediger", "Brennan-Prediger", brennan_prediger),
    _entry("brennan_prediger_quadratic", "Brennan-Prediger, quadratic", brennan_prediger, _QUADRATIC),
    *(
        _entry(f"icc{form}{'k' * mean}", f"ICC({form},{'k' if mean else '1'})", icc, {"form": form, "average": mean})
        for mean in (False, True)
        for form in ("1", "2", "3")
    ),
)
REGISTRY: Mapping[str, AgreementStatistic] = MappingProxyType({entry.name: entry for entry in _ENTRIES})


def all_statistics(table: RatingTable, resampling: Resampling | None = DEFAULT) -> dict[str, Statistic]:
    """Every registered statistic of the table by name, in the order people should read them."""
    return {name: statistic(table, resampling) for name, statistic in REGISTRY.items()}
