"""Recordings: sound to words with their times, and the sound beside the words."""
