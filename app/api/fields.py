"""The fields of what Cuadra publishes, declared once: the OpenAPI document, the files of open data, their
schema and the dictionary people read are all made from here.

The API gives objects; a flat file gives the columns of each field, named ``field`` or ``field_part``.
"""

from __future__ import annotations

from typing import Any

from app.core.fields import (
    ADDRESS,
    CODE,
    COUNT,
    DAY,
    FLAG,
    MOMENT,
    TEXT,
    Column,
    Field,
    Schema,
    nullable,
    one_of,
    ref,
)
from app.core.i18n import lazy
from models.agreement import AgreementState
from models.assembly import AssemblyKind, AssemblyState, Mode
from models.body import GovernmentLevel
from models.territory import LevelRole, UnitKind


def _part(field: str, key: str, schema: Schema, meaning: Any, *, alone: bool = False, words=None) -> Column:
    """``key`` of an object that may be null; ``alone`` gives it the name of the field itself."""
    return Column(
        field if alone else f"{field}_{key}", schema, meaning, lambda row: row[field][key] if row[field] is not None else None, words
    )


CONVENED = tuple(state for state in AssemblyState if state is not AssemblyState.DRAFT)

AGREEMENT = (
    Field("folio", TEXT, lazy("Folio del acuerdo. No cambia ni se repite.")),
    Field("text", TEXT, lazy("Qué se acordó, con las palabras de la asamblea.")),
    Field("theme", TEXT, lazy("Clave del tema.")),
    Field("state", one_of(AgreementState), lazy("En qué va."), words=AgreementState),
    Field("late", FLAG, lazy("Si hoy tiene retraso: se calcula, no se captura.")),
    Field("days_late", COUNT, lazy("Días de retraso contra la fecha vigente; 0 si no tiene.")),
    Field("first_due", DAY, lazy("La primera fecha, la que dio la asamblea. Nunca cambia.")),
    Field("due", DAY, lazy("La fecha vigente.")),
    Field(
        "owner", ref("Body"), lazy("La instancia que lo debe."),
        columns=(
            _part("owner", "code", TEXT, lazy("Clave de la instancia que lo debe."), alone=True),
            _part("owner", "name", TEXT, lazy("Nombre de la instancia que lo debe.")),
            _part("owner", "level", one_of(GovernmentLevel), lazy("Gobierno de la instancia que lo debe."), words=GovernmentLevel),
        ),
    ),
    Field(
        "counterpart", nullable(ref("Body")), lazy("La instancia que lo recibe, si hay una."),
        columns=(
            _part("counterpart", "code", nullable(TEXT), lazy("Clave de la instancia que lo recibe, si hay una."), alone=True),
            _part("counterpart", "name", nullable(TEXT), lazy("Nombre de la instancia que lo recibe.")),
        ),
    ),
    Field(
        "unit", ref("Place"), lazy("El lugar; en temas de seguridad o violencia, solo el territorio."),
        columns=(
            _part("unit", "code", CODE, lazy("Clave del lugar; en temas de seguridad o violencia, solo el territorio."), alone=True),
            _part("unit", "name", TEXT, lazy("Nombre del lugar.")),
        ),
    ),
    Field("assembly", nullable(TEXT), lazy("Folio de la asamblea que lo hizo. Vacío si viene de antes o si su tema es sensible.")),
    Field(
        "events", {"type": "array", "items": ref("Event")}, lazy("Sus asientos en el registro público, del primero al último."),
        columns=(),
    ),
    Field("confirmations", COUNT, lazy("Voces de vecinos que dicen que sí, sobre el último reporte.")),
    Field("objections", COUNT, lazy("Voces de vecinos que dicen que no, sobre el último reporte.")),
    Field("doubts", COUNT, lazy("Dudas de residentes sin papeleta, sobre el último reporte.")),
    Field("version", COUNT, lazy("Cuántas veces ha cambiado.")),
    Field("url", ADDRESS, lazy("Su página.")),
)
ASSEMBLY = (
    Field("folio", TEXT, lazy("Folio de la asamblea. No cambia ni se repite.")),
    Field("title", TEXT, lazy("Título de la convocatoria.")),
    Field("kind", one_of(AssemblyKind), lazy("Tipo de asamblea."), words=AssemblyKind),
    Field("mode", one_of(Mode), lazy("Modalidad."), words=Mode),
    Field("state", one_of(CONVENED), lazy("En qué va."), words=AssemblyState),
    Field("starts_at", MOMENT, lazy("Primera llamada, en hora UTC.")),
    Field("second_call_at", nullable(MOMENT), lazy("Segunda llamada, en hora UTC.")),
    Field("ends_at", nullable(MOMENT), lazy("Hora prevista de cierre, en hora UTC.")),
    Field("place", TEXT, lazy("Dónde se reúne.")),
    Field(
        "unit", ref("Place"), lazy("La unidad que se convoca."),
        columns=(
            _part("unit", "code", CODE, lazy("Clave de la unidad que se convoca."), alone=True),
            _part("unit", "name", TEXT, lazy("Nombre de la unidad que se convoca.")),
        ),
    ),
    Field(
        "blocks", {"type": "array", "items": TEXT}, lazy("Claves de las cuadras que reúne."),
        columns=(
            Column(
                "blocks", nullable(TEXT), lazy("Claves de las cuadras que reúne, separadas por espacios."),
                lambda row: " ".join(row["blocks"]),
            ),
        ),
    ),
    Field("attendance", nullable(COUNT), lazy("Cuántas personas asistieron, en total. Vacío antes de realizarse.")),
    Field("version", COUNT, lazy("Cuántas veces ha cambiado.")),
    Field("url", ADDRESS, lazy("Su página.")),
)
UNIT = (
    Field("code", CODE, lazy("Clave de la unidad. No cambia ni se repite.")),
    Field("name", TEXT, lazy("Nombre.")),
    Field("level", one_of(LevelRole), lazy("Nivel del territorio: municipio, dirección, territorio, sección o cuadra.")),
    Field("kind", nullable(one_of(UnitKind)), lazy("Tipo de territorio."), words=UnitKind),
    Field("parent", nullable(CODE), lazy("Clave de la unidad de arriba.")),
    Field("ocd_id", TEXT, lazy("Identificador al estilo de Open Civic Data, hecho de dónde está. Cambia si la unidad pasa a otra.")),
    Field("source", TEXT, lazy("De dónde viene su límite.")),
    Field("source_key", nullable(TEXT), lazy("La clave con que la conoce esa fuente, si la dio.")),
    Field("children", {"type": "array", "items": TEXT}, lazy("Claves de las unidades de abajo."), columns=()),
    Field(
        "coverage", ref("Coverage"), lazy("Cuadras que ya se reunieron en una asamblea realizada, de todas las suyas."),
        columns=(
            _part("coverage", "met", COUNT, lazy("Cuadras que ya se reunieron en una asamblea realizada.")),
            _part("coverage", "of", COUNT, lazy("Cuadras que hay en la unidad.")),
        ),
    ),
    Field("liaisons", nullable(COUNT), lazy("Enlaces comunitarios. Vacío donde el número señalaría a alguien."), columns=()),
    Field(
        "agreements", {"type": "object", "properties": {str(state): COUNT for state in AgreementState}},
        lazy("Sus acuerdos por estado."), columns=(),
    ),
    Field(
        "share", ref("Share"), lazy("Acuerdos cumplidos a tiempo, de los verificados más los abiertos con retraso."),
        columns=(
            _part("share", "kept", COUNT, lazy("Acuerdos verificados que se reportaron a más tardar en su primera fecha.")),
            _part("share", "of", COUNT, lazy("Acuerdos verificados, más los abiertos con retraso.")),
            _part("share", "on_hold", COUNT, lazy("Acuerdos en pausa.")),
            _part("share", "cancelled", COUNT, lazy("Acuerdos cancelados.")),
            _part("share", "declined", COUNT, lazy("Acuerdos no aceptados.")),
        ),
    ),
    Field("url", ADDRESS, lazy("Su página.")),
)
PROBLEM_COUNT = (
    Field("unit", CODE, lazy("Clave del territorio.")),
    Field("unit_name", TEXT, lazy("Nombre del territorio.")),
    Field("theme", TEXT, lazy("Clave del tema.")),
    Field("theme_name", TEXT, lazy("Nombre del tema, en español.")),
    Field("sensitive", FLAG, lazy("Si toca a seguridad o violencia: entonces solo cambia al cerrar el mes y por pasos de cinco o más.")),
    Field("problems", COUNT, lazy("Problemas planteados en asambleas con acta sellada.")),
)
