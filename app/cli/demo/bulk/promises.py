"""Agreements in bulk: their moves, the neighbours' word on them, and what assemblies say of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from agendas.agreements import policies
from agendas.agreements.facts import Facts
from agendas.agreements.services import DECIDING
from agendas.agreements.verification import SIGNING
from agendas.agreements.voices import RESIDENT
from app.cli.demo.bulk.desk import must
from app.cli.demo.bulk.meetings import Meetings
from app.core import clock, crypto, storage
from app.core.actors import Actor
from app.core.permissions import Permission
from app.core.uploads import Accepted
from assemblies.meetings.hold.deliberation import note_not_fulfilled
from assemblies.meetings.minute.content import Checked
from models import Countersignature, Doubt, Evidence, Item, Verification, Voice
from models.agreement import UNSETTLED, Agreement, AgreementState, Move, VoiceKind
from models.assembly import Assembly, ItemType, Outcome
from models.evidence import Moderation
from models.ledger import Capacity, EventKind, Waiting

S, P = AgreementState, Permission


@dataclass(frozen=True)
class Voter:
    key: str
    capacity: Capacity


class Promises(Meetings):
    def __init__(self, town):
        super().__init__(town)
        self._spoken: set[tuple[int, int, str]] = set()
        self._tally: dict[tuple[int, int], Counter[VoiceKind]] = defaultdict(Counter)
        self._photos: dict[int, list[Evidence]] = defaultdict(list)  # held, by agreement
        self._verifications: dict[tuple[int, int], Verification] = {}  # the last, by agreement and assembly
        self._signed: dict[int, set[str]] = defaultdict(set)
        self._folios: dict[str, Agreement] = {}
        self._digests: dict[int, tuple[bytes, str]] = {}
        self.serving: dict[int, tuple[int, object]] = {}  # liaison and last day, by account

    def agreement(self, agreement_id: int) -> Agreement:
        return self.made[agreement_id]

    def carry_out(self, actor: Actor, agreement: Agreement, move: Move, facts: Facts, files: Sequence[Accepted] = ()) -> None:
        capacity = self.allow(
            actor, policies.PERMISSIONS[move], agreement.unit_id, state=agreement.state, owner_id=agreement.owner_id
        )
        today = self.town.local_day(clock.now())
        must(facts.due is None or facts.due >= today, "a new date lies ahead")
        must(facts.review_on is None or facts.review_on > today, "a review lies ahead")
        digests = [self._keep(file) for file in files]
        event = self._advance(
            agreement, move, capacity, on=today, reason=facts.reason, due=facts.due, review_on=facts.review_on,
            owner=self.bodies[facts.owner_id] if facts.owner_id is not None else None,
            ground=self._ground(agreement, facts.ground) if facts.ground else None, data={"evidence": digests} if digests else None,
        )
        self._attach(agreement, event, files, digests)

    def confirm(self, agreement: Agreement, *, code: str, liaison: Actor | None) -> None:
        voter = self._liaison(liaison, agreement, P.AGREEMENT_VOICE) if liaison else self._slip(code, agreement)
        if not self._say(agreement, voter, VoiceKind.CONFIRM):
            return
        self.record(EventKind.AGREEMENT_CONFIRMED, agreement.object_name, voter.capacity, {"round": agreement.round})
        told = self._tally[agreement.id, agreement.round]
        if told[VoiceKind.CONFIRM] >= self.setting("voices_to_verify") and not told[VoiceKind.OBJECT]:
            self._advance(agreement, Move.VERIFY, voter.capacity, data={"way": "voices", "voices": told[VoiceKind.CONFIRM]})

    def object_to(self, agreement: Agreement, *, code: str, reason: str, files: Sequence[Accepted]) -> None:
        voter = self._slip(code, agreement)
        if not self._say(agreement, voter, VoiceKind.OBJECT):
            return
        told = self._tally[agreement.id, agreement.round]
        move = Move.DISPUTE if told[VoiceKind.OBJECT] >= self.setting("objections_to_dispute") else Move.OBJECT
        digests = [self._keep(file) for file in files]
        event = self._advance(
            agreement, move, voter.capacity, reason=reason, held_text=True, data={"evidence": digests} if digests else None
        )
        self._photos[agreement.id] += self._attach(agreement, event, files, digests, Moderation.HELD)

    def doubt(self, agreement: Agreement) -> None:
        self.notebook.note(Doubt, agreement_id=agreement.id, round=agreement.round, given_at=clock.now())
        self.record(EventKind.AGREEMENT_DOUBTED, agreement.object_name, RESIDENT, {"round": agreement.round})

    def moderate(self, actor: Actor, agreement: Agreement, *, hide: bool, reason: str) -> None:
        capacity = self.allow(actor, P.TEXT_MODERATE, agreement.unit_id)
        verdict, texts = "hidden" if hide else "published", {"reason": reason if hide else ""}
        for told in self.notebook.release(agreement.object_name):
            told["held"], told["hidden_reason"] = False, reason if hide else None
            data = {"entry": told["event_seq"], "field": told["field"], "verdict": verdict}
            self.record(EventKind.TEXT_MODERATED, agreement.object_name, capacity, data, texts)
        for photo in self._photos.pop(agreement.id, ()):
            photo.moderation, photo.hidden_reason = Moderation.HIDDEN if hide else Moderation.VISIBLE, reason if hide else None
            data = {"entry": photo.event_seq, "evidence": photo.sha256, "verdict": verdict}
            self.record(EventKind.TEXT_MODERATED, agreement.object_name, capacity, data, texts)

    # What an assembly says of agreements made before it

    def decide_done(self, actor: Actor, assembly: Assembly, item: Item, agreement: Agreement) -> None:
        capacity = self.allow_in(actor, assembly)
        must(item.type is ItemType.FOLLOW_UP and assembly.unit_id in self.path(agreement.unit_id), "an assembly verifies its own")
        self._is_open(assembly, item)
        _standing(agreement)
        row = self.notebook.new(
            Verification, agreement_id=agreement.id, assembly_id=assembly.id, round=agreement.round, item_id=item.id,
            decided_at=clock.now(),
        )
        self._verifications[agreement.id, assembly.id] = row
        needed = self.setting("countersigners")
        self.halls[assembly.id].checked[item.id].append(partial(self._checked, agreement, row, needed))
        self.record(
            EventKind.AGREEMENT_VERIFICATION_DECIDED, agreement.object_name, capacity,
            {"round": agreement.round, "assembly": assembly.folio, "item": item.position, "needed": needed},
        )

    def countersign(self, actor: Actor, assembly: Assembly, agreement: Agreement, code: str) -> None:
        self.allow_in(actor, assembly)
        row, voter = self._verifications[agreement.id, assembly.id], self._slip(code, agreement)
        signed, needed = self._signed[row.id], self.setting("countersigners")
        must(voter.key not in signed and row.completed_at is None, "a neighbour signs once, while it is needed")
        must(assembly.state in SIGNING and row.round == agreement.round, "those present sign the report they saw")
        _standing(agreement)
        signed.add(voter.key)
        self.notebook.note(Countersignature, verification_id=row.id, voice_key=voter.key, signed_at=clock.now())
        self.record(
            EventKind.AGREEMENT_COUNTERSIGNED, agreement.object_name, voter.capacity,
            {"round": agreement.round, "assembly": assembly.folio, "signatures": len(signed), "needed": needed},
        )
        if len(signed) >= needed:
            row.completed_at = clock.now()
            capacity = Capacity("assembly", unit=self.unit(assembly.unit_id).code)
            self._advance(agreement, Move.VERIFY, capacity, assembly=assembly.folio, data={"way": "assembly"})

    def not_done(self, actor: Actor, assembly: Assembly, item: Item, agreement: Agreement, reason: str) -> None:
        capacity = self.allow_in(actor, assembly)
        self._is_open(assembly, item)
        data = {"item": item.position, "method": str(item.method), "outcome": str(Outcome.REJECTED), "agreement": agreement.folio}
        self.record(EventKind.DECISION_TAKEN, assembly.object_name, capacity, data, {"text": reason})
        note_not_fulfilled(item, agreement, reason)

    def reopen(self, actor: Actor, assembly: Assembly, agreement: Agreement, reason: str) -> None:
        capacity = self.allow_in(actor, assembly)
        must(assembly.state in DECIDING and assembly.unit_id in self.path(agreement.unit_id), "an assembly reopens its own")
        self._advance(agreement, Move.REOPEN, capacity, reason=reason, assembly=assembly.folio)

    # What stands behind these

    def _advance(self, agreement: Agreement, move: Move, capacity: Capacity, **facts) -> Waiting:
        event = agreement.advance(self.notebook, move, capacity=capacity, **self.now, **facts)
        owed = self.owed[self.territory(agreement.unit_id).id]
        if agreement.state in UNSETTLED:
            owed[agreement.id] = agreement
        else:
            owed.pop(agreement.id, None)
        return event

    def _ground(self, agreement: Agreement, typed: str) -> str:
        assembly = self.decided.get(typed)
        if assembly is not None:
            must(assembly.unit_id in self.path(agreement.unit_id), "an assembly lets go of its own")
            must((assembly.held_at or assembly.opened_at) >= agreement.created_at, "an assembly lets go of what was agreed before")
            return assembly.folio
        twin = next(one for one in self.owed_or_kept(agreement) if one.folio == typed)
        must(twin is not agreement and twin.state not in (S.CANCELLED, S.DECLINED), "the other one still stands")
        return f"duplicate of {twin.folio}"

    def owed_or_kept(self, beside: Agreement) -> list[Agreement]:
        """Agreements born just before ``beside``, itself included."""
        return [self.made[number] for number in range(max(1, beside.id - 5), beside.id + 1) if number in self.made]

    def _say(self, agreement: Agreement, voter: Voter, kind: VoiceKind) -> bool:
        """Count a voice; False when it had spoken on this report."""
        said = (agreement.id, agreement.round, voter.key)
        if said in self._spoken:
            return False
        must(agreement.state is S.REPORTED_DONE, "a voice speaks on a report that stands")
        self._spoken.add(said)
        self._tally[agreement.id, agreement.round][kind] += 1
        self.notebook.note(
            Voice, agreement_id=agreement.id, round=agreement.round, kind=kind, voice_key=voter.key, given_at=clock.now()
        )
        return True

    def _slip(self, code: str, agreement: Agreement) -> Voter:
        number, unit_id, until = self.slips[code]
        must(until >= self.town.local_day(clock.now()), "a slip speaks during its term")
        must(self.near(unit_id, agreement.unit_id), "a slip serves its own place")
        capacity = self._told(Capacity("voice", unit=self.unit(unit_id).code), agreement)
        return Voter(crypto.keyed_hash("voice", number, agreement.id), capacity)

    def _liaison(self, actor: Actor, agreement: Agreement, permission: Permission) -> Voter:
        capacity = self.allow(
            actor, permission, agreement.unit_id, state=S.REPORTED_DONE, owner_id=agreement.owner_id
        )
        number, until = self.serving[actor.user_id]
        must(until is None or until >= self.town.local_day(clock.now()), "a liaison speaks during a term")
        return Voter(crypto.keyed_hash("liaison", number, agreement.id), self._told(capacity, agreement))

    def _told(self, capacity: Capacity, agreement: Agreement) -> Capacity:
        return self.as_told(capacity, agreement.unit_id) if agreement.id in self.discreet else capacity

    def _keep(self, file: Accepted) -> str:
        # The same photo is seen again and again: its file is written and its digest made once.
        if id(file.content) not in self._digests:
            self._digests[id(file.content)] = (file.content, storage.keep(file.content))
        return self._digests[id(file.content)][1]

    def _attach(
        self, agreement: Agreement, event: Waiting, files: Sequence[Accepted], digests: Sequence[str],
        moderation: Moderation = Moderation.VISIBLE,
    ) -> list[Evidence]:
        moment: datetime = clock.now()
        return [
            self.notebook.new(
                Evidence, agreement_id=agreement.id, event_seq=event.seq, sha256=digest, media_type=file.media_type,
                size=len(file.content), title=file.title, added_at=moment, **{"moderation": moderation},
            )
            for digest, file in zip(digests, files, strict=True)
        ]

    def _checked(self, agreement: Agreement, row: Verification, needed: int) -> Checked:
        return Checked(agreement.folio, agreement.text, len(self._signed[row.id]), needed, row.completed_at is not None)


def _standing(agreement: Agreement) -> None:
    reported = agreement.state is S.REPORTED_DONE or (agreement.state is S.IN_PROGRESS and agreement.disputed)
    must(reported, "an assembly verifies what was reported done")
