"""The palette keeps WCAG 2.2 AA: 4.5:1 for text (1.4.3), 3:1 for what carries meaning without text (1.4.11)."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens" / "_colours.scss"

TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "teal", "clay", "plum", "berry") for ground in ("paper", "paper-deep", "card")],
    *[("card", ground) for ground in ("teal", "teal-deep", "clay", "leaf", "berry", "berry-deep", "stone")],
    *[("clay-deep", ground) for ground in ("paper", "card", "paper-deep")],
    ("ink", "sun"),
    ("ink", "teal-tint"),
    ("ink", "teal-soft"),
    ("teal-deep", "teal-tint"),
    ("teal", "teal-tint"),
    ("sun-deep", "sun-tint"),
    ("sun-deep", "paper"),
    ("leaf", "leaf-tint"),
    ("leaf", "paper"),
    ("berry", "berry-tint"),
    ("berry-deep", "berry-tint"),
    ("sky", "sky-tint"),
    ("plum", "plum-tint"),
    ("stone", "stone-tint"),
    ("stone", "card"),
]
SHAPES = [
    ("line-strong", "card"),
    ("line-strong", "paper"),
    ("teal", "paper"),
    ("clay", "card"),
    ("sun", "teal-deep"),
    ("ink-soft", "card"),
]


def palette() -> dict[str, str]:
    return dict(re.findall(r"^\$([a-z-]+): #([0-9a-f]{6});", TOKENS.read_text(), re.MULTILINE))


def luminance(hexa: str) -> float:
    """Relative luminance of an sRGB colour, as WCAG 2.2 defines it."""
    channels = (int(hexa[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink, ground):
    colours = palette()
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_can_be_seen(shape, ground):
    colours = palette()
    assert contrast(colours[shape], colours[ground]) >= 3
