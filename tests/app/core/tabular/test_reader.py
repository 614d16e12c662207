"""Tables as people's spreadsheets write them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from app.core.tabular import reader
from app.core.tabular.reader import UnreadableTable, read_table

LINES = [["Clave", "Colonia", "Personas"], ["007", "Peñón; «El Viejo»", "1,200"], ["010", "Santa\nCruz", ""]]


def csv_of(delimiter: str, newline: str = "\r\n") -> str:
    return newline.join(delimiter.join(f'"{cell}"' for cell in line) for line in LINES) + newline


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, lines in sheets:
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    return out.getvalue()


@pytest.fixture(autouse=True)
def spoken(spoken_app):
    """Sentences need an application to be said in."""
    with spoken_app.app_context():
        yield


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encode", [lambda text: text.encode(), lambda text: b"\xef\xbb\xbf" + text.encode(), lambda text: text.encode("cp1252"),
               lambda text: text.encode("utf-16")], ids=["utf-8", "mark", "cp1252", "utf-16"],
)  # fmt: skip
def test_the_same_table_however_it_was_saved(delimiter, encode):
    table = read_table(encode(csv_of(delimiter)), "colonias.csv")
    assert table.columns == ("Clave", "Colonia", "Personas")
    assert [(row.number, *row.cells.values()) for row in table.rows] == [
        (2, "007", "Peñón; «El Viejo»", "1,200"), (3, "010", "Santa\nCruz", ""),
    ]


def test_what_is_not_utf_8_is_read_and_said():
    assert "Windows-1252" in read_table("a;b\nPeñón;1\n".encode("latin-1"), "x.csv").notes[0]
    assert not read_table("a;b\nPeñón;1\n".encode(), "x.csv").notes
    with pytest.raises(UnreadableTable, match="ascii"):
        read_table("a;b\nPeñón;1\n".encode(), "x.csv", encoding="ascii")


def test_blank_lines_keep_their_number_and_columns_without_a_name_are_left():
    table = read_table(b"\n\nClave,,Nombre,,\n1,x,uno,,\n\n ,,,,\n2,y,dos,de mas,sobra\n", "x.csv")
    assert table.columns == ("Clave", "Nombre") and [row.number for row in table.rows] == [4, 7]
    assert table.rows[1].cells == {"Clave": "2", "Nombre": "dos"} and "7" in table.notes[0]


def test_two_columns_of_one_name_are_told_apart():
    assert read_table(b"Nombre,Nombre,Nombre\n1,2,3\n", "x.csv").columns == ("Nombre", "Nombre (2)", "Nombre (3)")


def test_a_workbook_shows_keys_days_and_numbers_as_people_read_them():
    lines = [["Clave", "Día", "Hora", "Personas"], ["07-001", date(2024, 3, 5), datetime(2024, 3, 5, 18, 30), 79.0], [12, "", "", 0.5]]
    table = read_table(workbook(("Datos", lines)), "libro.xlsx")
    assert [tuple(row.cells.values()) for row in table.rows] == [
        ("07-001", "2024-03-05", "2024-03-05 18:30", "79"), ("12", "", "", "0.5"),
    ]


def test_a_workbook_of_several_sheets_says_which_was_read():
    book = workbook(("Hoja1", [["a"], ["1"]]), ("Otra", [["b"], ["2"]]))
    first = read_table(book, "libro.xlsx")
    assert first.columns == ("a",) and "Hoja1" in first.notes[0]
    assert read_table(book, "libro.xlsx", sheet="Otra").columns == ("b",)
    with pytest.raises(UnreadableTable, match="Hoja1, Otra"):
        read_table(book, "libro.xlsx", sheet="Tercera")


@pytest.mark.parametrize(
    "content, code",
    [(b" \n", "empty"), (b"a,b\n", "no_rows"), (b",,\n" * 30, "no_header"), (b"\xd0\xcf\x11\xe0rest", "old_excel"),
     (b"PK\x03\x04rest", "broken"), (b'a,b\n"1,2\n3,4\n', "quotes"), (b"a\0b,c\n", "not_a_table")],
)  # fmt: skip
def test_what_is_no_table_says_why(content, code):
    with pytest.raises(UnreadableTable) as wrong:
        read_table(content, "x.csv")
    assert wrong.value.code == code and str(wrong.value).endswith(".") or code == "old_excel"


def test_limits_are_met_before_memory_is(monkeypatch):
    monkeypatch.setattr(reader, "MAX_UNPACKED", 100_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", b"")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    with pytest.raises(UnreadableTable) as wrong:
        read_table(out.getvalue(), "bomba.xlsx")
    assert wrong.value.code == "unpacks_too_big"
    monkeypatch.setattr(reader, "MAX_ROWS", 3)
    with pytest.raises(UnreadableTable, match="3 renglones"):
        read_table(b"a\n" + b"1\n" * 4, "x.csv")
    with pytest.raises(UnreadableTable, match="3 renglones"):
        read_table(workbook(("A", [["a"], *[["1"]] * 4])), "x.xlsx")


def test_a_file_is_known_again_by_its_columns():
    one, two = read_table("Título,Día\n1,2\n".encode(), "x"), read_table(b"TITULO;dia\n3;4\n", "y")
    assert one.fingerprint == two.fingerprint != read_table(b"dia,titulo\n1,2\n", "z").fingerprint
