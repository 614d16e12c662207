"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.core.access import public

blueprint = Blueprint("accounts", __name__, template_folder="templates")


@blueprint.get("/signin")
@public
def signin():
    return render_template("accounts/signin.html")
