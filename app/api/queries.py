"""The objects of INTERFACES.md, alike for the API and the files of open data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from agendas.agreements.queries import agreements_json, with_names
from agendas.agreements.share import share_of_unit
from app.api.contract import STATES, BadFilter
from app.core import search
from app.core.pagination import Page, keyset
from app.core.streams import STREAMED
from app.portal.units.liaisons import liaisons_of
from app.portal.units.queries import Filters, below, gathering, narrowed, tally_of
from models import Agreement, Assembly, AssemblyBlock, Body, HeadcountCell, TerritorialUnit, Theme
from models.assembly import MET
from models.ledger import rfc3339
from models.search import SearchKind
from models.settings import setting
from territories.units.codes import ocd_id, source_key
from territories.units.queries import Place, children_of

UrlOf = Callable[[str], str]


def unit_json(session: Session, place: Place, day: date, *, url: str) -> dict[str, Any]:
    """A unit of INTERFACES.md; ``liaisons`` is None where the number is not published."""
    unit, under = place.unit, children_of(session, place.unit.id, limit=20_000)
    by_state = tally_of(session, unit.id, day).by_state
    coverage = under.coverage
    if place.is_block:
        own = children_of(session, unit.parent_id, first=unit.id, limit=1)
        coverage = own.children[0].coverage if own.children else coverage
    return {
        "code": unit.code, "name": unit.name, "level": str(place.level.role), "kind": str(unit.kind) if unit.kind else None,
        "parent": place.parent.unit.code if place.parent else None, "ocd_id": ocd_id(setting(session, "ocd_division"), place.path),
        "source": unit.source,
        "source_key": session.scalar(select(source_key()).select_from(TerritorialUnit).where(TerritorialUnit.id == unit.id)),
        "children": [child.code for child in under.children],
        "coverage": {"met": coverage.met, "of": coverage.of}, "liaisons": liaisons_of(session, place, day),
        "agreements": {state: by_state.get(state, 0) for state in STATES},
        "share": share_of_unit(session, unit.id, day).first.as_json(), "url": url,
    }


def _unit(code: str | None) -> Select | None:
    return None if code is None else select(TerritorialUnit.id).where(TerritorialUnit.code_key == code.lower())


def _theme(code: str | None) -> Select | None:
    return None if code is None else select(Theme.id).where(Theme.code == code)


def _owner(code: str | None) -> Select | None:
    return None if code is None else select(Body.id).where(Body.code == code)


def _known(session: Session, wanted: dict[str, Select]) -> dict[str, int]:
    """The id behind each code, in one query. Raises BadFilter naming the first that nobody has."""
    if not wanted:
        return {}
    found = session.execute(select(*[query.scalar_subquery().label(name) for name, query in wanted.items()])).one()
    for name, one in zip(wanted, found, strict=True):
        if one is None:
            raise BadFilter(f"unknown {name}")
    return dict(zip(wanted, found, strict=True))


def agreements_page(
    session: Session, day: date, *, url_of: UrlOf, unit: str | None = None, filters: Filters | None = None, cursor: str | None = None,
    size: int,
) -> Page:
    """Agreements as JSON, the newest first. Raises BadFilter for a code nobody has, BadCursor."""
    filters = filters or Filters()
    wanted = {"unit": _unit(unit), "theme": _theme(filters.theme), "owner": _owner(filters.owner)}
    known = _known(session, {name: query for name, query in wanted.items() if query is not None})
    query = narrowed(with_names(select(Agreement)).join(Body, Body.id == Agreement.owner_id), filters, day)
    if unit is not None:
        query = query.where(Agreement.unit_id.in_(below(known["unit"])))
    page = keyset(session, query, [(Agreement.id, True, int)], cursor=cursor, size=size)
    return Page(agreements_json(session, [row[0] for row in page.items], url_of, day), page.next)


def assemblies_page(
    session: Session, *, url_of: UrlOf, unit: str | None = None, state=None, cursor: str | None = None, size: int
) -> Page:
    """Assemblies as JSON, the latest first; drafts are nobody's business. Raises BadFilter, BadCursor."""
    query = select(Assembly).options(joinedload(Assembly.unit))
    if unit is not None:
        query = query.where(gathering(_known(session, {"unit": _unit(unit)})["unit"]))
    else:
        query = query.where(Assembly.convened_at.is_not(None))
    if state is not None:
        query = query.where(Assembly.state == state)
    keys = [(Assembly.starts_at, True, datetime), (Assembly.id, True, int)]
    page = keyset(session, query, keys, cursor=cursor, size=size)
    return Page(assemblies_json(session, [row[0] for row in page.items], url_of), page.next)


