"""People with their roles and terms, and volunteers of blocks, as a list tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from agendas.agreements.intake.kind import Named, body_names
from agendas.agreements.queries import local_day
from app.accounts.services import HELD_BY_A_BODY
from app.admin.intake import services
from app.admin.intake.leads import Span, line_up
from app.admin.intake.services import Draft, Person
from app.core import crypto
from app.core.i18n import LANGUAGES, lazy
from app.core.labels import label
from app.core.permissions import Permission
from app.core.search import fold
from app.core.tabular import Context, Field, Problem, Row, Unfit, known_keys
from app.core.tabular.fields import choice, day, email, several, words
from app.core.tabular.names import Names
from models import Body, Role
from models.body import BodyKind
from models.ledger import Capacity
from models.liaison import Field as Matter
from models.territory import LevelRole
from territories.units.book import Entry, unit_names

ROLES = {
    **dict.fromkeys(("responsable", "responsable territorial", "jud", "coordinador", "coordinadora"), Role.LEAD),
    **dict.fromkeys(("director", "directora", "director territorial", "directora territorial"), Role.DIRECTOR),
    **dict.fromkeys(("funcionario", "funcionaria", "funcionario vecinal", "servidor publico"), Role.OFFICIAL),
    **dict.fromkeys(("promotor", "promotora", "promotora comunitaria"), Role.PROMOTER),
    **dict.fromkeys(("enlace", "voluntario", "voluntaria", "vecino voluntario"), Role.LIAISON),
    **dict.fromkeys(("administrador", "administradora"), Role.ADMIN), "planeacion": Role.PLANNING, "colectivo": Role.COLLECTIVE,
}
MATTERS = {
    **dict.fromkeys(("paz", "seguridad", "bienestar"), Matter.PEACE), "jovenes": Matter.YOUTH, "juventud": Matter.YOUTH,
    **dict.fromkeys(("ninos", "infancia", "infancias"), Matter.CHILDREN), "mujer": Matter.WOMEN, "adultos mayores": Matter.OLDER_PEOPLE,
}
SENTENCES = {
    "nobody": lazy("No trae identificador ni correo: así no se puede saber si esta persona ya está. Agregue uno de los dos."),
    "person_differs": lazy("El identificador «%(key)s» trae otro nombre u otro correo en el renglón %(row)s. Deje uno solo."),
    "email_shared": lazy("El mismo correo viene con otro identificador en el renglón %(row)s. Cada persona tiene el suyo."),
    "email_taken": lazy("Ese correo ya es de otra cuenta. Corríjalo, o déjelo vacío."),
    "email_differs": lazy("Esta persona ya entra con otro correo, y solo ella lo cambia. Deje el que tiene o déjelo vacío."),
    "no_unit": lazy("«%(role)s» se tiene en una unidad. Agregue su clave."),
    "no_body": lazy("«%(role)s» se tiene por una instancia. Agregue su clave."),
    "not_area": lazy("«%(role)s» es de un área de gobierno, y %(body)s no lo es."),
    "not_community": lazy("«%(role)s» es de un colectivo, comisión o mesa, y %(body)s es un área de gobierno."),
    "two_places": lazy("«%(role)s» se tiene en una unidad o por una instancia, no en las dos. Deje una vacía."),
    "no_block": lazy("Un enlace lo es de una cuadra. Agregue la clave de su cuadra."),
    "unknown_block": lazy("No hay ninguna cuadra con la clave «%(code)s». Corríjala, o importe antes las cuadras."),
    "no_fields": lazy("No dice en qué materias colabora. Use: %(choices)s."),
    "ends_first": lazy("Termina (%(to)s) antes de empezar (%(from)s). Corrija las fechas."),
    "two_leads": lazy("En %(unit)s habría dos responsables a la vez: vea el renglón %(row)s y las fechas."),
    "lead_here": lazy("En %(unit)s ya hay responsable desde el %(since)s. Ponga una fecha de inicio posterior."),
}  # fmt: skip
REPAIRS = {
    "no_email": lazy("Sin correo: la cuenta queda sin acceso hasta que se le ponga uno."),
    "liaison_email": lazy("De un enlace no se guarda el correo."),
    "ends_before_next": lazy("Termina el %(day)s, un día antes de que empiece quien sigue."),
    "replaces": lazy("Releva a quien es responsable, que termina el %(day)s."),
}


def _matters(raw: str) -> tuple[Matter, ...]:
    pick = choice(Matter, also=MATTERS)
    return tuple(dict.fromkeys(pick(part) for part in several(raw)))


def _yes(raw: str) -> bool:
    said = fold(raw)
    if said in ("si", "s", "x", "1", "yes", "true", "verdadero"):
        return True
    if said in ("no", "n", "0", "false", "falso"):
        return False
    raise Unfit("not_a_choice", choices="sí, no")


def _language(raw: str) -> str:
    said = fold(raw)
    for code, name in LANGUAGES.items():
        if said in (code, fold(name)):
            return code
    raise Unfit("not_a_choice", choices=", ".join(LANGUAGES))


class People:
    """Accounts are made without a password and invited afterwards; liaisons are no accounts."""

    name, label, permission = "people", lazy("Personas y cargos"), Permission.ROLE_GRANT
    fields = (
        Field(
            "external_id", lazy("Identificador"), words(100), example="E-0417", constant=False,
            aliases=("id", "numero de empleado", "no empleado", "clave", "folio"),
        ),
        Field(
            "name", lazy("Nombre"), words(120), required=True, aliases=("nombre completo",), personal=True, constant=False,
            example="Nombre Apellido",
        ),
        Field(
            "email", lazy("Correo"), email, aliases=("correo electronico", "e mail", "mail"), personal=True, constant=False,
            example="nombre@ejemplo.org",
        ),
        Field(
            "role", lazy("Cargo"), choice(Role, also=ROLES), required=True, aliases=("puesto", "rol", "funcion"),
            example="promotor comunitario",
        ),
        Field("unit", lazy("Unidad"), words(160), aliases=("territorio", "colonia", "clave de la unidad", "adscripcion"), example="TER-01"),
        Field("body", lazy("Instancia"), words(160), aliases=("area que representa",)),
        Field(
            "starts_on", lazy("Desde"), day, aliases=("inicio", "fecha de inicio", "alta", "from", "vigencia desde"),
            example="2024-01-01",
        ),
        Field("ends_on", lazy("Hasta"), day, aliases=("fin", "termino", "fecha de fin", "baja", "to", "vigencia hasta")),
        Field("home", lazy("Área de origen"), words(160), aliases=("departamento", "area de adscripcion", "home department")),
        Field("fields", lazy("Materias"), _matters, aliases=("materia", "temas", "campos"), example="salud; mujeres"),
        Field("blocks", lazy("Cuadras"), several, aliases=("cuadra", "manzana", "manzanas"), example=""),
        Field("trained_on", lazy("Se capacitó el"), day, aliases=("capacitacion", "fecha de capacitacion")),
        Field("focal_point", lazy("Punto focal"), _yes),
        Field("language", lazy("Idioma"), _language, aliases=("lengua",)),
    )  # fmt: skip

    def understand(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """Resolve places, bodies and the people who are here already, for all rows at once."""
        codes = [code for row in rows for code in (row.values["unit"], *(row.values["blocks"] or ()))]
        units, bodies = unit_names(session, codes), body_names(session)
        kinds = dict(session.execute(select(Body.id, Body.kind)).all())
        labels = {field.name: field.label for field in self.fields}
        today = local_day(session, context.moment)
        for row in rows:
            person = _person(row)
            if person is None:
                continue
            home = bodies.settle(row, "home", labels["home"])
            if row.values["role"] is Role.LIAISON:
                draft = _liaison(row, person, units, labels)
            else:
                draft = _post(row, person, units, bodies, kinds, labels)
            starts, ends = row.values["starts_on"], row.values["ends_on"]
            if ends is not None and ends < (starts or today):
                _refuse(row, "ends_first", "ends_on", **{"to": ends, "from": starts or today})
            if draft is None or row.problems:
                continue
            row.draft = replace(draft, person=replace(person, home_id=home.id if home else None), starts_on=starts or today)
            row.key = f"{person.key} · {row.values['role']}" + ("" if draft.blocks else f" · {draft.place}")
            row.content = [*draft.told(), person.name, person.email, home.code if home else None, starts and starts.isoformat()]
        _check_people(rows)
        sound = [row for row in rows if row.draft is not None and not row.problems]
        self._recognise(session, sound, context)
        _line_up_leads(session, [row for row in sound if row.draft.role is Role.LEAD and not row.problems])

    def _recognise(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """Which of them have an account, and which of their terms are here."""
        source = context.options.source
        keyed = known_keys(session, source, services.PERSON, (row.draft.person.key for row in rows))
        accounts = services.accounts(
            session, [object_id for object_id, _digest in keyed.values()], [row.draft.person.email for row in rows]
        )
        by_email = {account.email: account for account in accounts.values()}
        kept = known_keys(session, source, self.name, (row.key for row in rows))
        for row in rows:
            draft = row.draft
            if draft.role is Role.LIAISON:
                continue
            known = accounts.get(keyed[draft.person.key][0]) if draft.person.key in keyed else None
            same_email = by_email.get(draft.person.email) if draft.person.email else None
            if known is not None and same_email is not None and same_email.id != known.id:
                _refuse(row, "email_taken", "email")
            elif known is not None and draft.person.email and known.activated and known.email != draft.person.email:
                _refuse(row, "email_differs", "email")
            account = known or same_email
            if account is not None:
                row.draft = replace(draft, person=replace(draft.person, user_id=account.id))
            elif draft.person.email is None:
                row.repairs.append(str(REPAIRS["no_email"]))
            if row.key in kept:
                row.object_id = kept[row.key][0]
        terms = services.terms_of(session, [row.draft.person.user_id for row in rows if row.draft.person.user_id])
        for row in rows:
            draft = row.draft
            term = terms.get((draft.person.user_id, draft.role, draft.unit_id, draft.body_id, draft.focal_point))
            if draft.person.user_id is None or term is None:
                continue
            if row.object_id is None:
                row.object_id = term.id
                starts, ends = row.values["starts_on"], row.values["ends_on"]
                row.same = starts in (None, term.starts_on) and ends in (None, term.ends_on)
            if row.object_id == term.id:
                # What the row does not say stays as it is here.
                row.draft = replace(
                    draft, starts_on=row.values["starts_on"] or term.starts_on, ends_on=row.values["ends_on"] or term.ends_on
                )

    def compare(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """A term may change its dates; whose it is and where is in its key."""

    def write(self, session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> Mapping[str, int]:
        """Accounts without a password, terms, liaisons, and their events, which name nobody."""
        return services.bring(session, rows, capacity=capacity, context=context)


def _person(row: Row) -> Person | None:
    said = row.values
    if row.key:
        key = row.key
    elif said["email"]:
        # Known again by the address, without keeping it where keys are shown.
        key = f"correo-{crypto.keyed_hash('intake-person', said['email'])[:16]}"
    else:
        _refuse(row, "nobody", None)
        return None
    liaison = said["role"] is Role.LIAISON
    if liaison and said["email"]:
        row.repairs.append(str(REPAIRS["liaison_email"]))
    return Person(key, said["name"], None if liaison else said["email"], said["language"] or "es")


def _post(
    row: Row, person: Person, units: Names[Entry], bodies: Names[Named], kinds: Mapping[int, BodyKind], labels: Mapping[str, object]
) -> Draft | None:
    role, words_ = row.values["role"], label(row.values["role"])
    unit, body = units.settle(row, "unit", labels["unit"]), bodies.settle(row, "body", labels["body"])
    if row.problems:
        return None
    if role in HELD_BY_A_BODY:
        if body is None:
            return _refuse(row, "no_body", "body", role=words_)
        if (role is Role.AREA) != (kinds[body.id] is BodyKind.AREA):
            return _refuse(row, "not_area" if role is Role.AREA else "not_community", "body", role=words_, body=body)
    elif unit is None:
        return _refuse(row, "no_unit", "unit", role=words_)
    if unit is not None and body is not None:
        return _refuse(row, "two_places", "body", role=words_)
    return Draft(
        person=person, role=role, unit_id=unit.id if unit else None, unit_code=unit.code if unit else None,
        body_id=body.id if body else None, body_code=body.code if body else None, focal_point=bool(row.values["focal_point"]),
        ends_on=row.values["ends_on"],
    )


def _liaison(row: Row, person: Person, units: Names[Entry], labels: Mapping[str, object]) -> Draft | None:
    codes = row.values["blocks"] or ((row.values["unit"],) if row.values["unit"] else ())
    if not codes:
        return _refuse(row, "no_block", "blocks")
    blocks = []
    for code in codes:
        found = units.find(code)
        if len(found) != 1 or found[0].role is not LevelRole.BLOCK:
            _refuse(row, "unknown_block", "blocks", code=code)
        else:
            blocks.append(found[0])
    if not row.values["fields"]:
        _refuse(row, "no_fields", "fields", choices=", ".join(label(one) for one in Matter))
    return Draft(
        person=person, role=Role.LIAISON, blocks=tuple((one.id, one.code) for one in dict.fromkeys(blocks)),
        fields=row.values["fields"] or (), trained_on=row.values["trained_on"], ends_on=row.values["ends_on"],
    )


def _check_people(rows: Sequence[Row]) -> None:
    """One identifier is one person, and one address too. What one row of a person leaves out another may say."""
    whole: dict[str, Person] = {}
    first: dict[str, int] = {}
    by_email: dict[str, tuple[str, int]] = {}
    told = [row for row in rows if row.draft is not None]
    for row in told:
        person = row.draft.person
        theirs = whole.setdefault(person.key, person)
        number = first.setdefault(person.key, row.number)
        if fold(theirs.name) != fold(person.name) or (theirs.email and person.email and theirs.email != person.email):
            _refuse(row, "person_differs", "name", key=person.key, row=number)
            continue
        whole[person.key] = replace(theirs, email=theirs.email or person.email, home_id=theirs.home_id or person.home_id)
        key, other = by_email.setdefault(person.email, (person.key, row.number)) if person.email else (person.key, 0)
        if key != person.key:
            _refuse(row, "email_shared", "email", row=other)
    for row in told:
        if not row.problems:
            row.draft = replace(row.draft, person=whole[row.draft.person.key])


def _line_up_leads(session: Session, rows: Sequence[Row]) -> None:
    """One lead a unit at a time (001-45): whoever was there ends the day before whoever follows begins."""
    by_unit: dict[int, list[Row]] = {}
    for row in rows:
        by_unit.setdefault(row.draft.unit_id, []).append(row)
    present = services.leads_of(session, list(by_unit))
    for unit_id, same in by_unit.items():
        told = {row.object_id for row in same}
        spans = [Span(row.draft.starts_on, row.draft.ends_on, row=row) for row in same]
        spans += [Span(term.starts_on, term.ends_on, term_id=term.id) for term in present.get(unit_id, ()) if term.id not in told]
        for clash in line_up(spans):
            later, earlier = clash.later, clash.earlier
            if later.row is not None and earlier.row is not None:
                _refuse(later.row, "two_leads", "starts_on", unit=later.row.draft.unit_code, row=earlier.row.number)
            else:
                row, since = (later.row, earlier.starts_on) if later.row else (earlier.row, later.starts_on)
                _refuse(row, "lead_here", "starts_on", unit=row.draft.unit_code, since=since)
        for span in spans:
            if span.row is not None and span.ends_on != span.row.draft.ends_on:
                span.row.draft = replace(span.row.draft, ends_on=span.ends_on)
                span.row.repairs.append(str(REPAIRS["ends_before_next"]) % {"day": span.ends_on})
            if span.row is not None and span.relieves:
                eve: date = span.starts_on - timedelta(days=1)
                span.row.draft = replace(span.row.draft, relieves=tuple(span.relieves))
                span.row.repairs.append(str(REPAIRS["replaces"]) % {"day": eve})


def _refuse(row: Row, code: str, field: str | None, /, **figures: object) -> None:
    row.problems.append(Problem(code, SENTENCES[code], figures, field))


PEOPLE = People()
