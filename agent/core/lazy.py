"""Libraries that take long to load, each loaded when something in it is first used.

    openai = lazy("openai")                 # no time passes
    client = openai.AsyncOpenAI(api_key=…)  # now it is loaded: 1.6 s of CPU, and most commands never come here

Every other import stands on top of its file (tests/app/test_imports.py). scipy and instructor need none of this: both
load their own parts in the same way. Where a type checker should know the library, import it under `if TYPE_CHECKING`
and call `lazy` in the `else`.
"""

from importlib import import_module
from types import ModuleType
from typing import Any


class _Lazy(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(import_module(self.__name__), name, value)


def lazy(module: str) -> Any:
    """The module, as if imported. ModuleNotFoundError at the first use where it is not installed."""
    return _Lazy(module)
