"""The one record: an append-only, hash-chained list of public acts.

The chain carries public fields and salted digests of free text. Text and salt live beside it in
``EventText`` and can be erased; the chain stays whole and the verifier says "withheld".
Canonical form: RFC 8785. Digest: SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import JSON, ForeignKey, String, Text, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Digest, PrimaryKey

GENESIS = "0" * 64


class EventKind(StrEnum):
    UNIT_ADDED = "unit.added"
    UNIT_CHANGED = "unit.changed"
    BOUNDARY_CHANGED = "unit.boundary_changed"
    UNIT_SPLIT = "unit.split"
    UNIT_MERGED = "unit.merged"
    UNIT_RETIRED = "unit.retired"
    IMPORT_APPLIED = "import.applied"
    SETTING_CHANGED = "setting.changed"
    LEVEL_DECLARED = "level.declared"
    LEVEL_RENAMED = "level.renamed"
    BODY_ADDED = "body.added"
    BODY_CHANGED = "body.changed"
    BODY_RETIRED = "body.retired"
    BODY_RESTORED = "body.restored"
    ROLE_GRANTED = "role.granted"
    ROLE_ENDED = "role.ended"
    ROLE_CHANGED = "role.changed"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_CLOSED = "account.closed"
    ACCOUNT_REOPENED = "account.reopened"
    THEME_ADDED = "theme.added"
    THEME_CHANGED = "theme.changed"
    THEME_TIGHTENED = "theme.tightened"
    THEME_MERGED = "theme.merged"
    THEME_SEPARATED = "theme.separated"
    STAGE_REACHED = "process.stage_reached"
    STAGE_CORRECTED = "process.stage_corrected"
    STAGE_WITHDRAWN = "process.stage_withdrawn"
    PHASE_ADDED = "phase.added"
    PHASE_CHANGED = "phase.changed"
    PRIORITY_SAVED = "priority.saved"
    PRIORITY_RETIRED = "priority.retired"
    NOTICE_PUBLISHED = "notice.published"
    LIAISON_JOINED = "liaison.joined"
    ASSEMBLY_CONVENED = "assembly.convened"
    ASSEMBLY_RESCHEDULED = "assembly.rescheduled"
    ASSEMBLY_OPENED = "assembly.opened"
    ASSEMBLY_HELD = "assembly.held"
    ASSEMBLY_NOT_HELD = "assembly.not_held"
    ASSEMBLY_CANCELLED = "assembly.cancelled"
    ASSEMBLY_IMPORTED = "assembly.imported"
    ITEM_ADDED = "item.added"
    ITEM_OPENED = "item.opened"
    DECISION_TAKEN = "decision.taken"
    PROBLEM_RAISED = "problem.raised"
    MINUTES_SEALED = "minutes.sealed"
    MINUTES_ADDENDUM = "minutes.addendum"
    SLIPS_ISSUED = "slips.issued"
    SLIPS_VOIDED = "slips.voided"
    AGREEMENT_PROPOSED = "agreement.proposed"
    AGREEMENT_ACCEPTED = "agreement.accepted"
    AGREEMENT_DECLINED = "agreement.declined"
    AGREEMENT_PLANNED = "agreement.planned"
    AGREEMENT_PROGRESS = "agreement.progress"
    AGREEMENT_REPORTED_DONE = "agreement.reported_done"
    AGREEMENT_HANDED_OVER = "agreement.handed_over"
    AGREEMENT_HELD = "agreement.on_hold"
    AGREEMENT_RESUMED = "agreement.resumed"
    AGREEMENT_CANCELLED = "agreement.cancelled"
    AGREEMENT_CONFIRMED = "agreement.confirmed"
    AGREEMENT_DISPUTED = "agreement.disputed"
    AGREEMENT_DOUBTED = "agreement.doubted"
    AGREEMENT_VERIFICATION_DECIDED = "agreement.verification_decided"
    AGREEMENT_COUNTERSIGNED = "agreement.countersigned"
    AGREEMENT_VERIFIED = "agreement.verified"
    AGREEMENT_REOPENED = "agreement.reopened"
    DOCUMENT_ADDED = "document.added"
    DOCUMENT_CORRECTED = "document.corrected"
    DOCUMENT_WITHDRAWN = "document.withdrawn"
    DOCUMENT_RESTORED = "document.restored"
    INDICATOR_ADDED = "indicator.added"
    INDICATOR_CHANGED = "indicator.changed"
    NAME_SETTLED = "name.settled"
    SPOT_SET = "spot.set"
    SPOT_REMOVED = "spot.removed"
    OPEN_DATA_FROZEN = "open_data.frozen"
    TEXT_MODERATED = "text.moderated"
    DATA_ERASED = "personal.erased"
    PERSON_EXPORTED = "personal.exported"
    REQUEST_RECEIVED = "request.received"
    REQUEST_IDENTIFIED = "request.identity_checked"
    REQUEST_EXTENDED = "request.extended"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_CLOSED = "request.closed"


@dataclass(frozen=True)
class Capacity:
    """In what quality one acted: a role and its unit or body, never a person's name."""

    role: str
    unit: str | None = None
    body: str | None = None

    def as_json(self) -> dict[str, str]:
        pairs = {"role": self.role, "unit": self.unit, "body": self.body}
        return {key: value for key, value in pairs.items() if value is not None}


