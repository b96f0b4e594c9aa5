"""Agreement between raters on one criterion: plain, corrected for chance, and as intraclass correlation.

Every function takes a `RatingTable` and a `Resampling` (None for no interval) and returns `Estimate | Undefined`. Too
little data, or ratings that never vary, is `Undefined` with the reason: never 1.0 and never NaN. `REGISTRY` has all of
them by name; one by itself is taken from its module (`plain`, `alpha`, `kappas`, `icc`).
"""

from agent.stats.agreement.registry import REGISTRY, all_statistics

__all__ = ["REGISTRY", "all_statistics"]
