"""Plans, sessions, cycles and movement."""
