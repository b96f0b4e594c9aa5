"""A rep says that a rating is wrong; a manager answers."""
