"""Plain code that counts: pure functions on arrays and domain types, without I/O and without models."""
