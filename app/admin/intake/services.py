"""Writes people brought in from a list. No event names anybody, and nobody gets a password."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.core import clock, crypto
from app.core.tabular import Context, Outcome, Row, known_keys, link
from models import ExternalKey, Liaison, LiaisonField, Role, Term, User, ledger
from models.ledger import Capacity, Entry, EventKind
from models.liaison import Field
from models.people import AccountToken, TokenPurpose
from territories.units.book import AT_ONCE, territories_of

PERSON, VOLUNTEER = "person", "liaison"
# Reserved and never delivered to (RFC 2606): the account of somebody whose address is not known yet.
NO_ADDRESS = "sin-correo.invalid"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a list. ``user_id`` is their account where they have one."""

    key: str
    name: str
    email: str | None
    language: str
    home_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A role held on a unit or by a body, or, for a liaison, blocks and fields. ``relieves``: terms that end the day
    before this one begins."""

    person: Person
    role: Role
    unit_id: int | None = None
    unit_code: str | None = None
    body_id: int | None = None
    body_code: str | None = None
    focal_point: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    blocks: tuple[tuple[int, str], ...] = ()
    fields: tuple[Field, ...] = ()
    trained_on: date | None = None
    relieves: tuple[int, ...] = ()

    @property
    def place(self) -> str:
        return self.unit_code or self.body_code or ""

    def told(self) -> list[Any]:
        """What the row says of the role, apart from how it is kept here."""
        days = [one and one.isoformat() for one in (self.ends_on, self.trained_on)]
        return [str(self.role), self.place, self.focal_point, [code for _id, code in self.blocks], list(map(str, self.fields)), *days]


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the list needs it: ``activated`` chose a password, and with it its own name."""

    id: int
    email: str
    activated: bool


def accounts(session: Session, ids: Iterable[int], emails: Iterable[str | None]) -> dict[int, Account]:
    """Those accounts, by id; a query per 500."""
    found: dict[int, Account] = {}
    for column, wanted in ((User.id, sorted(set(ids))), (User.email, sorted(set(filter(None, emails))))):
        for start in range(0, len(wanted), AT_ONCE):
            for user_id, email, password in session.execute(
                select(User.id, User.email, User.password.is_not(None)).where(column.in_(wanted[start : start + AT_ONCE]))
            ):
                found[user_id] = Account(user_id, email, password)
    return found


def terms_of(session: Session, user_ids: Sequence[int]) -> dict[tuple, Term]:
    """The latest term of each person for each role and place."""
    wanted, found = sorted(set(user_ids)), {}
    for start in range(0, len(wanted), AT_ONCE):
        for term in session.scalars(
            select(Term).where(Term.user_id.in_(wanted[start : start + AT_ONCE])).order_by(Term.starts_on, Term.id)
        ):
            found[term.user_id, term.role, term.unit_id, term.body_id, term.focal_point] = term
    return found


