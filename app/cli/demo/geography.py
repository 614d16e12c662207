"""The map of an invented borough: one tree of units whose boundaries fit exactly, for any seed.

It lies in open country in the highlands east of the Valley of Mexico (98.62 W, 19.52 N), where no borough is, in zone
14 north: EPSG:6372 and EPSG:32614 both measure well there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

import shapely
import shapely.ops
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from app.cli.demo import network, toponyms
from app.cli.demo.network import Layout, Street
from app.cli.demo.tessellation import Mosaic
from models.territory import LevelRole, UnitKind

CENTRE = (-98.62, 19.52)
_NORTH = 110_690.0  # metres in a degree at this latitude, WGS 84 ellipsoid
_EAST = 105_000.0


class Use(StrEnum):
    """What a block is mostly for. Only housing has people."""

    HOUSING = "housing"
    PARK = "park"
    SCHOOL = "school"
    MARKET = "market"
    PLAZA = "plaza"
    HILLTOP = "hilltop"


@dataclass(frozen=True)
class Size:
    """How big a borough to make: numbers of units wanted at each level (sections and blocks come out within a tenth)."""

    offices: int
    territories: int
    sections: int
    blocks: int


SIZES = {"small": Size(2, 8, 28, 300), "full": Size(13, 130, 1000, 9300)}


@dataclass(frozen=True)
class Unit:
    """A node of the tree.

    ``code`` unique in the borough, ``[A-Z0-9-]{3,12}``; ``parent`` the code above, None for the borough. ``kind`` and
    ``short_code`` for territories alone; ``use`` and ``streets`` (with their kind: "Calle Nogal") for blocks alone.
    ``polygon`` in EPSG:4326, 6 decimals. ``population`` in persons, the sum of the children's.
    """

    code: str
    name: str
    level: LevelRole
    parent: str | None
    polygon: MultiPolygon
    population: int
    kind: UnitKind | None = None
    short_code: str | None = None
    use: Use | None = None
    streets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Borough:
    """The whole tree, parents before children, children in reading order (north to south)."""

    seed: int
    size: Size
    units: tuple[Unit, ...]

    def at(self, level: LevelRole) -> list[Unit]:
        return [unit for unit in self.units if unit.level is level]

    def children(self) -> dict[str, list[Unit]]:
        """Units by the code of their parent."""
        found: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            if unit.parent:
                found[unit.parent].append(unit)
        return dict(found)


@dataclass
class _Territory:
    shape: Polygon
    kind: UnitKind
    office: int
    blocks: float
    name: str
    short_code: str


_SHAPES = {  # depth to length of a block, jitter, bend (share of depth), broken rows, missing streets; block size and people per hectare
    UnitKind.COLONIA: (0.5, 0.10, 0.04, 0.22, 0.05, 1.0, 215),
    UnitKind.BARRIO: (0.62, 0.24, 0.34, 0.55, 0.12, 0.85, 195),
    UnitKind.PUEBLO: (0.8, 0.30, 0.40, 0.70, 0.10, 0.9, 130),
    UnitKind.UNIDAD_HABITACIONAL: (0.7, 0.06, 0.01, 0.10, 0.08, 1.35, 330),
}
_MEAN_BLOCK = 8_600.0  # square metres, half of its streets included


def make_borough(seed: int, size: Size | str = "small") -> Borough:
    """The borough of this seed: the same units, byte for byte, each time."""
    wanted = SIZES[size] if isinstance(size, str) else size
    rng = Random(seed)
    whole = network.outline(rng, wanted.blocks * _MEAN_BLOCK)
    names: list[str] = []
    streets = _outskirts(whole, names)
    offices, territories = _divide(whole, wanted, rng, streets, names)
    _share_blocks(territories, wanted.blocks)
    summits = [office.representative_point().coords[0] for office in rng.sample(offices, max(1, len(offices) // 5))]
    climbed = [spot for territory in territories for spot in _lay_out(territory, summits, rng, streets, names)]
    mosaic = Mosaic.of([_to_degrees(street.line) for street in streets])
    mosaic.assign([_to_degrees(territory.shape) for territory in territories])
    _tidy(mosaic, territories, rng)
    for summit in climbed:
        mosaic.mark_at(_to_degrees(shapely.Point(summit)), Use.HILLTOP)
    return _assemble(seed, wanted, rng, territories, mosaic, streets, names)


def _to_degrees(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda spots: spots / (_EAST, _NORTH) + CENTRE)


def _outskirts(whole: Polygon, names: list[str]) -> list[Street]:
    """The outline itself, in as many pieces as there are names for it."""
    ring = whole.exterior
    names.extend(toponyms.OUTSKIRTS)
    step = 1 / len(toponyms.OUTSKIRTS)
    return [
        Street(shapely.ops.substring(ring, key * step, (key + 1) * step, normalized=True), 0, key)
        for key in range(len(toponyms.OUTSKIRTS))
    ]


def _divide(
    whole: Polygon, size: Size, rng: Random, streets: list[Street], names: list[str]
) -> tuple[list[Polygon], list[_Territory]]:
    """Offices and territories, cut one from the other by the ravine, the railway, the canal and avenues."""
    lines = toponyms.boundaries(rng)

    def split(shape: Polygon, count: int) -> Iterator[Polygon]:
        if count == 1:
            yield shape
            return
        name, wiggle = next(lines)
        half = count // 2 if count < 4 or rng.random() < 0.6 else count // 2 - 1
        first, second, line = network.cut(shape, half / count * rng.uniform(0.88, 1.12), rng, wiggle)
        streets.append(Street(line, 0, len(names)))
        names.append(name)
        yield from split(first, half)
        yield from split(second, count - half)

    offices = list(split(whole, size.offices))
    counts = [size.territories * (number + 1) // size.offices - size.territories * number // size.offices for number in range(size.offices)]
    shapes = [(shape, number) for number, office in enumerate(offices) for shape in split(office, counts[number])]
    kinds = _kinds(len(shapes), rng)
    series, taken = toponyms.territory_names(rng), set()
    territories = []
    for (shape, office), kind in zip(shapes, kinds, strict=True):
        name = next(series[kind])
        territories.append(_Territory(shape, kind, office, 0, name, toponyms.short_code(name, taken)))
    return offices, territories


def _kinds(count: int, rng: Random) -> list[UnitKind]:
    """Mostly colonias, and at least one of each kind."""
    parts = {UnitKind.PUEBLO: 0.12, UnitKind.BARRIO: 0.18, UnitKind.UNIDAD_HABITACIONAL: 0.16}
    kinds = [kind for kind, part in parts.items() for _ in range(max(1, round(part * count)))]
    kinds += [UnitKind.COLONIA] * (count - len(kinds))
    rng.shuffle(kinds)
    return kinds


def _share_blocks(territories: list[_Territory], total: int) -> None:
    weights = [territory.shape.area / _SHAPES[territory.kind][5] for territory in territories]
    for territory, weight in zip(territories, weights, strict=True):
        territory.blocks = total * weight / sum(weights)


def _lay_out(
    territory: _Territory, summits: list[network.Spot], rng: Random, streets: list[Street], names: list[str]
) -> list[network.Spot]:
    """Append the territory's own streets: one pattern for an estate, several at odd angles for a colonia, contours round
    a summit. Gives the summits climbed."""
    ratio, jitter, bend, broken, missing, _, _ = _SHAPES[territory.kind]
    series, ways = toponyms.street_names(rng, territory.kind)
    patches = [territory.shape]
    for _ in range(1 if territory.kind is UnitKind.UNIDAD_HABITACIONAL else round(territory.blocks / 30)):
        biggest = patches.pop(patches.index(max(patches, key=lambda patch: patch.area)))
        first, second, line = network.cut(biggest, rng.uniform(0.35, 0.6), rng, 0.03)
        patches += [first, second]
        streets.append(Street(line, 1, len(names)))
        names.append(next(series))
    block = territory.shape.area / territory.blocks
    hilly = territory.kind in (UnitKind.BARRIO, UnitKind.COLONIA)
    climbs = [spot for spot in summits if hilly and network.within(spot, 0, territory.shape)]
    for patch in patches:
        spread = ratio * rng.uniform(0.8, 1.25)
        depth = math.sqrt(block * spread)
        layout = Layout(depth, block / depth, jitter, bend * depth * rng.uniform(0.6, 1.3), broken, missing)
        drawn = network.contours(patch, rng, climbs[0], layout) if climbs else network.grid(patch, rng, layout)
        for street in drawn:
            line = network.clip(street, patch)
            if line is None:
                continue
            streets.append(Street(line, 1, len(names)))
            names.append(next(series if line.length > 1.6 * layout.length else ways))
    return climbs[:1]


def _tidy(mosaic: Mosaic, territories: list[_Territory], rng: Random) -> None:
    """Join slivers to their neighbours, and some neighbours into the larger blocks of a park, a school or a market."""
    least = {number: 0.36 * territory.shape.area / territory.blocks / (_EAST * _NORTH) for number, territory in enumerate(territories)}
    mosaic.absorb_slivers(least)
    mosaic.connect_parents()
    by_territory = mosaic.faces_by_parent()
    for number, territory in enumerate(territories):
        faces = by_territory[number]
        centre = _to_degrees(territory.shape).centroid
        faces.sort(key=lambda face: mosaic.polygons[face].centroid.distance(centre))
        middle = [face for face in faces[: max(6, len(faces) // 2)] if face in mosaic.polygons]
        uses = [Use.PLAZA, Use.MARKET] if territory.kind is UnitKind.PUEBLO else [Use.PARK, Use.SCHOOL]
        uses += [Use.SCHOOL, Use.PARK, Use.MARKET][: len(faces) // 30]
        for at, use in enumerate(uses):
            face = middle[0] if use is Use.PLAZA else rng.choice(middle[1:] or middle)
            if face not in mosaic.polygons or face in mosaic.marks:
                continue
            mosaic.marks[face] = use
            if use in (Use.PARK, Use.SCHOOL) and at < 3:
                mosaic.swallow_neighbours(face, rng.randint(0, 2 if use is Use.PARK else 1))


def _assemble(
    seed: int, size: Size, rng: Random, territories: list[_Territory], mosaic: Mosaic, streets: list[Street], names: list[str]
) -> Borough:
    """Gather blocks into sections and all the way up; the boundary of a parent is made of its children's."""
    fronts = mosaic.fronts([_to_degrees(street.line) for street in streets])
    faces = mosaic.faces_by_parent()
    total = sum(len(found) for found in faces.values())
    below: dict[int, list[Unit]] = defaultdict(list)
    for number, territory in enumerate(territories):
        code = f"{toponyms.BOROUGH_CODE}-{number + 1:03d}"
        wanted = max(2, round(size.sections * len(faces[number]) / total))
        people = _SHAPES[territory.kind][6] * rng.uniform(0.75, 1.25)
        sections, blocks = [], []
        for at, group in enumerate(mosaic.gather(faces[number], wanted), 1):
            section = f"{code}-S{at:02d}"
            own = []
            for face in group:
                place = f"{code}-{len(blocks) + len(own) + 1:03d}"
                use = mosaic.marks.get(face, Use.HOUSING)
                known = tuple(dict.fromkeys(names[streets[key].key] for key in fronts[face]))
                hectares = mosaic.polygons[face].area * _EAST * _NORTH / 10_000
                count = round(people * hectares * rng.uniform(0.6, 1.3)) if use is Use.HOUSING else 0
                own.append(Unit(
                    place, f"Cuadra {len(blocks) + len(own) + 1}", LevelRole.BLOCK, section,
                    MultiPolygon([mosaic.polygons[face]]), count, use=use, streets=known,
                ))
            sections.append(_above(own, section, f"Sección {at}", LevelRole.SECTION, code))
            blocks += own
        office = f"{toponyms.BOROUGH_CODE}-D{territory.office + 1:02d}"
        whole = _above(sections, code, territory.name, LevelRole.TERRITORY, office, territory.kind, territory.short_code)
        below[territory.office] += [whole, *sections, *blocks]
    units: list[Unit] = []
    tops = []
    for number in range(size.offices):
        inside = [unit for unit in below[number] if unit.level is LevelRole.TERRITORY]
        code = f"{toponyms.BOROUGH_CODE}-D{number + 1:02d}"
        name = f"Dirección Territorial {toponyms.OFFICES[number % len(toponyms.OFFICES)]}"
        top = _above(inside, code, name, LevelRole.OFFICE, toponyms.BOROUGH_CODE)
        tops.append(top)
        units += [top, *below[number]]
    root = _above(tops, toponyms.BOROUGH_CODE, toponyms.BOROUGH, LevelRole.ROOT, None)
    return Borough(seed, size, (root, *units))


def _above(
    inside: list[Unit], code: str, name: str, level: LevelRole, parent: str | None,
    kind: UnitKind | None = None, short_code: str | None = None,
) -> Unit:
    union = shapely.coverage_union_all([unit.polygon for unit in inside])
    whole = union if isinstance(union, MultiPolygon) else MultiPolygon([union])
    return Unit(code, name, level, parent, whole, sum(unit.population for unit in inside), kind, short_code)
