"""What is kept of one person, to be handed over; and the same taken away. Both walk the register, so that no column is forgotten."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from app.admin.privacy import purge
from app.admin.privacy.retention import forget_people
from app.core import clock, crypto, sheets
from app.core.errors import Refused
from app.core.formatters import zone
from app.core.i18n import _, lazy
from app.core.personal import REGISTER, Form
from models import Base, Countersignature, ExternalKey, Liaison, Term, User, Verification, Voice, ledger
from models.ledger import Capacity, EventKind

TABLES = Base.metadata.tables


class ExportReason(StrEnum):
    """Why it is handed over; the chain carries this and no name."""

    REQUEST = "request"
    OWN = "own"
    AUTHORITY = "authority"


Finder = Callable[[Session, int], ColumnElement[bool]]


def _by_user(table: str, column: str = "user_id") -> Finder:
    return lambda _session, user_id: TABLES[table].c[column] == user_id


def _terms(user_id: int) -> Select:
    return select(Term.id).where(Term.user_id == user_id)


def _volunteer(user_id: int) -> Select:
    return select(Liaison.id).where(Liaison.user_id == user_id)


def _voices(session: Session, user_id: int) -> ColumnElement[bool]:
    """Those given as a liaison: the key tells nobody who it was, and of who it was it can be told."""
    return Voice.id.in_(_spoken(session, user_id, select(Voice.id, Voice.agreement_id, Voice.voice_key)))


def _countersigned(session: Session, user_id: int) -> ColumnElement[bool]:
    query = select(Countersignature.id, Verification.agreement_id, Countersignature.voice_key).join(
        Verification, Verification.id == Countersignature.verification_id
    )
    return Countersignature.id.in_(_spoken(session, user_id, query))


def _spoken(session: Session, user_id: int, query: Select) -> list[int]:
    volunteers = session.scalars(_volunteer(user_id)).all()
    return [
        row for row, agreement, key in session.execute(query).all()
        if any(crypto.keyed_hash("liaison", volunteer, agreement) == key for volunteer in volunteers)
    ] if volunteers else []


FINDERS: Mapping[str, Finder] = {
    "user_account": _by_user("user_account", "id"),
    "account_session": _by_user("account_session"),
    "account_token": _by_user("account_token"),
    "term": _by_user("term"),
    "liaison": _by_user("liaison"),
    "liaison_field": lambda _session, user_id: TABLES["liaison_field"].c.liaison_id.in_(_volunteer(user_id)),
    "convener": _by_user("convener"),
    "import_run": _by_user("import_run", "started_by"),
    "voice": _voices,
    "countersignature": _countersigned,
    "external_key": lambda _session, user_id: (ExternalKey.kind == "people") & ExternalKey.object_id.in_(_terms(user_id)),
    "data_request": _by_user("data_request"),
    "stash": lambda _session, user_id: TABLES["stash"].c.owner == crypto.keyed_hash("stash", "user", user_id),
    "idempotency_key": lambda _session, user_id: TABLES["idempotency_key"].c.actor_key == f"user:{user_id}",
}
_NO_NAME = lazy("Se guarda sin nombre ni nada que lleve a una persona.")
UNREACHABLE: Mapping[str, Any] = {
    "slip": _NO_NAME, "slip_batch": _NO_NAME, "event_text": _NO_NAME, "evidence": _NO_NAME,
    "headcount_cell": lazy("Son totales."), "assembly": lazy("Son totales."),
    "rate_window": lazy("Es una huella que se borra en un día."),
    "import_row": lazy("Está cifrado renglón por renglón y se borra en 30 días."),
}


@dataclass(frozen=True)
class Kept:
    """The rows of a table about a person: column by column of the register, as they can be read."""

    table: str
    rows: list[dict[str, Any]]


def kept_of(session: Session, user_id: int) -> list[Kept]:
    """Everything the register says of the person behind an account; one query a table."""
    found = []
    for table, finder in FINDERS.items():
        columns = REGISTER[table]
        rows = session.execute(select(*[TABLES[table].c[name] for name in columns]).where(finder(session, user_id))).mappings()
        found.append(Kept(table, [{name: _readable(columns[name].form, row[name]) for name in columns} for row in rows]))
    return found


def _readable(form: Form, value: Any) -> Any:
    if value is None:
        return None
    if form is Form.DIGEST:
        return _("guardado como huella")
    if form is Form.ENCRYPTED:
        plain = crypto.decrypt(value) if isinstance(value, bytes) else None
        return plain.decode(errors="replace") if plain is not None else _("guardado cifrado")
    return value.isoformat() if isinstance(value, date | datetime) else value


def export(
    session: Session, *, user_id: int, capacity: Capacity, request: str | None = None, reason: ExportReason = ExportReason.REQUEST
) -> io.BytesIO:
    """A ZIP with ``person.json`` and a CSV a table; that it was made, and why, goes into the record without who.

    Raises NoResultFound for an account that is not there.
    """
    session.get_one(User, user_id)
    tables, moment = kept_of(session, user_id), clock.now()
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        told = {
            "made_at": moment.isoformat(), "request": request, "tables": {one.table: one.rows for one in tables},
            "not_included": {table: str(why) for table, why in UNREACHABLE.items()},
            "what_each_means": {
                one.table: {name: str(personal.what) for name, personal in REGISTER[one.table].items()} for one in tables
            },
        }
        packed.writestr("person.json", json.dumps(told, ensure_ascii=False, indent=1, default=str))
        for one in tables:
            packed.writestr(f"{one.table}.csv", _csv(one))
    ledger.append(
        session, EventKind.PERSON_EXPORTED, object=f"request:{request}" if request else "export", capacity=capacity, occurred_at=moment,
        recorded_at=moment, data={"reason": str(reason), "request": request, "tables": len(tables)},
    )
    out.seek(0)
    return out


def _csv(kept: Kept) -> str:
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(REGISTER[kept.table])
    lines.writerows([sheets.cell(value) for value in row.values()] for row in kept.rows)
    return out.getvalue()


def erase(session: Session, *, user_id: int, capacity: Capacity, request: str | None = None) -> None:
    """Take a person's data away before its term, because it was asked and granted. Raises Refused while a role is held."""
    today, moment = clock.today(zone().key), clock.now()
    held = exists().where(Term.user_id == user_id, (Term.ends_on.is_(None)) | (Term.ends_on >= today))
    if session.scalar(select(held)):
        raise Refused(_("Esa persona tiene un cargo: termínelo antes."), 409)
    forget_people(session, User.id == user_id, moment)
    ledger.append(
        session, EventKind.DATA_ERASED, object=f"request:{request}" if request else "retention:accounts", capacity=capacity,
        occurred_at=moment, recorded_at=moment, data={"count": 1, "request": request},
    )
    purge.note("accounts", [user_id])
