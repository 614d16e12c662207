"""The list machine: what an address may ask, in what order rows come, how they leave."""

import csv
import io
from datetime import date
from urllib.parse import parse_qsl

import html5lib
import pytest
import python_calamine
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.core import sheets
from app.core.access import Access, declare
from app.core.errors import BadQuery
from app.core.listing import PAGE, Choice, Choosing, Column, Day, Flag, Listing, Sort, State, Text, respond
from models import TerritorialUnit as Unit
from models.territory import UnitKind
from tests.pages import text_of
from tests.queries import count_queries

PAGE_OF = (
    '{% extends "layout/page.html" %}{% from "macros/listing.html" import listing %}{% block title %}x{% endblock %}'
    '{% block main %}<h1>x</h1>{{ listing(listed, action="/choose", button="Go") }}{% endblock %}'
)


def of(name: str):
    return lambda row: getattr(row.TerritorialUnit, name)


def shelf(query, value: str):
    return query if value == "all" else query.where(Unit.id < 0)


def units(**facts) -> Listing:
    return Listing(**{
        "name": "units", "title": "Unidades", "sort": "name", "tie": Unit.id, "size": 3, "empty": "Nada todavía.",
        "columns": (
            Column("name", "Nombre", of("name"), sort=Sort(Unit.search_name, str), link=lambda row: f"/t/{row.TerritorialUnit.code}"),
            Column("people", "Habitantes", of("population"), sort=Sort(Unit.population, int, nullable=True, descending=True)),
            Column("since", "Desde", of("valid_from"), sort=Sort(Unit.valid_from, date)),
            Column("seen", "A la vista", of("id"), on=PAGE),
        ),
        "filters": (
            Choice("kind", "Tipo", {str(kind): str(kind) for kind in UnitKind}, lambda q, v: q.where(Unit.kind == UnitKind(v))),
            Flag("counted", "Con habitantes", lambda q: q.where(Unit.population.is_not(None))),
            Text("q", "Nombre", lambda q, v: q.where(Unit.search_name.contains(v.lower()))),
            Day("from", "Desde", lambda q, v: q.where(Unit.valid_from >= v)),
            Choice("show", "Qué", {"all": "Todas", "none": "Ninguna"}, shelf, "all", tabs=True),
        ),
    } | facts)


def state(query: str, **facts) -> State:
    return State.read(units(**facts), MultiDict(parse_qsl(query, keep_blank_values=True)))


@pytest.fixture
def reader(altered, app, client):
    """A client of ``/list``, the list above over every unit."""
    app._got_first_request = False
    app.jinja_env.loader = ChoiceLoader([DictLoader({"list.html": PAGE_OF}), app.jinja_env.loader])
    choosing = Choosing(lambda row: row.TerritorialUnit.code, lambda row: row.TerritorialUnit.name)
    app.add_url_rule("/list", "list", lambda: respond("list.html", units(choosing=choosing), select(Unit)))
    declare(app, "list", Access(public=True, localised=True))
    return client


@pytest.fixture
def reader_of_units(reader, world):
    with world.writing():
        for name, people, kind in (
            ("Álamo", 30, "colonia"), ("=Beta", None, "barrio"), ("ceiba", 10, "colonia"), ("Durazno", None, "colonia"),
            ("Encino", 30, "pueblo"), ("Fresno", 20, "colonia"), ("Guayabo", None, "barrio"),
        ):
            world.unit(name=name, population=people, kind=UnitKind(kind))
    return reader


class TestAddress:
    def test_what_goes_without_saying_is_not_said(self):
        assert state("").query() == {}
        assert state("show=all&sort=name&kind=&unknown=1").query() == {}

    def test_a_filter_an_order_and_a_tab_are_kept_through_sorting_and_exporting(self):
        asked = state("kind=colonia&q=%20eno&show=none&sort=-people&cursor=abc")
        kept = {"kind": "colonia", "q": "eno", "show": "none"}
        assert asked.query(format="csv") == {**kept, "sort": "-people", "format": "csv"}
        assert asked.query(sort="name") == kept

    @pytest.mark.parametrize(
        "bad",
        ["kind=city", "counted=x", "counted=true", "from=14/03/2026", "show=some", "sort=id", "sort=--name", "format=pdf",
         "q=" + "x" * 101, "q=a%0Ab"],
    )
    def test_what_the_list_does_not_know_is_a_bad_query(self, app, bad):
        with app.test_request_context(), pytest.raises(BadQuery) as said:
            state(bad)
        assert said.value.sentence.endswith(".")

    @pytest.mark.parametrize("wrong", [{"sort": "seen"}, {"sort": "nothing"}, {"filters": (Flag("cursor", "x", lambda q: q),)}])
    def test_a_declaration_that_cannot_be_served_is_refused(self, wrong):
        with pytest.raises(ValueError, match="units"):
            units(**wrong)


