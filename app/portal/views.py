"""What everybody finds first."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.core.access import public

blueprint = Blueprint("portal", __name__, template_folder="templates")


@blueprint.get("/")
@public
def home():
    return render_template("portal/home.html")
