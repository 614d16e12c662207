"""No canary of any personal column comes out of any anonymous address: pages, files, feeds, chain, errors, search, logs."""

from __future__ import annotations

import io
import logging
import re
from collections import deque
from html import unescape
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.core import storage
from app.core.access import access_of
from app.core.actors import load_actor
from app.core.transaction import transaction
from assemblies.meetings.minute import services as minutes
from models import Assembly, Document, Event, EventText, Evidence, PrivacyNotice, Role, User
from models.assembly import AssemblyState
from models.evidence import Moderation
from tests.app.portal.canaries import MARK, plant
from tests.factories import TODAY
from tests.factories.agreements import Neighbourhood
from tests.pages import hidden_fields

MOST = 180
# Their answers are no pages of people's making, or need what only a month's end makes.
UNSEEN = {"static", "open_data.frozen", "explore.worker"}
# Hidden photos are refused; there is no logo, and nobody saved a selection or declared an indicator.
REFUSED = {
    "indicators.page", "indicators.values",
    "priorities.show", "priorities.table", "priorities.document", "evidence.show", "evidence.small", "brand.logo", "brand.stylesheet",
}
ADDRESS = re.compile(r"""(?:href|src|"url")\s*[=:]\s*["']([^"'#]+)""")


@pytest.fixture
def town(app, world):
    """Agreements in every public state, assemblies before and after, accounts, a liaison, something held, something hidden."""
    place = Neighbourhood(world)
    for state in ("proposed", "reported_done", "disputed", "verified", "on_hold"):
        made = place.agreement(state)
    world.liaison(place.block)
    lead = world.user(Role.LEAD, unit=place.territory)
    ahead = world.assembly(place.territory, blocks=[place.block], convener=lead)
    past = world.assembly(place.block, state=AssemblyState.HELD, blocks=[place.block], convener=lead)
    world.counted(past, 7)
    with world.writing() as session:
        seq = session.scalar(select(Event.seq).where(Event.object == made.object_name).order_by(Event.seq.desc()).limit(1))
        session.add(EventText(event_seq=seq, field="reason", salt=f"{MARK}salt", text=f"{MARK}held", held=True))
        session.add(EventText(event_seq=seq, field="reason", salt=f"{MARK}salt", text=f"{MARK}hidden", hidden_reason="x"))
        session.add(Evidence(
            agreement_id=made.id, event_seq=seq, sha256=storage.keep(b"x"), media_type="image/jpeg", size=1, title="x",
            moderation=Moderation.HIDDEN, hidden_reason="Se ve una cara", added_at=made.created_at,
        ))
        document = Document(
            unit_id=place.territory.id, title="Folleto", dated_on=past.starts_at.date(), language="es", added_at=past.starts_at,
            sha256=storage.keep(b"%PDF-1.4"), media_type="application/pdf", size=8,
        )
        session.add_all([document, PrivacyNotice(
            number=1, text_es="Aviso", text_fr="", text_en="", digest="0" * 64, published_at=past.starts_at
        )])
        session.flush()
        planted = plant(session)
    with app.app_context(), transaction() as session:
        # Sealed afterwards: the minutes may not take in a name either.
        held = session.get_one(Assembly, past.id)
        session.refresh(held, ["unit"])
        minutes.seal(session, actor=load_actor(session, session.get_one(User, lead.id), TODAY), assembly=held)
    facts = {
        "code": place.territory.code, "id": place.territory.id, "document_id": document.id, "sha256": "0" * 64, "number": 1,
        "name": "agreements.csv",
        "slug": "x", "ending": "csv", "layer": "municipality", "feature": place.units["root"][0].code,
        "z": 12, "x": 920, "y": 1824, "version": "0" * 12,
        "assembly": past.folio, "ahead": ahead.folio, "agreement": made.folio,
    }
    return planted, facts


