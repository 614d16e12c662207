"""What a row of a past assembly says, and what of it can be brought in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from agendas.agreements.queries import local_day
from app.core.i18n import lazy
from app.core.labels import label
from app.core.permissions import Permission
from app.core.search import fold
from app.core.tabular import Context, Field, Problem, Row
from app.core.tabular.fields import choice, count, day, hour, prose, several, words
from app.core.tabular.names import Names
from app.core.uploads import pdf
from assemblies.meetings.intake import services
from assemblies.meetings.intake.services import Draft, Paper
from models.assembly import AgeBand, AssemblyKind, AssemblyState, Gender, Mode
from models.ledger import Capacity
from models.settings import setting
from models.territory import LevelRole
from territories.units.book import Entry, paths, short_codes, unit_names

# More people than ever fitted in a street: a number like this is a telephone or a year in the wrong column.
MOST_PEOPLE = 50_000
# An hour nobody wrote down: noon, and the preview says so.
NO_HOUR = time(12)
GENDERS = {"women": Gender.WOMEN, "men": Gender.MEN, "other": Gender.OTHER}
AGES = {f"age_{band}": band for band in AgeBand}
KINDS = {
    **dict.fromkeys(("cuadra", "asamblea de calle", "vecinal"), AssemblyKind.BLOCK),
    **dict.fromkeys(("territorio", "territorial", "general"), AssemblyKind.TERRITORY),
    **dict.fromkeys(("taller", "planeacion"), AssemblyKind.WORKSHOP),
    **dict.fromkeys(("seguridad", "dialogo"), AssemblyKind.SECURITY),
    **dict.fromkeys(("itinerante",), AssemblyKind.ITINERANT), **dict.fromkeys(("seguimiento",), AssemblyKind.FOLLOW_UP),
}  # fmt: skip
MODES = {
    **dict.fromkeys(("virtual", "zoom", "a distancia", "en linea"), Mode.ONLINE),
    **dict.fromkeys(("hibrida", "mixta", "hibrido"), Mode.BOTH),
}

SENTENCES = {
    "ahead": lazy("La fecha (%(day)s) todavía no llega. Aquí solo entran asambleas que ya se realizaron; las demás se convocan."),
    "no_folio": lazy("Ni %(unit)s ni los lugares de arriba tienen clave de folio. Use un territorio, o pida a planeación que la asigne."),
    "unknown_block": lazy("No hay ninguna cuadra con la clave «%(code)s». Corríjala, o importe antes las cuadras."),
    "not_a_block": lazy("«%(code)s» no es una cuadra, es %(what)s. Ponga claves de cuadra."),
    "block_elsewhere": lazy("La cuadra «%(code)s» no está en %(unit)s. Corrija la cuadra o la unidad."),
    "more_than_total": lazy("La suma de %(what)s es %(sum)s y el total dice %(total)s. Corrija el que esté mal."),
    "no_file": lazy("No viene el archivo «%(name)s». Agréguelo al ZIP o a la carpeta de actas, o deje vacío el dato."),
    "not_a_pdf": lazy("«%(name)s» no es un PDF que se pueda abrir, o pesa más de 10 MB. Guárdelo otra vez como PDF."),
    "active_pdf": lazy("«%(name)s» trae programas, archivos adjuntos o contraseña. Guárdelo de nuevo como PDF simple."),
    "sealed": lazy("La asamblea %(folio)s ya está aquí y su acta está sellada. Lo que falte se agrega como adenda."),
    "frozen": lazy("La asamblea %(folio)s ya está aquí y ahora dice otra cosa en: %(fields)s. Quite el renglón o déjelo como estaba."),
}  # fmt: skip
REPAIRS = {
    "no_hour": lazy("No dice la hora: se anotan las 12:00."),
    "total": lazy("No dice el total de personas: se tomó la suma (%(total)s)."),
    "own_block": lazy("La unidad es una cuadra: cuenta como reunida."),
}
LABELS = {"unit": lazy("Unidad"), "day": lazy("Fecha"), "kind": lazy("Tipo"), "mode": lazy("Modalidad"), "blocks": lazy("Cuadras")}


class Assemblies:
    """Past assemblies: held, or closed where their minutes come along. Their blocks count as met."""

    name, label, permission = "assemblies", lazy("Asambleas anteriores"), Permission.TABLES_IMPORT
    fields = (
        Field(
            "external_id", lazy("Identificador"), words(200), example="A-2023-017", constant=False,
            aliases=("id", "folio", "clave", "numero", "no", "id de cita", "id de la asamblea"),
        ),
        Field("date", lazy("Fecha"), day, required=True, aliases=("dia", "fecha de la asamblea", "data", "date"), example="2023-05-14"),
        Field("time", lazy("Hora"), hour, aliases=("horario", "hora de inicio"), example="18:00"),
        Field(
            "unit", lazy("Unidad"), words(160), required=True, example="TER-01",
            aliases=("territorio", "colonia", "barrio", "districte", "distrito", "district", "clave de la unidad"),
        ),
        Field("blocks", lazy("Cuadras"), several, aliases=("manzanas", "claves de cuadra", "cuadras convocadas"), example="C-001; C-002"),
        Field("kind", lazy("Tipo"), choice(AssemblyKind, also=KINDS), aliases=("tipo de asamblea",), example="cuadra"),
        Field("mode", lazy("Modalidad"), choice(Mode, also=MODES), example="presencial"),
        Field("title", lazy("Título"), words(200), aliases=("nombre", "titol", "title", "asunto", "nombre de la asamblea")),
        Field(
            "place", lazy("Lugar"), words(200), aliases=("direccion", "domicilio", "adreca", "sede", "address"),
            example="Patio de la escuela",
        ),
        Field(
            "people", lazy("Personas"), count(MOST_PEOPLE), constant=False, example="42",
            aliases=("asistentes", "asistencia", "total", "total de personas", "assistents", "asistieron", "attendance"),
        ),
        *(
            Field(name, label_, count(MOST_PEOPLE), aliases=aliases, constant=False)
            for name, label_, aliases in (
                ("women", lazy("Mujeres"), ("mujer",)), ("men", lazy("Hombres"), ("hombre",)),
                ("other", lazy("Otra identidad"), ("otro", "otros", "otras")),
                ("age_under_12", lazy("Menores de 12"), ("ninas y ninos", "ninos")), ("age_12_17", lazy("12 a 17"), ("adolescentes",)),
                ("age_18_29", lazy("18 a 29"), ("jovenes",)), ("age_30_59", lazy("30 a 59"), ("adultos",)),
                ("age_60_plus", lazy("60 o más"), ("personas mayores", "adultos mayores")),
            )
        ),
        Field("minutes_file", lazy("Archivo del acta"), words(200), aliases=("acta", "archivo", "pdf"), constant=False),
        Field("notes", lazy("Notas"), prose(8000), aliases=("descripcion", "descripcio", "description", "observaciones"), constant=False),
    )  # fmt: skip

    def understand(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """Resolve places and blocks for all rows at once, and look at the minutes they name."""
        codes = [code for row in rows for code in (row.values["unit"], *(row.values["blocks"] or ()))]
        units = unit_names(session, codes)
        zone, today = ZoneInfo(setting(session, "time_zone")), local_day(session, context.moment)
        unit_label = next(field.label for field in self.fields if field.name == "unit")
        pending: list[tuple[Row, Entry, list[Entry]]] = []
        for row in rows:
            unit = units.settle(row, "unit", unit_label)
            blocks = _blocks(row, units)
            if row.values["date"] > today:
                _refuse(row, "ahead", "date", day=row.values["date"])
            if unit is not None and not row.problems:
                if unit.role is LevelRole.BLOCK and not blocks:
                    blocks.append(unit)
                    row.repairs.append(str(REPAIRS["own_block"]))
                pending.append((row, unit, blocks))
        above = paths(session, (block.id for _row, _unit, blocks in pending for block in blocks))
        numbered = short_codes(session, (unit.id for _row, unit, _blocks in pending))
        for place, (row, unit, blocks) in enumerate(pending):
            for block in blocks:
                if unit.id not in above[block.id]:
                    _refuse(row, "block_elsewhere", "blocks", code=block.code, unit=unit.code)
            if unit.id not in numbered:
                _refuse(row, "no_folio", "unit", unit=unit.code)
            self._draft(row, unit, blocks, zone, context)
            if place % 200 == 0:
                context.progress("checking", place, len(rows))

    def _draft(self, row: Row, unit: Entry, blocks: list[Entry], zone: ZoneInfo, context: Context) -> None:
        said = row.values
        counted = _counted(row)
        paper = _paper(row, context)
        if row.problems:
            return
        if said["time"] is None:
            row.repairs.append(str(REPAIRS["no_hour"]))
        kind = said["kind"] or (AssemblyKind.BLOCK if blocks else AssemblyKind.TERRITORY)
        starts_at = datetime.combine(said["date"], said["time"] or NO_HOUR, zone)
        title = said["title"] or f"{label(kind)} · {unit.name}"[:200]
        row.draft = Draft(
            unit_id=unit.id, unit_code=unit.code, unit_name=unit.name, kind=kind, mode=said["mode"] or Mode.IN_PERSON, title=title,
            place=said["place"] or "", starts_at=starts_at, hour_known=said["time"] is not None, counted=counted,
            blocks=tuple((block.id, block.code, block.name) for block in blocks), notes=said["notes"] or "", paper=paper,
        )
        row.content = row.draft.told()
        row.key = row.key or f"{starts_at:%Y-%m-%d %H:%M} {unit.code} {fold(title)}"[:120]

    def compare(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """What is here already may gain its minutes or a better count until it is sealed; where, when and whom it
        gathered is the record's."""
        present = services.present(session, [row.object_id for row in rows])
        for row in rows:
            here, blocks = present[row.object_id]
            draft = row.draft
            if here.state is not AssemblyState.HELD:
                _refuse(row, "sealed", None, folio=here.folio)
                continue
            differs = [
                name for name, mine, theirs in (
                    ("unit", draft.unit_id, here.unit_id), ("day", draft.starts_at, here.starts_at), ("kind", draft.kind, here.kind),
                    ("mode", draft.mode, here.mode), ("blocks", {block[0] for block in draft.blocks}, blocks),
                ) if mine != theirs
            ]  # fmt: skip
            if differs:
                _refuse(row, "frozen", None, folio=here.folio, fields=", ".join(str(LABELS[name]) for name in differs))

    def write(self, session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> Mapping[str, int]:
        """New ones held or closed; those that are here gain what came later."""
        return services.bring(session, rows, capacity=capacity, context=context)


def _blocks(row: Row, units: Names[Entry]) -> list[Entry]:
    found = []
    for code in row.values["blocks"] or ():
        named = units.find(code)
        if not named:
            _refuse(row, "unknown_block", "blocks", code=code)
        elif named[0].role is not LevelRole.BLOCK:
            _refuse(row, "not_a_block", "blocks", code=code, what=named[0])
        else:
            found.append(named[0])
    return list(dict.fromkeys(found))


def _counted(row: Row) -> dict[str, object] | None:
    """Who came, as told: a total, and a margin where one was given. None when nothing was."""
    total = row.values["people"]
    margins = {}
    for name, keys, words_ in (("genders", GENDERS, lazy("género")), ("ages", AGES, lazy("edad"))):
        told = {str(member): row.values[key] for key, member in keys.items() if row.values[key] is not None}
        added = sum(told.values())
        if not told:
            continue
        margins[name] = told
        if total is None:
            total = added
            row.repairs.append(str(REPAIRS["total"]) % {"total": total})
        elif added > total:
            _refuse(row, "more_than_total", "people", what=words_, sum=added, total=total)
    return {"total": total, **margins} if total else None


def _paper(row: Row, context: Context) -> Paper | None:
    name = row.values["minutes_file"]
    if not name:
        return None
    if name not in context.options.companion:
        _refuse(row, "no_file", "minutes_file", name=name)
        return None
    content = context.options.companion[name]
    try:
        pdf.check(content)
    except pdf.NotADocument:
        _refuse(row, "not_a_pdf", "minutes_file", name=name)
    except pdf.ActsOnOpening:
        _refuse(row, "active_pdf", "minutes_file", name=name)
    return Paper(name, hashlib.sha256(content).hexdigest())


def _refuse(row: Row, code: str, field: str | None, /, **figures: object) -> None:
    row.problems.append(Problem(code, SENTENCES[code], figures, field))


ASSEMBLIES = Assemblies()
