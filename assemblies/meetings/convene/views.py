"""Convening, from the choice of a unit to the published call."""

from __future__ import annotations

from datetime import time

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for

from agendas.agreements.queries import open_agreements_for
from app.core import clock
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Field
from app.core.formatters import moment, zone
from app.core.i18n import SOURCE, _, force_locale
from app.core.idempotency import Answer, once
from app.core.labels import label
from app.core.listing import respond
from app.core.pagination import BadCursor
from app.core.permissions import Permission, authorise, can
from app.core.transaction import read_session
from assemblies.meetings import policies
from assemblies.meetings.convene import lists, queries, services
from assemblies.meetings.convene.forms import (
    EMPTY_ROWS,
    ConvocationForm,
    PublishForm,
    first_day,
    house_items,
    rows_of,
    when_of,
)
from assemblies.meetings.public.queries import gathered_blocks
from assemblies.meetings.queries import assembly_by_folio, conveners_of, items_of, thing_of
from models.assembly import Assembly, AssemblyKind, AssemblyState, Item, ItemType, WrongMoment
from models.settings import setting
from models.territory import LevelRole, TerritorialUnit

blueprint = Blueprint("convene", __name__, template_folder="templates", url_prefix="/work/assemblies")
USUAL_HOUR = time(17, 0)
KINDS = {LevelRole.BLOCK: AssemblyKind.BLOCK, LevelRole.SECTION: AssemblyKind.BLOCK}


def assembly_or_404(folio: str, session=None, *, lock: bool = False) -> Assembly:
    assembly = assembly_by_folio(session or read_session(), folio, lock=lock)
    if assembly is None:
        abort(404)
    return assembly


@blueprint.get("")
@requires(Permission.ASSEMBLY_CONVENE)
def index():
    listing = lists.assemblies(show=request.args.get("show", ""), day=queries.day_of(zone(), clock.now()))
    return respond("convene/index.html", listing, queries.assemblies_within(current_actor()))


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.ASSEMBLY_CONVENE)
def new():
    code = request.args.get("unit", "")
    if not code:
        return _choose_unit()
    session, actor = read_session(), current_actor()
    unit = queries.unit_by_code(session, code)
    if unit is None:
        abort(404)
    capacity = services.capacity_to_convene(session, actor, unit)
    form = ConvocationForm.read(**_fresh(unit))
    if request.method == "POST" and request.form.get("do") != "rows" and form.validate():

        def act(writing) -> Answer:
            says = form.convocation(zone())
            made = services.draft(
                writing, actor=actor, unit=queries.unit_by_code(writing, unit.code), says=says,
                title=says.title or _usual_title(says.kind, unit), follow_up=_follow_up_title(),
            )
            return Answer(data={"folio": made.folio})

        answer = once(actor_key=actor.key, client_id=form.client_id.data, body=form.fingerprint() | {"unit": unit.code}, act=act)
        return _onward(answer.data["folio"])
    return _form_page(form, unit, role=capacity.role)


def _choose_unit():
    words = request.args.get("q", "").strip()[:100]
    try:
        page = queries.units_of(read_session(), current_actor(), words, cursor=request.args.get("cursor"))
    except BadCursor:
        abort(400)
    return render_template("convene/choose_unit.html", q=words, page=page)


@blueprint.route("/<folio>/edit", methods=["GET", "POST"])
@requires(Permission.ASSEMBLY_EDIT)
def edit(folio: str):
    session, actor = read_session(), current_actor()
    assembly = assembly_or_404(folio)
    authorise(actor, Permission.ASSEMBLY_EDIT, thing_of(session, assembly))
    if assembly.state is not AssemblyState.DRAFT:
        raise WrongMoment(assembly.state, "edit")
    form = ConvocationForm.read(**_saved(assembly))
    if request.method == "POST" and request.form.get("do") != "rows" and form.validate():

        def act(writing) -> Answer:
            locked = assembly_or_404(folio, writing, lock=True)
            says = form.convocation(zone())
            services.redraft(
                writing, actor=actor, assembly=locked, says=says, title=says.title or _usual_title(says.kind, locked.unit),
                follow_up=_follow_up_title(), seen=form.version.data,
                texts=lambda: _both_texts(locked, items_of(writing, locked.id), form),
                back=url_for("convene.edit", folio=locked.folio),
            )
            return Answer(data={"folio": locked.folio})

        answer = once(actor_key=actor.key, client_id=form.client_id.data, body=form.fingerprint() | {"folio": folio}, act=act)
        return _onward(answer.data["folio"])
    return _form_page(form, assembly.unit, assembly=assembly, role=_convener_role(assembly))


