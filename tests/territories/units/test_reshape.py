"""Splitting, merging, redrawing and retiring units: what would happen is said before, and happens whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely
from shapely import MultiPolygon, box
from sqlalchemy import func, select

from app.core.actors import Actor, Holding
from app.core.errors import Refused
from app.core.permissions import Denied
from models import Ancestry, Event, EventText, PastBoundary, Role, Term, TerritorialUnit, UnitLineage
from models.ledger import SYSTEM
from models.territory import LevelRole, path_of
from territories.units import history
from territories.units import services as units
from territories.units.reshape import queries, services
from territories.units.reshape.plan import Below, Part
from tests.factories import TODAY

PLANNING = Actor(1, "Planeación", (Holding(Role.PLANNING, body_id=1, body_code="PLAN"),))
PROMOTER = Actor(2, "Promotora", (Holding(Role.PROMOTER, unit_id=1, unit_code="X"),))
WHY = "Lo acordó el cabildo"


def land(west: float, south: float, east: float, north: float) -> MultiPolygon:
    """In hundredths of a degree from (-99.10, 19.30)."""
    return MultiPolygon([box(-99.1 + west / 100, 19.3 + south / 100, -99.1 + east / 100, 19.3 + north / 100)])


@pytest.fixture
def tree(world):
    """Two territories side by side, four blocks in the west one and one in the east one."""
    with world.writing():
        root = world.unit(LevelRole.ROOT, code="R", name="Alcaldía", shape=land(0, 0, 4, 2))
        west = world.unit(LevelRole.TERRITORY, parent=root, code="W", name="Poniente", shape=land(0, 0, 2, 2), source="IECM 2022")
        east = world.unit(LevelRole.TERRITORY, parent=root, code="E", name="Oriente", shape=land(2, 0, 4, 2))
        corners = {"B1": (0, 0), "B2": (1, 0), "B3": (0, 1), "B4": (1, 1)}
        for code, (x, y) in corners.items():
            world.unit(LevelRole.BLOCK, parent=west, code=code, name=code, shape=land(x + 0.1, y + 0.1, x + 0.9, y + 0.9))
        world.unit(LevelRole.BLOCK, parent=east, code="B5", name="B5", shape=land(2.1, 0.1, 2.9, 0.9))
    return {"root": root, "W": west, "E": east}


def unit(session, code: str) -> TerritorialUnit:
    return session.scalars(select(TerritorialUnit).where(TerritorialUnit.code == code)).one()


def parents(session) -> dict[str, str]:
    above = TerritorialUnit.__table__.alias()
    rows = session.execute(select(TerritorialUnit.code, above.c.code).join(above, above.c.id == TerritorialUnit.parent_id))
    return dict(rows.all())


def halves() -> list[Part]:
    return [Part("WS", "Poniente sur", land(0, 0, 2, 1)), Part("WN", "Poniente norte", land(0, 1, 2, 2))]


class TestSplit:
    def test_two_of_one(self, world, tree):
        with world.writing() as session:
            done = services.split(session, actor=PLANNING, unit=unit(session, "W"), parts=halves(), on=TODAY, reason=WHY)
            assert [(one.code, one.what) for one in done.sized] == [("WS", "new"), ("WN", "new"), ("W", "ended")]
        with world.writing() as session:
            assert {code: up for code, up in parents(session).items() if code.startswith("B")} == {
                "B1": "WS", "B2": "WS", "B3": "WN", "B4": "WN", "B5": "E",
            }
            old, south = unit(session, "W"), unit(session, "WS")
            assert old.valid_to == TODAY and south.source == "IECM 2022" and south.short_code
            assert [kin.code for kin in history.successors(session, old.id)] == ["WN", "WS"]
            assert [kin.code for kin in history.predecessors(session, south.id)] == ["W"]
            assert units.rebuild_ancestry(session) == 0, "the closure is that of the parents"
            event = session.scalars(select(Event).where(Event.kind == "unit.split")).one()
            assert (event.object, event.data["into"], event.data["moved"]) == ("unit:W", ["WS", "WN"], 4)
            assert session.scalar(select(EventText.text).where(EventText.event_seq == event.seq)) == WHY
            then = history.ancestry_on(session, TODAY - timedelta(days=1))
            below = select(func.count()).select_from(then).where(then.c.ancestor_id == old.id)
            assert session.scalar(below) == 5, "the day before, its four blocks were in it"

    def test_a_part_may_go_on_being_the_unit(self, world, tree):
        with world.writing() as session:
            parts = [Part("W", "", land(0, 0, 2, 1)), halves()[1]]
            services.split(session, actor=PLANNING, unit=unit(session, "W"), parts=parts, on=TODAY, reason=WHY)
        with world.writing() as session:
            west = unit(session, "W")
            assert west.valid_to is None and session.scalar(select(func.count()).select_from(PastBoundary)) == 1
            assert parents(session)["B1"] == "W" and parents(session)["B3"] == "WN"
            assert [kin.code for kin in history.successors(session, west.id)] == ["WN"]

    @pytest.mark.parametrize(("parts", "words"), [
        (halves()[:1], "al menos dos partes"),
        ([halves()[0], Part("WN", "Norte", land(0, 1, 1.5, 2))], "sin unidad"),
        ([halves()[0], Part("WN", "Norte", land(0, 0.5, 2, 2))], "se enciman"),
        ([halves()[0], Part("WN", "Norte", land(0, 1, 3, 2))], "se salen"),
        ([halves()[0], Part("b1", "Norte", land(0, 1, 2, 2))], "ya es o fue de otra"),
        ([halves()[0], Part("ws", "Norte", land(0, 1, 2, 2))], "está dos veces"),
        ([halves()[0], Part("W N", "Norte", land(0, 1, 2, 2))], "no sirve como clave"),
        ([halves()[0], Part("WN", " ", land(0, 1, 2, 2))], "el nombre"),
    ])  # fmt: skip
    def test_parts_that_do_not_fit_change_nothing(self, world, tree, parts, words):
        with world.writing() as session:
            with pytest.raises(Refused, match=words):
                services.split(session, actor=PLANNING, unit=unit(session, "W"), parts=parts, on=TODAY, reason=WHY)
            assert unit(session, "W").valid_to is None

    def test_who_had_a_role_there_no_longer_has_it_and_neighbours_do(self, world, tree):
        with world.writing() as session:
            world.user(Role.LEAD, unit=tree["W"])
            hangs = queries.hanging_on(session, [tree["W"].id], TODAY)
            assert [(one.role, one.unit) for one in hangs.holders] == [(Role.LEAD, "W")]
            services.split(session, actor=PLANNING, unit=unit(session, "W"), parts=halves(), on=TODAY, reason=WHY)
            term = session.scalars(select(Term).where(Term.role == Role.LEAD)).one()
            assert term.ends_on is not None and term.ends_on <= TODAY
            assert session.scalar(select(Event.object).where(Event.kind == "role.ended")) == "unit:W"


class TestMerge:
    def test_one_takes_the_other_in(self, world, tree):
        with world.writing() as session:
            among = [unit(session, "W"), unit(session, "E")]
            services.merge(session, actor=PLANNING, among=among, code="e", name="", on=TODAY, reason=WHY)
        with world.writing() as session:
            east = unit(session, "E")
            assert unit(session, "W").valid_to == TODAY and east.valid_to is None
            assert set(parents(session).values()) == {"R", "E"} and parents(session)["B1"] == "E"
            [kin] = history.predecessors(session, east.id)
            assert kin.code == "W" and session.scalars(select(UnitLineage.begins)).one() is False
            assert session.scalar(select(func.count(Event.seq)).where(Event.kind == "unit.merged")) == 1
            assert session.scalar(history_area(session, east)) == pytest.approx(0.0008)

    def test_both_become_another(self, world, tree):
        with world.writing() as session:
            among = [unit(session, "W"), unit(session, "E")]
            services.merge(session, actor=PLANNING, among=among, code="N", name="Nueva", on=TODAY, reason=WHY)
            assert {kin.code for kin in history.predecessors(session, unit(session, "N").id)} == {"E", "W"}
            assert unit(session, "E").valid_to == TODAY

    def test_not_of_two_levels(self, world, tree):
        with world.writing() as session, pytest.raises(Refused, match="mismo nivel"):
            services.merge(
                session, actor=PLANNING, among=[unit(session, "W"), unit(session, "B5")], code="N", name="N", on=TODAY, reason=WHY
            )


def history_area(session, one: TerritorialUnit):
    return select(func.ST_Area(TerritorialUnit.geom)).where(TerritorialUnit.id == one.id)


class TestRedraw:
    def test_what_no_longer_lies_in_it_goes_to_the_neighbour(self, world, tree):
        with world.writing() as session:
            coming = queries.consequences(session, unit(session, "E"), land(1, 0, 4, 2), give_way=True)
            assert [(one.code, round(one.lost_m2) > 0) for one in coming.sized] == [("E", False), ("W", True)]
            assert {(move.child.code, move.was, move.to) for move in coming.moves} == {("B2", "W", "E"), ("B4", "W", "E")}
            assert unit(session, "E").version == 1, "nothing is written"
            services.redraw(
                session, actor=PLANNING, unit=unit(session, "E"), shape=land(1, 0, 4, 2), valid_from=TODAY, reason=WHY, give_way=True,
                seen=coming.digest,
            )
        with world.writing() as session:
            assert parents(session)["B2"] == "E" and parents(session)["B1"] == "W"
            assert session.scalar(select(func.count()).select_from(PastBoundary)) == 2
            assert units.rebuild_ancestry(session) == 0
            told = session.execute(select(Event.object).where(Event.kind == "unit.boundary_changed")).scalars().all()
            assert sorted(told) == ["unit:E", "unit:W"]
            assert session.scalar(select(func.count(EventText.id)).where(EventText.text == WHY)) == 4

    def test_without_giving_way_an_overlap_is_told(self, world, tree):
        with world.writing() as session:
            coming = queries.consequences(session, unit(session, "E"), land(1.8, 0, 4, 2))
            assert not coming.problems and "Se encima" in coming.warnings[0] and "Poniente" in coming.warnings[0]
            coming = queries.consequences(session, unit(session, "E"), land(0, 0, 4, 2))
            assert "Se encima" in coming.problems[0], "over half of a neighbour is no mistake of the survey"

    def test_a_boundary_elsewhere_is_refused(self, world, tree):
        with world.writing() as session:
            coming = queries.consequences(session, unit(session, "E"), land(20, 0, 22, 2))
            assert any("queda fuera de Alcaldía" in one for one in coming.problems)

    def test_what_changed_since_it_was_shown_is_shown_again(self, world, tree):
        with world.writing() as session:
            shape = land(2, 0, 4, 1.9)
            seen = queries.consequences(session, unit(session, "E"), shape).digest
            units.change_units(
                session, [units.UnitChange(unit(session, "B5").id, name="Otra")], capacity=SYSTEM, source="", valid_from=TODAY
            )
            with pytest.raises(services.Outdated) as again:
                services.redraw(session, actor=PLANNING, unit=unit(session, "E"), shape=shape, valid_from=TODAY, reason=WHY, seen=seen)
            assert again.value.now.digest != seen

    def test_days(self, world, tree):
        with world.writing() as session:
            late = queries.consequences(session, unit(session, "E"), land(2, 0, 4, 2), on=TODAY + timedelta(days=1))
            early = queries.consequences(session, unit(session, "E"), land(2, 0, 4, 2), on=TODAY - timedelta(days=1))
            assert "no puede ser futura" in late.problems[0] and "no puede valer desde antes" in early.problems[0]


class TestRetire:
    def test_what_it_held_hangs_on_the_unit_above(self, world, tree):
        with world.writing() as session:
            services.retire(session, actor=PLANNING, unit=unit(session, "E"), on=TODAY, below=Below.MOVE_UP, reason=WHY)
        with world.writing() as session:
            assert unit(session, "E").valid_to == TODAY and parents(session)["B5"] == "R"
            assert unit(session, "E").id in path_of(session, unit(session, "E").id), "it keeps its place, with what was made there"
            assert session.scalar(select(func.count()).select_from(Ancestry).where(Ancestry.unit_id == unit(session, "B5").id)) == 2

    def test_or_ends_with_it(self, world, tree):
        with world.writing() as session:
            services.retire(session, actor=PLANNING, unit=unit(session, "W"), on=TODAY, below=Below.RETIRE, reason=WHY)
            ended = session.scalars(select(TerritorialUnit.code).where(TerritorialUnit.valid_to.is_not(None))).all()
            assert sorted(ended) == ["B1", "B2", "B3", "B4", "W"]
            assert session.scalar(select(func.count(Event.seq)).where(Event.kind == "unit.retired")) == 5

    def test_never_the_root_and_never_without_a_reason(self, world, tree):
        with world.writing() as session:
            with pytest.raises(Refused, match="hasta arriba"):
                services.retire(session, actor=PLANNING, unit=unit(session, "R"), on=TODAY, below=Below.RETIRE, reason=WHY)
            with pytest.raises(Refused, match="por qué"):
                services.retire(session, actor=PLANNING, unit=unit(session, "W"), on=TODAY, below=Below.RETIRE, reason=" ")

    def test_only_by_who_may(self, world, tree):
        with world.writing() as session, pytest.raises(Denied):
            services.retire(session, actor=PROMOTER, unit=unit(session, "W"), on=TODAY, below=Below.RETIRE, reason=WHY)


def test_shapes_are_kept_valid(world, tree):
    with world.writing() as session:
        services.split(session, actor=PLANNING, unit=unit(session, "W"), parts=halves(), on=TODAY, reason=WHY)
        assert all(shapely.from_wkb(bytes(one.outline)).is_valid for one in session.scalars(select(TerritorialUnit)))