def search_page(
    session: Session, text: str, *, url_of: Callable[[search.Hit], str], kind: SearchKind | None = None, unit: str | None = None,
    cursor: str | None = None, size: int,
) -> Page:
    """What holds the words of ``text``, the best first. Raises BadFilter for a code nobody has, BadCursor."""
    inside = _known(session, {"unit": _unit(unit)})["unit"] if unit is not None else None
    page = search.page(session, search.words_of(text), kind=kind, unit_id=inside, cursor=cursor, size=size)
    return Page([_hit_json(hit, url_of(hit)) for hit in page.items], page.next)


def _hit_json(hit: search.Hit, url: str) -> dict[str, Any]:
    place = {"code": hit.unit_code, "name": hit.unit_name} if hit.unit_code is not None else None
    return {"kind": str(hit.kind), "ref": hit.ref, "title": hit.title, "unit": place, "url": url}


def assemblies_json(session: Session, assemblies: Sequence[Assembly], url_of: UrlOf) -> list[dict[str, Any]]:
    """Assemblies with the codes of the blocks they gather and how many people came (None before they met)."""
    ids = [one.id for one in assemblies]
    blocks: dict[int, list[str]] = {}
    for assembly_id, code in session.execute(
        select(AssemblyBlock.assembly_id, TerritorialUnit.code)
        .join(TerritorialUnit, TerritorialUnit.id == AssemblyBlock.unit_id)
        .where(AssemblyBlock.assembly_id.in_(ids)).order_by(TerritorialUnit.code)
    ):
        blocks.setdefault(assembly_id, []).append(code)
    people = dict(
        session.execute(
            select(HeadcountCell.assembly_id, func.sum(HeadcountCell.people))
            .where(HeadcountCell.assembly_id.in_(ids)).group_by(HeadcountCell.assembly_id)
        ).all()
    )
    return [_assembly(one, blocks.get(one.id, []), people.get(one.id), url_of(one.folio)) for one in assemblies]


def each_assembly(session: Session, url_of: UrlOf) -> Iterator[dict[str, Any]]:
    """Every assembly once convened as the API gives it, the oldest first; one query, read as it is asked for."""
    block = aliased(TerritorialUnit)
    blocks = (
        select(func.aggregate_strings(block.code, " ")).join(AssemblyBlock, AssemblyBlock.unit_id == block.id)
        .where(AssemblyBlock.assembly_id == Assembly.id).scalar_subquery()
    )
    people = select(func.sum(HeadcountCell.people)).where(HeadcountCell.assembly_id == Assembly.id).scalar_subquery()
    rows = session.execute(
        select(Assembly, blocks, people).options(joinedload(Assembly.unit)).where(Assembly.convened_at.is_not(None))
        .order_by(Assembly.id).execution_options(yield_per=STREAMED)
    )
    for one, codes, came in rows:
        yield _assembly(one, sorted((codes or "").split()), came, url_of(one.folio))


def _assembly(one: Assembly, blocks: list[str], people: int | None, url: str) -> dict[str, Any]:
    return {
        "folio": one.folio, "title": one.title, "kind": str(one.kind), "mode": str(one.mode), "state": str(one.state),
        "starts_at": rfc3339(one.starts_at), "second_call_at": _moment(one.second_call_at), "ends_at": _moment(one.ends_at),
        "place": one.place, "unit": {"code": one.unit.code, "name": one.unit.name}, "blocks": blocks,
        "attendance": _attendance(one, people), "version": one.version, "url": url,
    }


def _attendance(one: Assembly, counted: int | None) -> int | None:
    """How many came: as counted there, or as the list told that an assembly came from; None where nobody says."""
    if one.state not in MET:
        return None
    if one.imported and not counted:
        return one.told_headcount["total"] if one.told_headcount else None
    return int(counted or 0)


def _moment(value: datetime | None) -> str | None:
    return rfc3339(value) if value is not None else None
