"""Names that a person settles, on the page of an import or on the command line."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.i18n import _
from app.core.search import fold
from app.core.tabular import Options
from app.core.tabular.plan import NO_SOURCE
from models import TerritorialUnit
from models.ledger import SYSTEM
from territories.indicators.intake.kind import plain_context
from territories.indicators.services import Settled, settle_names


class UnknownCode(Exception):
    """No unit has that code; ``str()`` says which."""

    def __init__(self, code: str):
        super().__init__(_("Ninguna unidad tiene la clave «%(code)s».", code=code[:60]))
        self.code = code


def settled(session: Session, said: str, context: str, code: str) -> Settled:
    """What a person said of a name: a unit's code, or "" for none of ours. Raises UnknownCode."""
    unit_id = None
    if code:
        unit_id = session.scalar(select(TerritorialUnit.id).where(TerritorialUnit.code_key == code.strip().lower()))
        if unit_id is None:
            raise UnknownCode(code)
    return Settled(fold(said)[:200], context, said[:200], unit_id)


def source_of(options: Options) -> str:
    """Under which the decisions about a list are remembered, as its rows are."""
    return " ".join(options.source.split()) or NO_SOURCE


def settle_said(session: Session, pairs: Iterable[tuple[str, str]], options: Options) -> None:
    """Names settled on the command line, in the context that holds for all rows, if one does. Raises UnknownCode."""
    context = plain_context(options.constants.get("context", ""))
    decisions = [settled(session, name, context, code) for name, code in pairs]
    settle_names(session, capacity=SYSTEM, source=source_of(options), decisions=decisions)
