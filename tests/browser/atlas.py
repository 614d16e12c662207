"""Every page of the application at an address that opens, found from its routes and the data of a demo.

A page added tomorrow is found by itself. One that takes a new argument is not: ``Unfilled`` says which, and
``examples`` is where to say what goes into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from flask.testing import FlaskClient
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from agendas.agreements.inbox.forms import SLUGS
from app.admin.imports.kinds import kinds
from app.admin.settings.views import FORMS as SETTINGS
from app.core.access import Access, access_of
from app.core.permissions import RULES
from app.core.transaction import read_session
from app.factory import Cuadra
from models import (
    Agreement,
    Assembly,
    AssemblyBlock,
    Body,
    Document,
    ImportRun,
    Indicator,
    Level,
    Phase,
    PrioritySelection,
    Role,
    SlipBatch,
    Term,
    TerritorialUnit,
    Theme,
)
from models.assembly import MET
from models.privacy import DataRequest
from models.process import ProcessStage
from models.territory import LevelRole

ANONYMOUS = "anonymous"
Values = dict[str, object]
MOST_STATES = 6

# Not swept, each for its reason.
LEFT_OUT = {
    "accounts.activate": "the link of a letter, used once",
    "accounts.reset": "the link of a letter, used once",
    "accounts.second_step": "between a password and its second factor",
    "evidence.for_moderation": "a picture",
    "explore.layer": "for the script of the map",
    "explore.thing": "for the script of the map",
    "imports.drawing": "a picture",
    "imports.names": "a question that only a table with names in doubt asks",
    "imports.template": "a file",
    "library.file": "a file",
    "places.drawing": "a picture",
    "reshape.around": "for the script of the map",
    "sheets.unit_map": "a file",
    "slips.sheet_pdf": "a file",
    "units.calendar": "a feed",
    "units.feed": "a feed",
    "work.convene_blocks": "leads on to the form of a new assembly",
}
# Their address says nothing without what was chosen on the page before.
ASKED: dict[str, tuple[str, ...]] = {
    "choose.new": ("", "?weight-delitos=60&weight-desarrollo=40&least-poblacion=200"),
    "walks.index": ("", "?convened=1"),
    "walks.walk": ("?convened=1",),
    "portal.search": ("?q=fuga", "?q=asamblea", "?q=zzzz"),
}
# One of areas and one of points: the page says the same of each.
LAYERS = ("coverage", "agreement-spots")
# Where something stands changes what the page shows: each state is a page of its own.
IN_EVERY_STATE = frozenset({"agreements.show", "assembly.show", "convene.assembly", "inbox.show", "units.unit"})


class Unfilled(AssertionError):
    """A route takes an argument that ``examples`` knows nothing of."""


@dataclass(frozen=True)
class Stop:
    """A page as somebody may open it: ``who`` is a role or ``ANONYMOUS``."""

    who: str
    endpoint: str
    path: str


def one_of_each(session: Session, model, *apart) -> list[Values]:
    """Folios of the newest of each state of what each column of ``apart`` tells apart: whoever looks after one
    territory or one body finds one."""
    rows = session.execute(select(model.folio, model.state, *apart).order_by(model.id)).all()
    newest = {(row[1], at, row[at]): row.folio for row in rows for at in range(2, len(row))}
    return [{"folio": folio} for folio in dict.fromkeys(newest.values())]


def examples(session: Session) -> dict[str, list[Values]]:
    """What may go into the arguments of routes, by how the rule begins; the longest beginning counts."""
    agreements = one_of_each(session, Agreement, Agreement.owner_id, func.substr(Agreement.folio, 1, 4))
    assemblies = one_of_each(session, Assembly, func.substr(Assembly.folio, 1, 7))
    places = {row.level_id: row for row in session.scalars(select(TerritorialUnit).order_by(TerritorialUnit.id))}
    territories = session.scalars(select(TerritorialUnit).where(TerritorialUnit.short_code.is_not(None)))
    territories = [{"code": row.code} for row in territories]
    people = [{"user_id": row.user_id, "term_id": row.id} for row in session.scalars(select(Term).order_by(Term.id.desc()).limit(8))]
    batches = select(Assembly.folio, SlipBatch.id).join(SlipBatch).order_by(SlipBatch.id.desc()).limit(3)
    sheets = [{"folio": folio, "number": number} for folio, number in session.execute(batches)]
    selections = [{"slug": slug} for slug in session.scalars(select(PrioritySelection.slug))]
    indicators = [{"code": code} for code in session.scalars(select(Indicator.code))]
    held = exists().where(AssemblyBlock.unit_id == TerritorialUnit.id, Assembly.id == AssemblyBlock.assembly_id, Assembly.state.in_(MET))
    alone = select(TerritorialUnit.code).join(Level).where(Level.role == LevelRole.BLOCK, ~held)
    return {
        "/a/": agreements,
        "/inbox/": agreements,
        "/inbox/<folio>/<move>": [one | {"move": move} for one in agreements for move in SLUGS],
        "/work/a/": agreements,
        "/assemblies/": assemblies,
        "/work/assemblies/": assemblies,
        "/work/assemblies/<folio>/hold/items": [one | {"position": at} for one in assemblies for at in (1, 2)],
        "/work/assemblies/<folio>/slips/": sheets,
        "/t/<code>/layers/": [{"code": row.code, "layer": name} for row in list(places.values())[:1] for name in LAYERS],
        "/t/": [{"code": row.code} for row in places.values()],
        "/t/<code>/layers/<layer>": [one | {"layer": name} for one in territories[:1] for name in ("blocks", "coverage")],
        "/admin/bodies/": [{"code": code} for code in session.scalars(select(Body.code).order_by(Body.id).limit(4))],
        "/admin/leads/": territories,
        "/admin/levels/": [{"role": role} for role in LevelRole],
        "/admin/people/": people,
        "/admin/priorities/": selections,
        "/priorities/": selections,
        "/work/where-next/": [{"code": code} for code in session.scalars(alone.order_by(TerritorialUnit.id).limit(40))],
        "/admin/phases/": [{"code": code} for code in session.scalars(select(Phase.code))],
        "/admin/requests/": [{"folio": folio} for folio in session.scalars(select(DataRequest.folio))],
        "/admin/settings/": [{"group": group} for group in SETTINGS],
        "/admin/stages/": [one | {"stage": stage} for one in territories for stage in ProcessStage],
        "/admin/units/": [{"code": row.code} for row in places.values()],
        "/admin/themes/": [{"code": code} for code in session.scalars(select(Theme.code))],
        "/indicators/": indicators,
        "/admin/indicators/": indicators,
        "/work/places/": agreements[:4] + assemblies[:1],
        "/documents/": [{"document_id": one} for one in session.scalars(select(Document.id))],
        "/work/documents/": [{"document_id": one} for one in session.scalars(select(Document.id))],
        "/privacy/notice/": [{"number": 1}],
        "/staff/import/<int:run_id>": [{"run_id": one} for one in session.scalars(select(ImportRun.id))],
        "/staff/import/new/": [{"slug": kind.slug} for kind in kinds()],
    }


def routes(app: Cuadra) -> Iterator[tuple[Rule, Access]]:
    """Routes that a person may open in a browser: pages have languages, feeds and files have an ending or none."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        access = access_of(app, rule.endpoint)
        if "GET" in rule.methods and access.localised and rule.endpoint not in LEFT_OUT:
            yield rule, access


