"""Keeps the last results of slow pure functions. A result is looked up by the contents of all arguments, so it
cannot be out of date."""

import pickle
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def remembered(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Cache the last `most` results of a function whose result depends on nothing but the contents of its arguments.

    Arguments are compared by content, arrays too. Results are shared between callers: nobody may change them.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        kept: OrderedDict[bytes, R] = OrderedDict()
        lock = Lock()

        @wraps(function)
        def ask(*given: P.args, **named: P.kwargs) -> R:
            key = sha256(pickle.dumps((given, named))).digest()
            with lock:
                if key in kept:
                    kept.move_to_end(key)
                    return kept[key]
            made = function(*given, **named)
            with lock:
                kept[key] = made
                while len(kept) > most:
                    kept.popitem(last=False)
            return made

        return ask

    return decorate
