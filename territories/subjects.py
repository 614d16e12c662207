"""What a document, a point on the map or a word typed is about."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.search import folio_keys
from models import Agreement, Assembly, TerritorialUnit


@dataclass(frozen=True)
class Subject:
    """A unit alone, or an assembly or an agreement of that unit."""

    unit: TerritorialUnit
    assembly: Assembly | None = None
    agreement: Agreement | None = None

    @property
    def object_name(self) -> str:
        thing = self.assembly or self.agreement
        return thing.object_name if thing is not None else f"unit:{self.unit.code}"

    @property
    def typed(self) -> str:
        """The folio or code that finds it again."""
        thing = self.assembly or self.agreement
        return thing.folio if thing is not None else self.unit.code

    @property
    def title(self) -> str:
        if self.assembly is not None:
            return self.assembly.title
        return self.agreement.text if self.agreement is not None else self.unit.name


def find_subject(session: Session, typed: str) -> Subject | None:
    """The convened assembly or the agreement with that folio, else the unit with that code; at most three queries."""
    if keys := folio_keys(typed):
        with_unit = joinedload(Assembly.unit)
        convened = select(Assembly).where(Assembly.folio_key.in_(keys), Assembly.convened_at.is_not(None)).options(with_unit)
        if assembly := session.scalar(convened):
            return Subject(assembly.unit, assembly=assembly)
        if agreement := session.scalar(select(Agreement).where(Agreement.folio_key.in_(keys)).options(joinedload(Agreement.unit))):
            return Subject(agreement.unit, agreement=agreement)
    unit = session.scalar(select(TerritorialUnit).where(TerritorialUnit.code_key == typed.strip().lower()))
    return Subject(unit) if unit is not None else None
