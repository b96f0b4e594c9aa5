"""Folders and buckets from which new transcripts are taken by the clock."""
