"""The verbs: coding interviews, merging, drafting, rating. Models read here; `agent.stats` counts."""
