"""Putting an agreement, or the place where an assembly meets, on the map: by tapping, by coordinates, by choosing a block.

Nothing is dragged and no script is needed. What is asked travels in the address; only "save" writes.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request, url_for

from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Misfit
from app.core.idempotency import Answer, once
from app.core.permissions import Permission, Thing, can
from app.core.transaction import read_session
from models.territory import path_of
from territories.places import coordinates, queries, services
from territories.places.forms import Asking, Choice, SpotForm, asked, window_of
from territories.places.picture import CLOSEST, WIDTHS, Window, picture
from territories.places.queries import Surroundings
from territories.subjects import Subject, find_subject

blueprint = Blueprint("places", __name__, template_folder="templates", url_prefix="/work/places")
SETS = requires(Permission.SPOT_SET)


@blueprint.get("/<folio>")
@SETS
def show(folio: str):
    return _page(_subject_or_404(read_session(), folio))


@blueprint.post("/<folio>")
@SETS
def save(folio: str):
    subject, form = _subject_or_404(read_session(), folio), SpotForm.read()
    choice = form.choice() if form.validate() else None
    if choice is None:
        return _page(subject), 422
    actor, back = current_actor(), url_for("places.show", folio=subject.typed)

    def act(session) -> Answer:
        services.set_spot(
            session, actor=actor, subject=_subject_or_404(session, folio), longitude=choice.longitude, latitude=choice.latitude,
            told_by=choice.told_by, seen=form.version.data, back=back,
        )
        return Answer(url_for("places.show", folio=subject.typed, saved=1))

    try:
        body = {**form.fingerprint(), "folio": subject.typed}
        return once(actor_key=actor.key, client_id=form.client_id.data, body=body, act=act).response()
    except Misfit:
        return _page(subject, choice), 422


@blueprint.post("/<folio>/remove")
@SETS
def remove(folio: str):
    subject, form = _subject_or_404(read_session(), folio), SpotForm.read()
    actor, back = current_actor(), url_for("places.show", folio=subject.typed)

    def act(session) -> Answer:
        services.remove_spot(session, actor=actor, subject=_subject_or_404(session, folio), seen=form.version.data, back=back)
        return Answer(url_for("places.show", folio=subject.typed, removed=1))

    return once(actor_key=actor.key, client_id=form.client_id.data, body={"remove": subject.typed}, act=act).response()


@blueprint.get("/<folio>/map.svg")
@SETS
def drawing(folio: str) -> Response:
    subject = _subject_or_404(read_session(), folio)
    width = request.args.get("width", default=WIDTHS[0], type=int)
    if width not in WIDTHS:
        abort(404)
    drawn = picture(
        queries.surroundings(read_session(), subject), window_of(request.args), width, coordinates.read(request.args.get("pin", ""))
    )
    return Response(render_template("places/map.svg", drawn=drawn, unit=subject.unit), mimetype="image/svg+xml")


def _subject_or_404(session, folio: str) -> Subject:
    """An agreement or a convened assembly, within the reach of whoever asks."""
    subject = find_subject(session, folio)
    if subject is None or (subject.assembly is None and subject.agreement is None):
        abort(404)
    thing = Thing(path=path_of(session, subject.unit.id), unit_id=subject.unit.id)
    return subject if can(current_actor(), Permission.SPOT_SET, thing) else abort(403)


def _page(subject: Subject, choice: Choice | None = None) -> str:
    session, form = read_session(), Asking(request.args)
    around, window = queries.surroundings(session, subject), window_of(request.args)
    form.offer(around)
    choice = choice or asked(form, request.args, around, window)
    spot = queries.spot_of(session, subject)
    pin = choice.point if choice else (spot.longitude, spot.latitude) if spot is not None else None
    if choice is not None and window.zoom < CLOSEST:
        # Shown nearer each time: a second tap there is surer than the first.
        window = Window(window.zoom + 1, choice.point)
    return render_template(
        "places/place.html", subject=subject, form=form, around=around, choice=choice, spot=spot, pin=pin and coordinates.written(*pin),
        found=queries.where_is(around, *pin) if pin else None, pictures=_pictures(around, window), window=window, closest=CLOSEST,
        centre=coordinates.written(*_centre(around, window)), save=_sending(choice, spot.version if spot else 0),
    )


def _pictures(around: Surroundings, window: Window) -> list[tuple[int, int]]:
    """(width, height) in pixels of the map in each of its sizes."""
    return [(width, window.fit(around, width).height) for width in WIDTHS]


def _centre(around: Surroundings, window: Window) -> tuple[float, float]:
    west, south, east, north = window.bounds(around)
    return (west + east) / 2, (south + north) / 2


def _sending(choice: Choice | None, version: int) -> SpotForm:
    told = {"longitude": choice.longitude, "latitude": choice.latitude, "told_by": str(choice.told_by)} if choice else {}
    return SpotForm(data=told | {"version": version})
