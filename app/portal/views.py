"""What everybody finds first."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app.core.access import public

blueprint = Blueprint("portal", __name__, template_folder="templates")


@blueprint.get("/")
@public
def home():
    return render_template("portal/home.html")


@blueprint.get("/search")
@public
def search():
    return render_template("portal/search.html", q=request.args.get("q", "").strip())
