"""Assemblies held before Cuadra was here: their blocks have met, their minutes are sealed as they came."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.core import storage, tabular
from assemblies.meetings.intake.kind import ASSEMBLIES
from assemblies.meetings.queries import published_headcount
from models import Assembly, AssemblyBlock, Event, HeadcountCell, Minutes
from models.assembly import AssemblyKind, AssemblyState, Gender, Mode
from models.ledger import EventKind
from territories.units.queries import children_of
from tests.queries import count_queries
from tests.tables import brought, codes, outcomes, planned

HEADER = "Folio,Fecha,Hora,Unidad,Cuadras,Tipo,Modalidad,Título,Lugar,Asistentes,Mujeres,Hombres,Acta"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def place(world):
    tree = world.tree(territories=2, blocks=4)
    territory, first, second, third, _fourth, foreign = tree["territory"][0], *tree["block"][:5]
    return {"TER": territory, "B1": first, "B2": second, "B3": third, "BX": foreign}


def rows(place, *lines: str) -> str:
    text = "\n".join((HEADER, *lines))
    for name, unit in place.items():
        text = text.replace(name, unit.code)
    return text


def test_blocks_listed_have_met_and_people_are_counted_as_told(world, client, place):
    text = rows(
        place, "A1,14/05/2023,18:00,TER,B1; B2,,presencial,Vecinas de Nogal,Patio,42,30,12,",
        "A2,2024-06-01,,B3,,,zoom,,,,,,", "A3,2022-01-10,6:30 pm,TER,,seguimiento,,,Salón,,3,9,",
    )
    done = brought(world, ASSEMBLIES, text)
    assert (done["new"], done["blocks_met"], done["repaired"]) == (3, 3, 2)
    with world.writing() as session:
        one, two, three = session.scalars(select(Assembly).order_by(Assembly.id))
        assert {row.state for row in (one, two, three)} == {AssemblyState.HELD} and one.imported
        assert one.folio == f"AS-{place['TER'].short_code}-2023-0001" and three.folio.endswith("-2022-0001")
        assert one.starts_at == datetime(2023, 5, 15, 0, 0, tzinfo=UTC)
        assert three.told_headcount == {"total": 12, "genders": {"women": 3, "men": 9}}
        assert (two.kind, two.mode, two.told_headcount) == (AssemblyKind.BLOCK, Mode.ONLINE, None) and place["B3"].name in two.title
        assert children_of(session, place["TER"].id).coverage.met == 3
        count = published_headcount(session, one.id)
        assert (count.total, count.first_timers, dict(count.genders.cells)) == (42, None, {Gender.WOMEN: 30, Gender.MEN: 12})
        assert count.ages.cells == () and published_headcount(session, two.id) is None
        # Small cells are hidden all the same, and their neighbours with them.
        assert published_headcount(session, three.id).genders.hidden == (Gender.WOMEN, Gender.MEN)
        event = session.scalars(select(Event).where(Event.object == one.object_name)).one()
        assert event.kind == EventKind.ASSEMBLY_IMPORTED and event.data["people"] == 42 and "Nogal" not in str(event.data)
        assert event.occurred_at == one.starts_at and not session.scalars(select(HeadcountCell)).all()
        folio = one.folio
    page = client.get(f"/assemblies/{folio}")
    assert page.status_code == 200 and "42 personas" in page.text and "antes de usar Cuadra" in page.text and "Por edad" not in page.text
    assert "Quién convoca" not in page.text
    listed = {item["folio"]: item["attendance"] for item in client.get("/api/v1/assemblies").json["items"]}
    assert listed[folio] == 42 and None in listed.values()


def test_a_file_twice_changes_nothing(world, place):
    text = rows(place, "A1,14/05/2023,18:00,TER,B1,,,,,42,30,12,", ",14/05/2023,,B2,,,,,,,,,")
    brought(world, ASSEMBLIES, text)
    with world.writing() as session:
        assert outcomes(planned(session, ASSEMBLIES, text)) == ["unchanged"] * 2
    assert not brought(world, ASSEMBLIES, text)["written"]


@pytest.mark.parametrize(
    "line, wanted",
    [
        ("A,15/03/2026,,TER,,,,,,,,,", "ahead"), ("A,14/05/2023,,TER,B9,,,,,,,,", "unknown_block"),
        ("A,14/05/2023,,TER,BX,,,,,,,,", "block_elsewhere"), ("A,14/05/2023,,TER,TER,,,,,,,,", "not_a_block"),
        ("A,14/05/2023,,TER,,,,,,10,9,9,", "more_than_total"), ("A,14/05/2023,,TER,,,,,,muchas,,,", "not_a_number"),
        ("A,14/05/2023,,TER,,,,,,5512345678,,,", "too_great"), ("A,14/05/2023,,TER,,,,,,,,,nada.pdf", "no_file"),
        ("A,14/05/2023,25:00,TER,,,,,,,,,", "not_an_hour"), ("A,14/05/2023,,Otra,,,,,,,,,", "unknown_unit"),
        ("A,05/14/2023,,TER,,,,,,,,,", "which_day"),
    ],
)
def test_each_refusal_says_why(world, place, line, wanted):
    with world.writing() as session:
        (row,) = planned(session, ASSEMBLIES, rows(place, line)).rows
        assert codes(row) == [wanted] and str(row.outcome) == "rejected"


def test_a_name_that_two_places_have_is_ambiguous(world, place):
    with world.writing() as session:
        for unit in (place["TER"], place["B1"]):
            session.merge(unit)
        names = [world.unit(parent=None, name="San Miguel", code=code).code for code in ("SM1", "SM2")]
        (row,) = planned(session, ASSEMBLIES, rows(place, "A,14/05/2023,,san miguel,,,,,,,,,")).rows
        assert str(row.outcome) == "ambiguous" and codes(row) == ["ambiguous_unit"]
        assert [candidate.split(" ")[0] for candidate in row.candidates] == names


def test_minutes_that_come_along_are_sealed_and_can_be_read(app, world, client, place):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("actas/Acta 1.PDF", PDF)
        out.writestr("actas/activa.pdf", PDF.replace(b"<<>>", b"<</OpenAction<</S/JavaScript/JS(x)>>>>", 1))
        out.writestr("actas/foto.pdf", b"\xff\xd8\xff")
    companion = tabular.Packed(packed.getvalue())
    with world.writing() as session:
        wrong = rows(place, "A1,14/05/2023,,TER,,,,,,,,,activa.pdf", "A2,14/05/2023,,TER,,,,,,,,,foto.pdf")
        said = planned(session, ASSEMBLIES, wrong, companion=companion)
        assert [codes(row) for row in said.rows] == [["active_pdf"], ["not_a_pdf"]]
    text = rows(place, "A1,14/05/2023,18:00,TER,B1,,,Vecinas,Patio,42,30,12,acta 1.pdf")
    assert brought(world, ASSEMBLIES, text, companion=companion)["with_minutes"] == 1
    with world.writing() as session:
        assembly, minutes = session.execute(select(Assembly, Minutes).join(Minutes, Minutes.assembly_id == Assembly.id)).one()
        assert assembly.state is AssemblyState.CLOSED and storage.read(minutes.pdf_sha256) == PDF
        sealing = session.scalars(select(Event).where(Event.object == assembly.object_name).order_by(Event.seq.desc())).first()
        assert minutes.head == f"{sealing.seq}:{sealing.hash}" and sealing.data["digest"] == minutes.digest
        assert outcomes(planned(session, ASSEMBLIES, text, companion=companion)) == ["unchanged"]
        later = planned(session, ASSEMBLIES, text.replace(",42,30,12,", ",45,30,15,"), companion=companion)
        assert codes(later.rows[0]) == ["sealed"]
        folio = assembly.folio
    assert client.get(f"/assemblies/{folio}/minutes").status_code == 200
    assert client.get(f"/assemblies/{folio}/minutes.pdf").data == PDF


def test_what_came_later_is_added_until_the_minutes_are_sealed(world, place):
    brought(world, ASSEMBLIES, rows(place, "A1,14/05/2023,18:00,TER,B1,,,,,,,,"))
    done = brought(world, ASSEMBLIES, rows(place, "A1,14/05/2023,18:00,TER,B1,,,,Patio,42,,,acta.pdf"), companion={"acta.pdf": PDF})
    assert done["changed"] == 1 and done["with_minutes"] == 1
    with world.writing() as session:
        (one,) = session.scalars(select(Assembly))
        assert (one.state, one.place, one.told_headcount) == (AssemblyState.CLOSED, "Patio", {"total": 42})
        assert len(session.scalars(select(AssemblyBlock)).all()) == 1
    brought(world, ASSEMBLIES, rows(place, "A2,14/05/2023,18:00,TER,B1,,,,,,,,"))
    with world.writing() as session:
        moved = planned(session, ASSEMBLIES, rows(place, "A2,15/05/2023,18:00,TER,B1; B2,,,,,,,,"))
        assert codes(moved.rows[0]) == ["frozen"] and "Fecha, Cuadras" in str(moved.rows[0].problems[0])


def test_rows_of_thousands_ask_the_database_as_often_as_a_few(app, world, place):
    def asked(count: int) -> int:
        with world.writing() as session, count_queries(app) as asked_for:
            planned(session, ASSEMBLIES, rows(place, *(f"A{n},14/05/2023,,TER,B1,,,,,,,," for n in range(count))))
        return len(asked_for)

    assert asked(3) == asked(300)
