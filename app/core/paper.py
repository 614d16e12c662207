"""Paper: one HTML string with the print sheet becomes one tagged PDF, with nothing fetched from anywhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock

import segno
from flask import Response, current_app
from markupsafe import Markup

from app.core.i18n import _

try:
    import weasyprint
    from weasyprint.urls import URLFetcher
except (ImportError, OSError):  # the package or Pango is absent: everything but paper still works, ``doctor`` says so
    weasyprint = None

# WeasyPrint keeps a whole document in memory: pages made side by side would multiply that per worker.
_one_at_a_time = Lock()


class NoPaper(RuntimeError):
    """This machine cannot make PDFs; ``cuadra doctor`` names what is missing."""


def pdf(html: str, *, secret: bool = False) -> bytes:
    """A PDF/UA-1 of a whole HTML document whose ``<html>`` says its ``lang`` and whose ``<title>`` says what it is.

    The print sheet is added. Only ``data:`` addresses are read: words people typed cannot make the
    server fetch a file or a neighbour's address. The same document is made once, unless it is
    ``secret``: then nothing of it stays in memory. Raises NoPaper.
    """
    if weasyprint is None:
        raise NoPaper(_("Este equipo no puede hacer PDF; pida a quien lo administra que ejecute cuadra doctor."))
    make = _make.__wrapped__ if secret else _make
    return make(html, _sheet(str(current_app.static_folder)))


def pdf_response(html: str, filename: str, *, secret: bool = False) -> Response:
    """The PDF shown in the browser; ``filename`` is what it is saved as."""
    response = Response(pdf(html, secret=secret), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=filename)
    return response


def qr(address: str) -> Markup:
    """An inline SVG that a phone reads as ``address``, as its title says; it scales to the box it stands in."""
    code = segno.make(address, error="m")
    return Markup(  # noqa: S704 - made by segno of squares, and of a title that it escapes
        code.svg_inline(scale=1, border=0, omitsize=True, svgclass=None, lineclass=None, title=address)
    )


@lru_cache(maxsize=32)
def _make(html: str, sheet: str) -> bytes:
    nothing_remote = URLFetcher(allowed_protocols={"data"})
    with _one_at_a_time:
        styles = [weasyprint.CSS(string=sheet, url_fetcher=nothing_remote)]
        return weasyprint.HTML(string=html, url_fetcher=nothing_remote).write_pdf(
            stylesheets=styles, pdf_variant="pdf/ua-1"
        )


@lru_cache(maxsize=1)
def _sheet(static_folder: str) -> str:
    """The built print sheet; a checkout without it makes plain paper rather than none."""
    path = Path(static_folder) / "vendor" / "print.css"
    return path.read_text() if path.exists() else ""
