"""Evidence in: looked at by content, made harmless, kept by hash, tied to the event it supports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy.orm import Session

from agendas.agreements.evidence import documents, images
from app.core import clock, storage
from app.core.errors import Refused
from app.core.i18n import _
from models import Agreement, Event, Evidence
from models.evidence import Moderation

MAX_BYTES = 10 * 1024 * 1024


class Unacceptable(Refused):
    """A file that cannot be evidence; the sentence says what to send instead."""


@dataclass(frozen=True)
class Accepted:
    """A file ready to keep: its harmless bytes and their media type."""

    content: bytes
    media_type: str
    title: str


def receive(stream: BinaryIO, title: str = "") -> Accepted:
    """Read, look and make harmless, before any transaction: unpacking a photo takes longer than a
    lock should be held. The file's name and declared type are not believed.

    Raises Unacceptable: 413 too big, 415 another kind of file, 422 a photo or PDF that is not safe.
    """
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Unacceptable(_("El archivo pesa más de 10 MB. Envíe una foto más pequeña."), 413)
    try:
        if content.startswith(b"%PDF-"):
            documents.check(content)
            return Accepted(content, "application/pdf", title[:200])
        return Accepted(images.reencode(content), "image/jpeg", title[:200])
    except documents.ActsOnOpening as active:
        raise Unacceptable(
            _("Este PDF trae programas, archivos adjuntos o contraseña. Guárdelo de nuevo como PDF simple y envíelo."), 422
        ) from active
    except images.TooManyPixels as huge:
        raise Unacceptable(_("La foto es demasiado grande: tiene más de 40 millones de puntos."), 422) from huge
    except (images.NotAPhoto, documents.NotADocument) as other:
        raise Unacceptable(_("No pudimos abrir ese archivo. Envíe una foto JPEG, PNG o WebP, o un PDF."), 415) from other


def keep(files: tuple[Accepted, ...]) -> list[str]:
    """Store the files and return their digests, for the event that names them."""
    return [storage.keep(file.content) for file in files]


def attach(
    session: Session, agreement: Agreement, event: Event, files: tuple[Accepted, ...], *, held: bool = False
) -> list[Evidence]:
    """Tie kept files to the event they support; ``held`` ones wait for moderation."""
    rows = [
        Evidence(
            agreement_id=agreement.id, event_seq=event.seq, sha256=digest, media_type=file.media_type,
            size=len(file.content), title=file.title, added_at=clock.now(),
            moderation=Moderation.HELD if held else Moderation.VISIBLE,
        )
        for digest, file in zip(keep(files), files, strict=True)
    ]
    session.add_all(rows)
    session.flush()
    return rows
