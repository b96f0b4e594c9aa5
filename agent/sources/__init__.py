"""Folders and buckets from which new transcripts are imported at regular times."""
