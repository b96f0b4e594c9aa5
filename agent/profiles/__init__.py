"""Baselines, profiles and gaps of reps."""