def open_to(access: Access) -> list[str]:
    """Who may open it somewhere, anonymous readers alone where it is the same for everybody."""
    if access.public or access.guests:
        return [ANONYMOUS]
    if not access.permissions:
        return [str(role) for role in Role]
    return [str(role) for role in Role if any(role in RULES[permission].roles for permission in access.permissions)]


def addresses(app: Cuadra, rule: Rule, known: dict[str, list[Values]]) -> list[str]:
    """Where the page of ``rule`` may be. Raises Unfilled."""
    if not rule.arguments:
        return [rule.rule + query for query in ASKED.get(rule.endpoint, ("",))]
    beginning = max((begin for begin in known if rule.rule.startswith(begin)), key=len, default=None)
    if beginning is None or (known[beginning] and not rule.arguments <= known[beginning][0].keys()):
        raise Unfilled(f"{rule.rule} ({rule.endpoint}): say in tests/browser/atlas.py what goes into {sorted(rule.arguments)}")
    bound = app.url_map.bind("localhost")
    # An argument of another page of the same beginning would go into the query.
    paths = dict.fromkeys(bound.build(rule.endpoint, {name: values[name] for name in rule.arguments}) for values in known[beginning])
    return [path + query for path in paths for query in ASKED.get(rule.endpoint, ("",))]


def opens(client: FlaskClient, path: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 200 and answer.mimetype == "text/html"


def stops(app: Cuadra, clients: dict[str, FlaskClient]) -> list[Stop]:
    """Where each person of ``clients`` goes: one address of each page that opens to
    them, and of each state to whoever comes first: others see the same with fewer buttons."""
    with app.app_context():
        known = examples(read_session())
    found = []
    for rule, access in routes(app):
        every = rule.endpoint in IN_EVERY_STATE or rule.endpoint in ASKED
        for who in open_to(access):
            most = MOST_STATES if every and not any(stop.endpoint == rule.endpoint for stop in found) else 1
            chosen = (path for path in addresses(app, rule, known) if opens(clients[who], path))
            found += [Stop(who, rule.endpoint, path) for path in islice(chosen, most)]
    return found
