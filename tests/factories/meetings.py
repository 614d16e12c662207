"""Makers of assemblies, through the model's own moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.core import clock, search
from models import Assembly, AssemblyBlock, Convener, HeadcountCell, Item, TerritorialUnit, User
from models.assembly import AgeBand, AssemblyKind, AssemblyState, Gender, ItemType, Method, Mode
from models.folio import folio_key, next_folio
from models.ledger import Capacity

S = AssemblyState
ROADS = {
    S.DRAFT: (), S.CONVENED: (S.CONVENED,), S.IN_SESSION: (S.CONVENED, S.IN_SESSION),
    S.HELD: (S.CONVENED, S.IN_SESSION, S.HELD), S.CANCELLED: (S.CONVENED, S.CANCELLED),
    S.CLOSED: (S.CONVENED, S.IN_SESSION, S.HELD, S.CLOSED), S.NOT_HELD: (S.CONVENED, S.NOT_HELD),
}


class MeetingMakers:
    """Part of ``World``."""

    def assembly(
        self, unit: TerritorialUnit, *, state: AssemblyState = S.CONVENED, blocks: Sequence[TerritorialUnit] = (),
        starts_at=None, place: str = "Jardín Nogal", convener: User | None = None, items: Sequence[tuple] = (), **facts,
    ) -> Assembly:
        """An assembly of ``unit`` in ``state``, a week away unless ``starts_at`` says otherwise.

        ``items``: (title, ItemType, Method or None), one information item when left out.
        """
        number = next(self._numbers)
        moment = clock.now()
        starts_at = starts_at or moment + timedelta(days=7)
        with self.writing() as session:
            folio = next_folio(session, prefix="AS-", short_code="TST", year=2026)
            assembly = Assembly(
                folio=folio, folio_key=folio_key(folio), unit_id=unit.id, kind=facts.pop("kind", AssemblyKind.BLOCK),
                mode=facts.pop("mode", Mode.IN_PERSON), title=facts.pop("title", f"Asamblea {number}"), place=place,
                place_key=" ".join(place.lower().replace("í", "i").split()), starts_at=starts_at,
                second_call_at=starts_at + timedelta(minutes=30), ends_at=starts_at + timedelta(hours=2), **facts,
            )
            session.add(assembly)
            session.flush()
            session.add_all(AssemblyBlock(assembly_id=assembly.id, unit_id=block.id) for block in blocks)
            session.add(Convener(assembly_id=assembly.id, user_id=convener.id if convener else None, role="promoter"))
            session.flush()
            for title, kind, method in items or (("Bienvenida", ItemType.INFORMATION, None),):
                self.item(assembly, title, type=kind, method=method)
            for step in ROADS[state]:
                assembly.move(session, step, capacity=Capacity("official"), occurred_at=moment, recorded_at=moment)
            search.refresh(session, Assembly, [assembly.id])
            return assembly

    def item(
        self, assembly: Assembly, title: str = "Bienvenida", *, type: ItemType = ItemType.INFORMATION,
        method: Method | None = None, **facts,
    ) -> Item:
        """The next item of an assembly."""
        with self.writing() as session:
            position = session.query(Item).filter_by(assembly_id=assembly.id).count() + 1
            item = Item(assembly_id=assembly.id, position=position, title=title, type=type, method=method, **facts)
            session.add(item)
            session.flush()
            return item

    def counted(
        self, assembly: Assembly, people: int, *, gender: Gender = Gender.WOMEN, age_band: AgeBand = AgeBand.ADULTS,
        first_timers: int = 0,
    ) -> HeadcountCell:
        """People counted at an assembly, in one cell."""
        with self.writing() as session:
            cell = HeadcountCell(
                assembly_id=assembly.id, gender=gender, age_band=age_band, people=people, first_timers=first_timers
            )
            session.add(cell)
            session.flush()
            return cell
