"""The library (001-37): what anybody reads, who may add, and what withdrawing leaves behind."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.errors import Misfit
from models import Document, Event, EventText, Role
from models.assembly import AssemblyState
from territories.documents.services import trusted_link
from tests.app.core.test_uploads import PDF, photo
from tests.factories import TODAY
from tests.factories.agreements import Neighbourhood
from tests.pages import hidden_fields, text_of
from tests.queries import count_queries

NEW = "/work/documents/new"


@pytest.fixture
def ground(world):
    tree = world.tree(territories=2, blocks=2)
    return {"territory": tree["territory"][0], "elsewhere": tree["territory"][1], "block": tree["block"][0]}


@pytest.fixture
def place(world) -> Neighbourhood:
    return Neighbourhood(world)


@pytest.fixture
def official(world, ground):
    return world.sign_in(world.user(Role.OFFICIAL, unit=ground["territory"]))


def send(browser, about: str, *, content: bytes = PDF, **typed):
    opened = browser.get(f"{NEW}?about={about}")
    words = {"title": "Acta escaneada", "dated_on": "2026-03-01", "language": "es", "summary": "", "link": ""}
    fields = {**hidden_fields(opened, NEW), "about": about, **words, **typed}
    if content:
        fields["file"] = (BytesIO(content), "acta.pdf")
    return browser.post(NEW, data=fields, content_type="multipart/form-data")


def only(world) -> Document:
    with world.writing() as session:
        return session.scalars(select(Document)).one()


def test_a_document_is_read_by_anybody_and_written_in_the_record(world, ground, official, client):
    assembly = world.assembly(ground["block"], blocks=[ground["block"]], state=AssemblyState.CLOSED)
    assert send(official, assembly.folio, title="Acta de Nogal", summary="Se habló del agua.").status_code == 303
    document = only(world)
    with world.writing() as session:
        event = session.scalars(select(Event).where(Event.kind == "document.added")).one()
    assert event.data["of"] == f"assembly:{assembly.folio}" and event.data["sha256"] == document.sha256
    assert event.capacity["role"] == "official"
    assert "1 documento de esta asamblea" in text_of(client.get(f"/assemblies/{assembly.folio}"))
    of_it = f"/t/{ground['block'].code}/documents?assembly={assembly.folio}"
    for address in (of_it, f"/t/{ground['territory'].code}/documents", f"/t/{ground['block'].code}/documents"):
        assert "Acta de Nogal" in text_of(client.get(address)), address
    page = client.get(f"/documents/{document.id}")
    assert "Se habló del agua." in text_of(page) and document.sha256 in text_of(page)
    sent = client.get(f"/documents/{document.id}/file")
    assert sent.data == PDF and sent.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in sent.headers["Content-Security-Policy"] and "Set-Cookie" not in sent.headers
    assert "Acta de Nogal" not in text_of(client.get(f"/t/{ground['elsewhere'].code}/documents"))


def test_a_photo_of_an_agreement_loses_its_camera(place, world, client):
    agreement = place.agreement()
    browser = world.sign_in(place.director_user)
    assert send(browser, agreement.folio.lower(), content=photo(), title="Antes").status_code == 303
    shown = client.get(f"/documents/{only(world).id}/file")
    assert shown.mimetype == "image/jpeg" and b"Exif" not in shown.data
    assert "Antes" in text_of(client.get(f"/a/{agreement.folio}"))


def test_a_recording_needs_a_trusted_host_and_its_words(world, ground, official, client):
    code, video = ground["territory"].code, "https://www.youtube.com/watch?v=abc"
    strange = send(official, code, content=b"", link="https://videos.example.net/1", summary="Lo que se dice")
    assert strange.status_code == 422 and "youtube.com" in text_of(strange)
    silent = send(official, code, content=b"", link=video)
    assert silent.status_code == 422 and "no puede oírla" in text_of(silent)
    assert send(official, code, content=b"", link=video, summary="Se explica el proyecto.").status_code == 303
    page = client.get(f"/documents/{only(world).id}")
    assert f'href="{video}"' in page.get_data(as_text=True)
    assert client.get(f"/documents/{only(world).id}/file").status_code == 404


@pytest.mark.parametrize("typed", [
    "http://youtube.com/a", "https://youtube.com.example.org/a", "https://notyoutube.com/a", "https://yo@youtube.com/a",
    "https://youtube.com:8443/a", "javascript:alert(1)", "https:///a", "//youtube.com/a",
])
def test_only_https_on_the_hosts_listed(world, typed):
    with world.writing() as session, pytest.raises(Misfit):
        trusted_link(session, typed)


@pytest.mark.parametrize(("typed", "sentence"), [
    ({"about": "NADA-2026-0001"}, "No encontramos"), ({"title": " "}, "Escriba un título"),
    ({"dated_on": "2026-03-15"}, "posterior a hoy"), ({"link": "https://youtu.be/x", "summary": "x"}, "uno de los dos"),
])
def test_a_form_that_lacks_something_keeps_the_rest(ground, official, typed, sentence):
    typed = dict(typed)
    about = typed.pop("about", ground["territory"].code)
    answer = send(official, about, **{"summary": "Palabras que no se pierden", **typed})
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert typed.get("summary", "Palabras que no se pierden") in answer.get_data(as_text=True)


def test_nobody_adds_elsewhere_nor_to_a_draft(world, ground, official):
    assert send(official, ground["elsewhere"].code).status_code == 403
    draft = world.assembly(ground["block"], state=AssemblyState.DRAFT)
    assert send(official, draft.folio).status_code == 422
    liaison = world.sign_in(world.user(Role.LIAISON, unit=ground["block"]))
    assert liaison.get(NEW).status_code == 403


def test_withdrawn_it_is_nowhere_but_its_reason_is(world, ground, official, client):
    send(official, ground["territory"].code, title="Lista de asistencia", summary="Con nombres")
    document = only(world)
    public, at = f"/documents/{document.id}", f"/work/documents/{document.id}"
    ask = official.get(f"{at}/withdraw")
    assert official.post(f"{at}/withdraw", data=hidden_fields(ask, f"{at}/withdraw")).status_code == 422
    fields = {**hidden_fields(ask, f"{at}/withdraw"), "reason": "Muestra nombres de personas"}
    assert official.post(f"{at}/withdraw", data=fields).status_code == 303
    page = text_of(client.get(public))
    assert "Muestra nombres" in page and "Lista de asistencia" not in page and "Con nombres" not in page
    assert client.get(f"{public}/file").status_code == 410
    for address in (f"/t/{ground['territory'].code}/documents", "/ledger/texts.jsonl"):
        assert "Lista de asistencia" not in client.get(address).get_data(as_text=True)
    assert official.get(f"{at}/file").data == PDF
    back = hidden_fields(official.get(at), f"{at}/restore")
    assert official.post(f"{at}/restore", data=back).status_code == 303
    assert client.get(f"{public}/file").data == PDF
    with world.writing() as session:
        kinds = session.scalars(select(Event.kind).where(Event.object == document.object_name).order_by(Event.seq)).all()
        assert session.scalars(select(EventText).where(EventText.hidden_reason.is_not(None))).all() == []
    assert kinds == ["document.added", "document.withdrawn", "document.restored"]


def test_two_people_correct_the_same_document(world, ground, official):
    send(official, ground["territory"].code)
    at = f"/work/documents/{only(world).id}"
    first = second = {
        **hidden_fields(official.get(at), at), "title": "Acta del 1 de marzo", "dated_on": "2026-03-01", "language": "nah", "summary": "",
    }
    saved = official.post(at, data=first)
    assert saved.status_code == 303 and "registro público" in text_of(official.get(saved.location))
    second = {**second, "client_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "title": "Otro título"}
    stale = official.post(at, data=second)
    assert stale.status_code == 409 and "Acta del 1 de marzo" in text_of(stale) and "Otro título" in text_of(stale)
    assert only(world).language == "nah"


def test_lists_cost_the_same_however_long(world, ground, official, app, client):
    def fill(many: int) -> None:
        with world.writing() as session:
            session.add_all(
                Document(
                    unit_id=ground["block"].id, title=f"Documento {n}", dated_on=TODAY, language="es", link="https://youtu.be/x",
                    added_at=clock.now(),
                )
                for n in range(many)
            )

    seen = []
    for many in (2, 60):
        fill(many)
        for browser, address, most in ((client, f"/t/{ground['territory'].code}/documents", 8), (official, "/work/documents", 12)):
            with count_queries(app) as counted:
                assert browser.get(address).status_code == 200
            assert len(counted) <= most
            seen.append(len(counted))
    # The long staff list is counted, which the short one is spared.
    assert seen[0] == seen[2] and seen[3] - seen[1] <= 1
    more = client.get(f"/t/{ground['territory'].code}/documents")
    assert "Más documentos" in text_of(more)
