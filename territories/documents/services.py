"""Writes to the library: add, correct, take out of sight and bring back, each an entry of the record."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import clock, storage, versions
from app.core.actors import Actor
from app.core.errors import Field, Misfit, Refused
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from app.core.uploads import Accepted
from models import Document, Event, EventText
from models.ledger import Capacity, EventKind
from models.settings import setting
from models.territory import path_of
from territories.documents.forms import Draft
from territories.documents.queries import subject_of
from territories.subjects import Subject


def trusted_link(session: Session, typed: str) -> str:
    """``typed`` when it is an https address on a host the municipality trusts, or below one. Raises Misfit.

    Anything else could be changed, after publishing, by whoever owns the other end.
    """
    parts = urlsplit(typed)
    hosts = setting(session, "media_hosts")
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or parts.username or parts.port or not any(host == one or host.endswith(f".{one}") for one in hosts):
        raise Misfit("link", _("Use un enlace https de uno de estos sitios: %(hosts)s.", hosts=", ".join(hosts)))
    return typed


def add(
    session: Session, *, actor: Actor, subject: Subject, draft: Draft, file: Accepted | None = None, link: str = ""
) -> Document:
    """A document in sight of everybody from now on. Raises Denied, Misfit.

    Exactly one of ``file`` and ``link``; a recording needs words for whoever cannot hear or see it.
    """
    capacity = _allowed(session, actor, Permission.DOCUMENT_ADD, subject)
    if (file is None) == (not link):
        raise Misfit("file", _("Elija un archivo o escriba un enlace: uno de los dos."))
    _check(session, draft, recording=bool(link))
    document = Document(
        unit_id=subject.unit.id, assembly_id=subject.assembly.id if subject.assembly else None,
        agreement_id=subject.agreement.id if subject.agreement else None, title=draft.title, dated_on=draft.dated_on,
        language=draft.language, summary=draft.summary, added_at=clock.now(),
        sha256=storage.keep(file.content) if file else None, media_type=file.media_type if file else None,
        size=len(file.content) if file else None, link=trusted_link(session, link) if link else None,
    )
    session.add(document)
    session.flush()
    _note(session, document, EventKind.DOCUMENT_ADDED, subject, capacity, title=draft.title, summary=draft.summary)
    return document


def correct(session: Session, *, actor: Actor, document: Document, draft: Draft, seen: int | None, back: str) -> None:
    """Other words for the same file. Raises Denied, Misfit, StaleVersion, Refused when it is withdrawn."""
    subject = subject_of(document)
    capacity = _allowed(session, actor, Permission.DOCUMENT_ADD, subject)
    versions.check(document.version, seen, fields=lambda: _both(document, draft), back=back)
    if document.withdrawn_at is not None:
        raise Refused(_("Este documento se retiró: devuélvalo a la vista antes de corregirlo."), 409)
    _check(session, draft, recording=document.link is not None)
    document.title, document.dated_on, document.language = draft.title, draft.dated_on, draft.language
    document.summary, document.version = draft.summary, document.version + 1
    _note(session, document, EventKind.DOCUMENT_CORRECTED, subject, capacity, title=draft.title, summary=draft.summary)


def withdraw(session: Session, *, actor: Actor, document: Document, reason: str) -> None:
    """Take it out of sight, its words in the record too; the reason stays. Raises Denied, Refused."""
    subject = subject_of(document)
    capacity = _allowed(session, actor, Permission.DOCUMENT_WITHDRAW, subject)
    if document.withdrawn_at is not None:
        raise Refused(_("Este documento ya se había retirado."), 409)
    _hide_words(session, document, reason)
    document.withdraw(reason, clock.now())
    _note(session, document, EventKind.DOCUMENT_WITHDRAWN, subject, capacity, reason=reason)


def restore(session: Session, *, actor: Actor, document: Document) -> None:
    """Bring it back. Raises Denied, Refused."""
    subject = subject_of(document)
    capacity = _allowed(session, actor, Permission.DOCUMENT_WITHDRAW, subject)
    if document.withdrawn_at is None:
        raise Refused(_("Este documento ya está a la vista."), 409)
    _hide_words(session, document, None)
    document.restore()
    _note(session, document, EventKind.DOCUMENT_RESTORED, subject, capacity)


def _allowed(session: Session, actor: Actor, permission: Permission, subject: Subject) -> Capacity:
    return authorise(actor, permission, Thing(path=path_of(session, subject.unit.id), unit_id=subject.unit.id))


def _check(session: Session, draft: Draft, *, recording: bool) -> None:
    if draft.dated_on > clock.today(setting(session, "time_zone")):
        raise Misfit("dated_on", _("La fecha del documento no puede ser posterior a hoy."))
    if recording and not draft.summary:
        raise Misfit("summary", _("Escriba lo que se dice en la grabación: hay quien no puede oírla o verla."))


def _hide_words(session: Session, document: Document, reason: str | None) -> None:
    mine = select(Event.seq).where(Event.object == document.object_name)
    session.execute(
        update(EventText).where(EventText.event_seq.in_(mine), EventText.field.in_(("title", "summary")))
        .values(hidden_reason=reason).execution_options(synchronize_session=False)
    )


def _note(
    session: Session, document: Document, kind: EventKind, subject: Subject, capacity: Capacity, **texts: str
) -> None:
    document.record(session, kind, of=subject.object_name, capacity=capacity, moment=clock.now(), texts=texts)


def _both(document: Document, draft: Draft) -> list[Field]:
    return [
        Field(_("Título"), document.title, draft.title), Field(_("Fecha"), document.dated_on.isoformat(), draft.dated_on.isoformat()),
        Field(_("Resumen o transcripción"), document.summary, draft.summary),
    ]
