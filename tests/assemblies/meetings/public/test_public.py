"""An assembly as anybody sees it."""

from datetime import timedelta
from io import BytesIO

import icalendar
import pytest
from pypdf import PdfReader

from app.core import clock
from models import Decision
from models.assembly import AgeBand, AssemblyState, Gender, ItemType, Method, Mode, Outcome
from models.ledger import Capacity
from models.territory import LevelRole
from tests.pages import text_of
from tests.queries import count_queries


@pytest.fixture
def block(world):
    return world.tree(blocks=1)["block"][0]


def test_when_and_where_come_first(world, block, client):
    assembly = world.assembly(block, blocks=[block], place="Jardín Nogal", items=[
        ("Bienvenida", ItemType.INFORMATION, None), ("Elegir enlaces", ItemType.ELECTION, Method.VOTE),
    ])
    page = client.get(f"/assemblies/{assembly.folio}")
    said = text_of(page)
    assert "sábado, 21 de marzo de 2026, 12:00 h" in said
    assert "Segunda llamada a las 12:30 h" in said
    assert "Jardín Nogal" in said and "no hace falta registrarse" in said
    assert "Elegir enlaces" in said and "votación" in said
    assert f"/t/{block.code}" in page.text
    assert "Set-Cookie" not in page.headers
    assert client.get(f"/fr/assemblies/{assembly.folio}").status_code == 200


def test_a_folio_typed_any_way_leads_to_the_page(world, block, client):
    assembly = world.assembly(block)
    moved = client.get(f"/assemblies/{assembly.folio.lower().replace('-', '')}")
    assert (moved.status_code, moved.location) == (301, f"/assemblies/{assembly.folio}")
    assert client.get("/assemblies/AS-NADA-2026-0001").status_code == 404
    assert client.get("/assemblies/" + "A" * 300).status_code == 404


def test_what_came_of_it(world, block, client):
    assembly = world.assembly(block, blocks=[block], state=AssemblyState.HELD)
    item = world.item(assembly, "Bacheo", type=ItemType.DECISION, method=Method.VOTE)
    with world.writing() as session:
        session.add(Decision(
            item_id=item.id, method=Method.VOTE, outcome=Outcome.ADOPTED, text="Pedir el bacheo", in_favour=20, against=3,
            abstaining=2, present=25, taken_at=clock.now(),
        ))
    world.counted(assembly, 25, first_timers=10)
    world.counted(assembly, 3, gender=Gender.MEN, age_band=AgeBand.OLDER)
    said = text_of(client.get(f"/assemblies/{assembly.folio}"))
    assert "Pedir el bacheo" in said and "20 a favor, 3 en contra" in said
    assert "28 personas" in said and "10 por primera vez" in said
    assert "3 de 28" not in said and "25 de 28" not in said


def test_a_calendar_that_moves_with_the_assembly(world, block, client):
    assembly = world.assembly(block)
    answer = client.get(f"/assemblies/{assembly.folio}.ics")
    assert answer.mimetype == "text/calendar"
    (event,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert event["uid"] == f"{assembly.folio}@localhost"
    assert event.decoded("dtstart") == assembly.starts_at
    assert event["sequence"] == assembly.version and event["status"] == "CONFIRMED"
    with world.writing() as session:
        session.add(assembly)
        assembly.move(
            session, AssemblyState.CANCELLED, capacity=Capacity("official"), occurred_at=clock.now(), recorded_at=clock.now()
        )
    (event,) = icalendar.Calendar.from_ical(client.get(f"/assemblies/{assembly.folio}.ics").data).walk("VEVENT")
    assert event["status"] == "CANCELLED" and event["sequence"] == assembly.version


def test_the_notice_for_the_wall(world, block, client):
    assembly = world.assembly(block, place="Jardín Nogal")
    answer = client.get(f"/assemblies/{assembly.folio}/notice.pdf")
    assert answer.mimetype == "application/pdf"
    paper = PdfReader(BytesIO(answer.data))
    words = " ".join(page.extract_text() for page in paper.pages)
    assert assembly.folio in words and "Jardín Nogal" in words
    assert f"http://localhost/assemblies/{assembly.folio}" in words.replace("\n", "")
    assert paper.trailer["/Root"]["/Lang"] == "es"
    assert len(paper.pages) == 1
    assert client.get(f"/fr/assemblies/{assembly.folio}/notice.pdf").status_code == 404


def test_online_assemblies_give_their_link(world, block, client):
    assembly = world.assembly(block, mode=Mode.ONLINE, place="", online_url="https://reunion.example.org/sala")
    page = client.get(f"/assemblies/{assembly.folio}")
    assert "https://reunion.example.org/sala" in page.text and "En línea" in text_of(page)


@pytest.mark.parametrize("state", [AssemblyState.CONVENED, AssemblyState.CLOSED])
def test_the_page_asks_little_whatever_its_size(app, world, client, state):
    section = world.unit(LevelRole.SECTION)
    few = world.assembly(section, blocks=[world.unit(LevelRole.BLOCK, parent=section)], state=state)
    with world.writing():
        blocks = [world.unit(LevelRole.BLOCK, parent=section) for _n in range(80)]
    many = world.assembly(
        section, blocks=blocks, state=state, starts_at=clock.now() + timedelta(days=9),
        items=[(f"Punto {n}", ItemType.DECISION, Method.CONSENSUS) for n in range(30)],
    )
    for assembly in (few, many):
        world.counted(assembly, 30)
    with count_queries(app) as small:
        client.get(f"/assemblies/{few.folio}")
    with count_queries(app) as large:
        page = client.get(f"/assemblies/{many.folio}")
    assert len(small) == len(large) <= 8
    assert "80 cuadras" in text_of(page)
