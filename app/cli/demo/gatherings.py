"""The life of one assembly: convened, held, minuted, or cut short."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.cli.demo import meetings, words
from app.cli.demo.careers import Career
from app.cli.demo.commitments import Commitment, Ending, Register
from app.cli.demo.diary import Story
from app.cli.demo.follow_ups import FollowUp
from app.cli.demo.institutions import SENSITIVE
from app.cli.demo.neighbours import Volunteers, crowd
from app.cli.demo.plans import Fate, Plan
from app.cli.demo.town import DAY, Town
from app.cli.demo.words import Case
from app.core import clock
from assemblies.meetings.convene.forms import Convocation, ItemDraft
from assemblies.meetings.hold.deliberation import Show
from models.assembly import Assembly, AssemblyKind, AssemblyState, Item, ItemType, Method, Mode, Outcome

K = AssemblyKind
# By kind: how many people come (from, to), how many agreements are made and how many other problems are raised.
_HABITS = {
    K.BLOCK: ((8, 19), (1, 1, 2, 2, 3), (1, 2)),
    K.TERRITORY: ((26, 46), (2, 3), (2, 3)),
    K.WORKSHOP: ((16, 28), (1, 2), (3, 5)),
    K.SECURITY: ((14, 28), (1, 2), (2, 3)),
    K.ITINERANT: ((28, 52), (2, 3, 4), (2, 4)),
    K.FOLLOW_UP: ((13, 26), (0, 1, 1), (0, 1)),
}
_DECIDED = {
    "Jornada vecinal del mes": "Se aprueba la jornada vecinal y la alcaldía presta la herramienta.",
    "Prioridades del territorio para el semestre": "Se acuerda empezar por lo que pone en riesgo a niñas, niños y personas mayores.",
    "Uso del salón y de las canchas": "Se aprueba el horario del salón y de las canchas y se pegará en la entrada.",
    "Propuestas para la agenda local": "Se aprueban las propuestas anotadas para la agenda de desarrollo local.",
    "Elección de enlaces de la cuadra": "Quedan como enlaces de la cuadra quienes se propusieron, por un año.",
    "Elección del colectivo de planeación": "Queda integrado el colectivo de planeación, con mujeres y hombres de cada sección.",
    "Compromisos de vigilancia y prevención": "Se aprueban los compromisos de vigilancia y prevención, con la fecha de cada uno.",
}
_USUALLY = "Se aprueba pedir a las áreas los trabajos anotados, con la fecha que se fijó para cada uno."


class Gathering:
    """One assembly from its call to its minutes, or to whatever cut it short."""

    def __init__(self, town: Town, register: Register, volunteers: Volunteers, plan: Plan):
        self._town, self._register, self._volunteers, self._plan = town, register, volunteers, plan
        self._acts = town.acts
        self._rng = town.draw("assembly", plan.key)
        self._starts_at = plan.starts_at
        self.assembly: Assembly | None = None
        self._attending, self._agreeing, self._raising = _HABITS[plan.kind]
        self._cases = self._draw_cases()

    def story(self) -> Story:
        plan, rng = self._plan, self._rng
        yield plan.called_at
        if plan.kind is K.TERRITORY:
            # Whoever led when the year was planned may have been succeeded.
            self._plan = plan = replace(plan, convener=plan.where.in_charge)
        self._convene()
        if plan.fate is Fate.DRAFT:
            return
        if plan.fate is Fate.CANCELLED:
            yield self._before(1, 3)
            self._acts.cancel(rng.choice(plan.where.officials), self.assembly, rng.choice(meetings.CANCEL_REASONS))
            return
        if plan.fate is Fate.RESCHEDULED:
            yield self._before(1, 2)
            self._reschedule()
        if self._starts_at >= self._town.at(self._town.today, 0):
            return
        if plan.fate is Fate.NOT_HELD:
            yield from self._wait_in_vain()
            return
        yield from self._meet()
        if plan.fate is Fate.AWAITS_MINUTES:
            return
        yield from self._minute()

    def _draw_cases(self) -> list[Case]:
        plan, rng = self._plan, self._rng
        theme = rng.choice(("security", "security", "violence")) if plan.kind is K.SECURITY else None
        found: list[Case] = []
        for _n in range(rng.choice(self._agreeing)):
            case = self._case(theme)
            while theme is None and case.theme in SENSITIVE:
                case = self._case(None)
            if all(case.text != other.text for other in found):
                found.append(case)
        return found

    def _case(self, theme: str | None = None) -> Case:
        where = self._plan.where.plan
        return words.make_case(self._rng, streets=self._streets(), territory=where.name, kind=where.kind, theme=theme)

    def _streets(self) -> list[str]:
        """Of the assembly's own block, or of one of the blocks it gathers."""
        own = self._town.plan(self._plan.unit)
        block = own if own.streets else self._town.plan(self._rng.choice(self._plan.blocks))
        return list(block.streets) or ["Calle Principal"]

    def _convene(self) -> None:
        plan, rng = self._plan, self._rng
        says = Convocation(
            kind=plan.kind, title=plan.title, mode=plan.mode, place=plan.place,
            online_url="https://reunion.tecolomilpan.example/taller" if plan.mode is not Mode.IN_PERSON else "",
            starts_at=plan.starts_at, second_call_at=plan.starts_at + timedelta(minutes=30), ends_at=plan.starts_at + timedelta(hours=2),
            quorum=plan.quorum, blocks=plan.blocks, areas=(),
            bodies=("participacion",) if plan.kind in (K.ITINERANT, K.WORKSHOP, K.TERRITORY) else (),
            items=tuple(ItemDraft(item.title, item.type, item.method) for item in meetings.items(rng, plan.kind)),
            follow_up_method=meetings.FOLLOW_UP.method or Method.CONSENSUS,
        )
        self.assembly = self._acts.draft(plan.convener, self._town.units[plan.unit], says, follow_up=meetings.FOLLOW_UP.title)
        self._town.meetings.append(self)
        if plan.fate is not Fate.DRAFT:
            self._acts.publish(plan.convener, self.assembly)

    @property
    def plan(self) -> Plan:
        return self._plan

    def _before(self, least: int, most: int) -> datetime:
        day = self._town.local_day(self._starts_at) - self._rng.randint(least, most) * DAY
        return max(self._plan.called_at + timedelta(hours=3), self._town.at(day, 12, self._rng.randint(0, 59)))

    def _reschedule(self) -> None:
        starts_at = self._starts_at + 7 * DAY
        self._acts.reschedule(
            self._plan.convener, self.assembly, starts_at=starts_at, second_call_at=starts_at + timedelta(minutes=30),
            ends_at=starts_at + timedelta(hours=2), reason=self._rng.choice(meetings.RESCHEDULE_REASONS),
        )
        self._starts_at = starts_at

    def _wait_in_vain(self) -> Story:
        yield self._starts_at + timedelta(minutes=20)
        self._count(crowd(self._rng, self._rng.randint(2, min(6, self._plan.quorum - 1))))
        yield self._starts_at + timedelta(minutes=50)
        self._acts.not_held(self._plan.convener, self.assembly, self._rng.choice(meetings.NOT_HELD_REASONS))

    def _meet(self) -> Story:
        rng, plan = self._rng, self._plan
        size = rng.randint(*self._attending)
        yield self._starts_at + timedelta(minutes=rng.randint(4, 12))
        self._count(crowd(rng, size))
        second = size < plan.quorum
        yield self._starts_at + timedelta(minutes=31 if second else 14)
        self._acts.open_session(plan.convener, self.assembly, 2 if second else 1)
        for item in self._acts.items(self.assembly):
            yield clock.now() + timedelta(minutes=1)
            self._acts.open_item(plan.convener, self.assembly, item)
            yield clock.now() + timedelta(minutes=rng.randint(4, 14))
            if item.type is ItemType.FOLLOW_UP:
                yield from self._follow_up(item)
            else:
                self._treat(item, size)
            self._note(item)
            self._acts.close_item(plan.convener, self.assembly, item)
        yield clock.now() + timedelta(minutes=2)
        self._hand_out_slips(round(size * rng.uniform(0.7, 1.0)))
        yield clock.now() + timedelta(minutes=4)
        self._acts.end_session(plan.convener, self.assembly)
        if plan.unit == plan.where.plan.code:
            plan.where.met.append((self.assembly.folio, self._today()))
        if plan.kind is K.BLOCK:
            self._volunteers.join(rng, plan.where, plan.blocks, self._today())

    def _count(self, people) -> None:
        self._acts.count(self._plan.convener, self.assembly, people)

    def _treat(self, item: Item, size: int) -> None:
        if item.type is ItemType.PROBLEMS:
            self._raise_problems(item)
        elif item.type in (ItemType.DECISION, ItemType.ELECTION):
            self._decide(item, size)
            if item.type is ItemType.DECISION:
                # All are born from the first decision; a later one of the same assembly brings no more.
                while self._cases:
                    self._agree(item, self._cases.pop(0))

    def _raise_problems(self, item: Item) -> None:
        rng, where = self._rng, self._plan.where.plan
        told = [(case.theme, case.problem) for case in self._cases]
        theme = "security" if self._plan.kind is K.SECURITY else None
        for _n in range(rng.choice(self._raising)):
            told.append(words.make_problem(rng, streets=self._streets(), territory=where.name, kind=where.kind, theme=theme))
        for theme_code, text in dict.fromkeys(told):
            self._acts.raise_problem(self._plan.convener, self.assembly, item, theme_code, text)

    def _decide(self, item: Item, size: int) -> None:
        rng = self._rng
        present = max(1, round(size * rng.uniform(0.85, 1.0)))
        present = size if present < self._plan.quorum else present
        against, abstaining = rng.randint(0, size // 8), rng.randint(0, size // 6)
        show = Show(present, present - against - abstaining, against, abstaining)
        objections = rng.choice(meetings.OBJECTION_TEXTS) if item.type is ItemType.DECISION and rng.random() < 0.12 else ""
        self._acts.decide(
            self._plan.convener, self.assembly, item, Outcome.ADOPTED, _DECIDED.get(item.title, _USUALLY), show, objections
        )

    def _agree(self, item: Item, case: Case) -> None:
        born = self._today()
        ending = self._register.ending_for(born)
        twin = self._propose(item, case, ending if ending is not Ending.DUPLICATE else Ending.VOICES, born, None)
        if ending is Ending.DUPLICATE:
            self._propose(item, case, ending, born, twin.folio)

    def _propose(self, item: Item, case: Case, ending: Ending, born, twin: str | None) -> Commitment:
        where, collective = self._plan.where, self._plan.where.collective
        own = case.owner == "collective"
        owner = collective if own else self._town.bodies[case.owner]
        answering = self._town.bodies["participacion"] if own else collective if self._rng.random() < 0.6 else None
        due = born + case.days * DAY
        agreement = self._acts.agree(
            self._plan.convener, self.assembly, item, theme=case.theme, text=case.text, owner=owner, counterpart=answering, due=due,
            place=case.place,
        )
        made = Commitment(agreement.id, agreement.folio, self._plan.unit, where, case, ending, born, due)
        self._register.keep(made)
        key = f"{self._plan.key}/{len(self._town.commitments)}"
        self._town.diary.begin(Career(self._town, made, key, twin).story())
        return made

    def _follow_up(self, item: Item) -> Story:
        """Countersigned only where the whole territory meets: a block's few neighbours rarely see a report in time."""
        if self._plan.unit != self._plan.where.plan.code:
            return
        review = FollowUp(self._town, self._register, self._plan, self.assembly, item, self._rng)
        decided = review.take_up()
        for turn, made in enumerate(decided):
            codes = self._town.codes_serving(made.unit)
            codes = self._rng.sample(codes, min(2, len(codes)))
            # The fourth of an evening finds only one neighbour still there to sign.
            for number in range(len(codes) if turn < 3 else 1):
                yield clock.now() + timedelta(minutes=2)
                review.sign(made, codes, number)

    def _note(self, item: Item) -> None:
        said = f"{item.notes}\n{meetings.minutes_of(self._rng, item.type)}".strip()
        self._acts.note(self._plan.convener, self.assembly, item, said)

    def _hand_out_slips(self, count: int) -> None:
        self._town.hold_slips(self.assembly.unit_id, self._acts.hand_out_slips(self._plan.convener, self.assembly, count))

    def _minute(self) -> Story:
        rng, plan = self._rng, self._plan
        yield self._town.in_office(rng, self._today() + rng.randint(1, 4) * DAY)
        self._acts.seal(plan.convener, self.assembly, meetings.closing(rng))
        if rng.random() < 0.07:
            yield self._town.in_office(rng, self._today() + rng.randint(2, 9) * DAY)
            self._acts.add_to_minutes(plan.where.in_charge, self.assembly, rng.choice(meetings.ADDENDA))

    def _today(self):
        return self._town.local_day(clock.now())

    @property
    def is_over(self) -> bool:
        return self.assembly is not None and self.assembly.state in (AssemblyState.HELD, AssemblyState.CLOSED)
