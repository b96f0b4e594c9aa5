"""Webhooks: tell other programs what happened."""
