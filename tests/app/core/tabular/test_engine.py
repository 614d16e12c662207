"""Every row is shown before it is written, is written whole or not at all, and done twice changes nothing."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import func, select

from app.core import tabular
from app.core.i18n import lazy
from app.core.permissions import Permission
from app.core.tabular import Field, ImpossibleTable, Options, Outcome, Problem, RejectedRows
from app.core.tabular.fields import count, email, words
from models import ColumnMapping, Event, ExternalKey, Theme
from models.ledger import SYSTEM, EventKind


class Toys:
    """The smallest kind: a list of toys kept as themes."""

    name, label, permission = "toys", lazy("Juguetes"), Permission.UNITS_IMPORT
    fields = (
        Field("external_id", lazy("Identificador"), words(200), aliases=("id", "folio"), example="J-1", constant=False),
        Field("name", lazy("Nombre"), words(20), required=True, aliases=("titulo",), example="Trompo"),
        Field("age", lazy("Edad"), count(99), example="7"),
        Field("owner", lazy("Correo"), email, personal=True),
    )

    def understand(self, session, rows, context):
        for row in rows:
            row.key = row.key or row.values["name"].lower()
            row.draft = row.content = [row.values["name"], row.values["age"]]
            if row.values["name"] == "Pelota":
                row.candidates = ["Pelota roja", "Pelota azul"]
                row.problems.append(Problem("ambiguous_name", lazy("¿Cuál «%(name)s»?"), {"name": "Pelota"}, "name"))

    def compare(self, session, rows, context):
        for row in rows:
            if row.values["age"] == 99:
                row.problems.append(Problem("frozen", lazy("Ya no cambia."), {}, "age"))

    def write(self, session, rows, *, capacity, context):
        for row in rows:
            if row.outcome is Outcome.NEW:
                name = row.draft[0]
                theme = Theme(code=row.key[:32], name_es=name, name_fr=name, name_en=name)
                session.add(theme)
                session.flush()
                row.object_id = theme.id
            else:
                session.get_one(Theme, row.object_id).name_es = row.draft[0]
        return {"toys": len(rows)}


TOYS = Toys()


def table(*lines: str, header: str = "ID,Título,Edad,Correo"):
    return tabular.read_table("\n".join((header, *lines)).encode(), "juguetes.csv")


def planned(session, *lines: str, header: str = "ID,Título,Edad,Correo", **options):
    read = table(*lines, header=header)
    return tabular.plan(session, TOYS, read, Options("tienda", options.pop("mapping", tabular.guess(TOYS, read.columns)), **options))


def outcomes(plan) -> list[str]:
    return [str(row.outcome) for row in plan.rows]


def test_columns_are_guessed_by_name_label_or_alias_and_never_twice(spoken_app):
    with spoken_app.app_context():
        assert tabular.guess(TOYS, ["ID", "Folio", "TITULO del juguete", "Otra cosa", "edad"]) == {
            "ID": "external_id", "Folio": "", "TITULO del juguete": "name", "Otra cosa": "", "edad": "age",
        }


def test_shown_written_and_done_twice_changes_nothing(world):
    lines = ("1,Trompo,7,", "2,Yoyo,,", "3,Balero,9,ana@example.org")
    with world.writing() as session:
        plan = planned(session, *lines)
        assert outcomes(plan) == ["new"] * 3 and plan.rows[2].shown == {"external_id": "3", "name": "Balero", "age": "9"}
        done = tabular.write(session, plan, capacity=SYSTEM)
        assert done["written"] and done["new"] == 3 and done["toys"] == 3
    with world.writing() as session:
        again = planned(session, *lines)
        assert outcomes(again) == ["unchanged"] * 3 and not tabular.write(session, again, capacity=SYSTEM)["written"]
        assert session.scalar(select(func.count()).select_from(Event).filter_by(kind=EventKind.IMPORT_APPLIED)) == 1
        later = planned(session, "1,Trompo,7,", "2,Yoyo de madera,,", "4,Aro,,")
        assert outcomes(later) == ["unchanged", "changed", "new"] and later.missing == ("3",)
        tabular.write(session, later, capacity=SYSTEM)
    with world.writing() as session:
        assert session.scalars(select(Theme.name_es).order_by(Theme.id)).all() == ["Trompo", "Yoyo de madera", "Balero", "Aro"]
        assert outcomes(planned(session, "3,Balero,9,", "2,Yoyo de madera,,")) == ["unchanged", "unchanged"]
        # Another list may use the same numbers for other things.
        other = tabular.plan(session, TOYS, table("1,Matatena,,"), Options("otra", {"ID": "external_id", "Título": "name"}))
        assert outcomes(other) == ["new"]


def test_refused_rows_keep_the_rest_out_until_they_are_left_on_purpose(world):
    lines = ("1,Trompo,siete,", "2,,5,", "3,Pelota,,", "4,Aro,,no-es-correo", "5,Canica,,", "5,Canicas,,", "6,Yoyo,,")
    with world.writing() as session:
        plan = planned(session, *lines)
        assert outcomes(plan) == ["rejected", "rejected", "ambiguous", "rejected", "rejected", "rejected", "new"]
        assert [(code, field, times) for code, field, times, _say in plan.why()] == [
            ("repeated_key", None, 2), ("not_a_number", "age", 1), ("missing", "name", 1), ("ambiguous_name", "name", 1),
            ("not_an_email", "owner", 1),
        ]
        with pytest.raises(RejectedRows):
            tabular.write(session, plan, capacity=SYSTEM)
        errors = list(csv.DictReader(io.StringIO(tabular.errors_csv(plan).decode("utf-8-sig"))))
        assert [row["renglon"] for row in errors] == ["2", "3", "4", "5", "6", "7"]
        assert errors[0]["columna"] == "Edad" and "siete" in errors[0]["que_hacer"]
        assert errors[2]["opciones"] == "Pelota roja | Pelota azul" and "6, 7" in errors[4]["que_hacer"]
        assert "no-es-correo" not in tabular.errors_csv(plan).decode() + str(plan.as_json(written=False))
        assert tabular.write(session, plan, capacity=SYSTEM, skip_rejected=True)["new"] == 1
        assert session.scalars(select(ExternalKey.external_id)).all() == ["6"]


def test_what_is_already_here_may_refuse_to_change(world):
    with world.writing() as session:
        tabular.write(session, planned(session, "1,Trompo,7,"), capacity=SYSTEM)
        plan = planned(session, "1,Trompo,99,")
        assert outcomes(plan) == ["rejected"] and plan.why()[0][0] == "frozen"


def test_one_value_for_all_rows_fills_what_a_row_leaves_empty(world):
    with world.writing() as session:
        plan = planned(session, "1,Trompo,,", "2,Yoyo,4,", constants={"age": "8"})
        assert [row.values["age"] for row in plan.rows] == [8, 4]
        for constants, words_ in (({"age": "ocho"}, "ocho"), ({"external_id": "1"}, "indique una columna"), ({"color": "rojo"}, "color")):
            with pytest.raises(ImpossibleTable, match=words_):
                planned(session, "1,Trompo,,", constants=constants)
        with pytest.raises(ImpossibleTable, match="«Nombre»"):
            planned(session, "1,Trompo,,", mapping={"ID": "external_id"})
        with pytest.raises(ImpossibleTable, match="dos columnas"):
            planned(session, "1,Trompo,,", mapping={"ID": "name", "Título": "name"})


def test_columns_are_remembered_once_written_and_known_in_another_spelling(world):
    strange = "Núm,Cosa,Años"
    mapping = {"Núm": "external_id", "Cosa": "name", "Años": ""}
    with world.writing() as session:
        read = table("1,Trompo,7", header=strange)
        assert set(tabular.suggest(session, TOYS, read).mapping.values()) == {""}
        plan = planned(session, "1,Trompo,7", header=strange, mapping=mapping, constants={"age": "3"})
        assert plan.unmapped == ("Años",)
        tabular.write(session, plan, capacity=SYSTEM)
        tabular.write(session, planned(session, "2,Yoyo,", header=strange, mapping=mapping, constants={"age": "4"}), capacity=SYSTEM)
        again = tabular.suggest(session, TOYS, table("2,Yoyo,", header="NUM,COSA,ANOS"))
        assert again == Options("tienda", {"NUM": "external_id", "COSA": "name", "ANOS": ""}, {"age": "4"})
        assert session.scalar(select(func.count()).select_from(ColumnMapping)) == 1


def test_the_digest_of_a_plan_tells_whether_it_is_still_what_was_looked_at(world):
    with world.writing() as session:
        first = planned(session, "1,Trompo,7,", "2,Yoyo,,")
        assert first.digest == planned(session, "1,Trompo,7,", "2,Yoyo,,").digest
        tabular.write(session, planned(session, "1,Trompo,7,"), capacity=SYSTEM)
        assert first.digest != planned(session, "1,Trompo,7,", "2,Yoyo,,").digest


def test_a_template_is_a_table_of_its_kind(spoken_app):
    with spoken_app.app_context():
        read = tabular.read_table(tabular.template_csv(TOYS), "plantilla.csv")
        assert read.columns == ("external_id", "name", "age", "owner") and read.rows[0].cells["name"] == "Trompo"


def test_a_file_kept_for_later_is_encrypted_and_can_be_forgotten(app, tmp_path):
    with app.app_context():
        kept = tabular.keep_upload(b"Ana,ana@example.org")
        on_disk = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
        assert tabular.open_upload(kept) == b"Ana,ana@example.org" and b"Ana" not in on_disk
        tabular.forget_upload(kept)
        with pytest.raises(FileNotFoundError):
            tabular.open_upload(kept)
