"""Reads of the library: what is about a place, an assembly, an agreement."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from app.core.actors import Actor
from app.core.pagination import Page, keyset
from app.core.permissions import RULES, Permission, Reach
from models import Agreement, Ancestry, Assembly, Document, TerritorialUnit
from territories.subjects import Subject

# An agreement has a handful.
SHOWN = 20


def _with_subject(query: Select) -> Select:
    return query.options(joinedload(Document.unit), joinedload(Document.assembly), joinedload(Document.agreement))


def subject_of(document: Document) -> Subject:
    return Subject(document.unit, document.assembly, document.agreement)


def find(session: Session, document_id: int, *, lock: bool = False) -> Document | None:
    """A document with what it is about, withdrawn or not; one query."""
    query = _with_subject(select(Document).where(Document.id == document_id))
    return session.scalar(query.with_for_update(of=Document) if lock else query)


def library_of(session: Session, unit_id: int, *, cursor: str | None) -> Page:
    """Documents in sight of a unit and of all below it, newest first; one query. Raises BadCursor."""
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id == unit_id)
    return _in_sight(session, Document.unit_id.in_(below), cursor)


def library_of_assembly(session: Session, folio: str, *, cursor: str | None) -> Page:
    """Documents in sight of the assembly with that folio as written, newest first; one query. Raises BadCursor."""
    return _in_sight(session, Document.assembly_id.in_(select(Assembly.id).where(Assembly.folio == folio)), cursor)


def _in_sight(session: Session, which: ColumnElement[bool], cursor: str | None) -> Page:
    query = _with_subject(select(Document).where(which, Document.withdrawn_at.is_(None)))
    page = keyset(session, query, [(Document.dated_on, True, date), (Document.id, True, int)], cursor=cursor)
    return Page([row.Document for row in page.items], page.next)


def about(session: Session, agreement: Agreement) -> list[Document]:
    """Documents in sight of one agreement, newest first; one query."""
    query = select(Document).where(Document.agreement_id == agreement.id, Document.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(Document.dated_on.desc(), Document.id.desc()).limit(SHOWN)))


def in_reach(actor: Actor) -> Select:
    """Every document, withdrawn ones too, of the units where the actor adds documents."""
    roles = RULES[Permission.DOCUMENT_ADD].roles
    held = {
        holding.unit_id for holding in actor.holdings
        if holding.unit_id is not None and roles.get(holding.role) is Reach.BELOW
    }
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(held))
    with_unit = select(Document, TerritorialUnit).join(TerritorialUnit, TerritorialUnit.id == Document.unit_id)
    return with_unit.where(Document.unit_id.in_(below))
