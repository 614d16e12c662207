"""Assemblies in bulk: convened, held and minuted as their services do it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from app.cli.demo.bulk.desk import Desk, Hall, must
from app.core import clock, crypto
from app.core.actors import Actor
from app.core.permissions import Permission
from app.core.search import fold
from assemblies.meetings import policies, reserved
from assemblies.meetings.convene.forms import Convocation, ItemDraft
from assemblies.meetings.hold.deliberation import Show
from assemblies.meetings.hold.services import EARLIEST, NEEDS_METHOD
from assemblies.meetings.minute.content import Promise, Record, Yield, digest_of, written
from models import (
    Addendum,
    AssemblyBlock,
    Body,
    Convener,
    Decision,
    HeadcountCell,
    Item,
    Minutes,
    Problem,
    Slip,
    SlipBatch,
    TerritorialUnit,
    Theme,
)
from models.agreement import UNSETTLED, Agreement, Origin
from models.assembly import AgeBand, Assembly, AssemblyState, Gender, ItemState, ItemType, Method, Outcome
from models.folio import ASSEMBLY_PREFIX, folio_key
from models.ledger import EventKind, rfc3339
from models.territory import LevelRole

P = Permission


class Meetings(Desk):
    def __init__(self, town):
        super().__init__(town)
        self.slips: dict[str, tuple[int, int, date]] = {}  # code: number, unit, last day
        self.minutes: dict[int, tuple[Minutes, list[Addendum]]] = {}
        self.decided: dict[str, Assembly] = {}  # by folio, once it met

    def draft(self, actor: Actor, unit: TerritorialUnit, says: Convocation, *, follow_up: str) -> Assembly:
        capacity = self.allow(actor, P.ASSEMBLY_CONVENE, unit.id, state=AssemblyState.DRAFT)
        year = self.town.local_day(clock.now()).year
        folio = self.notebook.folio(ASSEMBLY_PREFIX, self.territory(unit.id).short_code, year)
        assembly = self.notebook.new(
            Assembly, folio=folio, folio_key=folio_key(folio), unit_id=unit.id, kind=says.kind, mode=says.mode, title=says.title[:200],
            place=says.place, place_key=fold(says.place)[:200], online_url=says.online_url, quorum=says.quorum, starts_at=says.starts_at,
            second_call_at=says.second_call_at, ends_at=says.ends_at,
        )
        blocks = [self.town.units[code] for code in sorted(set(says.blocks))]
        scope = unit.parent_id if unit.level.role is LevelRole.BLOCK else unit.id
        must(all(scope in self.path(block.id) for block in blocks), "an assembly gathers blocks of its own place")
        for block in blocks:
            self.notebook.link(AssemblyBlock, assembly_id=assembly.id, unit_id=block.id)
        self.notebook.note(Convener, assembly_id=assembly.id, user_id=actor.user_id, body_id=None, role=capacity.role)
        beside = [self.town.bodies[code] for code in sorted(says.bodies)]
        for body in beside:
            self.notebook.note(Convener, assembly_id=assembly.id, user_id=None, body_id=body.id, role="body")
        drafts = list(says.items)
        if any(self.near(unit.id, agreement.unit_id) for agreement in self.owed[self.territory(unit.id).id].values()):
            drafts = [one for one in drafts if one.type is not ItemType.FOLLOW_UP]
            drafts.insert(0, ItemDraft(follow_up, ItemType.FOLLOW_UP, says.follow_up_method))
        items = [
            self.notebook.new(Item, assembly_id=assembly.id, position=place, title=one.title, type=one.type, method=one.method)
            for place, one in enumerate(drafts, 1)
        ]
        self.halls[assembly.id] = Hall(
            assembly, unit, blocks, [(capacity.role, None), *(("body", body) for body in beside)], items,
        )
        return assembly

    def publish(self, actor: Actor, assembly: Assembly) -> None:
        hall = self.halls[assembly.id]
        capacity = self.allow_in(actor, assembly, P.ASSEMBLY_EDIT)
        must(not policies.missing(assembly, hall.items, clock.now()), f"{assembly.folio} lacks what a public call needs")
        assembly.move(
            self.notebook, AssemblyState.CONVENED, capacity=capacity, **self.now,
            data={
                "unit": hall.unit.code, "assembly_kind": str(assembly.kind), "mode": str(assembly.mode),
                "blocks": [block.code for block in hall.blocks], **_when(assembly),
                "conveners": [body.code if body else role for role, body in hall.conveners],
                "items": [
                    {"position": item.position, "type": str(item.type), "method": item.method and str(item.method)} for item in hall.items
                ],
            },
            texts={"title": assembly.title, "place": assembly.place, "items": "\n".join(item.title for item in hall.items)},
        )

    def reschedule(
        self, actor: Actor, assembly: Assembly, *, starts_at: datetime, second_call_at: datetime, ends_at: datetime, reason: str
    ) -> None:
        capacity = self.allow_in(actor, assembly, P.ASSEMBLY_EDIT)
        must(assembly.state is AssemblyState.CONVENED and starts_at > clock.now(), "only a call to come is moved")
        before = _when(assembly)
        assembly.starts_at, assembly.second_call_at, assembly.ends_at = starts_at, second_call_at, ends_at
        assembly.version += 1
        self.record(
            EventKind.ASSEMBLY_RESCHEDULED, assembly.object_name, capacity, {"before": before, "after": _when(assembly)},
            {"reason": reason, "place_before": assembly.place, "place_after": assembly.place},
        )

    def cancel(self, actor: Actor, assembly: Assembly, reason: str) -> None:
        capacity = self.allow_in(actor, assembly, P.ASSEMBLY_CANCEL)
        hall = self.halls.pop(assembly.id)
        assembly.move(
            self.notebook, AssemblyState.CANCELLED, capacity=capacity, **self.now,
            data={"unit": hall.unit.code, "was": rfc3339(assembly.starts_at)}, texts={"reason": reason},
        )

    def count(self, actor: Actor, assembly: Assembly, people: Counter[tuple[Gender, AgeBand]]) -> None:
        self.allow_in(actor, assembly)
        self.halls[assembly.id].cells += [
            self.notebook.new(
                HeadcountCell, assembly_id=assembly.id, gender=gender, age_band=age_band, people=number,
                first_timers=len(range(1, number, 4)),
            )
            for (gender, age_band), number in sorted(people.items())
        ]

    def not_held(self, actor: Actor, assembly: Assembly, reason: str) -> None:
        capacity, hall = self.allow_in(actor, assembly), self.halls.pop(assembly.id)
        must(not hall.slips and not hall.decisions, "what decided something was held")
        assembly.move(
            self.notebook, AssemblyState.NOT_HELD, capacity=capacity, **self.now,
            data={"quorum": assembly.quorum, "counted": hall.people}, texts={"reason": reason},
        )

    def open_session(self, actor: Actor, assembly: Assembly, call: int) -> None:
        capacity, hall = self.allow_in(actor, assembly), self.halls[assembly.id]
        must(clock.now() >= assembly.starts_at - EARLIEST, "nothing begins before its hour")
        must(call == 2 or hall.people >= assembly.quorum, "the first call needs the quorum")
        must(call == 1 or clock.now() >= assembly.second_call_at, "the second call has its hour")
        hall.call = call
        assembly.move(
            self.notebook, AssemblyState.IN_SESSION, capacity=capacity, **self.now,
            data={"call": call, "quorum": assembly.quorum, "counted": hall.people},
        )

    def items(self, assembly: Assembly) -> list[Item]:
        return list(self.halls[assembly.id].items)

    def open_item(self, actor: Actor, assembly: Assembly, item: Item) -> None:
        capacity = self.allow_in(actor, assembly)
        must(assembly.state is AssemblyState.IN_SESSION, "items open in session")
        must(item.method is not None or item.type not in NEEDS_METHOD, "the method comes before the item (DOMAIN.md 6)")
        item.state, item.opened_at = ItemState.OPEN, clock.now()
        self.record(
            EventKind.ITEM_OPENED, assembly.object_name, capacity,
            {
                "item": item.position, "type": str(item.type), "method": str(item.method) if item.method else None,
                "added_live": item.added_live,
            },
        )

    def close_item(self, actor: Actor, assembly: Assembly, item: Item) -> None:
        self.allow_in(actor, assembly)
        item.state, item.closed_at = ItemState.CLOSED, clock.now()

    def note(self, actor: Actor, assembly: Assembly, item: Item, notes: str) -> None:
        self.allow_in(actor, assembly)
        if item.notes != notes:
            item.notes = notes
            item.version += 1

    def raise_problem(self, actor: Actor, assembly: Assembly, item: Item, theme: str, text: str) -> None:
        capacity, hall, about = self.allow_in(actor, assembly), self.halls[assembly.id], self.town.themes[theme]
        self._is_open(assembly, item)
        territory = self.territory(hall.unit.id)
        unit = territory if about.sensitive else hall.unit
        problem = self.notebook.new(
            Problem, assembly_id=assembly.id, item_id=item.id, unit_id=unit.id, theme_id=about.id, text=text, raised_at=clock.now()
        )
        hall.raised[item.id].append(about)
        if about.sensitive:
            return
        hall.problems[item.id].append((problem, about, unit))
        self.record(
            EventKind.PROBLEM_RAISED, assembly.object_name, capacity, {"theme": about.code, "unit": unit.code, "item": item.position},
            {"text": text},
        )

    def decide(self, actor: Actor, assembly: Assembly, item: Item, outcome: Outcome, text: str, show: Show, objections: str) -> None:
        capacity, hall = self.allow_in(actor, assembly), self.halls[assembly.id]
        self._is_open(assembly, item)
        must(item.method is not None and item.id not in hall.decisions, "an item is decided once, by its method")
        quorum = 0 if hall.call == 2 else assembly.quorum
        if item.method is not Method.VOTE:
            show = Show(show.present)
        must(quorum <= show.present <= hall.people and show.present > 0, "those present are counted and enough")
        must(show.in_favour + show.against + show.abstaining <= show.present, "nobody votes twice")
        must(item.method is not Method.VOTE or outcome is not Outcome.ADOPTED or show.in_favour > show.against, "a vote is won")
        hall.decisions[item.id] = self.notebook.new(
            Decision, item_id=item.id, method=item.method, outcome=outcome, text=text, in_favour=show.in_favour, against=show.against,
            abstaining=show.abstaining, present=show.present, quorum=quorum, objections=objections, taken_at=clock.now(),
        )
        data = {"item": item.position, "method": str(item.method), "outcome": str(outcome), "present": show.present, "quorum": quorum}
        if item.method is Method.VOTE:
            data["tally"] = {"in_favour": show.in_favour, "against": show.against, "abstaining": show.abstaining}
        self.record(EventKind.DECISION_TAKEN, assembly.object_name, capacity, data, {"text": text, "objections": objections})

    def agree(
        self, actor: Actor, assembly: Assembly, item: Item, *, theme: str, text: str, owner: Body, counterpart: Body | None, due: date,
        place: str,
    ) -> Agreement:
        capacity, hall, about = self.allow_in(actor, assembly), self.halls[assembly.id], self.town.themes[theme]
        self._is_open(assembly, item)
        decision, today = hall.decisions.get(item.id), self.town.local_day(clock.now())
        must(decision is not None and decision.outcome is Outcome.ADOPTED, "an agreement is born of what was adopted")
        must(owner is not counterpart and due >= today and bool(text.strip()), "an agreement has two sides, a date and words")
        unit, territory, raised = hall.unit, self.territory(hall.unit.id), hall.raised.get(item.id, ())
        discreet = about.sensitive or (bool(raised) and all(theme.sensitive for theme in raised))
        if discreet:
            unit = territory
            capacity = self.as_told(capacity, unit.id)
        place = "" if discreet else place.strip()
        folio = self.notebook.folio("", territory.short_code, today.year)
        agreement = self.notebook.new(
            Agreement, folio=folio, folio_key=folio_key(folio), unit_id=unit.id, assembly_id=assembly.id, item_id=item.id,
            theme_id=about.id, owner_id=owner.id, counterpart_id=counterpart.id if counterpart else None,
            text=text.strip(), place=place, search_text=fold(f"{folio} {text} {place} {unit.name}"), first_due=due, due=due,
            created_at=clock.now(),
        )
        must(agreement.origin is Origin.ASSEMBLY and agreement.state in UNSETTLED, "an agreement is born open")
        self.made[agreement.id] = self.owed[territory.id][agreement.id] = agreement
        if discreet:
            self.discreet.add(agreement.id)
        else:
            hall.promises[item.id].append(agreement)
        self.record(
            EventKind.AGREEMENT_PROPOSED, agreement.object_name, capacity,
            {
                "to": str(agreement.state), "unit": unit.code, "assembly": None if discreet else assembly.folio, "theme": about.code,
                "owner": owner.code, "counterpart": counterpart.code if counterpart else None, "due": due.isoformat(),
            },
            {"text": agreement.text, "place": place},
        )
        return agreement

    def hand_out_slips(self, actor: Actor, assembly: Assembly, count: int) -> list[str]:
        capacity, hall = self.allow_in(actor, assembly, P.SLIPS_ISSUE), self.halls[assembly.id]
        must(1 <= count <= hall.people - hall.slips, "no more slips than people counted")
        hall.slips += count
        until = self.town.local_day(clock.now()) + timedelta(days=self.setting("slip_term_days"))
        batch = self.notebook.note(
            SlipBatch, assembly_id=assembly.id, count=count, issued_at=clock.now(), codes_encrypted=None, voided_at=None, spent=0
        )
        codes = [crypto.new_slip_code() for _n in range(count)]
        for serial, code in enumerate(codes, 1):
            number = self.notebook.note(
                Slip, batch_id=batch, serial=serial, code_hash=crypto.slip_code_hash(code), unit_id=hall.unit.id, valid_until=until
            )
            self.slips[code] = (number, hall.unit.id, until)
        self.record(
            EventKind.SLIPS_ISSUED, assembly.object_name, capacity,
            {
                "batch": batch, "count": count, "counted": hall.people, "unit": hall.unit.code, "assembly": assembly.folio,
                "valid_until": until.isoformat(),
            },
        )
        return codes

    def end_session(self, actor: Actor, assembly: Assembly) -> None:
        capacity, hall = self.allow_in(actor, assembly), self.halls[assembly.id]
        must(hall.people > 0, "somebody was counted")
        assembly.move(self.notebook, AssemblyState.HELD, capacity=capacity, **self.now, data={"people": hall.people})
        self.decided[assembly.folio] = assembly

    def seal(self, actor: Actor, assembly: Assembly, notes: str) -> None:
        capacity, hall = self.allow_in(actor, assembly, P.MINUTES_SEAL), self.halls.pop(assembly.id)
        if assembly.notes != notes:
            assembly.notes = notes
            assembly.version += 1
        content = written(self._record(hall))
        digest = digest_of(content)
        entry = assembly.move(self.notebook, AssemblyState.CLOSED, capacity=capacity, **self.now, data={"digest": digest})
        minutes = self.notebook.new(
            Minutes, assembly_id=assembly.id, content=content, digest=digest, head=f"{entry.seq}:{entry.hash}", sealed_at=clock.now()
        )
        self.minutes[assembly.id] = (minutes, [])
        month = self._month()
        for theme, count in Counter(theme.id for told in hall.raised.values() for theme in told if theme.sensitive).items():
            self.reserved[self.territory(hall.unit.id).id, theme][month].append(count)

    def add_to_minutes(self, actor: Actor, assembly: Assembly, text: str) -> None:
        capacity, (minutes, addenda) = self.allow_in(actor, assembly, P.MINUTES_ADD), self.minutes[assembly.id]
        entry = self.record(
            EventKind.MINUTES_ADDENDUM, assembly.object_name, capacity, {"minutes": minutes.digest, "number": len(addenda) + 1},
            {"text": text},
        )
        addenda.append(self.notebook.new(Addendum, minutes_id=minutes.id, text=text, added_at=clock.now(), event_seq=entry.seq))

    def _record(self, hall: Hall) -> Record:
        territory = self.territory(hall.unit.id)
        return Record(
            assembly=hall.assembly, unit=hall.unit, territory=territory, blocks=hall.blocks,
            conveners=[(role, body.name if body else None) for role, body in hall.conveners], call=hall.call, cells=hall.cells,
            slips=hall.slips, items=hall.items,
            yields={
                item.id: Yield(
                    hall.problems.get(item.id, ()), hall.decisions.get(item.id),
                    [self._promise(agreement) for agreement in hall.promises.get(item.id, ())],
                    [check() for check in hall.checked.get(item.id, ())],
                )
                for item in hall.items
            },
            sensitive=self._sensitive(territory),
        )

    def _sensitive(self, territory: TerritorialUnit) -> list[tuple[Theme, int]]:
        """As ``reserved.published``, from the months closed before this one."""
        found = []
        for theme_id in sorted(self.themes):
            months = self.reserved.get((territory.id, theme_id), {})
            told = reserved.told(months[month] for month in sorted(months) if month < self._month())
            if told:
                found.append((self.themes[theme_id], told))
        return found

    def _month(self) -> tuple[int, int]:
        today = self.town.local_day(clock.now())
        return today.year, today.month

    def _promise(self, agreement: Agreement) -> Promise:
        counterpart = self.bodies[agreement.counterpart_id].name if agreement.counterpart_id else None
        return Promise(agreement, self.bodies[agreement.owner_id].name, counterpart, self.unit(agreement.unit_id))

    @staticmethod
    def _is_open(assembly: Assembly, item: Item) -> None:
        must(assembly.state is AssemblyState.IN_SESSION and item.state is ItemState.OPEN, "an item yields while it is open")


def _when(assembly: Assembly) -> dict[str, str | None]:
    return {
        "starts_at": rfc3339(assembly.starts_at),
        "second_call_at": rfc3339(assembly.second_call_at) if assembly.second_call_at else None,
        "ends_at": rfc3339(assembly.ends_at) if assembly.ends_at else None,
    }
