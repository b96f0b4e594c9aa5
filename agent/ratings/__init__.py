"""Judgements of one criterion on one call, and which of them counts."""
