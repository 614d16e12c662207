"""A logo made anew from its pixels: small, without metadata, its transparency kept."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from PIL import Image

from app.core.errors import Misfit
from app.core.i18n import _

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES = 1024 * 1024
MAX_PIXELS = 8_000_000
# Twice the size it is shown at, for dense screens.
WIDTH, HEIGHT = 480, 144


def remade(stream: BinaryIO) -> bytes:
    """A PNG of at most 480 × 144. Raises Misfit for what is too big or no picture: a drawing (SVG) could carry a program."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Misfit("logo", _("El logotipo pesa más de 1 MB: envíe uno más pequeño."))
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Misfit("logo", _("El logotipo es demasiado grande: envíe uno más pequeño."))
            image.load()
            clean = Image.new("RGBA", image.size)
            clean.paste(image.convert("RGBA"))
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as broken:
        raise Misfit("logo", _("No pudimos abrir esa imagen. Envíe un PNG, JPEG o WebP.")) from broken
    clean.thumbnail((WIDTH, HEIGHT))
    out = BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()