SYSTEM = Capacity("system")


class Event(Base):
    """One entry of the chain. Triggers in both databases refuse UPDATE and DELETE."""

    __tablename__ = "event"

    seq: Mapped[PrimaryKey] = mapped_column(autoincrement=False)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    object: Mapped[str] = mapped_column(String(80), index=True)
    capacity: Mapped[Any] = mapped_column(JSON)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    data: Mapped[Any] = mapped_column(JSON)
    prev: Mapped[Digest]
    hash: Mapped[Digest] = mapped_column(unique=True)

    def public(self) -> dict[str, Any]:
        """The line of ``chain.jsonl``: keys as INTERFACES.md, times RFC 3339 UTC."""
        return {
            "seq": self.seq,
            "kind": str(self.kind),
            "object": self.object,
            "capacity": self.capacity,
            "occurred_at": rfc3339(self.occurred_at),
            "recorded_at": rfc3339(self.recorded_at),
            "data": self.data,
            "prev": self.prev,
            "hash": self.hash,
        }


class EventText(Base):
    """A free text of an event and its salt. Erasing both leaves the digest in the chain.

    ``hidden_reason`` set means moderation withholds it from readers; the reason stays public.
    """

    __tablename__ = "event_text"

    id: Mapped[PrimaryKey]
    event_seq: Mapped[int] = mapped_column(ForeignKey("event.seq"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    salt: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str | None] = mapped_column(Text)
    held: Mapped[bool] = mapped_column(default=False)
    hidden_reason: Mapped[str | None] = mapped_column(String(300))
    hidden_at: Mapped[datetime | None]


class LedgerHead(Base):
    """The single row that says where the chain ends; locking it puts writers in line."""

    __tablename__ = "ledger_head"

    id: Mapped[PrimaryKey]
    seq: Mapped[int]
    hash: Mapped[Digest]

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def rfc3339(moment: datetime) -> str:
    """``2026-03-01T18:30:00.000000Z``: fixed width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def text_digest(salt: str, text: str) -> str:
    """SHA-256 in hex of the salt's bytes (``salt`` is hex) followed by the text in UTF-8."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


_SAFE = 2**53
# Of what the chain holds, the standard library's encoder writes the RFC 8785 form, five times as fast as a library
# that also spells floats; tests/models/test_ledger.py compares the two.
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of strings, whole numbers, booleans, None, lists and objects of these with ASCII keys."""
    return _encode(value).encode()


def entry_hash(entry: Mapping[str, Any]) -> str:
    """SHA-256 in hex of the RFC 8785 form of ``entry`` without its ``hash``."""
    return hashlib.sha256(canonical({k: v for k, v in entry.items() if k != "hash"})).hexdigest()


class Waiting(NamedTuple):
    """Where an entry that waits in a ``Batch`` stands in the chain."""

    seq: int
    hash: str


class Batch:
    """Entries of the chain that wait to be written together; it stands where ``append`` takes a session.

    For whoever writes an instance from nothing: the head stays locked from the first entry to the commit.
    ``write`` sends what waits; call it before anything that points at an entry, and at the end.
    """

    SIZE = 4000

    def __init__(self, session: Session):
        self._session = session
        self.head = _locked_head(session)
        self._events: list[dict[str, Any]] = []
        self._texts: list[dict[str, Any]] = []
        self._held: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def take(self, event: dict[str, Any], texts: Iterable[dict[str, Any]]) -> Waiting:
        if len(self._events) >= self.SIZE:
            self.write()
        self._events.append(event)
        for row in texts:
            (self._held[event["object"]] if row["held"] else self._texts).append(row)
        return Waiting(event["seq"], event["hash"])

    def release(self, object: str) -> list[dict[str, Any]]:
        """The texts about an object that wait for a look, to be changed here and now: they go out after this."""
        found = self._held.pop(object, [])
        self._texts += found
        return found

    def write(self, *, held: bool = False) -> None:
        """Send what waits, with ``held`` also the texts that nobody looked at yet."""
        if held:
            self._texts += [row for rows in self._held.values() for row in rows]
            self._held.clear()
        self._session.flush()
        for table, rows in ((Event.__table__, self._events), (EventText.__table__, self._texts)):
            if rows:
                self._session.execute(insert(table), rows)
            rows.clear()


def append(
    session: Session | Batch,
    kind: EventKind,
    *,
    object: str,
    capacity: Capacity,
    occurred_at: datetime,
    recorded_at: datetime,
    data: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    held: bool = False,
) -> Event | Waiting:
    """Append one event in the caller's transaction and return it.

    ``data`` holds strings, whole numbers, booleans, None, lists and objects of these: a float has
    no single RFC 8785 spelling in other languages' standard libraries and raises ValueError.
    ``texts`` maps a field to free text; empty texts are left out. ``held`` keeps the texts from
    readers until somebody moderates them.
    """
    waiting = isinstance(session, Batch)
    head = session.head if waiting else _locked_head(session)
    _refuse_unspellable(data or {})
    public, salted = _with_texts(data, texts)
    row = _chained(head, kind, object, public, capacity=capacity, occurred_at=occurred_at, recorded_at=recorded_at)
    beside = _rows_of(row, salted, held=held)
    if waiting:
        return session.take(row, beside)
    event = Event(**row)
    session.add(event)
    session.flush()
    session.add_all(EventText(**one) for one in beside)
    session.flush()
    return event


class Entry(NamedTuple):
    """One of many events: as the arguments of ``append`` of the same names. ``occurred_at`` None is that of all."""

    kind: EventKind
    object: str
    data: Mapping[str, Any]
    texts: Mapping[str, str] | None = None
    occurred_at: datetime | None = None


def append_many(
    session: Session,
    entries: Iterable[Entry | tuple[EventKind, str, Mapping[str, Any]]],
    *,
    capacity: Capacity,
    occurred_at: datetime,
    recorded_at: datetime,
) -> int:
    """Append entries in their order, as ``append`` would one by one; returns how many.

    For acts on thousands of things at once: written one by one they would hold the head, and with it
    every other writer, for as long as it takes.
    """
    head, rows, beside = _locked_head(session), [], []
    for entry in entries:
        kind, object, data, texts, moment = Entry(*entry)
        _refuse_unspellable(data)
        public, salted = _with_texts(data, texts)
        row = _chained(head, kind, object, public, capacity=capacity, occurred_at=moment or occurred_at, recorded_at=recorded_at)
        rows.append(row)
        beside += _rows_of(row, salted)
    session.flush()
    if rows:
        session.execute(insert(Event.__table__), rows)
    if beside:
        session.execute(insert(EventText.__table__), beside)
    return len(rows)


def _with_texts(data: Mapping[str, Any] | None, texts: Mapping[str, str] | None) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
    """``data`` with the digests of the texts that say something, and those texts with their salts."""
    salted = {field: (secrets.token_hex(32), text) for field, text in (texts or {}).items() if text}
    public = dict(data or {})
    if salted:
        public["texts"] = {field: text_digest(salt, text) for field, (salt, text) in salted.items()}
    return public, salted


def _rows_of(event: Mapping[str, Any], salted: Mapping[str, tuple[str, str]], *, held: bool = False) -> list[dict[str, Any]]:
    """The rows of its texts."""
    return [
        {"event_seq": event["seq"], "field": field, "salt": salt, "text": text, "held": held, "hidden_reason": None}
        for field, (salt, text) in salted.items()
    ]


def _locked_head(session: Session) -> LedgerHead:
    head = session.scalar(select(LedgerHead).with_for_update().execution_options(populate_existing=True))
    if head is None:
        head = LedgerHead(id=1, seq=0, hash=GENESIS)
        session.add(head)
    return head


def _chained(
    head: LedgerHead,
    kind: EventKind,
    object: str,
    data: dict[str, Any],
    *,
    capacity: Capacity,
    occurred_at: datetime,
    recorded_at: datetime,
) -> dict[str, Any]:
    """The row of the event that comes after ``head``, which moves on to it."""
    row = {
        "seq": head.seq + 1, "kind": str(kind), "object": object, "capacity": capacity.as_json(), "occurred_at": occurred_at,
        "recorded_at": recorded_at, "data": data, "prev": head.hash,
    }
    occurred = rfc3339(occurred_at)
    told = {"occurred_at": occurred, "recorded_at": occurred if recorded_at is occurred_at else rfc3339(recorded_at)}
    row["hash"] = entry_hash(row | told)
    head.seq, head.hash = row["seq"], row["hash"]
    return row


def _refuse_unspellable(value: Any) -> None:
    if isinstance(value, float):
        raise ValueError("the chain holds no floating-point numbers: write them as text")
    if isinstance(value, int) and not -_SAFE < value < _SAFE:
        raise ValueError("other languages would round this number: write it as text")
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) and key.isascii() for key in value):
            raise ValueError("keys of the chain are ASCII text")
        for inner in value.values():
            _refuse_unspellable(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _refuse_unspellable(inner)
