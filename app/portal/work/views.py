"""My day, where a person lands after signing in, and the whole lists behind it."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from sqlalchemy import select

from agendas.agreements import lists
from app.core import clock
from app.core.access import requires, signed_in
from app.core.actors import current_actor
from app.core.formatters import zone
from app.core.i18n import _, lazy
from app.core.listing import respond
from app.core.navigation import offer
from app.core.permissions import Permission, may_somewhere, reach_of
from app.core.transaction import read_session
from app.portal.ledger.words import event_words
from app.portal.work import blocks, half_done, queries, territories
from models import Agreement, Ancestry, Body
from territories.units.queries import long_ago

blueprint = Blueprint("work", __name__)
STREET = requires(Permission.ASSEMBLY_CONVENE)
OVERSIGHT = requires(Permission.WORK_OVERSEE)


def init_work(app: Flask) -> None:
    offer(app, "work.day", lazy("Mi día"), None, order=1)
    offer(app, "work.block_list", lazy("Cuadras"), Permission.ASSEMBLY_CONVENE, order=12)
    offer(app, "work.agreement_list", lazy("Acuerdos"), Permission.ASSEMBLY_CONVENE, order=14)
    offer(app, "work.territory_list", lazy("Territorios"), Permission.WORK_OVERSEE, order=16)


@blueprint.get("/work")
@signed_in
def day():
    session, actor = read_session(), current_actor()
    today = clock.today(zone().key)
    return render_template(
        "work/day.html", actor=actor, today=today, page=queries.day_of_actor(session, actor, clock.now(), today),
        half_done=half_done.forms_of(session, actor), event_words=event_words,
    )


@blueprint.get("/work/blocks")
@STREET
def block_list():
    actor = current_actor()
    since, days = long_ago(read_session(), clock.now())
    listing = blocks.listing(since, days, wide=may_somewhere(actor, Permission.WORK_OVERSEE))
    return respond("work/blocks.html", listing, blocks.within(reach_of(actor, Permission.ASSEMBLY_CONVENE)))


@blueprint.get("/work/blocks/convene")
@STREET
def convene_blocks():
    """To the form of one assembly for the blocks that were ticked; nothing is made until it is saved there."""
    unit, codes = blocks.together(read_session(), reach_of(current_actor(), Permission.ASSEMBLY_CONVENE), request.args.getlist("chosen"))
    return redirect(url_for("convene.new", unit=unit, blocks=codes), 303)


@blueprint.get("/work/agreements")
@STREET
def agreement_list():
    session, reach = read_session(), reach_of(current_actor(), Permission.ASSEMBLY_CONVENE)
    today = clock.today(zone().key)
    below = select(Ancestry.unit_id).where(Ancestry.ancestor_id.in_(reach))
    listing = lists.agreements(
        name="agreements", title=_("Acuerdos de mi zona"), today=today, taxonomy=lists.themes(session),
        bodies=session.scalars(select(Body).where(Body.active).order_by(Body.name)).all(),
        link=lambda agreement: url_for("agreements.show", folio=agreement.folio),
    )
    return respond("work/agreements.html", listing, lists.listed().where(Agreement.unit_id.in_(below)), today=today)


@blueprint.get("/work/territories")
@OVERSIGHT
def territory_list():
    session, reach = read_session(), reach_of(current_actor(), Permission.WORK_OVERSEE)
    side = territories.Side(reach, clock.today(zone().key), offices=territories.offices_of(session, reach))
    return respond("work/territories.html", side.listing(), side.query())


@blueprint.get("/work/promoters")
@OVERSIGHT
def promoter_list():
    query, listing = territories.promoters(
        reach_of(current_actor(), Permission.WORK_OVERSEE), clock.today(zone().key)
    )
    return respond("work/promoters.html", listing, query)
