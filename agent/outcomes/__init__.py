"""Deals: win rate, funnel, weights."""
