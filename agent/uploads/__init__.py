"""Files on their way in, and taking them back."""
