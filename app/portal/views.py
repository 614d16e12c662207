"""What everybody finds first."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request

from app.core import clock
from app.core.access import public
from app.core.formatters import zone
from app.core.links import agreement_path, assembly_path
from app.core.transaction import read_session
from app.portal import search as searching
from app.portal.home import first_page
from models.settings import setting

blueprint = Blueprint("portal", __name__, template_folder="templates")


@blueprint.get("/")
@public
def home():
    today = clock.today(zone().key)
    return render_template("portal/home.html", today=today, now=first_page(read_session(), clock.now(), today))


@blueprint.get("/search")
@public
def search():
    text = request.args.get("q", "").strip()
    session = read_session()
    if found := searching.by_folio(session, text):
        kind, folio = found
        return redirect(agreement_path(folio) if kind == "agreement" else assembly_path(folio), 303)
    return render_template(
        "portal/search.html", q=text, results=searching.search(session, text), shown=searching.SHOWN,
        today=clock.today(zone().key), now=clock.now(),
    )


@blueprint.get("/privacy")
@public
def privacy():
    return render_template("portal/privacy.html", contact=setting(read_session(), "contact"))


@blueprint.get("/help")
@public
def help_page():
    return render_template("portal/help.html", contact=setting(read_session(), "contact"))


@blueprint.get("/robots.txt")
@public(localised=False)
def robots() -> Response:
    lines = ("User-agent: *", "Disallow: /search", "Disallow: /work", "Disallow: /inbox", "Disallow: /admin", "Disallow: /account", "")
    return Response("\n".join(lines), mimetype="text/plain")
