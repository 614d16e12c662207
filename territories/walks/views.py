"""Where to convene next: the blocks that wait, in walks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Blueprint, Flask, abort, render_template, request
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import requires
from app.core.actors import current_actor
from app.core.formatters import zone
from app.core.i18n import lazy
from app.core.listing import Listing, State, as_file, turn
from app.core.navigation import offer
from app.core.permissions import Permission, may_somewhere, reach_of
from app.core.transaction import read_session
from models.territory import UNIT_CODE
from territories.units.queries import long_ago
from territories.walks import grouping, lists, queries, words, worth
from territories.walks.queries import Asked, Plan
from territories.walks.sketch import Sketch, sketch
from territories.walks.worth import Walk

blueprint = Blueprint("walks", __name__, template_folder="templates", url_prefix="/work/where-next")
STREET = requires(Permission.ASSEMBLY_CONVENE)
MOST_PRINTED = 30


def init_walks(app: Flask) -> None:
    # Who administers comes to it from the day of the borough: its own row of rooms is full.
    offer(app, "walks.index", lazy("Dónde convocar"), Permission.ASSEMBLY_CONVENE, order=11, within=Permission.ADMIN_SEE)


@dataclass(frozen=True)
class Question:
    """What the address asks, over the reach of whoever asks."""

    reach: frozenset[int]
    today: date
    cutoff: datetime
    days: int
    state: State

    @classmethod
    def read(cls, session: Session) -> Question:
        """Raises BadQuery for a value that no filter knows."""
        actor, today = current_actor(), clock.today(zone().key)
        reach = reach_of(actor, Permission.ASSEMBLY_CONVENE)
        cutoff, days = long_ago(session, clock.now())
        place = request.args.get("territory") or request.args.get("office")
        promoters = queries.promoters_of(session, reach, today, place) if may_somewhere(actor, Permission.WORK_OVERSEE) else {}
        listing = lists.listing(days, queries.places_of(session, reach), promoters)
        return cls(reach, today, cutoff, days, State.read(listing, request.args))

    def plan(self, session: Session, *, block: str | None = None) -> Plan:
        """The walks asked for; ``block`` leaves those of its territory."""
        blocks = lists.narrowed(queries.blocks_of(self.reach), self.state.values, self.cutoff, self.today)
        if block is not None:
            blocks = blocks.where(queries.beside(block))
        return queries.plan_of(
            session, blocks, Asked(self.today, zone(), self.days), convened="convened" in self.state.values
        )

    def kept(self, **changes: str) -> dict[str, str]:
        """The filters in force, for the links of the page."""
        return {**self.state.values, **changes}


@blueprint.get("")
@STREET
def index():
    session = read_session()
    asked = Question.read(session)
    plan = asked.plan(session)
    query, enrich = lists.over(plan.walks)
    listing: Listing = replace(asked.state.listing, enrich=enrich)
    unfiltered = replace(asked.state, listing=listing)
    if asked.state.format:
        return as_file(session, listing, query, unfiltered)
    listed = turn(session, listing, query, unfiltered)
    return _page("walks/index.html", asked, _drawn(session, listed.rows), listed=listed, plan=plan, worth=worth, grouping=grouping)


@blueprint.get("/print")
@STREET
def paper():
    """Every walk of the filters, one to a sheet, up to MOST_PRINTED."""
    session = read_session()
    asked = Question.read(session)
    plan = asked.plan(session)
    return _page("walks/print.html", asked, _drawn(session, plan.walks[:MOST_PRINTED]), plan=plan, most=MOST_PRINTED)


@blueprint.get("/<code>")
@STREET
def walk(code: str):
    """The walk that a block is in today; 404 for a block out of reach or that no longer waits."""
    session = read_session()
    asked = Question.read(session)
    if not UNIT_CODE.fullmatch(code):
        abort(404)
    found = next((one for one in asked.plan(session, block=code).walks if code.lower() in {c.lower() for c in one.codes}), None)
    if found is None:
        if not queries.in_reach(session, asked.reach, code):
            abort(404)
        return _page("walks/gone.html", asked, [], code=code), 404
    return _page("walks/walk.html", asked, _drawn(session, [found]), walk=found)


def _drawn(session: Session, walks: list[Walk]) -> list[tuple[Walk, Sketch | None]]:
    surroundings = queries.around(session, walks)
    return [(one, sketch(one, surroundings.get(one.blocks[0].territory_code, []))) for one in walks]


def _page(template: str, asked: Question, drawn: list[tuple[Walk, Sketch | None]], **context) -> str:
    return render_template(
        template, drawn=drawn, asked=asked, reasons=words.reasons, sum_of=words.sum_of, name_of=words.name_of, **context
    )