def _convener_role(assembly: Assembly) -> str:
    return next((one.role for one in conveners_of(read_session(), assembly.id) if one.body is None), "system")


def _onward(folio: str):
    """To the check, or back to the page of the draft."""
    checking = request.form.get("do") == "check"
    return redirect(url_for("convene.check" if checking else "convene.assembly", folio=folio), 303)


def _form_page(form: ConvocationForm, unit: TerritorialUnit, *, role: str, assembly: Assembly | None = None):
    session = read_session()
    more = request.form.get("do") == "rows"
    if request.method == "GET" or more:
        form.items.tidy(spare=EMPTY_ROWS)
    page = render_template(
        "convene/form.html", form=form, unit=unit, assembly=assembly, role=role,
        groups=queries.blocks_to_gather(session, unit), bodies=queries.bodies_for(session, unit.id),
        owed=open_agreements_for(session, unit.id), types=list(ItemType),
        notice_days=setting(session, "notice_days"),
    )
    return page, 422 if form.errors and not more else 200


def _fresh(unit: TerritorialUnit) -> dict:
    """The form of a new convocation: what usually holds, so that little is left to type."""
    session = read_session()
    kind = KINDS.get(unit.level.role, AssemblyKind.TERRITORY)
    with force_locale(SOURCE):
        # Whoever convenes may read French; the neighbours who get the notice read the municipality's language.
        items = house_items()
    return {
        "kind": str(kind), "day": first_day(clock.today(zone().key), setting(session, "notice_days")), "hour": USUAL_HOUR,
        "place": queries.usual_place(session, unit.id), "quorum": setting(session, "quorum"), "items": items,
        "blocks": request.args.getlist("blocks") or ([unit.code] if unit.level.role is LevelRole.BLOCK else []),
    }


def _saved(assembly: Assembly) -> dict:
    session = read_session()
    items = items_of(session, assembly.id)
    follow_up = next((item for item in items if item.type is ItemType.FOLLOW_UP), None)
    by_itself = bool(follow_up and open_agreements_for(session, assembly.unit_id, limit=1))
    title = "" if assembly.title == _usual_title(assembly.kind, assembly.unit) else assembly.title
    return {
        **when_of(assembly, zone()), "version": assembly.version, "kind": str(assembly.kind), "title": title,
        "mode": str(assembly.mode), "online_url": assembly.online_url, "quorum": assembly.quorum,
        "blocks": queries.gathered_codes(session, assembly.id),
        "bodies": [one.body.code for one in conveners_of(session, assembly.id) if one.body],
        "items": rows_of([item for item in items if not (by_itself and item is follow_up)]),
        "follow_up_method": str(follow_up.method) if follow_up and follow_up.method else "consensus",
    }


def _usual_title(kind: AssemblyKind, unit: TerritorialUnit) -> str:
    """A name for an assembly nobody named. Kept with it, so always in the municipality's language."""
    with force_locale(SOURCE):
        return f"{label(kind)} · {unit.name}"[:200]


def _follow_up_title() -> str:
    with force_locale(SOURCE):
        return _("Seguimiento de acuerdos")


def _both_texts(assembly: Assembly, items: list[Item], form: ConvocationForm) -> list[Field]:
    """What is saved and what was typed, field by field, where they differ."""
    says = form.convocation(zone())
    pairs = [
        (_("Tipo de asamblea"), label(assembly.kind), label(says.kind)),
        (_("Nombre"), assembly.title, says.title or _usual_title(says.kind, assembly.unit)),
        (_("Primera llamada"), moment(assembly.starts_at), moment(says.starts_at)),
        (_("Lugar"), assembly.place, says.place),
        (_("Enlace de la reunión en línea"), assembly.online_url, says.online_url),
        (
            _("Orden del día"), "\n".join(item.title for item in items if item.type is not ItemType.FOLLOW_UP),
            "\n".join(item.title for item in says.items if item.type is not ItemType.FOLLOW_UP),
        ),
    ]
    return [Field(name, saved, mine) for name, saved, mine in pairs if saved != mine]


