"""Areas of government and community bodies, as a list tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.i18n import lazy
from app.core.permissions import Permission
from app.core.tabular import Context, Field, Outcome, Problem, Row, Unfit
from app.core.tabular.fields import choice, words
from models import Body, ledger
from models.body import BodyKind, GovernmentLevel
from models.ledger import Capacity, Entry, EventKind
from models.territory import UNIT_CODE
from territories.units.book import AT_ONCE, unit_names

LEVELS = {
    **dict.fromkeys(("municipio", "municipal", "local", "delegacion"), GovernmentLevel.BOROUGH),
    **dict.fromkeys(("ciudad de mexico", "estatal", "estado", "cdmx"), GovernmentLevel.CITY),
    **dict.fromkeys(("federal", "gobierno federal"), GovernmentLevel.FEDERAL),
    **dict.fromkeys(("comunitaria", "comunitario", "vecinal"), GovernmentLevel.COMMUNITY),
}
KINDS = {
    **dict.fromkeys(("area", "direccion", "dependencia", "secretaria"), BodyKind.AREA), "colectivo": BodyKind.COLLECTIVE,
    "mesa": BodyKind.TABLE,
}
SENTENCES = {
    "code": lazy("La clave «%(code)s» no sirve: use de 1 a 32 letras sin acento, números, punto, guion o guion bajo."),
    "sides": lazy("Un área es de un gobierno y lo demás es de la comunidad: corrija el nivel o el tipo."),
    "no_unit": lazy("Una instancia de la comunidad es de un lugar: agregue su unidad."),
    "taken": lazy("La clave «%(code)s» ya es de otra instancia. Use otra."),
    "code_changed": lazy("Aquí su clave es «%(code)s», y las claves no cambian. Déjela como estaba."),
    "kind_changed": lazy("«%(code)s» es aquí de otro tipo o nivel, y eso no cambia: quien la integra dejaría de serlo."),
}  # fmt: skip


def _code(raw: str) -> str:
    text = " ".join(raw.split())
    if len(text) > 32:
        raise Unfit("too_long", limit=32)
    return text


class Bodies:
    """Whoever can owe or answer for something, by its code."""

    name, label, permission = "bodies", lazy("Instancias"), Permission.BODY_EDIT
    fields = (
        Field("external_id", lazy("Identificador"), words(200), aliases=("id",), constant=False),
        Field("code", lazy("Clave"), _code, required=True, aliases=("siglas", "cve"), example="OBRAS", constant=False),
        Field(
            "name", lazy("Nombre"), words(160), required=True, aliases=("instancia", "area", "dependencia", "denominacion"),
            example="Dirección de Obras", constant=False,
        ),
        Field(
            "level", lazy("Nivel"), choice(GovernmentLevel, also=LEVELS), required=True, aliases=("gobierno", "orden"),
            example="alcaldía",
        ),
        Field("kind", lazy("Tipo"), choice(BodyKind, also=KINDS), example="área de gobierno"),
        Field("unit", lazy("Unidad"), words(160), aliases=("territorio", "lugar", "clave de la unidad")),
    )

    def understand(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """Resolve places, and find the bodies that are here already by their code."""
        units = unit_names(session, (row.values["unit"] or "" for row in rows))
        here = {body.code.lower(): body for body in session.scalars(select(Body))}
        unit_label = self.fields[-1].label
        for row in rows:
            said = row.values
            unit = units.settle(row, "unit", unit_label)
            if not UNIT_CODE.fullmatch(said["code"]):
                _refuse(row, "code", "code", code=said["code"])
            kind = said["kind"] or (BodyKind.COLLECTIVE if said["level"] is GovernmentLevel.COMMUNITY else BodyKind.AREA)
            community = said["level"] is GovernmentLevel.COMMUNITY
            if community == (kind is BodyKind.AREA):
                _refuse(row, "sides", "kind")
            elif community and unit is None and not row.problems:
                _refuse(row, "no_unit", "unit")
            row.key = row.key or said["code"]
            row.draft = {
                "code": said["code"], "name": said["name"], "level": said["level"], "kind": kind, "unit_id": unit.id if unit else None,
                "unit": unit.code if unit else None,
            }
            row.content = {**row.draft, "unit_id": None, "level": str(said["level"]), "kind": str(kind)}
            present = here.get(said["code"].lower())
            if present is not None:
                row.object_id = present.id
                row.same = _differs(present, row.draft) == []

    def compare(self, session: Session, rows: Sequence[Row], context: Context) -> None:
        """A code is for good, and what kind of body it is decides who may act for it."""
        here = {body.id: body for body in session.scalars(select(Body))}
        by_code = {body.code.lower(): body.id for body in here.values()}
        for row in rows:
            present, draft = here[row.object_id], row.draft
            if present.code != draft["code"]:
                other = by_code.get(draft["code"].lower(), present.id) != present.id
                _refuse(row, "taken" if other else "code_changed", "code", code=draft["code"] if other else present.code)
            elif (present.level, present.kind) != (draft["level"], draft["kind"]):
                _refuse(row, "kind_changed", "kind", code=present.code)

    def write(self, session: Session, rows: Sequence[Row], *, capacity: Capacity, context: Context) -> Mapping[str, int]:
        """Add and change bodies, each with its event."""
        entries = []
        new = [row for row in rows if row.outcome is Outcome.NEW]
        made = [Body(**{name: value for name, value in row.draft.items() if name != "unit"}) for row in new]
        session.add_all(made)
        session.flush()
        for row, body in zip(new, made, strict=True):
            row.object_id = body.id
            entries.append(_told(EventKind.BODY_ADDED, row.draft, context))
        changed = [row for row in rows if row.outcome is Outcome.CHANGED]
        for start in range(0, len(changed), AT_ONCE):
            batch = {row.object_id: row for row in changed[start : start + AT_ONCE]}
            for body in session.scalars(select(Body).where(Body.id.in_(batch)).order_by(Body.id).with_for_update()):
                draft = batch[body.id].draft
                if _differs(body, draft):
                    body.name, body.unit_id = draft["name"], draft["unit_id"]
                    body.version += 1
                    entries.append(_told(EventKind.BODY_CHANGED, draft, context))
        session.flush()
        ledger.append_many(session, entries, capacity=capacity, occurred_at=context.moment, recorded_at=context.moment)
        return {}


def _differs(body: Body, draft: Mapping[str, Any]) -> list[str]:
    return [name for name in ("code", "name", "level", "kind", "unit_id") if getattr(body, name) != draft[name]]


def _told(kind: EventKind, draft: Mapping[str, Any], context: Context) -> Entry:
    data = {"name": draft["name"], "level": str(draft["level"]), "kind": str(draft["kind"]), "unit": draft["unit"]}
    return Entry(kind, f"body:{draft['code']}", {**data, "source": context.options.source})


def _refuse(row: Row, code: str, field: str, /, **figures: object) -> None:
    row.problems.append(Problem(code, SENTENCES[code], figures, field))


BODIES = Bodies()
