"""What a row of an agreement says, and what of it can be brought in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from agendas.agreements.intake import services
from agendas.agreements.intake.markup import plain
from agendas.agreements.intake.services import Draft, Made
from agendas.agreements.queries import local_day
from app.core.i18n import lazy
from app.core.labels import label
from app.core.permissions import Permission
from app.core.search import fold
from app.core.tabular import Context, Field, Problem, Row
from app.core.tabular.fields import choice, day, prose, words
from app.core.tabular.names import Names
from models import Assembly, Body, Theme
from models.agreement import AgreementState as S
from models.assembly import MET
from models.folio import folio_key
from models.ledger import Capacity
from territories.units.book import AT_ONCE, paths, short_codes, territories, unit_names

LONGEST_TEXT = 4000
# Nobody's word but the neighbours' verifies: whatever a list calls finished enters as reported (DOMAIN.md 2).
STATES = {
    **dict.fromkeys(
        ("hecho", "done", "cumplido", "terminado", "concluido", "finalizado", "realizado", "reportado", "atendido"), S.REPORTED_DONE
    ),
    **dict.fromkeys(("verificado", "verified", "verificado por vecinos"), S.VERIFIED),
    **dict.fromkeys(("nuevo", "pendiente", "registrado", "recibido"), S.PROPOSED),
    **dict.fromkeys(("en curso", "en tramite", "en ejecucion", "in progress"), S.IN_PROGRESS),
}  # fmt: skip
BROUGHT = (S.PROPOSED, S.ACCEPTED, S.IN_PROGRESS, S.REPORTED_DONE)
# From where a list may move an agreement on: forwards, and never past what neighbours said.
FORWARDS = {state: BROUGHT[place + 1 :] for place, state in enumerate(BROUGHT)}

SENTENCES = {
    "no_text": lazy("No dice qué se acordó. Indique la columna del texto o la del título."),
    "long_text": lazy("El texto pasa de %(limit)s letras. Acórtelo."),
    "no_folio": lazy("Ni %(unit)s ni los lugares de arriba tienen clave de folio. Use un territorio, o pida a planeación que la asigne."),
    "due_before": lazy("La fecha de vencimiento (%(due)s) es anterior al día en que se acordó (%(agreed)s)."),
    "agreed_ahead": lazy("Se acordó el %(agreed)s, que todavía no llega."),
    "no_report_day": lazy("Dice que está hecho y no dice cuándo se reportó. Agregue la fecha, o dé una misma para todos."),
    "report_ahead": lazy("La fecha del reporte (%(reported)s) todavía no llega."),
    "report_before": lazy("La fecha del reporte (%(reported)s) es anterior al día en que se acordó (%(agreed)s)."),
    "not_brought": lazy("Un acuerdo no entra como «%(state)s»: eso se decide aquí. Tráigalo como propuesto, o quite el renglón."),
    "same_sides": lazy("Quien debe el acuerdo y su contraparte no pueden ser la misma instancia."),
    "no_assembly": lazy("No hay ninguna asamblea realizada con el folio %(folio)s. Importe antes las asambleas, o deje vacío el dato."),
    "elsewhere": lazy("La asamblea %(folio)s no es de %(unit)s ni de un lugar que lo abarque. Corrija la unidad o el folio."),
    "frozen": lazy("El acuerdo %(folio)s ya está aquí y ahora dice otra cosa en: %(fields)s. Esos datos se cambian desde el acuerdo."),
    "not_forwards": lazy("El acuerdo %(folio)s ya va en «%(now)s» y el renglón dice «%(said)s». Una lista no lo regresa."),
}
REPAIRS = {
    "html": lazy("Se quitó el formato HTML del texto."),
    "verified": lazy("Dice «verificado»: entra como reportado, porque solo verifican los vecinos."),
    "place": lazy("Por ser un tema sensible no se guarda la seña del lugar."),
    "territory": lazy("Por ser un tema sensible entra en su territorio: %(unit)s."),
}
LABELS = {"text": lazy("Texto"), "unit": lazy("Unidad"), "owner": lazy("Quién lo debe"), "theme": lazy("Tema"), "due": lazy("Vence")}


@dataclass(frozen=True, slots=True)
class Named:
    """A body or a theme as a list may name it."""

    id: int
    code: str
    name: str
    sensitive: bool = False

    def __str__(self) -> str:
        return f"{self.code} ({self.name})"


class Agreements:
    """Existing agreements: proposed, or as far along as the list says, up to reported as done."""

    name, label, permission = "agreements", lazy("Acuerdos existentes"), Permission.TABLES_IMPORT
    fields = (
        Field(
            "external_id", lazy("Identificador"), words(200), aliases=("id", "folio", "clave", "numero", "no"), example="OF-123",
            constant=False,
        ),
        Field("title", lazy("Título"), words(300), aliases=("titol", "title", "asunto"), constant=False),
        Field(
            "text", lazy("Texto"), prose(50_000), constant=False, example="Reparar tres luminarias en Nogal y Fresno",
            aliases=("descripcion", "descripcio", "description", "acuerdo", "compromiso", "que se acordo", "body"),
        ),
        Field(
            "unit", lazy("Unidad"), words(160), required=True, example="TER-01",
            aliases=("territorio", "colonia", "barrio", "districte", "distrito", "district", "clave de la unidad", "lugar"),
        ),
        Field(
            "owner", lazy("Quién lo debe"), words(160), required=True, example="OBRAS",
            aliases=("responsable", "instancia", "area", "area responsable", "dependencia"),
        ),
        Field("theme", lazy("Tema"), words(80), required=True, aliases=("categoria", "category", "rubro"), example="alumbrado"),
        Field("state", lazy("Estado"), choice(S, also=STATES), aliases=("estatus", "situacion", "status", "estat"), example="propuesto"),
        Field(
            "agreed", lazy("Se acordó el"), day, aliases=("fecha", "fecha del acuerdo", "fecha de acuerdo", "data"),
            example="2024-03-05",
        ),
        Field(
            "due", lazy("Vence"), day, required=True, example="2024-06-30",
            aliases=("vencimiento", "fecha limite", "fecha compromiso", "plazo", "para cuando", "due date"),
        ),
        Field("reported", lazy("Se reportó hecho el"), day, aliases=("fecha de termino", "fecha de conclusion", "reportado", "end date")),
        Field("counterpart", lazy("Contraparte"), words(160), aliases=("contraparte vecinal", "da seguimiento")),
        Field("assembly", lazy("Asamblea"), words(40), aliases=("folio de la asamblea",)),
        Field("place", lazy("Seña del lugar"), words(200), aliases=("direccion", "ubicacion", "adreca", "address"), constant=False),
    )  # fmt: skip

    def understand(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """Resolve places, bodies and themes for all rows at once."""
        units = unit_names(session, (row.values["unit"] or "" for row in rows))
        bodies, themes = body_names(session), _theme_names(session)
        assemblies = _assemblies(session, rows)
        today = local_day(session, context.moment)
        labels = {field.name: field.label for field in self.fields}
        pending = []
        for row in rows:
            said = row.values
            unit = units.settle(row, "unit", labels["unit"])
            owner = bodies.settle(row, "owner", labels["owner"])
            counterpart = bodies.settle(row, "counterpart", labels["counterpart"])
            theme = themes.settle(row, "theme", labels["theme"])
            text = _text(row)
            state = _state(row)
            assembly = _assembly(row, assemblies)
            _check_days(row, today, state)
            if owner is not None and owner is counterpart:
                _refuse(row, "same_sides", "counterpart")
            if unit is None or owner is None or theme is None or row.problems:
                continue
            place = said["place"] or ""
            if theme.sensitive and place:
                place = ""
                row.repairs.append(str(REPAIRS["place"]))
            row.draft = Draft(
                unit_id=unit.id, unit_code=unit.code, unit_name=unit.name, theme_id=theme.id, theme_code=theme.code,
                owner_id=owner.id, owner_code=owner.code, counterpart_id=counterpart.id if counterpart else None,
                counterpart_code=counterpart.code if counterpart else None, assembly=assembly, text=text, place=place, state=state,
                agreed=said["agreed"], due=said["due"], reported=said["reported"] if state is S.REPORTED_DONE else None,
                today=today, discreet=theme.sensitive,
            )
            row.content = row.draft.told()
            row.key = row.key or f"{unit.code} {said['due']} {fold(text)}"[:120]
            pending.append(row)
        _check_assemblies(session, pending)
        _up_to_territory(session, [row for row in pending if row.draft.discreet])
        numbered = short_codes(session, (row.draft.unit_id for row in pending))
        for row in pending:
            if row.draft.unit_id not in numbered:
                _refuse(row, "no_folio", "unit", unit=row.draft.unit_code)

    def compare(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """What is here already may only go forwards: its text, its owner and its first date are the record's."""
        present = {one.id: one for one in services.present(session, [row.object_id for row in rows])}
        for row in rows:
            here, draft = present[row.object_id], row.draft
            differs = [
                name for name, mine, theirs in (
                    ("text", draft.text, here.text), ("unit", draft.unit_id, here.unit_id), ("owner", draft.owner_id, here.owner_id),
                    ("theme", draft.theme_id, here.theme_id), ("due", draft.due, here.first_due),
                ) if mine != theirs
            ]  # fmt: skip
            if differs:
                fields = ", ".join(str(LABELS[name]) for name in differs)
                _refuse(row, "frozen", differs[0], folio=here.folio, fields=fields)
            elif draft.state is not here.state and draft.state not in FORWARDS.get(here.state, ()):
                _refuse(row, "not_forwards", "state", folio=here.folio, now=label(here.state), said=label(draft.state))

    def write(self, session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> Mapping[str, int]:
        """The new ones in bulk, the changed ones one by one through their door."""
        return services.bring(session, rows, capacity=capacity, context=context)


def body_names(session: Session) -> Names[Named]:
    """Active bodies by code or name."""
    rows = session.execute(select(Body.id, Body.code, Body.name).where(Body.active).order_by(Body.id))
    return Names((named, named.code, (named.name,)) for named in (Named(*row) for row in rows))


def _theme_names(session: Session) -> Names[Named]:
    """Themes by code or by their name in any language; one that was merged stands for the other."""
    themes = {theme.id: theme for theme in session.scalars(select(Theme))}
    entries: dict[int, Named] = {key: Named(one.id, one.code, one.name_es, one.sensitive) for key, one in themes.items()}

    def now(theme: Theme) -> Named:
        while theme.merged_into_id is not None:
            theme = themes[theme.merged_into_id]
        return entries[theme.id]

    return Names((now(one), one.code, (one.name_es, one.name_fr, one.name_en)) for one in themes.values())


def _assemblies(session: Session, rows: Sequence[Row]) -> dict[str, Made]:
    keys = sorted({folio_key(row.values["assembly"]) for row in rows if row.values["assembly"]})
    found: dict[str, Made] = {}
    for start in range(0, len(keys), AT_ONCE):
        for key, *rest in session.execute(
            select(Assembly.folio_key, Assembly.id, Assembly.folio, Assembly.unit_id)
            .where(Assembly.folio_key.in_(keys[start : start + AT_ONCE]), Assembly.state.in_(MET))
        ):
            found[key] = Made(*rest)
    return found


def _assembly(row: Row, known: Mapping[str, Made]) -> Made | None:
    said = row.values["assembly"]
    found = known.get(folio_key(said)) if said else None
    if said and found is None:
        _refuse(row, "no_assembly", "assembly", folio=said)
    return found


def _check_assemblies(session: Session, rows: Sequence[Row]) -> None:
    """An agreement is of its assembly's unit or of one below it."""
    made = [row for row in rows if row.draft.assembly is not None]
    above = paths(session, (row.draft.unit_id for row in made))
    for row in made:
        if row.draft.assembly.unit_id not in above.get(row.draft.unit_id, frozenset()):
            _refuse(row, "elsewhere", "assembly", folio=row.draft.assembly.folio, unit=row.draft.unit_code)


def _up_to_territory(session: Session, rows: Sequence[Row]) -> None:
    """A discreet agreement hangs on its territory, also when it is brought in (agendas.agreements.discretion)."""
    above = territories(session, (row.draft.unit_id for row in rows))
    for row in rows:
        unit = above.get(row.draft.unit_id)
        if unit is not None and unit.id != row.draft.unit_id:
            row.draft = replace(row.draft, unit_id=unit.id, unit_code=unit.code, unit_name=unit.name)
            row.repairs.append(str(REPAIRS["territory"]) % {"unit": str(unit)})


def _text(row: Row) -> str:
    (title, marked), (body, marked_too) = plain(row.values["title"] or ""), plain(row.values["text"] or "")
    repeats = fold(body).startswith(fold(title))
    text = "\n".join(part for part in ((body,) if repeats else (title, body)) if part)
    if not text:
        _refuse(row, "no_text", "text")
    elif len(text) > LONGEST_TEXT:
        _refuse(row, "long_text", "text", limit=f"{LONGEST_TEXT:,}")
    if marked or marked_too:
        row.repairs.append(str(REPAIRS["html"]))
    return text


def _state(row: Row) -> S:
    said = row.values["state"] or S.PROPOSED
    if said is S.VERIFIED:
        row.repairs.append(str(REPAIRS["verified"]))
        return S.REPORTED_DONE
    if said not in BROUGHT:
        _refuse(row, "not_brought", "state", state=label(said))
    return said


def _check_days(row: Row, today: date, state: S) -> None:
    agreed, due, reported = (row.values[name] for name in ("agreed", "due", "reported"))
    if agreed is not None and agreed > today:
        _refuse(row, "agreed_ahead", "agreed", agreed=agreed)
    if agreed is not None and due < agreed:
        _refuse(row, "due_before", "due", due=due, agreed=agreed)
    if state is not S.REPORTED_DONE:
        return
    if reported is None:
        _refuse(row, "no_report_day", "reported")
    elif reported > today:
        _refuse(row, "report_ahead", "reported", reported=reported)
    elif agreed is not None and reported < agreed:
        _refuse(row, "report_before", "reported", reported=reported, agreed=agreed)


def _refuse(row: Row, code: str, field: str, /, **figures: object) -> None:
    row.problems.append(Problem(code, SENTENCES[code], figures, field))


AGREEMENTS = Agreements()
