"""Accounts, sign-in, tokens, the audit log."""
