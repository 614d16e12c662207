"""The one writer of the tree: many units at once, changes with their history, and a closure that stays right."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from shapely import MultiPolygon
from sqlalchemy import func, select, text

from app.core.spatial.shapes import wkb_of
from models import Ancestry, TerritorialUnit
from models.ledger import SYSTEM, Event
from models.territory import LevelRole, PastBoundary, UnitKind
from territories.units import services as units
from territories.units.services import EarlierThanCurrent, NewUnit, UnitChange, WrongPlace

DAY = date(2026, 3, 14)
LATER = date(2026, 6, 1)


def box(x: float, width: float = 0.01) -> MultiPolygon:
    return MultiPolygon([shapely.box(x, 19.3, x + width, 19.31)])


def add(session, *new: NewUnit, level=LevelRole.TERRITORY) -> dict[str, int]:
    levels = units.declare_levels(session)
    units.add_units(session, new, level=levels[level], source="prueba", valid_from=DAY)
    return dict(session.execute(select(TerritorialUnit.code, TerritorialUnit.id)).all())


def change(session, *changes: UnitChange, valid_from=LATER) -> None:
    units.change_units(session, changes, capacity=SYSTEM, source="levantamiento", valid_from=valid_from)


def path(session, code: str) -> list[str]:
    """Codes from the root down to the unit, as the closure has them."""
    above = TerritorialUnit.__table__.alias()
    return list(
        session.scalars(
            select(above.c.code)
            .join(Ancestry, Ancestry.ancestor_id == above.c.id)
            .join(TerritorialUnit, TerritorialUnit.id == Ancestry.unit_id)
            .where(TerritorialUnit.code == code)
            .order_by(Ancestry.depth.desc())
        )
    )


def unit(session, code: str) -> TerritorialUnit:
    return session.scalar(select(TerritorialUnit).where(TerritorialUnit.code == code))


def stored_shape(session, code: str) -> MultiPolygon:
    wkb = session.scalar(select(wkb_of(TerritorialUnit.geom)).where(TerritorialUnit.code == code))
    return shapely.from_wkb(bytes(wkb))


class TestAddingMany:
    def test_each_has_its_path_its_drawing_and_a_short_code_of_its_own(self, world):
        root = world.unit(LevelRole.ROOT, code="ALC")
        with world.writing() as session:
            add(session, *(NewUnit(f"T{n}", "San Juan", box(-99 + n / 100), root.id, area_m2=5.0) for n in range(units.BATCH + 3)))
            members = session.scalars(select(TerritorialUnit).where(TerritorialUnit.parent_id == root.id)).all()
            assert len(members) == units.BATCH + 3
            assert len({one.short_code for one in members}) == len(members)
            assert path(session, "T502") == ["ALC", "T502"]
            one = unit(session, "T502")
            assert (one.search_name, one.source, one.valid_from, one.version) == ("san juan t502", "prueba", DAY, 1)
            assert not shapely.from_wkb(one.outline).is_empty
            assert stored_shape(session, "T502").equals(box(-99 + 502 / 100))

    def test_the_spatial_index_finds_them(self, world):
        root = world.unit(LevelRole.ROOT)
        with world.writing() as session:
            add(session, *(NewUnit(f"T{n}", "x", box(-99 + n), root.id) for n in range(3)))
            if session.get_bind().dialect.name == "sqlite":
                assert session.scalar(text("SELECT CheckSpatialIndex('territorial_unit', 'geom')")) == 1
                assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            inside = func.ST_Contains(TerritorialUnit.geom, func.ST_PointFromText("POINT(-96.995 19.305)", 4326))
            assert session.scalars(select(TerritorialUnit.code).where(inside)).all() == ["T2"]

    def test_a_second_root_a_loose_unit_and_one_under_its_like_are_refused(self, world):
        root = world.unit(LevelRole.ROOT)
        with world.writing() as session:
            ids = add(session, NewUnit("T", "T", box(-99), root.id))
            with pytest.raises(WrongPlace):
                add(session, NewUnit("R2", "R2", box(-98)), level=LevelRole.ROOT)
            with pytest.raises(WrongPlace):
                add(session, NewUnit("U", "U", box(-98)))
            with pytest.raises(WrongPlace):
                add(session, NewUnit("U", "U", box(-98), ids["T"]))


class TestChanging:
    @pytest.fixture
    def tree(self, world):
        with world.writing() as session:
            root = world.unit(LevelRole.ROOT, code="ALC")
            ids = add(session, NewUnit("A", "A", box(-99), root.id), NewUnit("B", "B", box(-98), root.id))
            ids |= add(session, NewUnit("S", "S", box(-99), ids["A"]), level=LevelRole.SECTION)
            return ids | add(session, *(NewUnit(f"M{n}", "M", box(-99), ids["S"]) for n in range(3)), level=LevelRole.BLOCK)

    def test_a_new_boundary_leaves_the_old_one_with_its_dates_and_source(self, world, tree):
        with world.writing() as session:
            change(session, UnitChange(tree["A"], shape=box(-99, 0.02), area_m2=7.0, digest="d" * 64))
            past = session.scalars(select(PastBoundary)).one()
            assert (past.unit_id, past.source, past.valid_from, past.valid_to) == (tree["A"], "prueba", DAY, LATER)
            old = session.scalar(select(wkb_of(PastBoundary.geom)))
            assert shapely.from_wkb(bytes(old)).equals(box(-99))
            one = unit(session, "A")
            assert (one.source, one.valid_from, one.area_m2, one.version) == ("levantamiento", LATER, 7.0, 2)
            assert stored_shape(session, "A").equals(box(-99, 0.02))
            event = session.scalars(select(Event).order_by(Event.seq.desc())).first()
            assert (event.kind, event.object) == ("unit.boundary_changed", "unit:A")
            assert event.data["boundary"]["to"] == {"source": "levantamiento", "valid_from": "2026-06-01"}

    def test_a_boundary_older_than_the_one_in_force_is_refused(self, world, tree):
        with world.writing() as session, pytest.raises(EarlierThanCurrent):
            change(session, UnitChange(tree["A"], shape=box(-99, 0.02)), valid_from=date(2020, 1, 1))

    def test_a_new_name_is_found_and_keeps_the_streets_and_the_boundary(self, world, tree):
        with world.writing() as session:
            unit(session, "M0").streets = "Nogal\nFresno"
            session.flush()
            change(session, UnitChange(tree["M0"], name="Manzana del Árbol", kind=UnitKind.BARRIO))
            one = unit(session, "M0")
            assert (one.name, one.search_name, one.kind) == ("Manzana del Árbol", "manzana del arbol m0 nogal fresno", UnitKind.BARRIO)
            assert (one.source, one.valid_from, one.code) == ("prueba", DAY, "M0")
            assert session.scalar(select(func.count()).select_from(PastBoundary)) == 0
            event = session.scalars(select(Event).order_by(Event.seq.desc())).first()
            assert event.kind == "unit.changed" and event.data["name"] == {"from": "M", "to": "Manzana del Árbol"}

    def test_what_moves_takes_along_all_below_it(self, world, tree):
        with world.writing() as session:
            change(session, UnitChange(tree["S"], parent_id=tree["B"]))
            assert path(session, "S") == ["ALC", "B", "S"] and path(session, "M2") == ["ALC", "B", "S", "M2"]
            assert units.rebuild_ancestry(session) == 0

    def test_a_unit_cannot_hang_below_itself(self, world, tree):
        with world.writing() as session, pytest.raises(WrongPlace):
            change(session, UnitChange(tree["A"], parent_id=tree["S"]))