def seeds(app, facts: dict) -> list[str]:
    """An address of every public rule."""
    found = [
        "/open-data/assemblies.csv", "/open-data/units.geojson", "/open-data/agreements.geojson",
        f"/t/{facts['code']}/explore/thing.json?layer=territories&id={facts['id']}",
        f"/assemblies/{facts['ahead']}", "/search?q=nogal", "/api/v1/search?q=nogal",
    ]
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            access = access_of(app, rule.endpoint)
            if access is None or not access.public or "GET" not in rule.methods or rule.endpoint in UNSEEN:
                continue
            folio = facts["agreement" if rule.rule.startswith(("/a/", "/api/v1/agreements")) else "assembly"]
            found.append(adapter.build(rule.endpoint, {name: {**facts, "folio": folio}[name] for name in rule.arguments}))
    return found


def words_of(response) -> str:
    if response.mimetype == "application/pdf" and len(response.data) > 100:
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages)
    return response.data.decode(errors="replace")


def test_no_canary_comes_out(app, client, town, caplog):
    planted, facts = town
    assert len(planted) > 30 and {"user_account.email", "liaison.name_encrypted", "event_text.text"} <= planted
    caplog.set_level(logging.INFO, logger="cuadra")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = app.test_client()
    first = seeds(app, facts)
    waiting, seen, answered = deque(first), set(), set()
    adapter = app.url_map.bind("localhost")
    for language in ("en", "fr"):
        for address in first:
            rule, _arguments = adapter.match(urlsplit(address).path, method="GET", return_rule=True)
            # Paper takes a second each; in another language it holds the same columns.
            if access_of(app, rule.endpoint).localised and not rule.rule.endswith(".pdf"):
                waiting.append(f"/{language}{address}")
    amiss = ("/nowhere", "/t/NADA", "/search?kind=x", "/a/x?cursor=%00")
    waiting.extend(f"{prefix}{bad}" for prefix in ("", "/en", "/fr") for bad in amiss)
    while waiting and len(seen) < MOST:
        address = waiting.popleft()
        if address in seen:
            continue
        seen.add(address)
        response = browser.get(address)
        assert response.status_code < 500, address
        text = words_of(response)
        assert MARK not in text and MARK not in str(response.headers), f"{address}: {text[max(0, text.find(MARK) - 120):][:200]}"
        if response.status_code == 200:
            path = urlsplit(address).path
            plain = re.sub(r"^/(en|fr)(?=/|$)", "", path) or "/"
            answered.add(adapter.match(plain, method="GET", return_rule=True)[0].endpoint)
        for link in ADDRESS.findall(text) if response.mimetype in ("text/html", "application/atom+xml", "application/json") else ():
            parts = urlsplit(unescape(link))
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.netloc in ("", "localhost") and target.startswith("/") and not target.startswith(("/static", "/en", "/fr")):
                waiting.append(target)
    public = {
        rule.endpoint for rule in app.url_map.iter_rules()
        if (access := access_of(app, rule.endpoint)) and access.public and "GET" in rule.methods
    }
    assert public - answered == (UNSEEN | REFUSED) & public, "these public addresses were not looked at, or answer no more"
    for letter in ("", "00001", "00002", "1"):
        assert browser.get(f"/api/v1/search?q={MARK}{letter}").json["items"] == []
    _speak_amiss(browser, client, facts)
    assert MARK not in caplog.text


def _speak_amiss(browser, client, facts) -> None:
    """What people type wrong is given back to them and to nobody else: not to the logs."""
    page = client.get("/signin")
    said = {"email": f"{MARK}@example.org", "password": MARK, "code": MARK, "reason": MARK, "who": MARK, "client_id": str(uuid4())}
    assert client.post("/signin", data=hidden_fields(page) | said).status_code == 422
    for address in (f"/a/{facts['agreement']}/confirm", f"/a/{facts['agreement']}/dispute", "/privacy/request"):
        assert browser.post(address, data=said).status_code in (409, 422, 400, 403, 404), address
    assert browser.delete(f"/a/{facts['agreement']}").status_code == 405
