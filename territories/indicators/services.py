"""The one writer of indicators, their values and the names settled for them: each change an entry of the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actors import Actor
from app.core.errors import Misfit
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import Indicator, IndicatorValue, NameDecision, TerritorialUnit, ledger
from models.indicator import Aggregation, Direction, Frequency
from models.ledger import Capacity, Entry, EventKind
from models.territory import LEVEL_ORDER, LevelRole

Texts = tuple[str, str, str]
BATCH = 500


@dataclass(frozen=True, slots=True)
class Definition:
    """What an indicator says of itself; texts in Spanish, French and English."""

    names: Texts
    definitions: Texts
    measures: Texts
    source: str
    role: LevelRole
    frequency: Frequency
    direction: Direction
    aggregation: Aggregation
    decimals: int = 0
    sensitive: bool = False
    weights_id: int | None = None

    def columns(self) -> dict[str, Any]:
        plain = asdict(self)
        for field, texts in (("name", "names"), ("definition", "definitions"), ("measure", "measures")):
            plain |= dict(zip((f"{field}_es", f"{field}_fr", f"{field}_en"), plain.pop(texts), strict=True))
        return plain


def add(session: Session, *, actor: Actor, code: str, definition: Definition) -> Indicator:
    """A new indicator. Raises Denied, Misfit for a code in use or a definition that cannot be."""
    return declare(session, capacity=_authorised(actor), code=code, definition=definition)


def declare(session: Session, *, capacity: Capacity, code: str, definition: Definition) -> Indicator:
    """What :func:`add` does, in a quality already settled: for what is brought or generated. Raises Misfit."""
    if session.scalar(select(Indicator.id).where(Indicator.code == code)) is not None:
        raise Misfit("code", _("Esa clave ya es de otro indicador."))
    _check(session, None, definition)
    indicator = Indicator(code=code, **definition.columns())
    session.add(indicator)
    session.flush()
    _record(session, EventKind.INDICATOR_ADDED, indicator, capacity)
    return indicator


def change(session: Session, *, actor: Actor, indicator: Indicator, definition: Definition) -> None:
    """Other words, another way to add it up. Raises Denied, Misfit for what its values no longer allow."""
    capacity = _authorised(actor)
    _check(session, indicator, definition)
    for column, value in definition.columns().items():
        setattr(indicator, column, value)
    indicator.version += 1
    session.flush()
    _record(session, EventKind.INDICATOR_CHANGED, indicator, capacity)


def keep_values(session: Session, new: Sequence[Mapping[str, Any]], changed: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Write values: the ids of ``new`` in their order; ``changed`` by id. The caller writes the entry of the record."""
    ids: list[int] = []
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        ids += session.scalars(insert(IndicatorValue).returning(IndicatorValue.id, sort_by_parameter_order=True), batch)
    for value_id, columns in changed.items():
        session.execute(update(IndicatorValue).where(IndicatorValue.id == value_id).values(**columns))
    return ids


@dataclass(frozen=True, slots=True)
class Settled:
    """What a person decided of a name (folded, as its context): a unit, or None for none of ours. ``said`` is it unfolded."""

    name: str
    context: str
    said: str
    unit_id: int | None


def settle_names(session: Session, *, capacity: Capacity, source: str, decisions: Iterable[Settled]) -> None:
    """Remember them for the next file of this source, over what was decided before, each with its entry."""
    moment, entries = clock.now(), []
    for one in decisions:
        kept = session.scalar(
            select(NameDecision).where(
                NameDecision.source == source, NameDecision.context == one.context, NameDecision.name == one.name
            ).with_for_update()
        )
        if kept is None:
            kept = NameDecision(source=source, context=one.context, name=one.name)
            session.add(kept)
        elif kept.unit_id == one.unit_id:
            continue
        kept.unit_id, kept.decided_at = one.unit_id, moment
        code = session.scalar(select(TerritorialUnit.code).where(TerritorialUnit.id == one.unit_id)) if one.unit_id else None
        data = {"source": source, "name": one.said, "context": one.context, "unit": code}
        entries.append(Entry(EventKind.NAME_SETTLED, f"unit:{code}" if code else "name:none", data))
    session.flush()
    ledger.append_many(session, entries, capacity=capacity, occurred_at=moment, recorded_at=moment)


def _authorised(actor: Actor) -> Capacity:
    return authorise(actor, Permission.INDICATOR_EDIT, Thing(path=frozenset()))


def _check(session: Session, indicator: Indicator | None, definition: Definition) -> None:
    if definition.sensitive and LEVEL_ORDER.index(definition.role) > LEVEL_ORDER.index(LevelRole.TERRITORY):
        raise Misfit("role", _("Lo que trata de seguridad o violencia se mide por territorio o más arriba, nunca más abajo."))
    if definition.weights_id is not None:
        weights = session.get(Indicator, definition.weights_id)
        own = indicator is not None and weights is not None and weights.id == indicator.id
        if weights is None or own or weights.role is not definition.role or weights.aggregation is not Aggregation.SUM:
            raise Misfit("weights_id", _("Elija un indicador que se sume y se mida en el mismo nivel."))
    if indicator is None or not has_values(session, indicator):
        return
    if definition.role is not indicator.role:
        raise Misfit("role", _("Ya tiene valores: el nivel en que se mide no cambia. Declare otro indicador."))
    if definition.frequency is not indicator.frequency:
        raise Misfit("frequency", _("Ya tiene valores: el periodo que abarcan no cambia. Declare otro indicador."))
    if indicator.sensitive and not definition.sensitive:
        raise Misfit("sensitive", _("Ya tiene valores: un indicador reservado lo sigue siendo."))


def has_values(session: Session, indicator: Indicator) -> bool:
    return session.scalar(select(IndicatorValue.id).where(IndicatorValue.indicator_id == indicator.id).limit(1)) is not None


def _record(session: Session, kind: EventKind, indicator: Indicator, capacity: Capacity) -> None:
    moment = clock.now()
    data = {
        "name": indicator.name_es, "definition": indicator.definition_es, "measure": indicator.measure_es, "source": indicator.source,
        "level": str(indicator.role), "frequency": str(indicator.frequency), "direction": str(indicator.direction),
        "aggregation": str(indicator.aggregation), "sensitive": indicator.sensitive,
    }
    ledger.append(
        session, kind, object=f"indicator:{indicator.code}", capacity=capacity, occurred_at=moment, recorded_at=moment, data=data
    )
