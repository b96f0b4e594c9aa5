"""What each agreement statistic promises on every table, whatever the ratings."""

from dataclasses import dataclass, replace


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


_PLAIN = Properties(chance_corrected=False)
_POOLED = Properties(unpaired_units=False)
_TWO = Properties(two_raters_only=True)
_GWET = replace(_POOLED, unused_levels=False)
_UNIFORM = Properties(unused_levels=False)
_ORDERED = {"ordered_only": True}  # weights need an order

PROMISES = {
    "exact_agreement": _PLAIN,
    "within_one": replace(_PLAIN, ordered_only=True, affine=False),
    "weighted_agreement": replace(_PLAIN, ordered_only=True, unused_levels=False),
    "positive_agreement": replace(_PLAIN, relabelling=False, reversal=False),
    "negative_agreement": replace(_PLAIN, relabelling=False, reversal=False),
    "applies_agreement": replace(_PLAIN, reads_applicability=True),
    "krippendorff_alpha": Properties(affine=False, reversal=False),  # its scale may be a ratio
    "krippendorff_alpha_nominal": Properties(),
    "krippendorff_alpha_ordinal": Properties(ordered_only=True),
    "krippendorff_alpha_interval": Properties(ordered_only=True),
    "krippendorff_alpha_ratio": Properties(ordered_only=True, affine=False, reversal=False),
    "applies_alpha": Properties(reads_applicability=True),
    "cohen_kappa": _TWO,
    "cohen_kappa_linear": replace(_TWO, **_ORDERED),
    "cohen_kappa_quadratic": replace(_TWO, **_ORDERED),
    "conger_kappa": _POOLED,
    "conger_kappa_quadratic": replace(_POOLED, **_ORDERED),
    "fleiss_kappa": _POOLED,
    "fleiss_kappa_quadratic": replace(_POOLED, **_ORDERED),
    "scott_pi": _TWO,
    "scott_pi_linear": replace(_TWO, **_ORDERED),
    "scott_pi_quadratic": replace(_TWO, **_ORDERED),
    "gwet_ac1": _GWET,
    "gwet_ac2": replace(_GWET, **_ORDERED),
    "brennan_prediger": _UNIFORM,
    "brennan_prediger_quadratic": replace(_UNIFORM, **_ORDERED),
    **{f"icc{form}{mean}": Properties(**_ORDERED) for form in "123" for mean in ("", "k")},
}