def leads_of(session: Session, unit_ids: Sequence[int]) -> dict[int, list[Term]]:
    """The leads of those units, past and to come."""
    wanted = sorted(set(unit_ids))
    found: dict[int, list[Term]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        for term in session.scalars(
            select(Term).where(Term.role == Role.LEAD, Term.unit_id.in_(wanted[start : start + AT_ONCE])).order_by(Term.starts_on)
        ):
            found.setdefault(term.unit_id, []).append(term)
    return found


def to_invite(session: Session, source: str) -> list[User]:
    """The people of a list who have an address, no password yet and no invitation still good, by address."""
    invited = select(AccountToken.user_id).where(
        AccountToken.purpose == TokenPurpose.INVITATION, AccountToken.used_at.is_(None), AccountToken.expires_at > clock.now()
    )
    return list(
        session.scalars(
            select(User)
            .join(ExternalKey, (ExternalKey.object_id == User.id) & (ExternalKey.kind == PERSON) & (ExternalKey.source == source))
            .where(User.active, User.password.is_(None), User.id.not_in(invited)).order_by(User.email)
        )
    )


def bring(session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> Mapping[str, int]:
    """Accounts, terms and liaisons with their events. Who holds a role and has no account gets one without a password."""
    staff = [row for row in rows if row.draft.role is not Role.LIAISON]
    made = _keep_people(session, staff, context)
    users = {key: user_id for key, (user_id, _d) in known_keys(
        session, context.options.source, PERSON, (row.draft.person.key for row in staff)
    ).items()}  # fmt: skip
    entries = _end_relieved(session, staff)
    entries += _change_terms(session, [row for row in staff if row.outcome is Outcome.CHANGED])
    entries += _grant(session, [row for row in staff if row.outcome is Outcome.NEW], users)
    context.progress("writing", len(staff), len(rows))
    volunteers, more = _enlist(session, [row for row in rows if row.draft.role is Role.LIAISON], context)
    entries += more
    ledger.append_many(session, entries, capacity=capacity, occurred_at=context.moment, recorded_at=context.moment)
    return {"accounts": made, "liaisons": volunteers}


def _keep_people(session: Session, rows: Sequence[Row], context: Context) -> int:
    people = {row.draft.person.key: row.draft.person for row in rows}
    present = {
        user.id: user for start in range(0, len(people), AT_ONCE)
        for user in session.scalars(
            select(User).where(User.id.in_([one.user_id for one in list(people.values())[start : start + AT_ONCE] if one.user_id]))
            .order_by(User.id).with_for_update()
        )
    }
    fresh: dict[str, User] = {}
    for key, person in people.items():
        user = present.get(person.user_id)
        if user is None:
            fresh[key] = User(
                email=person.email or f"{crypto.keyed_hash('no-address', context.options.source, key)[:32]}@{NO_ADDRESS}",
                name=person.name, language=person.language, active=person.email is not None, created_at=context.moment,
                fs_uniquifier=secrets.token_hex(32), home_body_id=person.home_id,
            )
            continue
        if person.home_id is not None:
            user.home_body_id = person.home_id
        if user.password is None:
            # Nobody has signed in with it yet: the list still knows better.
            user.name = person.name
            if person.email and person.email != user.email:
                user.active = user.active or user.email.endswith(f"@{NO_ADDRESS}")
                user.email = person.email
    session.add_all(fresh.values())
    session.flush()
    linked = {key: user.id for key, user in fresh.items()} | {
        key: person.user_id for key, person in people.items() if person.user_id is not None
    }
    link(session, context.options.source, PERSON, linked)
    return len(fresh)


def _end_relieved(session: Session, rows: Sequence[Row]) -> list[Entry]:
    """Terms of leads that end the day before whoever follows begins."""
    entries = []
    for row in rows:
        for term_id in row.draft.relieves:
            term = session.scalars(select(Term).where(Term.id == term_id).with_for_update()).one()
            term.ends_on = row.draft.starts_on - timedelta(days=1)
            term.version += 1
            entries.append(
                Entry(
                    EventKind.ROLE_ENDED, f"unit:{row.draft.unit_code}",
                    {
                        "role": str(Role.LEAD), "unit": row.draft.unit_code, "focal_point": term.focal_point,
                        "from": term.starts_on.isoformat(), "to": term.ends_on.isoformat(),
                    },
                )
            )
    session.flush()
    return entries


def _change_terms(session: Session, rows: Sequence[Row]) -> list[Entry]:
    """New dates of terms that are here; one that says the same, its person changed, stays as it is."""
    entries = []
    for start in range(0, len(rows), AT_ONCE):
        batch = {row.object_id: row.draft for row in rows[start : start + AT_ONCE]}
        for term in session.scalars(select(Term).where(Term.id.in_(batch)).order_by(Term.id).with_for_update()):
            draft = batch[term.id]
            if (term.starts_on, term.ends_on) == (draft.starts_on, draft.ends_on):
                continue
            term.starts_on, term.ends_on = draft.starts_on, draft.ends_on
            term.version += 1
            entries.append(_told(EventKind.ROLE_CHANGED, draft))
    session.flush()
    return entries


def _grant(session: Session, rows: Sequence[Row], users: Mapping[str, int]) -> list[Entry]:
    terms = [
        Term(
            user_id=users[row.draft.person.key], role=row.draft.role, unit_id=row.draft.unit_id, body_id=row.draft.body_id,
            focal_point=row.draft.focal_point, starts_on=row.draft.starts_on, ends_on=row.draft.ends_on,
        )
        for row in rows
    ]
    session.add_all(terms)
    session.flush()
    for row, term in zip(rows, terms, strict=True):
        row.object_id = term.id
    return [_told(EventKind.ROLE_GRANTED, row.draft) for row in rows]


def _told(kind: EventKind, draft: Draft) -> Entry:
    place = {"unit": draft.unit_code} if draft.unit_code else {"body": draft.body_code}
    return Entry(
        kind, f"unit:{draft.unit_code}" if draft.unit_code else f"body:{draft.body_code}",
        {
            "role": str(draft.role), **place, "focal_point": draft.focal_point, "from": draft.starts_on.isoformat(),
            "to": draft.ends_on.isoformat() if draft.ends_on else None,
        },
    )


def _enlist(session: Session, rows: Sequence[Row], context: Context) -> tuple[int, list[Entry]]:
    """Volunteers of blocks, their names encrypted; the record counts them by territory and never says which block."""
    source = context.options.source
    keys = {(row.number, block_id): f"{row.draft.person.key} · {code}" for row in rows for block_id, code in row.draft.blocks}
    here = known_keys(session, source, VOLUNTEER, keys.values())
    present = {
        one.id: one for start in range(0, len(here), AT_ONCE)
        for one in session.scalars(
            select(Liaison).where(Liaison.id.in_([kept[0] for kept in list(here.values())[start : start + AT_ONCE]]))
            .options(selectinload(Liaison.fields)).with_for_update()
        )
    }
    fresh: dict[str, Liaison] = {}
    for row in rows:
        draft = row.draft
        name = crypto.encrypt(draft.person.name.encode())
        for block_id, _code in draft.blocks:
            key = keys[row.number, block_id]
            liaison = present.get(here[key][0]) if key in here else None
            if liaison is None:
                liaison = fresh[key] = Liaison(unit_id=block_id, starts_on=draft.starts_on, fields=[])
            elif row.values["starts_on"]:
                liaison.starts_on = draft.starts_on
            liaison.name_encrypted, liaison.ends_on = name, draft.ends_on
            liaison.trained_on = draft.trained_on or liaison.trained_on
            gone = [one for one in liaison.fields if one.field not in draft.fields]
            for one in gone:
                liaison.fields.remove(one)
            told = {one.field for one in liaison.fields}
            liaison.fields += [LiaisonField(field=one) for one in draft.fields if one not in told]
    session.add_all(fresh.values())
    session.flush()
    link(session, source, VOLUNTEER, {key: one.id for key, one in fresh.items()})
    ids = {key: one.id for key, one in fresh.items()} | {key: kept[0] for key, kept in here.items()}
    for row in rows:
        row.object_id = ids[keys[row.number, row.draft.blocks[0][0]]]
    return len(fresh), _joined(session, [one.unit_id for one in fresh.values()])


def _joined(session: Session, block_ids: Sequence[int]) -> list[Entry]:
    territories = territories_of(session, block_ids)
    counts: dict[str, int] = {}
    for block_id in block_ids:
        code = territories.get(block_id)
        if code is not None:
            counts[code] = counts.get(code, 0) + 1
    return [Entry(EventKind.LIAISON_JOINED, f"unit:{code}", {"unit": code, "count": count}) for code, count in sorted(counts.items())]
