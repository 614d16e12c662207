"""Everything public, to take away."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, json, render_template, request, send_file

from app.core import storage
from app.core.access import public
from app.core.dictionary import kind_words
from app.core.headers import open_to_all
from app.core.links import whole
from app.core.streams import pieces
from app.core.transaction import database, read_session
from app.portal.open_data import linked, queries
from app.portal.open_data import package as packages
from app.portal.open_data.exports import RESOURCES, Resource, Site
from app.portal.open_data.releases import DESCRIPTOR, MONTH, release_of, released
from models.settings import setting
from models.territory import LevelRole

blueprint = Blueprint("open_data", __name__, template_folder="templates", url_prefix="/open-data")
blueprint.after_request(open_to_all)
A_YEAR = 31_536_000
_BY_FILE = {one.file: one for one in RESOURCES}
WITH_LEVEL = ("units", "units-map")


@blueprint.get("/")
@public(kept="minute")
def index():
    session = read_session()
    edition, municipality = queries.edition_of(session), setting(session, "municipality")
    past = released(session)
    return render_template(
        "open_data/index.html", resources=RESOURCES, sizes=queries.sizes(session), edition=edition, releases=past,
        linked=linked.dataset(municipality, edition, past),
    )


@blueprint.get("/dictionary")
@public(kept="minute")
def dictionary():
    return render_template("open_data/dictionary.html", tables=[one for one in RESOURCES if not one.is_map], kind_words=kind_words)


@blueprint.get("/datapackage.json")
@public(localised=False)
def datapackage() -> Response:
    session = read_session()
    edition = queries.edition_of(session)
    descriptor = packages.package(
        edition, municipality=setting(session, "municipality"), sources=queries.sources(session),
        created=packages.created_at(edition), version=edition.tag,
    )
    response = Response(json.dumps(descriptor, ensure_ascii=False), mimetype="application/json")
    response.last_modified = edition.changed
    return response


@blueprint.get("/<name>")
@public(localised=False, kept="day")
def resource(name: str) -> Response:
    """A file as it is now. The same edition has the same tag: what did not change is not sent again."""
    asked = _BY_FILE.get(name)
    if asked is None:
        abort(404)
    level = _level(asked)
    edition = queries.edition_of(read_session())
    response = Response(_pieces(asked, Site(whole(""), edition.day), level), mimetype=asked.mediatype)
    response.set_etag(f"{asked.name}-{level or 'all'}-{edition.tag}", weak=True)
    response.last_modified = edition.changed
    response.headers.set("Content-Disposition", "attachment", filename=_dated(asked.file, edition.day.isoformat()))
    return response.make_conditional(request)


@blueprint.get("/releases/<month>/<name>")
@public(localised=False)
def frozen(month: str, name: str) -> Response:
    found = release_of(read_session(), month) if MONTH.fullmatch(month) else None
    file = found.files.get(name) if found is not None else None
    try:
        path = storage.path_of(file.sha256) if file is not None else abort(404)
    except FileNotFoundError:
        abort(404)
    response = send_file(
        path, mimetype=_BY_FILE[name].mediatype if name in _BY_FILE else "application/json",
        as_attachment=name != DESCRIPTOR, download_name=_dated(name, month), conditional=False, etag=False, max_age=A_YEAR,
        last_modified=found.event.recorded_at,
    )
    # Weak, because what travels may be compressed: a strong one would change on the way and never match again.
    response.set_etag(file.sha256, weak=True)
    response.cache_control.public, response.cache_control.immutable = True, True
    return response.make_conditional(request, accept_ranges=True, complete_length=file.bytes)


def _pieces(asked: Resource, site: Site, level: LevelRole | None) -> Iterator[bytes]:
    open_session = database().replica
    chosen = {"level": level} if level is not None else {}

    def read() -> Iterator[bytes]:
        with open_session() as session:
            yield from pieces(asked.write(session, site, **chosen))

    return read()


def _level(asked: Resource) -> LevelRole | None:
    """The level of ``?level=``; any other parameter or value is refused."""
    known = {"level"} if asked.name in WITH_LEVEL else set()
    if set(request.args) - known:
        abort(400)
    try:
        return LevelRole(request.args["level"]) if "level" in request.args else None
    except ValueError:
        abort(400)


def _dated(name: str, date: str) -> str:
    """``cuadra-agreements-2026-03-14.csv``"""
    stem, _dot, ending = name.rpartition(".")
    return f"cuadra-{stem}-{date}.{ending}"
