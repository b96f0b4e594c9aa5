"""Models rate calls."""
