"""Assemblies and agreements as pages find them, put straight into the tables."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

from app.core import clock, search
from app.core.search import fold
from models import Agreement, Assembly, AssemblyBlock, Body, TerritorialUnit, Theme, ledger
from models.agreement import AgreementState
from models.assembly import AssemblyKind, AssemblyState, Mode
from models.folio import folio_key
from models.ledger import SYSTEM, EventKind
from tests.factories import TODAY, World

_numbers = itertools.count(1)


def assembly(
    world: World, unit: TerritorialUnit, *blocks: TerritorialUnit, state=AssemblyState.HELD, title="Asamblea de la calle Nogal",
    starts_at: datetime | None = None, place="Jardín central", folio: str | None = None,
) -> Assembly:
    folio = folio or f"AS-ZZZ-2026-{next(_numbers):04d}"
    with world.writing() as session:
        made = Assembly(
            folio=folio, folio_key=folio_key(folio), unit_id=unit.id, kind=AssemblyKind.BLOCK, mode=Mode.IN_PERSON,
            state=state, title=title, place=place, place_key=fold(place),
            starts_at=starts_at or clock.now() - timedelta(days=20),
            convened_at=None if state is AssemblyState.DRAFT else clock.now() - timedelta(days=30),
        )
        session.add(made)
        session.flush()
        session.add_all(AssemblyBlock(assembly_id=made.id, unit_id=block.id) for block in blocks)
        search.refresh(session, Assembly, [made.id])
        if state is not AssemblyState.DRAFT:
            ledger.append(
                session, EventKind.ASSEMBLY_CONVENED, object=made.object_name, capacity=SYSTEM,
                occurred_at=clock.now(), recorded_at=clock.now(), data={"title": title},
            )
        return made


def agreement(
    world: World, unit: TerritorialUnit, owner: Body, theme: Theme, *, text="Reparar la luminaria de Nogal esquina Fresno",
    state=AgreementState.ACCEPTED, due: date = TODAY + timedelta(days=10), folio: str | None = None, **facts,
) -> Agreement:
    folio = folio or f"ZZZ-2026-{next(_numbers):04d}"
    with world.writing() as session:
        made = Agreement(
            folio=folio, folio_key=folio_key(folio), unit_id=unit.id, owner_id=owner.id, theme_id=theme.id, text=text,
            search_text=fold(f"{folio} {text}"), state=state, first_due=due, due=due, created_at=clock.now(), **facts,
        )
        session.add(made)
        session.flush()
        search.refresh(session, Agreement, [made.id])
        ledger.append(
            session, EventKind.AGREEMENT_PROPOSED, object=made.object_name, capacity=SYSTEM,
            occurred_at=clock.now(), recorded_at=clock.now(), data={"owner": owner.code, "due": due.isoformat()}, texts={"reason": text},
        )
        return made
