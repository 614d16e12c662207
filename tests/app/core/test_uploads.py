"""Files that people send are made harmless on the way in."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from app.core.uploads import MAX_BYTES, Unacceptable, images, pdf, receive

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def photo(fmt="JPEG", size=(2400, 1200), *, gps=True, mode="RGB", **options) -> bytes:
    picture = Image.new(mode, size, "teal" if mode == "RGB" else None)
    exif = Image.Exif()
    exif[0x010F] = "Cámara secreta"
    exif[0x0112] = 6
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (19.0, 20.0, 30.0), 3: "W", 4: (99.0, 3.0, 4.0)})
    stream = BytesIO()
    picture.save(stream, fmt, exif=exif, **options)
    return stream.getvalue()


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP"])
def test_a_photo_loses_its_place_and_its_camera(fmt):
    options = {"comment": b"calle Nogal 12"} if fmt == "JPEG" else {}
    clean = images.reencode(photo(fmt, **options))
    for secret in (b"Exif", b"secreta", b"Nogal", b"GPS"):
        assert secret not in clean
    with Image.open(BytesIO(clean)) as picture:
        assert picture.format == "JPEG"
        assert not picture.getexif()
        assert picture.size == (800, 1600), "upright, and no longer than 1600"


def test_a_transparent_picture_gets_a_white_ground():
    clean = images.reencode(photo("PNG", (4, 4), mode="RGBA"))
    with Image.open(BytesIO(clean)) as picture:
        assert min(picture.getpixel((1, 1))) > 240


def png_bomb(width=30_000, height=30_000) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (width // 8 + 1) * 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (png_bomb(), 422),
        (png_bomb(8000, 8000), 422),
        (b"<html><script>alert(1)</script></html>", 415),
        (b"GIF89a" + b"\0" * 40, 415),
        (b"", 415),
        (photo()[:200], 415),
        (b"\xff" * (MAX_BYTES + 1), 413),
        (b"%PDF-1.4 truncado", 415),
        (PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), 422),
        (PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/L#61unch>>"), 422),
        (PDF.replace(b"endobj", b"stream\n" + zlib.compress(b"<</S/JavaScript>>") + b"\nendstream endobj"), 422),
        (PDF.replace(b"endobj", b"stream\n" + zlib.compress(b"\0" * 40_000_000) + b"\nendstream endobj"), 415),
    ],
)
def test_what_is_neither_photo_nor_plain_document_is_refused(app, content, status):
    with app.test_request_context(), pytest.raises(Unacceptable) as refused:
        receive(BytesIO(content))
    assert refused.value.status == status


def test_a_plain_pdf_is_kept_as_it_came(app):
    with app.test_request_context():
        kept = receive(BytesIO(PDF))
    assert (kept.content, kept.media_type) == (PDF, "application/pdf")
    pdf.check(PDF)
