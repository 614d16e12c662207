"""Saved selections as anybody reads them: where the programme begins, and why there."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, abort, json, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.access import public
from app.core.headers import open_to_all
from app.core.links import absolute, whole
from app.core.sheets import CSV_TYPE, csv_line
from app.core.transaction import read_session
from models import Level, PrioritySelection
from models.ledger import rfc3339
from territories.priorities import board, queries
from territories.priorities.words import init_words

blueprint = Blueprint("priorities", __name__, template_folder="templates", url_prefix="/priorities")


def init_priorities(app: Flask) -> None:
    init_words(app)


@blueprint.get("")
@public(kept="minute")
def index():
    session = read_session()
    rows = session.execute(queries.selections().order_by(PrioritySelection.saved_at.desc(), PrioritySelection.id.desc())).all()
    return render_template("priorities/index.html", rows=rows, whole=whole)


@blueprint.get("/<slug>")
@public(kept="minute")
def show(slug: str):
    session = read_session()
    selection = _selection_or_404(session, slug)
    if selection.slug != slug:
        return redirect(url_for(".show", slug=selection.slug), 301)
    return render_template(
        "priorities/show.html", selection=selection, board=board.of_saved(selection, queries.members_of(session, selection.id)),
        level=level_of(session, selection), phases=queries.phases_of(session, selection.id), whole=whole,
    )


@blueprint.get("/<slug>.csv")
@public(localised=False, kept="minute")
def table(slug: str) -> Response:
    session = read_session()
    selection = _selection_or_404(session, slug)
    codes = [one["code"] for one in selection.recipe["criteria"]]
    names = ["rank", "code", "name", "place", "score", *(f"{code}_{what}" for code in codes for what in ("value", "points"))]
    lines = [
        [
            one.kept.rank, one.code, one.kept.name, str(one.kept.place), one.kept.score,
            *(part[what] for part in one.kept.parts for what in ("value", "points")),
        ]
        for one in queries.members_of(session, selection.id)
    ]
    return open_to_all(
        Response(
            [csv_line(line).encode() for line in (names, *lines)], mimetype=CSV_TYPE,
            headers={"Content-Disposition": f'attachment; filename="priorities-{selection.slug}.csv"'},
        )
    )


@blueprint.get("/<slug>.json")
@public(localised=False, kept="minute")
def document(slug: str) -> Response:
    session = read_session()
    selection = _selection_or_404(session, slug)
    told = {
        "slug": selection.slug, "name": {"es": selection.name_es, "fr": selection.name_fr, "en": selection.name_en},
        "reason": selection.reason, "saved_at": rfc3339(selection.saved_at),
        "retired_on": selection.retired_on.isoformat() if selection.retired_on else None, "digest": selection.digest,
        "recipe": selection.recipe, "sensitivity": selection.sensitivity,
        "units": [
            {
                "rank": one.kept.rank, "code": one.code, "name": one.kept.name, "place": str(one.kept.place), "score": one.kept.score,
                "parts": one.kept.parts,
            }
            for one in queries.members_of(session, selection.id)
        ],
        "url": absolute("priorities.show", slug=selection.slug),
    }
    return open_to_all(Response(json.dumps(told), mimetype="application/json"))


def _selection_or_404(session: Session, slug: str) -> PrioritySelection:
    return queries.find(session, slug.lower()) or abort(404)


def level_of(session: Session, selection: PrioritySelection) -> Level:
    return session.scalars(select(Level).where(Level.role == selection.role)).one()
