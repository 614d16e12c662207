"""What of a file is imported and as what: some rows, all of them as one, and the level they seem to be. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely import MultiPolygon

from models.territory import LEVEL_ORDER, LevelRole
from territories.imports.equal_area import area_m2
from territories.imports.plan import PRECISION
from territories.imports.reader import SourceFeature
from territories.imports.sentences import IMPOSSIBLE, NOTE, say
from territories.imports.tree import Tree

# Between a city block (about a hectare) and the smallest thing people call a section.
BLOCK_AT_MOST_M2 = 50_000


class ImpossibleImport(Exception):
    """The import cannot be tried as it was asked; `str(error)` is a sentence that says what to ask instead."""

    def __init__(self, code: str, /, **figures: object):
        self.code = code
        super().__init__(say(IMPOSSIBLE, code, **figures))


def choose(rows: Sequence[SourceFeature], key_field: str, codes: Sequence[str]) -> list[SourceFeature]:
    """The rows whose key is one of `codes`, whatever its case. Raises ImpossibleImport naming those that are not there."""
    wanted = {code.casefold(): code for code in codes}
    chosen = [row for row in rows if (row.attributes.get(key_field) or "").casefold() in wanted]
    found = {row.attributes[key_field].casefold() for row in chosen}
    if absent := [code for folded, code in wanted.items() if folded not in found]:
        raise ImpossibleImport("not_in_file", codes=", ".join(absent))
    return chosen


def join(shapes: Sequence[MultiPolygon]) -> MultiPolygon:
    """One shape out of many: their union, as a valid MultiPolygon wound as RFC 7946 says."""
    # On the grid two shapes are compared on, so that borders published a hair apart close instead of leaving cracks.
    union = shapely.union_all(np.asarray(shapes, dtype=object), grid_size=10.0**-PRECISION)
    if not shapely.is_valid(union):
        union = shapely.make_valid(union, method="structure", keep_collapsed=False)
    parts = [part for part in getattr(union, "geoms", [union]) if part.geom_type == "Polygon" and not part.is_empty]
    return MultiPolygon([shapely.orient_polygons(part) for part in parts])


def dissolve(rows: Sequence[SourceFeature], attributes: dict[str, str | None]) -> list[SourceFeature]:
    """The rows as one with these attributes; rows without a usable shape stay, to be refused one by one."""
    broken = [row for row in rows if row.shape is None]
    whole = [row for row in rows if row.shape is not None]
    if not whole:
        return broken
    repairs = tuple(dict.fromkeys(repair for row in whole for repair in row.repairs))
    return [replace(whole[0], attributes=attributes, shape=join([row.shape for row in whole]), repairs=repairs), *broken]


def guess_level(rows: Sequence[SourceFeature], key_field: str | None, tree: Tree) -> tuple[LevelRole, list[str]]:
    """(the level the file seems to be of, notes that say so).

    The level that already has most of its keys; else the next below the deepest one, blocks being told from
    sections by their size. Offices are never guessed. Raises ImpossibleImport where nothing tells.
    """
    codes = {(row.attributes.get(key_field) or "").casefold() for row in rows} if key_field else set()
    hits = {role: sum(unit.code.casefold() in codes for unit in units) for role, units in tree.units.items()}
    known = max(hits, key=hits.get, default=None)
    if known is not None and hits[known]:
        return known, [say(NOTE, "level_known", level=tree.names.get(known, known))]
    level = _next_level(rows, tree.deepest)
    if level is None:
        raise ImpossibleImport("no_level", levels=", ".join(LEVEL_ORDER))
    return level, [say(NOTE, "level_guessed", level=tree.names.get(level, level))]


def _next_level(rows: Sequence[SourceFeature], deepest: LevelRole | None) -> LevelRole | None:
    if deepest is None and len(rows) == 1:
        return LevelRole.ROOT
    if deepest in (None, LevelRole.ROOT, LevelRole.OFFICE):
        return LevelRole.TERRITORY
    if deepest is LevelRole.SECTION:
        return LevelRole.BLOCK
    if deepest is LevelRole.TERRITORY:
        areas = area_m2([row.shape for row in rows if row.shape is not None])
        return LevelRole.BLOCK if len(areas) and np.median(areas) <= BLOCK_AT_MOST_M2 else LevelRole.SECTION
    return None
