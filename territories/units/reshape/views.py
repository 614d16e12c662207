"""The administration of units: one at a time, its history, and what changes it after it was seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Misfit, Refused
from app.core.formatters import zone
from app.core.i18n import _
from app.core.idempotency import Answer, once
from app.core.labels import local_name
from app.core.listing import Choice, Column, Listing, Sort, Text, respond
from app.core.permissions import Permission
from app.core.search import fold
from app.core.transaction import read_session
from models import TerritorialUnit
from models.settings import setting
from models.territory import UNIT_CODE, Level, LevelRole
from territories.units.codes import keys_of, ocd_id
from territories.units.history import lineage_of
from territories.units.queries import Place, find_place
from territories.units.reshape import queries, services
from territories.units.reshape.drawing import Shape, What, drawn_change, picture
from territories.units.reshape.drawn import around_of
from territories.units.reshape.forms import MOST_PARTS, MergeForm, RedrawForm, ReshapeForm, RetireForm, split_form
from territories.units.reshape.plan import Below, Consequences, Draft, Ground, square_metres

blueprint = Blueprint("reshape", __name__, template_folder="templates", url_prefix="/admin/units")
CHANGES = requires(Permission.UNITS_RESHAPE)
WAYS = ("line", "children", "file")


@blueprint.get("")
@CHANGES
def index():
    return respond("reshape/index.html", _units(), queries.units_to_reshape())


def _units() -> Listing:
    unit = TerritorialUnit
    levels = {str(level.role): local_name(level) for level in sorted(queries.levels(read_session()), key=lambda one: one.depth)}
    return Listing(
        name="unidades", title=_("Unidades"), sort="name", tie=unit.id, empty=_("No hay unidades con esos filtros."),
        columns=(
            Column(
                "name", _("Unidad"), lambda row: row.TerritorialUnit.name, sort=Sort(unit.search_name),
                link=lambda row: url_for("reshape.show", code=row.TerritorialUnit.code),
            ),
            Column("code", _("Clave"), lambda row: row.TerritorialUnit.code, sort=Sort(unit.code)),
            Column("level", _("Nivel"), lambda row: local_name(row.Level)),
            Column("above", _("Dentro de"), lambda row: row.above or ""),
            Column(
                "since", _("Límite desde"), lambda row: row.TerritorialUnit.valid_from, sort=Sort(unit.valid_from, date, descending=True)
            ),
            Column("until", _("Hasta"), lambda row: row.TerritorialUnit.valid_to),
        ),
        filters=(
            Text("q", _("Nombre o clave"), _called),
            Choice("level", _("Nivel"), levels, lambda query, role: query.where(Level.role == LevelRole(role))),
            Choice(
                "state", _("Situación"), {"now": _("En uso"), "past": _("Retiradas")},
                lambda query, value: query.where(unit.valid_to.is_(None) if value == "now" else unit.valid_to.is_not(None)), default="now",
            ),
        ),
    )


def _called(query: Select, said: str) -> Select:
    for word in fold(said).split():
        query = query.where(TerritorialUnit.search_name.contains(word, autoescape=True))
    return query


@blueprint.get("/<code>")
@CHANGES
def show(code: str):
    """A unit in force or retired: its boundary, what it was before, what it may become."""
    place, session = _place_or_404(code), read_session()
    unit = place.unit
    above = [queries.outline(session, place.parent.unit.id)] if place.parent else []
    drawn = picture([Shape(What.UNCHANGED, queries.outline(session, unit.id), unit.name)], behind=above)
    return render_template(
        "reshape/show.html", place=place, picture=drawn, past=queries.boundaries(session, unit.id),
        lineage=lineage_of(session, unit.id),
        keys=keys_of(session, unit.id), ocd=ocd_id(setting(session, "ocd_division"), place.path),
        area=square_metres(unit.area_m2) if unit.area_m2 else None, is_root=place.level.role is LevelRole.ROOT,
    )


@blueprint.get("/<code>/around.geojson")
@CHANGES
def around(code: str):
    """The unit and its neighbours as GeoJSON (RFC 7946), to be drawn on and held on to."""
    unit, session = _place_or_404(code).unit, read_session()
    (own,) = queries.grounds(session, TerritorialUnit.id == unit.id) or abort(404)
    above = TerritorialUnit.id == unit.parent_id
    beside = queries.neighbours_of(session, unit, own) if own.shape is not None else queries.grounds(session, above)
    return jsonify(around_of(own, beside))


@blueprint.route("/<code>/redraw", methods=["GET", "POST"])
@CHANGES
def redraw(code: str):
    change = _Change(code)
    form = RedrawForm.read(on=change.today)
    seen: dict[str, Any] = {}

    def draft(session: Session) -> Draft:
        seen["shape"] = form.boundary(change.unit.code)
        return queries.redraw_draft(session, change.unit, seen["shape"], on=form.on.data, give_way=form.give_way.data)

    def write(session: Session, unit: TerritorialUnit) -> Consequences:
        return services.redraw(
            session, actor=current_actor(), unit=unit, shape=seen["shape"], valid_from=form.on.data, reason=form.reason.data,
            source=form.source.data or "", give_way=form.give_way.data, seen=form.seen.data,
        )

    return change.answer("reshape/redraw.html", form, draft, write)


@blueprint.route("/<code>/split", methods=["GET", "POST"])
@CHANGES
def split(code: str):
    change = _Change(code)
    try:
        count, how = int(request.args.get("parts", "2")), request.args.get("how", "line")
    except ValueError:
        abort(400)
    if how not in WAYS or not 2 <= count <= MOST_PARTS:
        abort(400)
    session = read_session()
    (own,) = queries.grounds(session, TerritorialUnit.id == change.unit.id)
    children = queries.grounds(session, TerritorialUnit.parent_id == change.unit.id)
    form = split_form(count, how, children, on=change.today)
    made: dict[str, Any] = {}

    def draft(session: Session) -> Draft:
        made["parts"], made["chosen"] = form.parts(own, children), form.chosen(children)
        return queries.split_draft(session, change.unit, made["parts"], on=form.on.data, chosen=made["chosen"])

    def write(session: Session, unit: TerritorialUnit) -> Consequences:
        return services.split(
            session, actor=current_actor(), unit=unit, parts=made["parts"], on=form.on.data, reason=form.reason.data,
            source=form.source.data or "", chosen=made["chosen"], seen=form.seen.data,
        )

    return change.answer("reshape/split.html", form, draft, write, children=children, how=how, count=count, most=MOST_PARTS)


@blueprint.route("/<code>/merge", methods=["GET", "POST"])
@CHANGES
def merge(code: str):
    change, session = _Change(code), read_session()
    (own,) = queries.grounds(session, TerritorialUnit.id == change.unit.id)
    form = MergeForm.read(on=change.today, code=change.unit.code)
    form.offer(queries.neighbours_of(session, change.unit, own))

    def among(session: Session) -> list[TerritorialUnit]:
        found = [queries.in_force(session, change.unit.code)[0]]
        for one in form.codes():
            other = queries.in_force(session, one)
            if other is None:
                raise Misfit("more", _("No hay ninguna unidad en uso con la clave %(code)s.", code=one))
            if other[1] is not change.place.level.role:
                raise Misfit("more", _("%(code)s no es del mismo nivel: solo se unen unidades del mismo nivel.", code=one))
            found += [other[0]] if other[0] not in found else []
        if len(found) < 2:
            raise Misfit("others", _("Elija al menos otra unidad."))
        return found

    def draft(session: Session) -> Draft:
        return queries.merge_draft(session, among(session), code=form.code.data, name=form.name.data, on=form.on.data)

    def write(session: Session, _unit: TerritorialUnit) -> Consequences:
        return services.merge(
            session, actor=current_actor(), among=among(session), code=form.code.data, name=form.name.data, on=form.on.data,
            reason=form.reason.data, seen=form.seen.data,
        )

    return change.answer("reshape/merge.html", form, draft, write)


@blueprint.route("/<code>/retire", methods=["GET", "POST"])
@CHANGES
def retire(code: str):
    change = _Change(code)
    form = RetireForm.read(on=change.today)
    form.offer(change.place.parent.unit.name if change.place.parent else "")

    def draft(session: Session) -> Draft:
        return queries.retire_draft(session, change.unit, on=form.on.data, below=Below(form.below.data))

    def write(session: Session, unit: TerritorialUnit) -> Consequences:
        return services.retire(
            session, actor=current_actor(), unit=unit, on=form.on.data, below=Below(form.below.data), reason=form.reason.data,
            seen=form.seen.data,
        )

    return change.answer("reshape/retire.html", form, draft, write)


class _Change:
    """One unit in force at a step of a change: asked, looked at, done."""

    def __init__(self, code: str):
        self.place = _place_or_404(code)
        self.unit, self.today = self.place.unit, clock.today(zone().key)
        if self.unit.valid_to is not None:
            raise Refused(_("Esta unidad ya se retiró: no se puede cambiar."), 409)
        if self.place.parent is None and request.endpoint != "reshape.redraw":
            raise Refused(_("La unidad de hasta arriba no se divide, no se une y no se retira."), 409)

    def answer(
        self, template: str, form: ReshapeForm, draft: Callable[[Session], Draft],
        write: Callable[[Session, TerritorialUnit], Consequences], **more: Any,
    ) -> ResponseReturnValue:
        """The form; or what it would do, to be confirmed; or, confirmed, the unit as it came out."""
        def page(coming: Consequences | None = None, *, stale: bool = False) -> str:
            return render_template(template, form=form, place=self.place, stale=stale, **_told(coming, self.today), **more)

        if request.method == "GET":
            return page()
        if not form.validate():
            return page(), 422
        try:
            coming = queries.consequences_of(read_session(), draft(read_session()), self.today)
        except Misfit as no:
            form[no.field].errors = [no.sentence]
            return page(), 422
        if coming.problems:
            return page(coming), 422
        if not form.confirmed:
            return page(coming)

        def act(session: Session) -> Answer:
            unit, _role = queries.in_force(session, self.unit.code) or abort(409)
            done = write(session, unit)
            return Answer(location=url_for(".show", code=self.unit.code, done=str(done.draft.act)))

        body = {**form.fingerprint(), "page": request.full_path, "file": ""}
        try:
            return once(actor_key=current_actor().key, client_id=form.client_id.data, body=body, act=act).response()
        except services.Outdated as now:
            return page(now.now, stale=True), 409


def _told(coming: Consequences | None, today: date) -> dict[str, Any]:
    if coming is None:
        return {"coming": None}
    ended: tuple[Ground, ...] = coming.ended
    return {
        "coming": coming, "picture": drawn_change(coming), "hanging": queries.hanging_on(read_session(), [one.id for one in ended], today),
        "square_metres": square_metres,
    }


def _place_or_404(code: str) -> Place:
    place = find_place(read_session(), code) if UNIT_CODE.fullmatch(code) else None
    if place is None:
        abort(404)
    return place
