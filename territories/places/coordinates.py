"""Coordinates as people copy them: decimal degrees, or degrees, minutes and seconds with their letters."""

from __future__ import annotations

import re

_NUMBER = r"\d+(?:[.,]\d+)?"
_PART = re.compile(
    rf"(?P<sign>[-−+]?)\s*(?P<degrees>{_NUMBER})\s*°?\s*(?:(?P<minutes>{_NUMBER})\s*['′’]\s*)?(?:(?P<seconds>{_NUMBER})\s*(?:\"|″|''|”)\s*)?"
    r"(?P<side>[NSEWO]?)", re.IGNORECASE,
)
_DECIMAL = re.compile(r"^\s*([-−+]?\d+[.,]\d+)\s*[,; ]\s*([-−+]?\d+[.,]\d+)\s*$")


def read(text: str) -> tuple[float, float] | None:
    """(longitude, latitude) in degrees, EPSG:4326, of "19.3571, -99.0654" or 19°21'25.6"N 99°03'55"O.

    Latitude comes first, as maps write it, unless letters say otherwise or only the other order exists on Earth.
    None for anything else.
    """
    if plain := _DECIMAL.match(text):
        first, second = (float(one.replace(",", ".").replace("−", "-")) for one in plain.groups())
        return _on_earth(second, first) or _on_earth(first, second)
    found = [_degrees(part) for part in _PART.finditer(text.strip()) if part["side"]]
    if len(found) != 2 or {axis for axis, _value in found} != {"x", "y"}:
        return None
    told = dict(found)
    return _on_earth(told["x"], told["y"])


def written(longitude: float, latitude: float) -> str:
    """``19.35712, -99.06543``: five decimals are about a metre, and no point set by hand is surer."""
    return f"{latitude:.5f}, {longitude:.5f}"


def _degrees(part: re.Match[str]) -> tuple[str, float]:
    whole, minutes, seconds = (float((part[name] or "0").replace(",", ".")) for name in ("degrees", "minutes", "seconds"))
    value = whole + minutes / 60 + seconds / 3600
    side = part["side"].upper()
    return ("y" if side in "NS" else "x"), -value if side in "SWO" or part["sign"] in "-−" and part["sign"] else value


def _on_earth(longitude: float, latitude: float) -> tuple[float, float] | None:
    return (longitude, latitude) if abs(longitude) <= 180 and abs(latitude) <= 90 else None
