"""What of each thing may be found: the one place that decides it.

Only words that its public page shows. Never found: drafts, problems about security or violence, the place
of an agreement about them, what neighbours write when they object or doubt, reasons, notes of the minutes, anything of
an account or a slip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, case, select
from sqlalchemy.orm import Session, aliased

from app.core.search.words import folded
from models import Agreement, Ancestry, Assembly, Base, Item, Level, Problem, TerritorialUnit, Theme
from models.assembly import AssemblyState
from models.discretion import discreet
from models.folio import folio_key
from models.search import SearchKind
from models.territory import LEVEL_ORDER, LevelRole

Document = dict[str, Any]
_KINDS = {
    TerritorialUnit: (SearchKind.PLACE, SearchKind.BLOCK), Theme: (SearchKind.THEME,), Agreement: (SearchKind.AGREEMENT,),
    Assembly: (SearchKind.ASSEMBLY,), Problem: (SearchKind.PROBLEM,),
}
INDEXED: Mapping[type[Base], tuple[SearchKind, ...]] = _KINDS


def documents_of(session: Session, model: type[Base], ids: Sequence[int] | None = None) -> Iterator[Document]:
    """The entries, as columns of :class:`SearchEntry`, of the public things among ``ids`` (None: of all)."""
    query, read = _SOURCES[model]
    rows = session.execute(query if ids is None else query.where(model.id.in_(ids))).all()
    if model is Assembly:
        titles = _item_titles(session, None if ids is None else [row.id for row in rows])
        return (read(row, titles.get(row.id, ())) for row in rows)
    return (read(row) for row in rows)


def _territory_of(unit_id, name: str = "name") -> ScalarSelect:
    above, territory, level = aliased(Ancestry), aliased(TerritorialUnit), aliased(Level)
    return (
        select(getattr(territory, name))
        .join(above, above.ancestor_id == territory.id)
        .join(level, level.id == territory.level_id)
        .where(above.unit_id == unit_id, level.role == LevelRole.TERRITORY)
        .scalar_subquery()
    )


def _document(
    kind: SearchKind, row: Row, *, unit_id: int | None, sort: int, ref: str, title: str, detail: str = "", context: str = "",
    head: Iterable[str], body: Iterable[str | None],
) -> Document:
    return {
        "kind": kind, "object_id": row.id, "unit_id": unit_id, "sort": sort, "ref": ref, "title": title, "detail": detail,
        "context": context[:200], "head": folded(" ".join(head)), "body": folded(" ".join(word for word in body if word)),
    }


def _units() -> tuple[Select, Callable[[Row], Document]]:
    unit = TerritorialUnit
    depth = case({role: number for number, role in enumerate(LEVEL_ORDER)}, value=Level.role)
    query = (
        select(
            unit.id, unit.code, unit.short_code, unit.name, unit.streets, unit.valid_to, Level.role, depth.label("depth"),
            _territory_of(unit.id).label("territory"),
        )
        .join(Level, Level.id == unit.level_id)
    )
    return query, _unit


def _unit(row: Row) -> Document:
    block = row.role is LevelRole.BLOCK
    return _document(
        SearchKind.BLOCK if block else SearchKind.PLACE, row, unit_id=row.id,
        # What is no more comes after all that is: who looks for it finds where it went.
        sort=row.depth + (len(LEVEL_ORDER) if row.valid_to else 0), ref=row.code, title=row.name,
        detail=", ".join(row.streets.split("\n")) if block else "",
        context=(row.territory or "") if row.role in (LevelRole.SECTION, LevelRole.BLOCK) else "",
        head=(row.name, row.streets), body=(row.code, row.short_code, row.territory),
    )


def _themes() -> tuple[Select, Callable[[Row], Document]]:
    query = select(Theme.id, Theme.code, Theme.name_es, Theme.name_fr, Theme.name_en).where(
        Theme.sensitive.is_(False), Theme.merged_into_id.is_(None)
    )
    return query, _theme


def _theme(row: Row) -> Document:
    names = (row.name_es, row.name_fr, row.name_en)
    return _document(SearchKind.THEME, row, unit_id=None, sort=0, ref=row.code, title=row.name_es, head=names, body=(row.code,))


def _agreements() -> tuple[Select, Callable[[Row], Document]]:
    unit = TerritorialUnit
    query = (
        select(
            Agreement.id, Agreement.folio, Agreement.text, Agreement.place, Agreement.created_at, Agreement.unit_id, unit.name,
            unit.streets, Theme.name_es, Theme.name_fr, Theme.name_en, _territory_of(unit.id).label("territory"),
            _territory_of(unit.id, "id").label("territory_id"), discreet().label("discreet"),
        )
        .join(unit, unit.id == Agreement.unit_id).join(Theme, Theme.id == Agreement.theme_id)
    )
    return query, _agreement


def _agreement(row: Row) -> Document:
    # About security or violence: by its territory and never by anything nearer (docs/adr/0009).
    where = () if row.discreet else (row.place, row.name, row.streets)
    return _document(
        SearchKind.AGREEMENT, row, unit_id=row.territory_id if row.discreet else row.unit_id,
        sort=-row.created_at.toordinal(), ref=row.folio, title=row.text,
        head=(row.text,),
        body=(
            row.folio, folio_key(row.folio), *where, row.territory, row.name_es, row.name_fr, row.name_en,
        ),
    )


def _assemblies() -> tuple[Select, Callable[..., Document]]:
    unit = TerritorialUnit
    query = (
        select(
            Assembly.id, Assembly.folio, Assembly.title, Assembly.place, Assembly.starts_at, Assembly.unit_id, unit.name,
            unit.streets, _territory_of(unit.id).label("territory"),
        )
        .join(unit, unit.id == Assembly.unit_id)
        .where(Assembly.convened_at.is_not(None))
    )
    return query, _assembly


def _assembly(row: Row, titles: Sequence[str]) -> Document:
    return _document(
        SearchKind.ASSEMBLY, row, unit_id=row.unit_id, sort=-row.starts_at.toordinal(), ref=row.folio, title=row.title,
        head=(row.title,),
        body=(row.folio, folio_key(row.folio), row.place, row.name, row.streets, row.territory, *titles),
    )


def _item_titles(session: Session, assembly_ids: Sequence[int] | None) -> dict[int, list[str]]:
    query = select(Item.assembly_id, Item.title).order_by(Item.assembly_id, Item.position)
    if assembly_ids is not None:
        query = query.where(Item.assembly_id.in_(assembly_ids))
    found: dict[int, list[str]] = {}
    for assembly_id, title in session.execute(query):
        found.setdefault(assembly_id, []).append(title)
    return found


def _problems() -> tuple[Select, Callable[[Row], Document]]:
    unit = TerritorialUnit
    query = (
        select(
            Problem.id, Problem.text, Problem.unit_id, Problem.raised_at, Assembly.folio, unit.name, unit.streets,
            Theme.name_es, Theme.name_fr, Theme.name_en, _territory_of(unit.id).label("territory"),
        )
        .join(Assembly, Assembly.id == Problem.assembly_id)
        .join(unit, unit.id == Problem.unit_id).join(Theme, Theme.id == Problem.theme_id)
        # A problem is public in the sealed minutes, under its item, and nowhere before.
        .where(Theme.sensitive.is_(False), Assembly.state == AssemblyState.CLOSED, Problem.item_id.is_not(None))
    )
    return query, _problem


def _problem(row: Row) -> Document:
    return _document(
        SearchKind.PROBLEM, row, unit_id=row.unit_id, sort=-row.raised_at.toordinal(), ref=row.folio, title=row.text,
        head=(row.text,), body=(row.name, row.streets, row.territory, row.name_es, row.name_fr, row.name_en),
    )


# Put together once: composing these takes longer than running them for one thing.
_SOURCES: Mapping[type[Base], tuple[Select, Callable[..., Document]]] = {
    TerritorialUnit: _units(), Theme: _themes(), Agreement: _agreements(), Assembly: _assemblies(), Problem: _problems(),
}
