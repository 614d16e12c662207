"""The small demo people see: plausible figures, and one of everything worth opening."""

from __future__ import annotations

from collections import Counter, defaultdict
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from agendas.agreements.share import share_of_unit
from app.core import clock
from app.core.transaction import transaction
from models import Agreement, Assembly, Countersignature, Doubt, Event, Evidence, Liaison, Role, Term, TerritorialUnit, Voice
from models.agreement import AgreementState, VoiceKind
from models.assembly import AssemblyKind, AssemblyState
from models.ledger import EventKind
from models.territory import LevelRole
from tests.pages import PageClient


@pytest.fixture
def session(small):
    with small.app.app_context(), transaction() as opened:
        yield opened


def test_every_state_of_agreements_and_assemblies_is_there(session):
    assert set(session.scalars(select(Agreement.state))) == set(AgreementState)
    assert set(session.scalars(select(Assembly.state))) == set(AssemblyState) - {AssemblyState.IN_SESSION}
    assert set(session.scalars(select(Assembly.kind))) == set(AssemblyKind)


def test_neighbours_speak_in_every_way(session):
    assert set(session.scalars(select(Voice.kind))) == set(VoiceKind)
    assert session.scalar(select(func.count()).select_from(Countersignature)) > 10
    assert session.scalar(select(func.count()).select_from(Doubt)) > 3
    ways = {event.data["way"] for event in session.scalars(select(Event).where(Event.kind == EventKind.AGREEMENT_VERIFIED))}
    assert ways == {"voices", "assembly"}
    # Only what a real evening would leave out; what administers the instance has pages of its own.
    rooms = ("assembly.", "item.", "decision.", "minutes.", "slips.", "agreement.")
    told = {str(kind) for kind in EventKind if str(kind).startswith(rooms) and not str(kind).endswith(".imported")}
    found = set(session.scalars(select(Event.kind).distinct()))
    assert told - found == {EventKind.ITEM_ADDED, EventKind.SLIPS_VOIDED}


def test_seven_of_ten_blocks_have_met_and_most_promises_are_kept(session):
    root = session.scalars(select(TerritorialUnit).where(TerritorialUnit.parent_id.is_(None))).one()
    blocks = session.scalars(select(TerritorialUnit).where(TerritorialUnit.level.has(role=LevelRole.BLOCK))).all()
    met = {
        code for event in session.scalars(select(Event).where(Event.kind == EventKind.ASSEMBLY_CONVENED))
        if session.scalar(select(Assembly.state).where(Assembly.folio == event.object.partition(":")[2])) in ("held", "closed")
        for code in event.data["blocks"]
    }
    assert 0.6 <= len(met) / len(blocks) <= 0.8
    liaisons = session.scalar(select(func.count()).select_from(Liaison))
    assert 2.3 <= liaisons / len(met) <= 2.9
    first = share_of_unit(session, root.id, clock.today("America/Mexico_City")).first
    assert 0.45 <= first.kept / first.of <= 0.75


def test_no_sensitive_agreement_points_below_its_territory(session):
    rows = session.scalars(select(Agreement).join(Agreement.theme).where(Agreement.theme.property.mapper.class_.sensitive)).all()
    assert rows and not any(agreement.place for agreement in rows)
    levels = Counter(session.scalar(select(TerritorialUnit.short_code).where(TerritorialUnit.id == one.unit_id)) is None for one in rows)
    assert not levels[True]


def test_promoter_finds_todays_assembly_and_one_without_minutes(session):
    zone = ZoneInfo("America/Mexico_City")
    today = clock.today(str(zone))
    starts = [one.starts_at.astimezone(zone).date() for one in session.scalars(select(Assembly).filter_by(state=AssemblyState.CONVENED))]
    assert today in starts and all(day >= today for day in starts)
    assert session.scalars(select(Assembly).filter_by(state=AssemblyState.HELD)).first() is not None


def test_promoters_have_a_section_and_leads_come_and_go(session):
    today = clock.today("America/Mexico_City")
    terms = session.execute(select(Term, TerritorialUnit).join(TerritorialUnit, Term.unit_id == TerritorialUnit.id)).all()
    sections = set(session.scalars(select(TerritorialUnit.code).where(TerritorialUnit.level.has(role=LevelRole.SECTION))))
    assert {unit.code for term, unit in terms if term.role is Role.PROMOTER} == sections
    led = defaultdict(list)
    for term, unit in terms:
        if term.role is Role.LEAD:
            led[unit.code].append(term)
    assert sum(not any(term.in_force(today) for term in leads) for leads in led.values()) == 1
    assert sum(len(leads) > 1 for leads in led.values()) == 2
    assert any(term.ends_on and term.in_force(today) for leads in led.values() for term in leads)


def test_next_to_nothing_is_late_for_years(session):
    today = clock.today("America/Mexico_City")
    late = [agreement.days_late(today) for agreement in session.scalars(select(Agreement)) if agreement.days_late(today)]
    assert len(late) > 20 and sum(days > 250 for days in late) <= 3


def test_what_the_sheet_offers_opens(small):
    client = PageClient(small.app)
    for _what, path in small.sheet.links:
        assert client.get(path).status_code == 200
    assert client.get(small.sheet.confirm).status_code == 200


def test_a_disputed_agreement_shows_photos_of_both_sides(session, small):
    folio = small.sheet.links[1][1].rpartition("/")[2]
    agreement = session.scalars(select(Agreement).filter_by(folio=folio)).one()
    assert len(session.scalars(select(Evidence).filter_by(agreement_id=agreement.id)).all()) >= 2
