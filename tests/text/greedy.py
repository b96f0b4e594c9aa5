"""Stands for a library that a file makes to take all the time or memory there is."""

from __future__ import annotations


def spin(data: bytes) -> None:
    """Never ends."""
    while data:
        pass


def grow(data: bytes) -> int:
    """Takes more and more memory."""
    kept = []
    while data:
        kept.append(bytearray(10_000_000))
    return len(kept)


def die(data: bytes) -> None:
    """Ends the process, as a fault in a library's C code does."""
    import os

    os._exit(len(data))


def fail(data: bytes) -> float:
    """Raises what nobody foresaw."""
    return len(data) / 0


def count(data: bytes) -> int:
    """What a harmless one does."""
    return len(data)
