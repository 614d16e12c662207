"""The one writer of settings and notices: each change an entry of the record, with what was before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actors import Actor
from app.core.permissions import Permission, Thing, authorise
from models import LedgerHead, PrivacyNotice, Setting, ledger
from models.ledger import EventKind
from models.settings import DEFAULTS


def queue_up(session: Session) -> None:
    """Stand in line with everybody who writes settings: a setting never changed has no row to lock, and all that
    change one go on to the head of the record anyway."""
    session.execute(select(LedgerHead.id).with_for_update())


def change(session: Session, *, actor: Actor, values: Mapping[str, Any]) -> list[str]:
    """Keep the settings that differ from what they were; returns their keys. Raises Denied, KeyError for an unknown one.

    Call ``queue_up`` first.
    """
    capacity = authorise(actor, Permission.SETTING_CHANGE, Thing(path=frozenset()))
    moment, changed = clock.now(), []
    for key, value in values.items():
        row = session.get(Setting, key, populate_existing=True)
        was = DEFAULTS[key] if row is None else row.value
        if value == was:
            continue
        if row is None:
            session.add(Setting(key=key, value=value, updated_at=moment))
        else:
            row.value, row.updated_at, row.version = value, moment, row.version + 1
        session.flush()
        changed.append(key)
        ledger.append(
            session, EventKind.SETTING_CHANGED, object=f"setting:{key}", capacity=capacity, occurred_at=moment, recorded_at=moment,
            data={"from": was, "value": value},
        )
    return changed


def publish_notice(session: Session, *, actor: Actor, texts: tuple[str, str, str]) -> PrivacyNotice:
    """A new version of the privacy notice, ``texts`` in Spanish, French and English (empty: the Spanish one stands in).

    What was published stays as it was, under its number. Raises Denied.
    """
    capacity = authorise(actor, Permission.SETTING_CHANGE, Thing(path=frozenset()))
    queue_up(session)
    moment = clock.now()
    last = session.scalar(select(func.coalesce(func.max(PrivacyNotice.number), 0)))
    notice = PrivacyNotice(
        number=last + 1, text_es=texts[0], text_fr=texts[1], text_en=texts[2],
        digest=hashlib.sha256("\0".join(texts).encode()).hexdigest(), published_at=moment,
    )
    session.add(notice)
    session.flush()
    ledger.append(
        session, EventKind.NOTICE_PUBLISHED, object=f"notice:{notice.number}", capacity=capacity, occurred_at=moment,
        recorded_at=moment, data={"number": notice.number, "digest": notice.digest},
    )
    return notice
