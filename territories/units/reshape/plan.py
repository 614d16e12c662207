"""What splitting, merging, redrawing or retiring units would do, worked out before anything is written. No database.

A ``Draft`` says what is wanted; ``foresee`` sets it against what lies around and gives ``Consequences``: what each unit
comes to, which children go where, what does not fit. Shapes in EPSG:4326, areas in m² on the ellipsoid.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy
import shapely
from shapely import MultiPolygon

from app.core.formatters import number, short_day
from app.core.i18n import _
from models.territory import UNIT_CODE, LevelRole, TerritorialUnit
from territories.imports.equal_area import area_m2
from territories.imports.placing import OVERLAP_M2, Container, overlaps, place, share_inside

# Of the ground that is shared out, what parts may leave or take over: published borders never agree to the metre.
FIT = 0.001
# Of a shape, what may newly lie outside the unit above before it is worth a word.
WORTH_SAYING = 0.001
LONGEST_NAME = TerritorialUnit.name.type.length


class Act(StrEnum):
    REDRAW = "redraw"
    SPLIT = "split"
    MERGE = "merge"
    RETIRE = "retire"


class Below(StrEnum):
    """What becomes of what a retired unit holds."""

    MOVE_UP = "move_up"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Ground:
    """A unit in force as it is now."""

    id: int
    code: str
    name: str
    version: int
    parent_id: int | None
    valid_from: date
    shape: MultiPolygon | None


@dataclass(frozen=True, slots=True)
class Part:
    """A unit as it would be; ``unit_id`` None is one to be made."""

    code: str
    name: str
    shape: MultiPolygon
    unit_id: int | None = None


@dataclass(frozen=True)
class Draft:
    """``sources`` are the units whose ground it is, ``parts`` what is there afterwards, ``ended`` those that are no more.

    ``chosen`` gives children (by id) the part (by position) a person put them in; the others go where they lie.
    """

    act: Act
    role: LevelRole
    sources: tuple[Ground, ...]
    parts: tuple[Part, ...]
    ended: tuple[Ground, ...]
    on: date
    chosen: Mapping[int, int] = field(default_factory=dict)
    below: Below | None = None


@dataclass(frozen=True)
class Around:
    """What the draft is set against: the unit above, units of the same level nearby, children in force of the sources.

    ``taken`` are codes (folded) of any level that are in use or were. ``deeper`` are all units in force further below.
    """

    parent: Ground | None
    siblings: tuple[Ground, ...] = ()
    children: tuple[Ground, ...] = ()
    taken: frozenset[str] = frozenset()
    deeper: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class Sized:
    """A unit before and after: ``what`` is new, changed or ended; an area is None where there is none."""

    code: str
    name: str
    what: str
    before_m2: float | None
    after_m2: float | None
    gained_m2: float = 0.0
    lost_m2: float = 0.0


@dataclass(frozen=True, slots=True)
class Move:
    """A child that would hang on another unit: ``to`` is the code of a part, of a neighbour or of the unit above."""

    child: Ground
    was: str
    to: str


@dataclass(frozen=True)
class Consequences:
    """What a draft comes to. With ``problems`` it cannot be done; ``digest`` changes when anything it rests on does."""

    draft: Draft
    around: Around
    sized: tuple[Sized, ...]
    moves: tuple[Move, ...]
    stay: int
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    digest: str

    @property
    def ended(self) -> tuple[Ground, ...]:
        """All units that would be no more, with what ends below them."""
        if self.draft.below is Below.RETIRE:
            return (*self.draft.ended, *self.around.children, *self.around.deeper)
        return self.draft.ended


def foresee(draft: Draft, around: Around, today: date) -> Consequences:
    """What ``draft`` would do, with a sentence for each thing that forbids it or is worth knowing."""
    problems, warnings = _days(draft, today), []
    problems += _codes(draft, around)
    _fit(draft, problems, warnings)
    _containment(draft, around, problems, warnings)
    _neighbours(draft, around, problems, warnings)
    moves, stay = _placed(draft, around, problems)
    return Consequences(
        draft, around, _sized(draft), tuple(moves), stay, tuple(dict.fromkeys(problems)), tuple(warnings), _digest(draft, around)
    )


def _days(draft: Draft, today: date) -> list[str]:
    said = []
    if draft.on > today:
        said.append(_("La fecha no puede ser futura: hágalo ese día, o ponga una fecha que ya llegó."))
    for ground in draft.sources:
        if draft.on < ground.valid_from:
            day = short_day(ground.valid_from)
            said.append(
                _("El límite actual de %(code)s vale desde el %(day)s: el cambio no puede valer desde antes.", code=ground.code, day=day)
            )
    return said


def _codes(draft: Draft, around: Around) -> list[str]:
    said, count = [], Counter(part.code.casefold() for part in draft.parts)
    for part in draft.parts:
        if not UNIT_CODE.fullmatch(part.code):
            said.append(
                _("«%(code)s» no sirve como clave: use de 1 a 32 letras sin acento, números, punto, guion o guion bajo.", code=part.code)
            )
        elif count[part.code.casefold()] > 1:
            said.append(_("La clave %(code)s está dos veces: cada unidad lleva la suya.", code=part.code))
        elif part.unit_id is None and part.code.casefold() in around.taken:
            said.append(_("La clave %(code)s ya es o fue de otra unidad. Las claves no se repiten ni se reúsan.", code=part.code))
        if not part.name.strip() or len(part.name) > LONGEST_NAME:
            said.append(_("Escriba el nombre de cada unidad, de no más de %(limit)s letras.", limit=LONGEST_NAME))
    return said


def _fit(draft: Draft, problems: list[str], warnings: list[str]) -> None:
    """Whether the parts of a split cover the ground and no more, each piece once."""
    if draft.act is Act.SPLIT and len(draft.parts) < 2:
        problems.append(_("Para dividir hacen falta al menos dos partes."))
    if draft.act is Act.MERGE and len(draft.sources) < 2:
        problems.append(_("Para unir hacen falta al menos dos unidades."))
    if draft.act is not Act.SPLIT or not draft.parts:
        return
    whole, parts = _union(draft.sources), shapely.union_all([part.shape for part in draft.parts])
    size = area_m2(whole)
    left, over = area_m2(shapely.difference(whole, parts)), area_m2(shapely.difference(parts, whole))
    twice = sum(area for _one, _other, area in overlaps([part.shape for part in draft.parts]))
    for area, sentence in (
        (left, _("Las partes dejan %(area)s sin unidad. Entre todas deben cubrirla completa.", area=square_metres(left))),
        (over, _("Las partes se salen %(area)s de la unidad que se divide.", area=square_metres(over))),
        (twice, _("Las partes se enciman %(area)s entre sí.", area=square_metres(twice))),
    ):
        if area > OVERLAP_M2:
            (problems if area > size * FIT else warnings).append(sentence)


def _containment(draft: Draft, around: Around, problems: list[str], warnings: list[str]) -> None:
    above = around.parent.shape if around.parent else None
    if above is None:
        return
    before = share_inside(_union(draft.sources), above) if draft.sources and _union(draft.sources) is not None else 1.0
    for part in draft.parts:
        inside = share_inside(part.shape, above)
        sentence = _(
            "%(percent)s %% de %(code)s queda fuera de %(parent)s.", percent=number(round((1 - inside) * 100, 1)), code=part.code,
            parent=around.parent.name,
        )
        if inside < 0.5:
            problems.append(sentence)
        elif before - inside > WORTH_SAYING and draft.act is Act.REDRAW:
            warnings.append(sentence)


def _neighbours(draft: Draft, around: Around, problems: list[str], warnings: list[str]) -> None:
    """Overlaps with units of the same level that are not there today."""
    siblings = [one for one in around.siblings if one.shape is not None]
    if not siblings or not draft.parts:
        return
    was = _union(draft.sources)
    for one in siblings:
        present = area_m2(shapely.intersection(was, one.shape)) if was is not None else 0.0
        covered = [(part, area_m2(shapely.intersection(part.shape, one.shape))) for part in draft.parts]
        grown = sum(area for _part, area in covered) - present
        if grown <= OVERLAP_M2:
            continue
        sentence = _("Se encima %(area)s con %(name)s (%(code)s).", area=square_metres(grown), name=one.name, code=one.code)
        (problems if grown > 0.5 * area_m2(one.shape) else warnings).append(sentence)


def _placed(draft: Draft, around: Around, problems: list[str]) -> tuple[list[Move], int]:
    """Children that would hang elsewhere, and how many stay where they are."""
    codes = {ground.id: ground.code for ground in draft.sources}
    here = {part.code: part.unit_id for part in draft.parts}
    if draft.below is Below.RETIRE:
        return [], 0
    if draft.below is Below.MOVE_UP:
        if around.parent is None:
            return [], 0
        return [Move(child, codes[child.parent_id], around.parent.code) for child in around.children], 0
    moves, stay = [], 0
    for child, to in zip(around.children, _where(draft, around), strict=True):
        if to is None:
            problems.append(_("%(name)s (%(code)s) quedaría fuera de toda unidad.", name=child.name, code=child.code))
        elif here.get(to, -1) == child.parent_id:
            stay += 1
        else:
            moves.append(Move(child, codes[child.parent_id], to))
    return moves, stay


def _where(draft: Draft, around: Around) -> list[str | None]:
    shapes = [child.shape for child in around.children]
    drawn = [at for at, shape in enumerate(shapes) if shape is not None]
    nearby = [Container(one.code, one.shape) for one in around.siblings if one.shape is not None]
    above = [Container(around.parent.code, around.parent.shape)] if around.parent and around.parent.shape is not None else []
    # A child that nobody drew can only go along with the first.
    found: list[str | None] = [draft.parts[0].code if draft.parts else None] * len(shapes)
    spots = place([shapes[at] for at in drawn], [[Container(part.code, part.shape) for part in draft.parts], nearby, above])
    for at, spot in zip(drawn, spots, strict=True):
        found[at] = None if spot.is_outside else spot.parent
    for at, child in enumerate(around.children):
        if child.id in draft.chosen:
            found[at] = draft.parts[draft.chosen[child.id]].code
    return found


def _sized(draft: Draft) -> tuple[Sized, ...]:
    before = {ground.id: ground for ground in draft.sources}
    rows = []
    for part in draft.parts:
        ground = before.get(part.unit_id)
        was = ground.shape if ground else None
        rows.append(Sized(
            part.code, part.name, "changed" if ground else "new", float(area_m2(was)) if was is not None else None,
            float(area_m2(part.shape)),
            float(area_m2(shapely.difference(part.shape, was))) if was is not None else 0.0,
            float(area_m2(shapely.difference(was, part.shape))) if was is not None else 0.0,
        ))  # fmt: skip
    rows += [
        Sized(one.code, one.name, "ended", float(area_m2(one.shape)) if one.shape is not None else None, None) for one in draft.ended
    ]
    return tuple(rows)


def _union(grounds: Sequence[Ground]) -> shapely.Geometry | None:
    shapes = [ground.shape for ground in grounds if ground.shape is not None]
    return shapely.union_all(shapes) if shapes else None


def square_metres(area: float) -> str:
    """«12,300 m²», in hectares from ten on."""
    return _("%(area)s ha", area=number(round(area / 10_000, 1))) if area >= 100_000 else _("%(area)s m²", area=number(round(area)))


def _digest(draft: Draft, around: Around) -> str:
    told = hashlib.sha256(f"{draft.act} {draft.on} {draft.below} {sorted(draft.chosen.items())}".encode())
    everyone = (*draft.sources, *around.siblings, *around.children, *around.deeper, *([around.parent] if around.parent else ()))
    for ground in sorted(everyone, key=lambda one: one.id):
        told.update(b"%d:%d," % (ground.id, ground.version))
    for part in draft.parts:
        told.update(f"{part.code}\0{part.name}\0".encode())
        told.update(shapely.to_wkb(shapely.transform(part.shape, lambda xy: numpy.round(xy, 7)), byte_order=1))
    return told.hexdigest()
