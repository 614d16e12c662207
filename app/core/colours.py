"""Colours as WCAG 2.2 measures them."""

from __future__ import annotations

import re

COLOUR = re.compile(r"#[0-9a-f]{6}")


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2), 0 black to 1 white."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, 1.4.3)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def darker(colour: str, share: float = 0.72) -> str:
    """The same hue, each channel brought down to ``share`` of it."""
    return "#" + "".join(f"{round(int(colour[place : place + 2], 16) * share):02x}" for place in (1, 3, 5))
