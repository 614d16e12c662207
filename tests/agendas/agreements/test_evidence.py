"""Evidence is kept out of sight until it may be seen, and moderated on the way out (DOMAIN.md 7)."""

from __future__ import annotations

import uuid
from io import BytesIO

from PIL import Image
from sqlalchemy import select

from models import Evidence, Role
from tests.app.core.test_uploads import photo
from tests.pages import hidden_fields, text_of


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