class TestPage:
    def names(self, reader, address: str) -> list[str]:
        """The names of every page from ``address`` on, following the link to the next."""
        found = []
        while address:
            page = reader.get(address)
            assert page.status_code == 200
            tree = html5lib.parse(page.text, namespaceHTMLElements=False)
            found += ["".join(cell.itertext()) for cell in tree.iter("th") if cell.get("scope") == "row"]
            address = next((link.get("href") for link in tree.iter("a") if link.get("rel") == "next"), "")
        return found

    @pytest.mark.parametrize(
        ("asked", "first"),
        [("name", "Álamo"), ("-name", "Guayabo"), ("people", "ceiba"), ("-people", "Álamo"), ("since", "Álamo")],
    )
    def test_every_order_shows_each_row_once(self, reader_of_units, asked, first):
        found = self.names(reader_of_units, f"/list?sort={asked}")
        assert found[0] == first and len(found) == 7 == len({*found})

    @pytest.mark.parametrize("asked", ["people", "-people"])
    def test_rows_without_a_value_come_last_either_way(self, reader_of_units, asked):
        assert {*self.names(reader_of_units, f"/list?sort={asked}")[4:]} == {"=Beta", "Durazno", "Guayabo"}

    def test_a_page_says_its_total_its_order_and_its_filters(self, reader_of_units):
        page = reader_of_units.get("/list?kind=colonia&counted=1&sort=-people")
        words = text_of(page)
        assert "3 resultados" in words and "Tipo: colonia" in words and "Con habitantes" in words
        assert 'aria-sort="descending"' in page.text and page.text.count("aria-sort") == 1
        assert 'href="/list?kind=colonia&amp;counted=1&amp;sort=people"' in page.text, "the other way round"
        assert 'href="/list?counted=1&amp;sort=-people"' in page.text, "a chip takes one filter away"
        assert "/choose" in page.text and 'name="chosen"' in page.text

    def test_an_empty_list_says_so_and_offers_the_whole(self, reader_of_units):
        page = reader_of_units.get("/list?q=zzz")
        assert "Nada todavía." in text_of(page) and "Quitar los filtros" in text_of(page)

    @pytest.mark.parametrize("bad", ["kind=city", "sort=id", "cursor=zzz", "cursor=W10", "format=pdf"])
    def test_a_bad_value_is_400_with_a_sentence_and_the_way_back(self, reader_of_units, bad):
        page = reader_of_units.get(f"/list?{bad}")
        assert page.status_code == 400 and 'href="/list"' in page.text

    def test_addresses_keep_their_language(self, reader_of_units):
        assert 'href="/fr/list?sort=-name"' in reader_of_units.get("/fr/list").text

    def test_three_queries_however_many_rows(self, app, reader_of_units):
        with count_queries(app) as seen:
            reader_of_units.get("/list")
        assert len(seen) <= 3


class TestFile:
    def test_csv_holds_every_row_the_filter_leaves_in_the_order_asked(self, reader_of_units):
        answer = reader_of_units.get("/list?format=csv&kind=colonia&sort=-people")
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert rows[0] == ["Nombre", "Habitantes", "Desde"], "what is only for the page stays there"
        assert [row[0] for row in rows[1:]] == ["Álamo", "Fresno", "ceiba", "Durazno"]
        assert rows[4][1] == "" and date.fromisoformat(rows[1][2])
        assert answer.headers["Content-Disposition"] == "attachment; filename=units-2026-03-14.csv"

    def test_xlsx_keeps_numbers_dates_and_texts_apart(self, reader_of_units):
        answer = reader_of_units.get("/list?format=xlsx&sort=name")
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        header, _alamo, first, *rest = book.get_sheet_by_name("Unidades").to_python()
        assert header == ["Nombre", "Habitantes", "Desde"] and len(rest) == 5
        assert first[0] == "=Beta", "a text, whatever it begins with"
        assert rest[0][1] == 10.0 and isinstance(rest[0][2], date)
        about = dict(book.get_sheet_by_index(1).to_python())
        assert about["Orden"] == "Nombre ↑" and about["Qué"] == "Todas"

    def test_a_list_too_long_for_a_file_says_so_and_gives_no_part(self, reader_of_units, monkeypatch):
        monkeypatch.setattr("app.core.listing.EXPORTED", 6)
        page = reader_of_units.get("/list?format=csv")
        assert page.status_code == 400 and "más de 6 filas" in text_of(page)
        assert reader_of_units.get("/list?format=csv&kind=colonia").status_code == 200

    @pytest.mark.parametrize(
        ("value", "expected"),
        [("=1+1", "'=1+1"), ("@x", "'@x"), ("\tx", "'\tx"), (-5, "-5"), (date(2026, 3, 14), "2026-03-14"), (None, '""'), ("a,b", '"a,b"')],
    )
    def test_csv_disarms_texts_and_leaves_numbers(self, value, expected):
        assert sheets.csv_line([value]) == expected + "\r\n"

    def test_a_text_longer_than_a_cell_is_cut_and_not_lost(self):
        out = io.BytesIO()
        sheets.write_xlsx(out, ["x"], [["á" * 40_000], ["=HYPERLINK()"]], name="a[b]:c")
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(out.getvalue())).get_sheet_by_index(0)
        assert sheet.to_python()[1:] == [["á" * sheets.LONGEST_CELL], ["=HYPERLINK()"]]
