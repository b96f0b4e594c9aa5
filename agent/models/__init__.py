"""Roles and the models bound to them, prompts, prices and spending."""
