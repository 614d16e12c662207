"""What everybody finds first."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from app.admin.settings.queries import notice as notice_of
from app.core import clock, rate
from app.core.access import public
from app.core.errors import RateLimited
from app.core.formatters import zone
from app.core.links import agreement_path, assembly_path
from app.core.pagination import PAGE_SIZE, BadCursor
from app.core.search import excerpt, mark
from app.core.transaction import read_session
from app.portal import search as searching
from app.portal.home import first_page
from app.portal.units import linked
from models.search import SearchKind
from models.settings import setting
from models.territory import UNIT_CODE
from territories.units.queries import Place, find_place

blueprint = Blueprint("portal", __name__, template_folder="templates")
# A minute of one address, which a school or an office may share.
SEARCHES = 120
# More than will ever be published, and less than a column of the database takes.
MOST_NOTICES = 10**6


@blueprint.get("/")
@public(kept="minute")
def home():
    today = clock.today(zone().key)
    now = first_page(read_session(), clock.now(), today)
    return render_template("portal/home.html", today=today, now=now, linked=linked.site(now.root.name if now.root else None))


@blueprint.get("/search")
@public(kept="minute")
def search():
    text = request.args.get("q", "").strip()
    try:
        kind = SearchKind(request.args["kind"]) if request.args.get("kind") else None
    except ValueError:
        abort(400)
    try:
        rate.limit_reads("search", rate.client_address(), times=SEARCHES, seconds=60)
    except RateLimited as wait:
        page = make_response(render_template("portal/search_rest.html", q=text, seconds=wait.seconds), 429)
        page.headers.update({"Retry-After": str(wait.seconds), "Cache-Control": "no-store"})
        return page
    session = read_session()
    place = _place(request.args.get("unit") or "")
    if kind is None and (found := searching.by_folio(session, text)):
        what, folio = found
        return redirect(agreement_path(folio) if what == "agreement" else assembly_path(folio), 303)
    here = {"q": text, "place": place, "today": clock.today(zone().key), "now": clock.now(), "mark": mark, "excerpt": excerpt}
    inside = place.unit.id if place is not None else None
    if kind is None:
        results = searching.overview(session, text, unit_id=inside)
        advice = searching.advice(session, text) if results.words and not results.groups else None
        return render_template("portal/search.html", **here, results=results, advice=advice)
    try:
        page, words, cards = searching.whole_list(
            session, text, kind, unit_id=inside, cursor=request.args.get("cursor"), size=PAGE_SIZE
        )
    except BadCursor:
        abort(400)
    return render_template("portal/search_list.html", **here, kind=kind, page=page, words=words, cards=cards)


def _place(code: str) -> Place | None:
    """The unit searched in; 400 for a code that nobody has: silence would widen the search to everything."""
    if not code:
        return None
    place = find_place(read_session(), code) if UNIT_CODE.fullmatch(code) else None
    return place if place is not None else abort(400)


@blueprint.get("/privacy")
@public
def privacy():
    return render_template(
        "portal/privacy.html", contact=setting(read_session(), "contact"), notice=notice_of(read_session()),
        kept={key: setting(read_session(), key) for key in ("keep_hidden_days", "keep_liaisons_days", "keep_accounts_days")},
    )


@blueprint.get("/privacy/notice/<int:number>")
@public
def privacy_notice(number: int):
    """A notice as it was published, also after others took its place."""
    found = notice_of(read_session(), number) if number < MOST_NOTICES else None
    if found is None:
        abort(404)
    return render_template("portal/notice.html", notice=found)


@blueprint.get("/help")
@public
def help_page():
    return render_template("portal/help.html", contact=setting(read_session(), "contact"))


@blueprint.get("/robots.txt")
@public(localised=False)
def robots() -> Response:
    lines = ("User-agent: *", "Disallow: /search", "Disallow: /work", "Disallow: /inbox", "Disallow: /admin", "Disallow: /account", "")
    return Response("\n".join(lines), mimetype="text/plain")
