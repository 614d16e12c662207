"""Text written while it is read, so that memory does not grow with what is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

# What goes out at once: lines are far smaller, and each piece costs the server a write.
PIECE = 32 * 1024
# Rows fetched at a time where a whole table goes by.
STREAMED = 500


def pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """``lines`` in UTF-8, gathered into pieces worth sending."""
    waiting, size = [], 0
    for line in lines:
        encoded = line.encode()
        waiting.append(encoded)
        size += len(encoded)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
