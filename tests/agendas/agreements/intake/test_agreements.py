"""Existing agreements come in as far along as their list says, and never verified."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from agendas.agreements.intake.kind import AGREEMENTS
from models import Agreement, Event, EventText, ExternalKey
from models.agreement import AgreementState as S
from models.agreement import Origin
from models.ledger import EventKind, entry_hash
from tests.queries import count_queries
from tests.tables import brought, codes, outcomes, planned

HEADER = "ID,Acuerdo,Territorio,Responsable,Tema,Estado,Fecha del acuerdo,Vencimiento,Reportado,Dirección"


@pytest.fixture
def place(world):
    tree = world.tree(territories=2)
    with world.writing():
        return {
            "tree": tree, "territory": tree["territory"][0], "body": world.body("OBRAS", name="Dirección de Obras"),
            "other": world.body("PARQUES", name="Parques y Jardines"), "theme": world.theme("luz"),
            "sensitive": world.theme("seguridad", sensitive=True),
        }


def rows(place, *lines: str) -> str:
    return "\n".join((HEADER, *lines)).replace("TER", place["territory"].code)


def agreements(session) -> list[Agreement]:
    return list(session.scalars(select(Agreement).order_by(Agreement.id)))


def test_each_enters_where_the_list_says_and_done_is_only_reported(world, place):
    text = rows(
        place, "1,Luminarias,TER,OBRAS,luz,,05/03/2024,30/06/2024,,",
        "2,Banqueta,TER,Dirección de Obras,luz,en proceso,2024-01-10,2024-02-10,,",
        "3,Poda,TER,obras,Tema 9,hecho,2024-01-10,2024-02-10,2024-02-01,Esquina",
        "4,Bache,TER,OBRAS,luz,verificado,2023-01-10,2023-02-10,2023-03-01,",
    ).replace("Tema 9", place["theme"].name_es)
    done = brought(world, AGREEMENTS, text)
    assert done["new"] == 4 and done["reported_done"] == 2 and done["written"]
    with world.writing() as session:
        one, two, three, four = agreements(session)
        assert [row.state for row in (one, two, three, four)] == [S.PROPOSED, S.IN_PROGRESS, S.REPORTED_DONE, S.REPORTED_DONE]
        assert {row.origin for row in (one, two, three, four)} == {Origin.IMPORT}
        assert one.folio == f"{place['territory'].short_code}-2024-0001" and four.folio.endswith("-2023-0001")
        assert (three.first_due, three.reported_on, three.place, three.round) == (date(2024, 2, 10), date(2024, 2, 1), "Esquina", 1)
        assert four.days_late(date(2026, 3, 14)) == 19 and two.days_late(date(2024, 2, 12)) == 2 and one.accepted_at is None
        told = session.scalars(select(Event).where(Event.object == four.object_name).order_by(Event.seq)).all()
        assert [event.kind for event in told] == [EventKind.AGREEMENT_PROPOSED, EventKind.AGREEMENT_REPORTED_DONE]
        assert told[0].data["origin"] == "import" and told[0].data["due"] == "2023-02-10" and "Bache" not in str(told[0].data)
        assert told[0].occurred_at.date() == date(2023, 1, 10) and told[1].data["reported_on"] == "2023-03-01"
        assert session.scalar(select(EventText.text).where(EventText.event_seq == told[0].seq)) == "Bache"
        chain = session.scalars(select(Event).order_by(Event.seq)).all()
        assert all(entry_hash(event.public()) == event.hash for event in chain)
        assert not session.scalar(select(func.count()).select_from(Agreement).where(Agreement.state == S.VERIFIED))


def test_its_page_says_where_it_comes_from_and_no_hour_nobody_wrote(world, client, place):
    brought(world, AGREEMENTS, rows(place, "3,Poda,TER,obras,luz,hecho,2024-01-10,2024-02-10,2024-02-01,"))
    with world.writing() as session:
        folio = session.scalars(select(Agreement.folio)).one()
    text = client.get(f"/a/{folio}").text
    assert "Se acordó antes de usar Cuadra" in text and "según la lista «lista»" in text and "Se acordó en asamblea" not in text
    assert "10 de enero de 2024" in text and "06:00" not in text


def test_a_file_twice_changes_nothing_and_folios_do_not_move(world, place):
    text = rows(place, "1,Luminarias,TER,OBRAS,luz,,2024-03-05,2024-06-30,,", ",Sin número,TER,OBRAS,luz,,2024-03-05,2024-06-30,,")
    brought(world, AGREEMENTS, text)
    with world.writing() as session:
        events = session.scalar(select(func.count()).select_from(Event))
        again = planned(session, AGREEMENTS, text)
        assert outcomes(again) == ["unchanged", "unchanged"] and again.does_nothing
    assert not brought(world, AGREEMENTS, text)["written"]
    with world.writing() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == events and len(agreements(session)) == 2


@pytest.mark.parametrize(
    "line, code",
    [
        ("9,Luz,TER,OBRAS,luz,hecho,2024-01-01,2024-02-01,,", "no_report_day"),
        ("9,Luz,TER,OBRAS,luz,hecho,2024-01-01,2024-02-01,2026-03-15,", "report_ahead"),
        ("9,Luz,TER,OBRAS,luz,hecho,2024-01-05,2024-02-01,2024-01-04,", "report_before"),
        ("9,Luz,TER,OBRAS,luz,,2024-03-01,2024-02-01,,", "due_before"),
        ("9,Luz,TER,OBRAS,luz,,2026-03-15,2026-04-01,,", "agreed_ahead"),
        ("9,Luz,TER,OBRAS,luz,cancelado,2024-01-01,2024-02-01,,", "not_brought"),
        ("9,Luz,TER,OBRAS,luz,pausado,2024-01-01,2024-02-01,,", "not_a_choice"),
        ("9,Luz,NADA,OBRAS,luz,,2024-01-01,2024-02-01,,", "unknown_unit"),
        ("9,Luz,TER,Obra,luz,,2024-01-01,2024-02-01,,", "unknown_owner"),
        ("9,Luz,TER,OBRAS,agua,,2024-01-01,2024-02-01,,", "unknown_theme"),
        ("9,,TER,OBRAS,luz,,2024-01-01,2024-02-01,,", "no_text"),
        ("9,Luz,TER,OBRAS,luz,,2024-01-01,,,", "missing"),
    ],
)
def test_each_refusal_says_why(world, place, line, code):
    with world.writing() as session:
        (row,) = planned(session, AGREEMENTS, rows(place, line)).rows
        assert codes(row) == [code] and str(row.problems[0]).endswith((".", "?"))


def test_what_is_named_by_a_name_that_several_have_is_ambiguous(world, place):
    with world.writing():
        from_body = world.body("OBRAS2", name="Dirección de Obras")
    with world.writing() as session:
        (row,) = planned(session, AGREEMENTS, rows(place, "9,Luz,TER,direccion de obras,luz,,2024-01-01,2024-02-01,,")).rows
        assert str(row.outcome) == "ambiguous" and row.candidates == [f"OBRAS ({from_body.name})", f"OBRAS2 ({from_body.name})"]


def test_constants_fill_what_the_list_leaves_out_and_a_sensitive_theme_keeps_no_place(world, place):
    text = "ID,Títol,Descripció,Adreça\n1,Luminarias,<div>Reparar <b>tres</b>.</div>,Nogal 12\n2,Poda,,"
    said = {"unit": place["territory"].code, "owner": "OBRAS", "due": "2026-12-31", "theme": "seguridad"}
    with world.writing() as session:
        plan = planned(session, AGREEMENTS, text, **said)
        assert outcomes(plan) == ["new", "new"] and len(plan.rows[0].repairs) == 2
    brought(world, AGREEMENTS, text, **said)
    with world.writing() as session:
        one, two = agreements(session)
        assert one.text == "Luminarias\nReparar tres." and one.place == "" and two.text == "Poda" and one.first_due == date(2026, 12, 31)


def test_a_sensitive_one_of_a_block_enters_in_its_territory(world, place):
    block = place["tree"]["block"][0]
    text = rows(place, f"1,Rondines,{block.code},OBRAS,seguridad,,2024-01-05,2024-06-30,,")
    assert brought(world, AGREEMENTS, text)["new"] == 1
    with world.writing() as session:
        [one] = agreements(session)
        assert one.unit_id == place["territory"].id
        [told] = session.scalars(select(Event).where(Event.object == one.object_name))
        assert told.data["unit"] == place["territory"].code and block.code not in str(told.data)
    again = brought(world, AGREEMENTS, text)
    assert (again["new"], again["unchanged"]) == (0, 1)


def test_a_later_list_moves_an_agreement_on_and_nothing_else(world, place):
    start = "1,Luminarias,TER,OBRAS,luz,{},2024-03-05,2024-06-30,{},"
    brought(world, AGREEMENTS, rows(place, start.format("", "")))
    done = brought(world, AGREEMENTS, rows(place, start.format("hecho", "2024-05-01")))
    assert done["changed"] == 1 and done["moved"] == 1
    with world.writing() as session:
        (one,) = agreements(session)
        assert (one.state, one.reported_on, one.round) == (S.REPORTED_DONE, date(2024, 5, 1), 1)
        back = planned(session, AGREEMENTS, rows(place, start.format("en proceso", "")))
        assert codes(back.rows[0]) == ["not_forwards"]
        other = planned(session, AGREEMENTS, rows(place, "1,Luminarias nuevas,TER,PARQUES,luz,hecho,2024-03-05,2024-07-30,2024-05-01,"))
        assert codes(other.rows[0]) == ["frozen"] and "Texto, Quién lo debe, Vence" in str(other.rows[0].problems[0])


def test_rows_of_thousands_ask_the_database_as_often_as_a_few(app, world, place):
    def asked(count: int) -> int:
        lines = [f"{n},Luminaria {n},TER,OBRAS,luz,,2024-01-01,2024-02-01,," for n in range(count)]
        with world.writing() as session:
            with count_queries(app) as asked_for:
                planned(session, AGREEMENTS, rows(place, *lines))
            return len(asked_for)

    assert asked(3) == asked(300)


def test_keys_of_agreements_lead_to_them(world, place):
    brought(world, AGREEMENTS, rows(place, "1,Luminarias,TER,OBRAS,luz,,2024-03-05,2024-06-30,,"))
    with world.writing() as session:
        key = session.scalars(select(ExternalKey)).one()
        assert session.get(Agreement, key.object_id).text == "Luminarias"
        assert (key.source, key.kind, key.external_id) == ("lista", "agreements", "1")
