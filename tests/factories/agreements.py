"""Assemblies, slips and agreements as tests about agreements need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from agendas.agreements import services
from app.core import clock, crypto
from app.core.actors import Actor, load_actor
from models import Agreement, Assembly, Body, Item, Role, Slip, SlipBatch, TerritorialUnit, Theme, User
from models.agreement import Move
from models.assembly import AssemblyKind, AssemblyState, ItemState, ItemType, Mode
from models.folio import folio_key, next_folio
from models.ledger import Capacity
from tests.factories import TODAY, World

DAY = timedelta(days=1)


@dataclass
class Neighbourhood:
    """A tree, two areas, a theme, a promoter, and an assembly in session; makes agreements in any state."""

    world: World
    units: dict[str, list[TerritorialUnit]] = field(init=False)

    def __post_init__(self):
        with self.world.writing() as session:
            self.units = self.world.tree(territories=2, blocks=3)
            self.territory, self.other_territory = self.units["territory"]
            self.section = self.units["section"][0]
            self.block, self.next_block = self.units["block"][:2]
            self.far_block = self.units["block"][3]
            self.owner: Body = self.world.body("OBRAS", name="Dirección de Obras")
            self.other: Body = self.world.body("AGUA", name="Sistema de Aguas")
            self.theme: Theme = self.world.theme("alumbrado")
            self.promoter_user = self.world.user(Role.PROMOTER, unit=self.territory)
            self.owner_user = self.world.user(Role.AREA, body=self.owner)
            self.director_user = self.world.user(Role.DIRECTOR, unit=self.units["office"][0])
            self.assembly = self.assembly_of(self.territory)
            session.flush()

    def actor(self, user: User) -> Actor:
        with self.world.writing() as session:
            return load_actor(session, user, TODAY)

    def assembly_of(
        self, unit: TerritorialUnit, state: AssemblyState = AssemblyState.IN_SESSION, *, items=(ItemType.DECISION, ItemType.FOLLOW_UP)
    ) -> Assembly:
        with self.world.writing() as session:
            folio = next_folio(session, prefix="AS-", short_code="TST", year=2026)
            assembly = Assembly(
                folio=folio, folio_key=folio_key(folio), unit_id=unit.id, kind=AssemblyKind.TERRITORY,
                mode=Mode.IN_PERSON, state=state, title="Asamblea de prueba", place="Jardín", place_key="jardin",
                starts_at=clock.now() - timedelta(hours=1),
                held_at=clock.now() if state in (AssemblyState.HELD, AssemblyState.CLOSED) else None,
            )
            session.add(assembly)
            session.flush()
            for position, kind in enumerate(items, 1):
                session.add(
                    Item(assembly_id=assembly.id, position=position, title=f"Punto {position}", type=kind, state=ItemState.OPEN)
                )
            session.flush()
            return assembly

    def item(self, assembly: Assembly, kind: ItemType) -> Item:
        with self.world.writing() as session:
            return session.query(Item).filter_by(assembly_id=assembly.id, type=kind).first()

    def slip(
        self, unit: TerritorialUnit | None = None, *, until: date = TODAY + 300 * DAY, voided: bool = False
    ) -> str:
        """A slip's code, served by the first block unless ``unit`` is given."""
        with self.world.writing() as session:
            code = crypto.new_slip_code()
            batch = SlipBatch(
                assembly_id=self.assembly.id, count=1, issued_at=clock.now(), voided_at=clock.now() if voided else None
            )
            session.add(batch)
            session.flush()
            session.add(
                Slip(
                    batch_id=batch.id, serial=1, code_hash=crypto.slip_code_hash(code),
                    unit_id=(unit or self.block).id, valid_until=until,
                )
            )
            session.flush()
            return code

    def agreement(
        self, state: str = "proposed", *, unit: TerritorialUnit | None = None, due: date = TODAY + 30 * DAY,
        text: str = "Reparar la luminaria frente al 12 de Nogal", owner: Body | None = None,
        counterpart: Body | None = None, reported_on: date = TODAY, made_at: datetime | None = None,
    ) -> Agreement:
        """An agreement brought to ``state`` by the moves that lead there."""
        moment = made_at or clock.now() - 60 * DAY
        with self.world.writing() as session:
            agreement = services.propose(
                session, actor=self.actor(self.promoter_user), assembly=self.assembly, item=None,
                unit_id=(unit or self.block).id, text=text, theme_id=self.theme.id,
                owner_id=(owner or self.owner).id, counterpart_id=counterpart.id if counterpart else None, due=due,
                occurred_at=moment,
            )
            for move, facts in PATHS[state]:
                facts = {**facts, "on": reported_on} if move is Move.REPORT_DONE else facts
                self.advance(session, agreement, move, **facts)
            return agreement

    def advance(self, session, agreement: Agreement, move: Move, **facts):
        return agreement.advance(
            session, move, capacity=Capacity("area", body=self.owner.code), occurred_at=clock.now(),
            recorded_at=clock.now(), **facts,
        )


_ACCEPT = (Move.ACCEPT, {})
_PROGRESS = (Move.PROGRESS, {"reason": "Ya se pidió el material."})
_REPORT = (Move.REPORT_DONE, {"reason": "Se cambió la luminaria."})
PATHS = {
    "proposed": (),
    "accepted": (_ACCEPT,),
    "in_progress": (_ACCEPT, _PROGRESS),
    "reported_done": (_ACCEPT, _REPORT),
    "disputed": (_ACCEPT, _REPORT, (Move.DISPUTE, {"reason": "Sigue apagada."})),
    "verified": (_ACCEPT, _REPORT, (Move.VERIFY, {})),
    "on_hold": (_ACCEPT, (Move.HOLD, {"reason": "Falta el material.", "review_on": TODAY + 20 * DAY})),
    "declined": ((Move.DECLINE, {"reason": "No nos toca."}),),
    "cancelled": ((Move.CANCEL, {"reason": "Es el mismo.", "ground": "duplicate of TST-2026-0001"}),),
}
