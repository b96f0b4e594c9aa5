"""Win-loss interviews and who speaks in them."""
