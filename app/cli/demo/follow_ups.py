"""What an assembly says of agreements made before it: done and countersigned, not done, or taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from app.cli.demo.careers import Career
from app.cli.demo.commitments import Commitment, Ending, Register
from app.cli.demo.plans import Plan
from app.cli.demo.reasons import reason
from app.cli.demo.town import Town
from app.core import clock
from models import Agreement
from models.agreement import AgreementState as S
from models.agreement import Move
from models.assembly import Assembly, Item

AT_MOST = 4
_FELL_AGAIN_AFTER = timedelta(days=35)
_NOT_DONE = (
    "Falta lo que se dijo en la objeción; se pide nueva fecha.", "Se fue al lugar y el trabajo está a medias.",
    "El área no ha venido; se le pide respuesta por escrito.",
)


class FollowUp:
    """One follow-up item of one assembly of a territory."""

    def __init__(self, town: Town, register: Register, plan: Plan, assembly: Assembly, item: Item, rng: Random):
        self._town, self._plan, self._assembly, self._item, self._rng = town, plan, assembly, item, rng
        self._acts, self._commitments = town.acts, register.of(plan.where)

    def take_up(self) -> list[Commitment]:
        """Say what can be said now; returns the agreements that wait for countersignatures."""
        decided = []
        for made, agreement in self._open():
            if made.asks and self._reported(agreement) and len(decided) < AT_MOST:
                self._acts.decide_done(self._plan.convener, self._assembly, self._item, agreement)
                made.asks = False
                decided.append(made)
        self._deny_one()
        self._take_back_one()
        return decided

    def sign(self, made: Commitment, codes: list[str], number: int) -> None:
        """The neighbour present whose slip is ``codes[number]`` countersigns."""
        self._acts.countersign(self._plan.convener, self._assembly, self._acts.agreement(made.id), codes[number])

    def _deny_one(self) -> None:
        late = [
            (made, agreement) for made, agreement in self._open()
            if agreement.state is S.IN_PROGRESS and made.due < self._town.local_day(clock.now()) and not made.asks
        ]
        if late and self._rng.random() < 0.6:
            made, agreement = self._rng.choice(late)
            missing = made.objection or self._rng.choice(_NOT_DONE[1:])
            self._acts.not_done(self._plan.convener, self._assembly, self._item, agreement, missing)

    def _take_back_one(self) -> None:
        for made in self._commitments:
            agreement = self._acts.agreement(made.id)
            old = agreement.verified_at is not None and clock.now() - agreement.verified_at > _FELL_AGAIN_AFTER
            if made.ending is Ending.REOPENED and agreement.state is S.VERIFIED and old:
                why = reason(self._rng, Move.REOPEN, made.case.owner)
                self._acts.reopen(self._plan.convener, self._assembly, agreement, why)
                made.ending = Ending.WORKING
                self._town.diary.begin(Career(self._town, made, f"{made.folio}/again").after_reopening())
                return

    def _open(self) -> Iterator[tuple[Commitment, Agreement]]:
        for made in self._commitments:
            agreement = self._acts.agreement(made.id)
            if agreement.state in (S.REPORTED_DONE, S.IN_PROGRESS):
                yield made, agreement

    @staticmethod
    def _reported(agreement: Agreement) -> bool:
        return agreement.state is S.REPORTED_DONE or (agreement.state is S.IN_PROGRESS and agreement.disputed)
