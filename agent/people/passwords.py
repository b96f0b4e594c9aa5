"""Passwords: hashed with argon2id through pwdlib, with the same work for names that do not exist."""

import re
from collections.abc import Sequence
from functools import cached_property

from pwdlib import PasswordHash
from zxcvbn import zxcvbn

from agent.core.errors import InputError

SHORTEST = 12
LONGEST = 200  # argon2 takes any length, and reading a megabyte of password is work that an attacker could order


MOST_GUESSES = 10**9
"""Passwords that a list of common ones, names and patterns finds within so many guesses are refused."""


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self, hasher: PasswordHash | None = None) -> None:
        self._hasher = hasher or PasswordHash.recommended()

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("the password of nobody")

    def hash(self, password: str, about: Sequence[str] = ()) -> str:
        """The hash to store. InputError if the password is too short or too long, or easy to guess: a common one, a
        row of letters, or made from `about` (the person's name and address)."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise InputError(f"a password has {SHORTEST} to {LONGEST} characters; a few unrelated words do well")
        known = [word for text in about for word in (text, *re.split(r"[\W_]+", text)) if len(word) > 2]
        if float(zxcvbn(password, user_inputs=known, max_length=LONGEST)["guesses"]) < MOST_GUESSES:
            raise InputError("this password is guessed easily: leave out names, rows of letters and the usual words")
        return self._hasher.hash(password)

    def check(self, password: str, stored: str) -> tuple[bool, str]:
        """Whether the password is right; and a new hash to store if the stored one uses an older method, else empty.

        Without a stored hash the same work is done for a hash that fits nothing, so that the time does not tell whether
        the person exists.
        """
        if len(password) > LONGEST:
            return False, ""
        fits, newer = self._hasher.verify_and_update(password, stored or self._nobody)
        return fits and bool(stored), newer or ""
