"""Applies the retention schedule: says what it would erase, erases it, and writes down that it did without what it was."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, String, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from app.admin.privacy.retention import RULES, Rule
from app.core import clock
from app.core.formatters import zone
from app.core.i18n import ngettext
from app.core.restored import after_restore
from app.core.transaction import read_session, transaction
from models import ledger
from models.ledger import SYSTEM, EventKind
from models.settings import setting

# Beside the database and not in it: a copy brought back would bring its own, which ends where the copy does.
LOG, STAMP = "erasures.jsonl", "purge.day"
BATCH = 500
BY_KEY = {rule.key: rule for rule in RULES}


@dataclass(frozen=True)
class Due:
    """What a rule would erase now, or did: how many rows, and the day of the oldest."""

    rule: Rule
    days: int
    count: int
    oldest: date | None

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule.key, "days": self.days, "count": self.count, "oldest": self.oldest.isoformat() if self.oldest else None
        }


def due(session: Session, rules: Sequence[Rule] = RULES) -> list[Due]:
    """What each rule would erase now; one query, and that of the settings."""
    asked = []
    for rule in rules:
        oldest = cast(func.min(rule.oldest), String)
        asked.append(select(literal(rule.key), func.count(), oldest).select_from(rule.model).where(_picked(session, rule)))
    told = {key: (count, oldest) for key, count, oldest in session.execute(union_all(*asked))}
    return [
        Due(rule, days_of(session, rule), count, date.fromisoformat(oldest[:10]) if oldest else None)
        for rule in rules for count, oldest in [told[rule.key]]
    ]


def days_of(session: Session, rule: Rule) -> int:
    return rule.days if isinstance(rule.days, int) else setting(session, rule.days)


def _picked(session: Session, rule: Rule) -> ColumnElement[bool]:
    return rule.due(clock.now() - timedelta(days=days_of(session, rule)))


def purge() -> list[Due]:
    """Erase what is due: each rule in one transaction with its entry of the record, which holds counts and no data."""
    return [_purged(found.rule) if found.count else found for found in due(read_session())]


def _purged(rule: Rule) -> Due:
    with transaction() as session:
        # Anew: another worker may have been here since.
        [found] = due(session, [rule])
        if found.count:
            _erase(session, rule)
            _record(session, found)
    return found


def _erase(session: Session, rule: Rule) -> None:
    picked = _picked(session, rule)
    if not rule.logged:
        rule.erase(session, picked)
        return
    ids = list(session.scalars(select(rule.model.id).where(picked).order_by(rule.model.id)))
    erase_rows(session, rule, ids)
    note(rule.key, ids)


def erase_rows(session: Session, rule: Rule, ids: Sequence[int]) -> None:
    for begin in range(0, len(ids), BATCH):
        rule.erase(session, rule.model.id.in_(ids[begin : begin + BATCH]))


def _record(session: Session, found: Due) -> None:
    moment = clock.now()
    ledger.append(
        session, EventKind.DATA_ERASED, object=f"retention:{found.rule.key}", capacity=SYSTEM, occurred_at=moment, recorded_at=moment,
        data={"count": found.count, "days": found.days, "oldest": found.oldest.isoformat() if found.oldest else None},
    )


def _folder() -> Path:
    return current_app.extensions["config"].data_dir


def note(key: str, ids: Sequence[int]) -> None:
    """Write into the log, before the commit: a line too many erases again what was due, a line too few brings it back."""
    _folder().mkdir(parents=True, exist_ok=True)
    line = json.dumps({"at": clock.now().astimezone(UTC).isoformat(), "rule": key, "ids": list(ids)})
    with open(_folder() / LOG, "a", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
        log.write(line + "\n")
        log.flush()
        os.fsync(log.fileno())


def purge_daily() -> list[Due]:
    """``purge`` once a day of the municipality; does nothing when this machine did it today."""
    stamp, today = _folder() / STAMP, clock.today(zone().key).isoformat()
    if stamp.exists() and stamp.read_text() == today:
        return []
    done = purge()
    stamp.write_text(today)
    return done


@after_restore
def erase_again(session: Session, taken_at: datetime) -> str:
    """Erase again what the log says was erased after the copy was taken; the worker's next round does what fell due since.

    A row number taken by another row in between is harmless: that row was gone too when its number was free again.
    """
    (_folder() / STAMP).unlink(missing_ok=True)
    log, count = _folder() / LOG, 0
    for line in log.read_text().splitlines() if log.exists() else ():
        said = json.loads(line)
        if datetime.fromisoformat(said["at"]) >= taken_at and said["rule"] in BY_KEY:
            erase_rows(session, BY_KEY[said["rule"]], said["ids"])
            count += len(said["ids"])
    return ngettext(
        "Se volvió a borrar %(num)s dato que ya se había borrado.", "Se volvieron a borrar %(num)s datos que ya se habían borrado.", count
    )


