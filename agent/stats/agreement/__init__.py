"""Agreement between raters on one criterion: plain, corrected for chance, and as intraclass correlation.

Every function takes a `RatingTable` and a `Resampling` (None for no bootstrap) and returns `Estimate | Undefined`.
Too little data, or ratings that never vary, is `Undefined` with the reason: never 1.0 and never NaN.
"""

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
from agent.stats.agreement.registry import REGISTRY, AgreementStatistic, Properties, all_statistics

__all__ = [
    "REGISTRY",
    "AgreementStatistic",
    "Properties",
    "all_statistics",
    "applies_agreement",
    "applies_alpha",
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "exact_agreement",
    "fleiss_kappa",
    "gwet_ac",
    "icc",
    "krippendorff_alpha",
    "negative_agreement",
    "positive_agreement",
    "scott_pi",
    "weighted_agreement",
    "within_one",
]
