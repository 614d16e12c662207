"""The JSON API: read only, without a key, the same figures as the pages."""

from __future__ import annotations

from flask import Blueprint, Response, abort, json, request

from agendas.agreements.queries import agreement_by_folio, agreement_json, this_day
from app.api import contract, queries
from app.core import rate
from app.core.access import public
from app.core.errors import problem
from app.core.headers import open_to_all
from app.core.links import absolute, agreement_path, assembly_path, whole
from app.core.pagination import PAGE_SIZE, BadCursor, Page
from app.core.search import Hit
from app.core.transaction import read_session
from app.portal.units.queries import Filters
from models.search import SearchKind
from models.territory import UNIT_CODE
from territories.units.queries import find_place

blueprint = Blueprint("api", __name__)
blueprint.after_request(open_to_all)
# A minute of one address, beside the searches of its pages.
SEARCHES = 120


@blueprint.errorhandler(contract.BadFilter)
def _bad_filter(wrong: contract.BadFilter) -> Response:
    return problem(400, "Bad filter", str(wrong))


@blueprint.errorhandler(BadCursor)
def _bad_cursor(_wrong: BadCursor) -> Response:
    return problem(400, "Bad filter", "bad value for cursor")


@blueprint.get("/api/v1/units/<code>")
@public(localised=False, kept="minute")
def unit(code: str) -> Response:
    contract.UNIT_OPERATION.read(request.args)
    session = read_session()
    place = find_place(session, code) if UNIT_CODE.fullmatch(code) else None
    if place is None:
        abort(404)
    return _json(queries.unit_json(session, place, this_day(session), url=absolute("units.unit", code=place.unit.code)))


@blueprint.get("/api/v1/agreements")
@public(localised=False, kept="minute")
def agreements() -> Response:
    asked = contract.AGREEMENTS.read(request.args)
    session = read_session()
    return _page(
        queries.agreements_page(
            session, this_day(session), url_of=agreement_url, unit=asked["unit"], cursor=asked["cursor"],
            filters=Filters(asked["state"], asked["late"], asked["theme"], asked["owner"]), size=asked["limit"] or PAGE_SIZE,
        )
    )


@blueprint.get("/api/v1/agreements/<folio>")
@public(localised=False, kept="minute")
def agreement(folio: str) -> Response:
    contract.AGREEMENT.read(request.args)
    session = read_session()
    found = agreement_by_folio(session, folio)
    if found is None:
        abort(404)
    return _json(agreement_json(session, found, url=agreement_url(found.folio)))


@blueprint.get("/api/v1/assemblies")
@public(localised=False, kept="minute")
def assemblies() -> Response:
    asked = contract.ASSEMBLIES.read(request.args)
    return _page(
        queries.assemblies_page(
            read_session(), url_of=assembly_url, unit=asked["unit"], state=asked["state"], cursor=asked["cursor"],
            size=asked["limit"] or PAGE_SIZE,
        )
    )


@blueprint.get("/api/v1/search")
@public(localised=False, kept="minute")
def search() -> Response:
    asked = contract.SEARCH.read(request.args)
    rate.limit_reads("search", rate.client_address(), times=SEARCHES, seconds=60)
    return _page(
        queries.search_page(
            read_session(), asked["q"], url_of=hit_url, kind=asked["kind"], unit=asked["unit"], cursor=asked["cursor"],
            size=asked["limit"] or PAGE_SIZE,
        )
    )


@blueprint.get("/api/openapi.json")
@public(localised=False)
def openapi() -> Response:
    contract.OPENAPI.read(request.args)
    return _json(contract.openapi(whole("")))


def agreement_url(folio: str) -> str:
    return whole(agreement_path(folio))


def assembly_url(folio: str) -> str:
    return whole(assembly_path(folio))


def hit_url(hit: Hit) -> str:
    """The page of something found."""
    if hit.kind is SearchKind.AGREEMENT:
        return agreement_url(hit.ref)
    if hit.kind is SearchKind.ASSEMBLY:
        return assembly_url(hit.ref)
    if hit.kind is SearchKind.PROBLEM:
        return absolute("minute.page", folio=hit.ref)
    if hit.kind is SearchKind.THEME:
        return absolute("portal.search", q=hit.title, kind=SearchKind.AGREEMENT)
    return absolute("units.unit", code=hit.ref)


def _json(body) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")


def _page(page: Page) -> Response:
    return _json({"items": page.items, "next": page.next})
