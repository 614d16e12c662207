"""A tiny demo on both databases: sound, the same for the same seed, and never over anybody's data."""

from __future__ import annotations

import stat

from click.testing import CliRunner
from sqlalchemy import select

from app.cli import cuadra
from app.cli.demo import sheet
from app.config import ConfigError
from app.core.transaction import transaction
from models import (
    Agreement,
    Assembly,
    Event,
    EventText,
    Indicator,
    IndicatorValue,
    Liaison,
    Phase,
    PhaseUnit,
    PrioritySelection,
    TerritorialUnit,
    User,
)
from models.agreement import AgreementState as S
from models.ledger import GENESIS, entry_hash
from models.people import Role
from territories.priorities.queries import chosen_ids
from territories.units import services as units
from tests.app.cli.demo.scenes import lived_in

# How an agreement may have come to stand where it stands: the last event that changes a state.
LAST = {
    S.PROPOSED: {"agreement.proposed", "agreement.handed_over"},
    S.ACCEPTED: {"agreement.accepted", "agreement.resumed"},
    S.IN_PROGRESS: {"agreement.progress", "agreement.disputed", "agreement.reopened", "agreement.resumed"},
    S.REPORTED_DONE: {"agreement.reported_done"},
    S.VERIFIED: {"agreement.verified"},
    S.ON_HOLD: {"agreement.on_hold"},
    S.DECLINED: {"agreement.declined"},
    S.CANCELLED: {"agreement.cancelled"},
}


def test_the_year_is_a_sound_chain_told_in_order(tiny):
    with tiny.app.app_context(), transaction() as session:
        entries = session.scalars(select(Event).order_by(Event.seq)).all()
        previous, clock = GENESIS, entries[0].recorded_at
        for entry in entries:
            assert entry.prev == previous and entry.hash == entry_hash(entry.public())
            assert entry.occurred_at <= entry.recorded_at and clock <= entry.recorded_at
            previous, clock = entry.hash, entry.recorded_at
        assert units.rebuild_ancestry(session) == 0


def test_no_agreement_stands_where_its_events_do_not_lead(tiny):
    with tiny.app.app_context(), transaction() as session:
        for agreement in session.scalars(select(Agreement)):
            events = session.scalars(select(Event).where(Event.object == agreement.object_name).order_by(Event.seq)).all()
            moving = [event for event in events if event.data.get("to") and event.data["to"] != event.data.get("from")]
            assert moving[-1].data["to"] == agreement.state
            assert moving[-1].kind in LAST[agreement.state]


def test_the_first_phase_is_made_of_the_saved_selection(tiny):
    with tiny.app.app_context(), transaction() as session:
        phase = session.scalars(select(Phase).where(Phase.code == "piloto")).one()
        selection = session.scalars(select(PrioritySelection)).one()
        taken = set(session.scalars(select(PhaseUnit.unit_id).where(PhaseUnit.phase_id == phase.id)))
        assert phase.selection_id == selection.id and taken == set(chosen_ids(session, selection.id)) != set()


def test_nobody_is_named_in_the_public_record(tiny):
    made = tiny.sheet
    with tiny.app.app_context(), transaction() as session:
        names = {name for user in session.scalars(select(User)) for name in (user.name, user.email)}
        public = "\n".join(str(event.public()) for event in session.scalars(select(Event)))
        public += "\n".join(session.scalars(select(EventText.text).where(EventText.text.is_not(None))))
        assert not [name for name in names if name in public]
        assert not [code for code in made.codes if code in public]
        assert all(liaison.name_encrypted for liaison in session.scalars(select(Liaison)))


def test_one_account_opens_for_each_role_and_no_other_has_a_password(tiny):
    made = tiny.sheet
    assert [account.role for account in made.accounts] == list(Role)
    with tiny.app.app_context(), transaction() as session:
        opening = session.scalars(select(User.email).where(User.password.is_not(None))).all()
        assert sorted(opening) == sorted(account.email for account in made.accounts)


def told(app) -> list:
    """Everything that is not drawn at random."""
    with app.app_context(), transaction() as session:
        places = session.execute(select(TerritorialUnit.code, TerritorialUnit.name, TerritorialUnit.streets).order_by(TerritorialUnit.code))
        calls = session.execute(select(Assembly.folio, Assembly.title, Assembly.starts_at, Assembly.state).order_by(Assembly.folio))
        promises = session.execute(select(Agreement.folio, Agreement.text, Agreement.due, Agreement.state).order_by(Agreement.folio))
        people = session.execute(select(User.email, User.name).order_by(User.email))
        events = session.execute(select(Event.kind, Event.object, Event.recorded_at).order_by(Event.seq))
        words = session.scalars(select(EventText.text).order_by(EventText.id))
        return [[tuple(row) for row in rows] for rows in (places, calls, promises, people, events)] + [list(words)]


def test_the_same_seed_tells_the_same_year(tiny, engine_name, empty):
    with empty(engine_name, "twin_demo") as other:
        again = lived_in(other)
        assert told(other) == told(tiny.app)
    assert {account.password for account in tiny.sheet.accounts}.isdisjoint(account.password for account in again.accounts)
    assert set(tiny.sheet.codes).isdisjoint(again.codes)


def test_it_is_refused_where_there_are_units_already(world, app, config):
    world.unit()
    environ = {"CUADRA_ENV": "demo", "CUADRA_DATABASE_URL": config.database_url, "CUADRA_DATA_DIR": str(config.data_dir)}
    done = CliRunner().invoke(cuadra, ["demo"], env=environ)
    assert isinstance(done.exception, ConfigError) and "ya tiene unidades" in str(done.exception)
    with app.app_context(), transaction() as session:
        assert len(session.scalars(select(TerritorialUnit)).all()) == 1


def test_it_is_refused_in_production(config):
    secrets = {name: letter * 40 for name, letter in (("CUADRA_SECRET_KEY", "k"), ("CUADRA_SLIP_PEPPER", "p"), ("CUADRA_DATA_KEY", "d"))}
    environ = {"CUADRA_ENV": "production", "CUADRA_DATABASE_URL": config.database_url, "CUADRA_DATA_DIR": str(config.data_dir), **secrets}
    done = CliRunner().invoke(cuadra, ["demo"], env=environ)
    assert isinstance(done.exception, ConfigError) and "producción" in str(done.exception)


def test_the_sheet_is_for_its_owner_and_follows_the_address(tiny, tmp_path):
    made = tiny.sheet
    path = sheet.keep(made, tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    shown = sheet.read(tmp_path, "http://127.0.0.1:8123")
    assert f"http://127.0.0.1:8123{made.confirm}" in shown and "{base}" not in shown
    assert all(account.password in shown for account in made.accounts)


def test_reports_of_each_quarter_are_said_to_be_invented(tiny):
    with tiny.app.app_context(), transaction() as session:
        reports = session.scalars(select(Indicator).where(Indicator.code == "denuncias")).one()
        values = session.scalars(select(IndicatorValue.value).where(IndicatorValue.indicator_id == reports.id)).all()
    assert "inventadas" in reports.definition_es and reports.sensitive and values and min(values) >= 0
