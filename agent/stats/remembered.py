"""The last results of slow pure functions. A result is found by all that it was made from,
so it cannot be out of date."""

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
    """Keep the last `most` results of a function that depends on the contents of its arguments and nothing else.

    The arguments are told apart by what they contain, arrays too. What is returned is shared: nobody may change it.
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
