"""Evidence is made harmless on the way in and moderated on the way out (DOMAIN.md 7)."""

from __future__ import annotations

import struct
import uuid
import zlib
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from agendas.agreements.evidence import documents, images
from agendas.agreements.evidence.services import MAX_BYTES, Unacceptable, receive
from models import Evidence, Role
from tests.pages import hidden_fields, text_of

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
def test_what_is_not_evidence_is_refused(app, content, status):
    with app.test_request_context(), pytest.raises(Unacceptable) as refused:
        receive(BytesIO(content))
    assert refused.value.status == status


def test_a_plain_pdf_is_kept_as_it_came(app):
    with app.test_request_context():
        kept = receive(BytesIO(PDF))
    assert (kept.content, kept.media_type) == (PDF, "application/pdf")
    documents.check(PDF)


def send_report(client, agreement, content: bytes, name="foto.jpg"):
    address = f"/inbox/{agreement.folio}/report-done"
    fields = {**hidden_fields(client.get(address), ""), "reason": "Ya alumbra", "photo": (BytesIO(content), name)}
    return client.post(address, data=fields, content_type="multipart/form-data")


def test_a_photo_of_a_report_is_served_so_that_it_can_do_nothing(place, world, client):
    agreement = place.agreement("accepted")
    assert send_report(world.sign_in(place.owner_user), agreement, photo()).status_code == 303
    with world.writing() as session:
        row = session.scalars(select(Evidence)).one()
    page = client.get(f"/a/{agreement.folio}")
    assert f"/evidence/{row.sha256}" in page.text
    answer = client.get(f"/evidence/{row.sha256}")
    assert answer.status_code == 200 and answer.mimetype == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers
    small = client.get(f"/evidence/{row.sha256}/small")
    assert small.headers["Content-Security-Policy"] == answer.headers["Content-Security-Policy"]
    assert max(Image.open(BytesIO(small.data)).size) <= 320 and len(small.data) < len(answer.data)


def test_a_page_dressed_as_a_photo_is_refused_and_the_words_stay(place, world):
    agreement = place.agreement("accepted")
    page = send_report(world.sign_in(place.owner_user), agreement, b"<html><body>hola</body></html>")
    assert page.status_code == 415
    assert "No pudimos abrir ese archivo" in text_of(page) and "Ya alumbra" in page.text
    with world.writing() as session:
        assert session.scalars(select(Evidence)).all() == []


def object_with_photo(client, place, agreement, reason="Sigue apagada frente a la casa de Juan"):
    return client.post(
        f"/a/{agreement.folio}/dispute", content_type="multipart/form-data",
        data={"client_id": str(uuid.uuid4()), "code": place.slip(), "reason": reason, "photo": (BytesIO(photo()), "a.jpg")},
    )


def test_words_and_photos_of_an_objection_wait_then_are_shown(place, world, client):
    agreement = place.agreement("reported_done")
    assert object_with_photo(client, place, agreement).status_code == 303
    with world.writing() as session:
        sha256 = session.scalars(select(Evidence.sha256)).one()
    assert client.get(f"/evidence/{sha256}").status_code == 404
    assert "Foto en revisión" in text_of(client.get(f"/a/{agreement.folio}"))
    assert client.get(f"/work/evidence/{sha256}").status_code == 303

    moderator = world.sign_in(world.user(Role.PLANNING, unit=place.units["root"][0]))
    queue = moderator.get("/work/moderation")
    assert "casa de Juan" in text_of(queue)
    assert moderator.get(f"/work/evidence/{sha256}").status_code == 200
    for kind in ("texts", "photos"):
        queue = moderator.get("/work/moderation")
        action = queue.text.split(f'action="/work/moderation/{kind}/')[1].split('"')[0]
        fields = hidden_fields(queue, f"/{kind}/{action}")
        answer = moderator.post(f"/work/moderation/{kind}/{action}", data={**fields, "verdict": "publish", "reason": ""})
        assert answer.status_code == 303
    assert "No hay nada por revisar" in text_of(moderator.get("/work/moderation"))
    assert "casa de Juan" in text_of(client.get(f"/a/{agreement.folio}"))
    assert client.get(f"/evidence/{sha256}").status_code == 200


def test_what_is_hidden_keeps_its_reason_in_sight(place, world, client):
    agreement = place.agreement("reported_done")
    object_with_photo(client, place, agreement)
    moderator = world.sign_in(world.user(Role.ADMIN, unit=place.units["root"][0]))
    for kind in ("texts", "photos"):
        queue = moderator.get("/work/moderation")
        action = queue.text.split(f'action="/work/moderation/{kind}/')[1].split('"')[0]
        fields = {**hidden_fields(queue, f"/{kind}/{action}"), "verdict": "hide"}
        empty = moderator.post(f"/work/moderation/{kind}/{action}", data={**fields, "reason": " "})
        assert empty.status_code == 422 and "Diga por qué" in text_of(empty)
        moderator.post(f"/work/moderation/{kind}/{action}", data={**fields, "reason": "Nombra a una persona"})
    words = text_of(client.get(f"/a/{agreement.folio}"))
    assert "casa de Juan" not in words
    assert words.count("Nombra a una persona") >= 2
    with world.writing() as session:
        row = session.scalars(select(Evidence)).one()
    assert client.get(f"/evidence/{row.sha256}").status_code == 404
    owner = world.sign_in(place.owner_user)
    assert owner.get("/work/moderation").status_code == 403


def test_evidence_that_is_not_there_is_404(client):
    for name in ("0" * 64, "x", "..%2f..%2fsecrets.env"):
        assert client.get(f"/evidence/{name}").status_code == 404
