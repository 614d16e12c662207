"""The one writer of saved selections: saved once, retired at most."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.actors import Actor
from app.core.errors import Misfit
from app.core.i18n import _
from app.core.permissions import Permission, Thing, authorise
from models import Indicator, PriorityMember, PrioritySelection, ledger
from models.ledger import Capacity, EventKind
from models.settings import setting
from models.territory import LevelRole
from territories.priorities.queries import Data
from territories.priorities.ranking import Ranked, Recipe, chosen, digest_of, moves, ranked

BATCH = 500


def frozen(data: Data, recipe: Recipe, role: LevelRole, on: date) -> dict[str, Any]:
    """What was asked and of which data, as it is kept: the words of each indicator and where its values come from too."""
    told = {
        one.indicator.code: {
            "code": one.indicator.code,
            "name": _texts(one.indicator, "name"), "measure": _texts(one.indicator, "measure"),
            "definition": _texts(one.indicator, "definition"), "source": one.indicator.source,
            "decimals": one.indicator.decimals, "frequency": str(one.indicator.frequency),
            "starts_on": one.period.starts_on.isoformat() if one.period else None,
            "ends_on": one.period.ends_on.isoformat() if one.period else None, "covered": one.covered, "of": one.of,
        }
        for one in data.measured
    }
    return {
        "level": str(role), "values_on": on.isoformat(), "scale": str(recipe.scale), "missing": str(recipe.missing),
        "wanted": recipe.wanted,
        "criteria": [told[one.code] | {"weight": one.weight, "more": one.more} for one in recipe.criteria],
        "conditions": [told[one.code] | {"at_least": one.at_least, "at_most": one.at_most} for one in recipe.conditions],
    }


def _texts(indicator: Indicator, field: str) -> dict[str, str]:
    return {language: getattr(indicator, f"{field}_{language}") for language in ("es", "fr", "en")}


def fingerprint(data: Data, recipe: Recipe, role: LevelRole, on: date) -> str:
    """The digest that saving this would keep: a page that was looked at carries it."""
    return digest_of(frozen(data, recipe, role, on), ranked(data.units, recipe))


def save(
    session: Session, *, actor: Actor, slug: str, names: tuple[str, str, str], reason: str, data: Data, recipe: Recipe,
    role: LevelRole, on: date, seen: str | None = None,
) -> PrioritySelection:
    """Keep a selection under a name. Raises Denied; Misfit for a slug in use, nobody chosen, or data that are no longer
    those of which ``seen`` is the digest."""
    capacity = authorise(actor, Permission.PRIORITY_EDIT, Thing(path=frozenset()))
    return keep(session, capacity=capacity, slug=slug, names=names, reason=reason, data=data, recipe=recipe, role=role, on=on, seen=seen)


def keep(
    session: Session, *, capacity: Capacity, slug: str, names: tuple[str, str, str], reason: str, data: Data, recipe: Recipe,
    role: LevelRole, on: date, seen: str | None = None,
) -> PrioritySelection:
    """What :func:`save` does, in a quality already settled: for what is generated. Raises Misfit."""
    if session.scalar(select(PrioritySelection.id).where(PrioritySelection.slug == slug)) is not None:
        raise Misfit("slug", _("Esa clave ya es de otra selección."))
    found = ranked(data.units, recipe)
    if not chosen(found):
        raise Misfit("seen", _("Ninguna unidad cumple las condiciones con los datos que hay: no hay nada que guardar."))
    asked = frozen(data, recipe, role, on)
    digest = digest_of(asked, found)
    if seen is not None and seen != digest:
        raise Misfit("seen", _("Los datos cambiaron desde que abrió esta página. Revise otra vez la lista y guárdela."))
    moment = clock.now()
    selection = PrioritySelection(
        slug=slug, name_es=names[0], name_fr=names[1], name_en=names[2], reason=reason, role=role, values_on=on,
        scale=recipe.scale, missing=recipe.missing, wanted=recipe.wanted, recipe=asked,
        sensitivity=[asdict(one) for one in moves(data.units, recipe)], digest=digest, saved_at=moment,
    )
    session.add(selection)
    session.flush()
    rows = [_member(selection, one) for one in found]
    for start in range(0, len(rows), BATCH):
        session.execute(insert(PriorityMember), rows[start : start + BATCH])
    _tell(
        session, EventKind.PRIORITY_SAVED, selection, capacity,
        {
            "level": str(role), "on": on.isoformat(), "chosen": [one.unit.code for one in chosen(found)],
            "of": sum(one.rank is not None for one in found), "digest": digest,
        },
        texts={"reason": reason} if reason else None,
    )
    return selection


def retire(session: Session, *, actor: Actor, selection: PrioritySelection, reason: str) -> None:
    """No longer offered; it stays to be read. Raises Denied, Misfit for one already retired."""
    capacity = authorise(actor, Permission.PRIORITY_EDIT, Thing(path=frozenset()))
    if selection.retired_on is not None:
        raise Misfit("reason", _("Esta selección ya estaba retirada."))
    selection.retired_on = clock.today(setting(session, "time_zone"))
    selection.version += 1
    session.flush()
    _tell(session, EventKind.PRIORITY_RETIRED, selection, capacity, {"on": selection.retired_on.isoformat()}, texts={"reason": reason})


def _member(selection: PrioritySelection, one: Ranked) -> dict[str, Any]:
    return {
        "selection_id": selection.id, "unit_id": one.unit.id, "name": one.unit.name, "place": one.place, "rank": one.rank,
        "score": one.score, "parts": [asdict(part) for part in one.parts],
    }


def _tell(
    session: Session, kind: EventKind, selection: PrioritySelection, capacity: Capacity, data: dict[str, Any], *,
    texts: dict[str, str] | None,
) -> None:
    moment = clock.now()
    ledger.append(
        session, kind, object=f"priority:{selection.slug}", capacity=capacity, occurred_at=moment, recorded_at=moment,
        data={"name": selection.name_es, **data}, texts=texts or {},
    )
