"""Files that people send: looked at by content, made harmless, before anything is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from app.core.errors import Refused
from app.core.i18n import _
from app.core.uploads import images, pdf

MAX_BYTES = 10 * 1024 * 1024


class Unacceptable(Refused):
    """A file that cannot be kept; the sentence says what to send instead."""


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
            pdf.check(content)
            return Accepted(content, "application/pdf", title[:200])
        return Accepted(images.reencode(content), "image/jpeg", title[:200])
    except pdf.ActsOnOpening as active:
        raise Unacceptable(
            _("Este PDF trae programas, archivos adjuntos o contraseña. Guárdelo de nuevo como PDF simple y envíelo."), 422
        ) from active
    except images.TooManyPixels as huge:
        raise Unacceptable(_("La foto es demasiado grande: tiene más de 40 millones de puntos."), 422) from huge
    except (images.NotAPhoto, pdf.NotADocument) as other:
        raise Unacceptable(_("No pudimos abrir ese archivo. Envíe una foto JPEG, PNG o WebP, o un PDF."), 415) from other
