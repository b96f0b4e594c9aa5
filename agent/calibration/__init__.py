"""Blind rounds in which raters judge the same calls."""
