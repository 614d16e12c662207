"""How well names are matched: ``python -m benchmarks.names [FOLDER]`` (default: ../shared/data).

On the pairs of ``attributes/emparejamiento_nombres_colonias_fgj_iecm.csv`` (2,224 names of the prosecutor's records, each
with the colonia that a script gave it), within the borough that each row names. What the script took from another borough
counts as having no match here. The script is no judge: its disagreements are printed to be read.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.search import fold
from territories.indicators import names
from territories.indicators.names import Gazetteer, Match, Place

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
THRESHOLDS = (1.0, 0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.92, 0.90, 0.86, 0.80)


@dataclass(frozen=True)
class Pair:
    """A name of the list, its borough, the name it was given (None: none here), and how."""

    name: str
    borough: str
    given: str | None
    how: str


@dataclass(frozen=True)
class Measured:
    """Of ``asked_about`` names, ``matchable`` have a unit here; ``right`` and ``wrong`` were settled without asking."""

    names: int
    matchable: int
    right: int
    wrong: tuple[tuple[Pair, Match], ...]

    @property
    def settled(self) -> int:
        return self.right + len(self.wrong)

    @property
    def precision(self) -> float:
        return self.right / self.settled if self.settled else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.matchable

    @property
    def asked(self) -> float:
        return 1 - self.settled / self.names


def load(folder: Path) -> tuple[list[Pair], Gazetteer]:
    """The pairs, and the colonias they were given as units."""
    with (folder / "attributes/emparejamiento_nombres_colonias_fgj_iecm.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    given = {row["colonia_geo"] for row in rows if row["colonia_geo"]}
    features = json.loads((folder / "hard/colonias_fgj_nombres_simplificadas.geojson").read_text())["features"]
    places = [
        Place(number, f"C{number:04d}", one["properties"]["colonia"], frozenset({fold(one["properties"]["alcaldia"])}))
        for number, one in enumerate(features, 1) if one["properties"]["colonia"] in given
    ]
    here = [
        Pair(
            row["colonia_crime"], row["alcaldia"],
            None if row["match_type"].startswith("cross") else row["colonia_geo"] or None, row["match_type"],
        )
        for row in rows
    ]
    return here, Gazetteer(places)


def measure(pairs: Sequence[Pair], gazetteer: Gazetteer, *, alone: bool = False) -> Measured:
    """``alone``: as if each name were the whole list, so that no other could claim its unit."""
    if alone:
        found = {}
        for pair in pairs:
            found |= gazetteer.settle([(pair.name, pair.borough)])
    else:
        found = gazetteer.settle((pair.name, pair.borough) for pair in pairs)
    settled = [(pair, match) for pair in pairs if (match := found[pair.name, pair.borough]).place is not None]
    wrong = tuple((pair, match) for pair, match in settled if match.place.name != pair.given)
    return Measured(len(pairs), sum(1 for pair in pairs if pair.given), len(settled) - len(wrong), wrong)


def main(folder: Path) -> None:
    pairs, gazetteer = load(folder)
    chosen = names.SURE
    print(f"{len(pairs):,} names; automatic beyond the threshold, with a gap of {names.GAP}\n")
    for alone, title in ((False, "as a list"), (True, "each name alone, so that no other claims its unit")):
        print(f"{title}\nthreshold  settled  agree  differ  precision  recall  asked")
        for threshold in THRESHOLDS:
            names.SURE = threshold
            told = measure(pairs, gazetteer, alone=alone)
            mark = " <" if threshold == chosen else ""
            print(
                f"{threshold:9.2f}  {told.settled:7,}  {told.right:5,}  {len(told.wrong):6,}  {told.precision:9.4f}  {told.recall:6.4f}  "
                f"{told.asked:5.1%}{mark}"
            )
        names.SURE = chosen
        print()
    print(f"Where it differs from the script, at {chosen}:")
    for pair, match in measure(pairs, gazetteer).wrong:
        best = match.candidates[0]
        print(f"  {pair.borough}: «{pair.name}» -> «{best.place.name}» ({best.score:.2f}); the script: {pair.given!r} ({pair.how})")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
