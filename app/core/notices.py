"""The privacy notice in force, for the sentence beside each form that takes people's data."""

from __future__ import annotations

from flask import Flask, g
from sqlalchemy import select

from app.core.links import absolute
from app.core.transaction import read_session
from models.settings import notice_in_force


def notice_number() -> int | None:
    """The number of the notice published last; None before the first. One query a request, on pages that ask."""
    if "notice_number" not in g:
        g.notice_number = read_session().scalar(select(notice_in_force()))
    return g.notice_number


def privacy_address() -> str:
    """Where the notice is read, as paper says it."""
    return absolute("portal.privacy").partition("://")[2]


def init_notices(app: Flask) -> None:
    app.jinja_env.globals.update(notice_number=notice_number, privacy_address=privacy_address)
