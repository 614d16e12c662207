"""Acts of the stories as people do them: through the product's own services, one at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from agendas.agreements import services as agreements
from agendas.agreements import voices
from agendas.agreements.facts import Facts
from agendas.agreements.moderation import services as moderation
from app.accounts import passwords
from app.accounts import services as accounts
from app.cli.demo.people import Person
from app.cli.demo.town import Town
from app.core import clock, crypto
from app.core.actors import Actor, load_actor
from app.core.uploads import Accepted
from assemblies.meetings.convene import services as convening
from assemblies.meetings.convene.forms import Convocation
from assemblies.meetings.hold import deliberation, follow_up
from assemblies.meetings.hold import services as holding
from assemblies.meetings.hold.deliberation import Show
from assemblies.meetings.minute import services as minuting
from assemblies.meetings.queries import items_of
from assemblies.meetings.slips import queries as slip_codes
from assemblies.meetings.slips import services as slips
from models import Agreement, Body, Event, EventText, Evidence, Liaison, LiaisonField, PrioritySelection, Role, TerritorialUnit, ledger
from models.agreement import Move
from models.assembly import AgeBand, Assembly, Gender, Item, Outcome
from models.evidence import Moderation
from models.ledger import SYSTEM, EventKind
from models.liaison import Field
from models.people import TokenPurpose
from models.process import ProcessStage
from territories.processes import services as processes


class Lived:
    """Whatever happens, happens now (``clock.now()``); nothing here decides what."""

    def __init__(self, town: Town):
        self._town, self._session = town, town.session

    # People

    def appoint(
        self, person: Person, role: Role, day: date, *, unit: TerritorialUnit | None = None, body: Body | None = None,
        focal_point: bool = False, home: Body | None = None, password: str | None = None, ends_on: date | None = None,
    ) -> Actor:
        """Give somebody a role; ``home`` is the department they come from, ``password`` opens the account at once."""
        user = accounts.account_of(self._session, email=person.email, name=person.name)
        accounts.grant(
            self._session, user=user, role=role, unit=unit, body=body, focal_point=focal_point, capacity=SYSTEM, starts_on=day,
            ends_on=ends_on,
        )
        if password is not None:
            token = accounts.new_link(self._session, user, TokenPurpose.INVITATION)
            accounts.activate(self._session, token=token, name=person.name, password_hash=passwords.hashed(password))
        if home is not None:
            user.home_body_id = home.id
        return load_actor(self._session, user, day)

    def volunteer(
        self, unit: TerritorialUnit, name: str, fields: Sequence[Field], *, user_id: int | None, starts_on: date, ends_on: date | None,
        trained_on: date | None,
    ) -> None:
        self._session.add(
            Liaison(
                unit_id=unit.id, user_id=user_id, name_encrypted=crypto.encrypt(name.encode()), starts_on=starts_on, ends_on=ends_on,
                trained_on=trained_on, fields=[LiaisonField(field=one) for one in fields],
            )
        )
        self._session.flush()

    def announce_volunteers(self, territory: str, count: int) -> None:
        moment = clock.now()
        ledger.append(
            self._session, EventKind.LIAISON_JOINED, object=f"unit:{territory}", capacity=SYSTEM, occurred_at=moment, recorded_at=moment,
            data={"unit": territory, "count": count},
        )

    # The programme

    def begin_phase(
        self, actor: Actor, code: str, names: tuple[str, str, str], *, starts_on: date, ends_on: date | None, criteria: str,
        units: Sequence[TerritorialUnit], selection: PrioritySelection | None = None,
    ) -> None:
        processes.add_phase(
            self._session, actor=actor, code=code, names=names, starts_on=starts_on, ends_on=ends_on, criteria=criteria,
            unit_ids=[unit.id for unit in units], selection_id=selection.id if selection else None,
        )

    def reach(self, actor: Actor, unit: TerritorialUnit, stage: ProcessStage) -> None:
        """The territory comes to a stage of its process today."""
        today = self._town.local_day(clock.now())
        processes.record_step(self._session, actor=actor, unit=unit, stage=stage, reached_on=today)

    # Assemblies

    def draft(self, actor: Actor, unit: TerritorialUnit, says: Convocation, *, follow_up: str) -> Assembly:
        return convening.draft(self._session, actor=actor, unit=unit, says=says, title=says.title, follow_up=follow_up)

    def publish(self, actor: Actor, assembly: Assembly) -> None:
        convening.publish(self._session, actor=actor, assembly=assembly, **_unread(assembly))

    def reschedule(
        self, actor: Actor, assembly: Assembly, *, starts_at: datetime, second_call_at: datetime, ends_at: datetime, reason: str
    ) -> None:
        convening.reschedule(
            self._session, actor=actor, assembly=assembly, starts_at=starts_at, second_call_at=second_call_at, ends_at=ends_at,
            place=assembly.place, reason=reason, **_unread(assembly),
        )

    def cancel(self, actor: Actor, assembly: Assembly, reason: str) -> None:
        convening.cancel(self._session, actor=actor, assembly=assembly, reason=reason, **_unread(assembly))

    def count(self, actor: Actor, assembly: Assembly, people: Counter[tuple[Gender, AgeBand]]) -> None:
        """Tap everybody in; one in four of a cell (from the second on) comes for the first time."""
        for (gender, age_band), number in sorted(people.items()):
            for turn in range(number):
                self._tap(actor, assembly, gender, age_band, first_time=False)
                if turn % 4 == 1:
                    self._tap(actor, assembly, gender, age_band, first_time=True)

    def _tap(self, actor: Actor, assembly: Assembly, gender: Gender, age_band: AgeBand, *, first_time: bool) -> None:
        holding.tap(
            self._session, actor=actor, assembly=assembly, gender=gender, age_band=age_band, first_time=first_time, step=1
        )

    def not_held(self, actor: Actor, assembly: Assembly, reason: str) -> None:
        holding.not_held(self._session, actor=actor, assembly=assembly, reason=reason, occurred_at=clock.now())

    def open_session(self, actor: Actor, assembly: Assembly, call: int) -> None:
        holding.open_session(self._session, actor=actor, assembly=assembly, call=call, occurred_at=clock.now())

    def items(self, assembly: Assembly) -> list[Item]:
        return items_of(self._session, assembly.id)

    def open_item(self, actor: Actor, assembly: Assembly, item: Item) -> None:
        holding.open_item(self._session, actor=actor, assembly=assembly, item=item, occurred_at=clock.now())

    def close_item(self, actor: Actor, assembly: Assembly, item: Item) -> None:
        holding.close_item(self._session, actor=actor, assembly=assembly, item=item, occurred_at=clock.now())

    def note(self, actor: Actor, assembly: Assembly, item: Item, notes: str) -> None:
        holding.keep_notes(self._session, actor=actor, assembly=assembly, item=item, notes=notes, seen=item.version, back="")

    def raise_problem(self, actor: Actor, assembly: Assembly, item: Item, theme: str, text: str) -> None:
        deliberation.raise_problem(
            self._session, actor=actor, assembly=assembly, item=item, text=text, theme=self._town.themes[theme], unit=assembly.unit,
            occurred_at=clock.now(),
        )

    def decide(self, actor: Actor, assembly: Assembly, item: Item, outcome: Outcome, text: str, show: Show, objections: str) -> None:
        deliberation.decide(
            self._session, actor=actor, assembly=assembly, item=item, outcome=outcome, text=text, show=show, objections=objections,
            occurred_at=clock.now(),
        )

    def agree(
        self, actor: Actor, assembly: Assembly, item: Item, *, theme: str, text: str, owner: Body, counterpart: Body | None, due: date,
        place: str,
    ) -> Agreement:
        return deliberation.agree(
            self._session, actor=actor, assembly=assembly, item=item, text=text, theme_id=self._town.themes[theme].id,
            owner_id=owner.id, counterpart_id=counterpart.id if counterpart else None, due=due, unit_id=assembly.unit_id, place=place,
            occurred_at=clock.now(),
        )

    def hand_out_slips(self, actor: Actor, assembly: Assembly, count: int) -> list[str]:
        """The codes, which nobody reads again here."""
        batch = slips.issue(self._session, actor=actor, assembly=assembly, count=count, occurred_at=clock.now())
        codes = slip_codes.codes_of(batch) or []
        slips.printed(self._session, actor=actor, assembly=assembly, batch=batch)
        return codes

    def end_session(self, actor: Actor, assembly: Assembly) -> None:
        holding.end_session(self._session, actor=actor, assembly=assembly, occurred_at=clock.now())

    def seal(self, actor: Actor, assembly: Assembly, notes: str) -> None:
        minuting.keep_notes(self._session, actor=actor, assembly=assembly, notes=notes, seen=assembly.version, back="")
        minuting.seal(self._session, actor=actor, assembly=assembly)

    def add_to_minutes(self, actor: Actor, assembly: Assembly, text: str) -> None:
        minuting.add(self._session, actor=actor, assembly=assembly, text=text)

    # What an assembly says of agreements made before it

    def decide_done(self, actor: Actor, assembly: Assembly, item: Item, agreement: Agreement) -> None:
        follow_up.decide_done(
            self._session, actor=actor, assembly=assembly, item=item, agreement_folio=agreement.folio, occurred_at=clock.now()
        )

    def countersign(self, actor: Actor, assembly: Assembly, agreement: Agreement, code: str) -> None:
        follow_up.countersign(
            self._session, actor=actor, assembly=assembly, agreement_folio=agreement.folio, code=code, occurred_at=clock.now()
        )

    def not_done(self, actor: Actor, assembly: Assembly, item: Item, agreement: Agreement, reason: str) -> None:
        follow_up.not_done(
            self._session, actor=actor, assembly=assembly, item=item, agreement_folio=agreement.folio, reason=reason,
            occurred_at=clock.now(),
        )

    def reopen(self, actor: Actor, assembly: Assembly, agreement: Agreement, reason: str) -> None:
        agreements.reopen(
            self._session, actor=actor, agreement=agreement, assembly=assembly, reason=reason, occurred_at=clock.now()
        )

    # Agreements

    def agreement(self, agreement_id: int) -> Agreement:
        return self._session.get_one(Agreement, agreement_id)

    def carry_out(self, actor: Actor, agreement: Agreement, move: Move, facts: Facts, files: Sequence[Accepted] = ()) -> None:
        agreements.carry_out(
            self._session, actor=actor, agreement=agreements.lock(self._session, agreement.id), move=move, facts=facts,
            files=tuple(files), occurred_at=clock.now(),
        )

    def confirm(self, agreement: Agreement, *, code: str, liaison: Actor | None) -> None:
        """A neighbour says yes: a liaison where there is one, else whoever holds the slip."""
        session = self._session
        voter = voices.liaison_voter(session, liaison, agreement) if liaison else voices.slip_voter(session, code, agreement)
        voices.confirm(session, agreement_id=agreement.id, voter=voter, occurred_at=clock.now())

    def object_to(self, agreement: Agreement, *, code: str, reason: str, files: Sequence[Accepted]) -> None:
        voices.object_to(
            self._session, agreement_id=agreement.id, voter=voices.slip_voter(self._session, code, agreement), reason=reason,
            occurred_at=clock.now(), files=tuple(files),
        )

    def doubt(self, agreement: Agreement) -> None:
        voices.doubt(self._session, agreement_id=agreement.id, occurred_at=clock.now())

    def moderate(self, actor: Actor, agreement: Agreement, *, hide: bool, reason: str) -> None:
        """Whatever of the agreement waits for a look gets the same verdict."""
        session = self._session
        held = select(EventText.id).join(Event, Event.seq == EventText.event_seq)
        for text_id in session.scalars(held.where(Event.object == agreement.object_name, EventText.held)).all():
            moderation.moderate_text(session, actor=actor, text_id=text_id, hide=hide, reason=reason)
        photos = select(Evidence.id).filter_by(agreement_id=agreement.id, moderation=Moderation.HELD)
        for evidence_id in session.scalars(photos).all():
            moderation.moderate_photo(session, actor=actor, evidence_id=evidence_id, hide=hide, reason=reason)


def _unread(assembly: Assembly) -> dict:
    """What a page would say of the version it showed: here nobody else was writing."""
    return {"seen": assembly.version, "texts": list, "back": ""}
