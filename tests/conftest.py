"""Settings for the whole suite: no deadlines (speed is measured in benchmarks), nothing from the caller's environment."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("closeread", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("closeread")

for name in [name for name in os.environ if name.startswith("CLOSEREAD_") or name.endswith("_API_KEY")]:
    # The server of the durable tests; whether cassettes are recorded anew.
    if name not in ("CLOSEREAD_TEST_POSTGRES", "CLOSEREAD_RECORD_CASSETTES"):
        del os.environ[name]
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