@blueprint.get("/<folio>/check")
@requires(Permission.ASSEMBLY_EDIT)
def check(folio: str):
    assembly = assembly_or_404(folio)
    authorise(current_actor(), Permission.ASSEMBLY_EDIT, thing_of(read_session(), assembly))
    if assembly.state is not AssemblyState.DRAFT:
        return redirect(url_for("convene.assembly", folio=assembly.folio), 303)
    return _check_page(assembly, PublishForm.read(version=assembly.version))


def _check_page(assembly: Assembly, form: PublishForm, status: int = 200):
    session = read_session()
    items = items_of(session, assembly.id)
    gathered = gathered_blocks(session, assembly.id)
    notice = policies.days_of_notice(clock.today(zone().key), assembly.starts_at.astimezone(zone()).date())
    wanted = setting(session, "notice_days")
    lacks = policies.missing(assembly, items, clock.now())
    page = render_template(
        "convene/check.html", assembly=assembly, form=form, items=items, gathered=gathered, lacks=lacks,
        conveners=conveners_of(session, assembly.id), clashes=queries.clashes_of(session, assembly),
        without_method=policies.without_method(items), notice=notice, wanted=wanted,
        cautions=policies.cautions(notice=notice, wanted=wanted, blocks=gathered.count),
        owed=open_agreements_for(session, assembly.unit_id),
    )
    return page, status


@blueprint.post("/<folio>/publish")
@requires(Permission.ASSEMBLY_EDIT)
def publish(folio: str):
    actor, form = current_actor(), PublishForm.read()
    if not form.validate():
        abort(400)
    back = url_for("convene.check", folio=folio)

    def act(writing) -> Answer:
        assembly = assembly_or_404(folio, writing, lock=True)

        def texts() -> list[Field]:
            saved = "\n".join([assembly.title, moment(assembly.starts_at), assembly.place])
            return [Field(_("Convocatoria"), saved, _("La que usted revisó, de la versión %(n)s", n=form.version.data))]

        services.publish(writing, actor=actor, assembly=assembly, seen=form.version.data, texts=texts, back=back)
        return Answer(url_for("convene.published", folio=assembly.folio))

    try:
        answer = once(actor_key=actor.key, client_id=form.client_id.data, body=form.fingerprint() | {"folio": folio}, act=act)
    except services.Incomplete:
        return _check_page(assembly_or_404(folio), form, 422)
    return answer.response()


@blueprint.get("/<folio>/published")
@requires(Permission.ASSEMBLY_CONVENE)
def published(folio: str):
    assembly = assembly_or_404(folio)
    authorise(current_actor(), Permission.ASSEMBLY_CONVENE, thing_of(read_session(), assembly))
    if assembly.convened_at is None:
        return redirect(url_for("convene.check", folio=assembly.folio), 303)
    with force_locale(SOURCE):
        spoken = render_template("convene/loudspeaker.txt", assembly=assembly)
        message = render_template("convene/message.txt", assembly=assembly, address=_public_address(assembly))
    return render_template(
        "convene/published.html", assembly=assembly, spoken=spoken, message=message, address=_public_address(assembly)
    )


def _public_address(assembly: Assembly) -> str:
    """What is shared with neighbours: the Spanish page, on the configured base."""
    return current_app.extensions["config"].base_url + f"/assemblies/{assembly.folio}"


@blueprint.get("/<folio>")
@requires(Permission.ASSEMBLY_CONVENE)
def assembly(folio: str):
    session, actor = read_session(), current_actor()
    found = assembly_or_404(folio)
    thing = thing_of(session, found)
    authorise(actor, Permission.ASSEMBLY_CONVENE, thing)
    return render_template(
        "convene/assembly.html", assembly=found, items=items_of(session, found.id),
        gathered=gathered_blocks(session, found.id), conveners=conveners_of(session, found.id),
        may={str(p): can(actor, p, thing) for p in (Permission.ASSEMBLY_EDIT, Permission.ASSEMBLY_HOLD, Permission.ASSEMBLY_CANCEL)},
        held=_held_links(found),
    )


def _held_links(assembly: Assembly) -> dict[str, str]:
    base = f"{g.url_prefix}/work/assemblies/{assembly.folio}"
    return {"session": f"{base}/hold", "minutes": f"{base}/minutes", "slips": f"{base}/slips"}
