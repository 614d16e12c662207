"""Styles that more than one layer and the drawn maps share."""

from __future__ import annotations

from app.core.i18n import lazy
from territories.layers.registry import Breaks, Style

# By ``territories.units.queries.whole_percent``: none and all are classes of their own.
SHARE = Style(
    "coverage", by="percent", breaks=Breaks.FIXED, edges=(0, 1, 25, 50, 75, 100),
    words={
        0: "0 %", 1: lazy("menos de 25 %"), 25: lazy("desde 25 %"), 50: lazy("desde 50 %"), 75: lazy("desde 75 %"), 100: "100 %",
    },
)
MET = Style("coverage", by="met", breaks=Breaks.CATEGORIES, words={False: lazy("aún no"), True: lazy("ya se reunió")})
