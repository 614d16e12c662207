"""The life of one agreement after its assembly: answered, worked on, reported, and taken at its word or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from agendas.agreements.facts import Facts
from app.cli.demo.commitments import LEFT_OPEN, Commitment
from app.cli.demo.commitments import Ending as E
from app.cli.demo.diary import Story
from app.cli.demo.reasons import MODERATION, reason
from app.cli.demo.town import DAY, HANDS, Town
from app.core import clock, uploads
from models import Agreement
from models.agreement import ENDED, STEPS, Move
from models.agreement import AgreementState as S

# To whom a body passes on what turns out to be another's, and why.
_HANDED = {
    "alumbrado": ("luz-federal", "El poste es de la compañía de luz."),
    "agua": ("aguas-ciudad", "La tubería es de la red primaria y la atiende la ciudad."),
    "obras": ("obras-ciudad", "La vialidad es de la ciudad y le toca a su secretaría."),
    "movilidad": ("movilidad-ciudad", "La vialidad es de la ciudad y le toca a su secretaría."),
    "seguridad": ("seguridad-ciudad", "Los recorridos los hace la policía de la ciudad."),
    "parques": ("obras", "Por acuerdo entre áreas, lo atenderá la dirección que tiene el material."),
    "limpia": ("via-publica", "Por acuerdo entre áreas, lo atenderá la jefatura de vía pública."),
}
_TWICE = "Se anotó dos veces: es el mismo asunto que otro acuerdo de la misma asamblea."
_PHOTO_OF_WORK = ("Así quedó el trabajo", "El lugar el día del reporte", "Foto tomada al terminar")
_PHOTO_ON_THE_WAY = ("Visita al lugar", "Avance del trabajo", "Así va el trabajo")
_PHOTO_OF_FAULT = ("Así está hoy", "Lo que falta", "Foto tomada por una vecina")


class Career:
    """One agreement's story. Each step checks that the agreement still waits for it: an assembly may have spoken first."""

    def __init__(self, town: Town, made: Commitment, key: str, twin: str | None = None):
        self._town, self._made, self._twin = town, made, twin
        self._rng: Random = town.draw("agreement", key)
        self._day = made.born

    def story(self) -> Story:
        yield from self._first_try()
        if self._made.ending not in LEFT_OPEN:
            yield from self._second_try()

    def after_reopening(self) -> Story:
        """An assembly took it back today: the work is done once more."""
        self._day = self._today()
        yield self._office(self._day + self._rng.randint(20, 110) * DAY)
        self._report(1)
        yield from self._confirm(3)

    def _first_try(self) -> Story:
        made, rng = self._made, self._rng
        if made.ending is E.DUPLICATE and self._twin:
            yield self._office(made.born + rng.randint(3, 9) * DAY)
            self._oversee(Move.CANCEL, Facts(reason=_TWICE, ground=self._twin))
            return
        if made.ending is E.IGNORED:
            return
        if made.ending is E.DECLINED:
            yield self._office(made.born + rng.randint(4, 14) * DAY)
            self._answer(Move.DECLINE, Facts(reason=self._why(Move.DECLINE)))
            return
        yield self._office(made.born + rng.randint(2, 9) * DAY)
        self._answer(Move.ACCEPT, Facts(reason=self._why(Move.ACCEPT)))
        if made.ending is E.ACCEPTED:
            return
        if made.ending is E.CANCELLED:
            yield from self._let_go()
            return
        if made.ending is E.HANDED:
            yield from self._hand_over()
        yield from self._work()
        if made.ending in (E.HELD, E.RESUMED):
            yield from self._hold()
        if made.ending not in (E.HELD, E.WORKING):
            yield from self._be_judged()

    def _hand_over(self) -> Story:
        other, why = _HANDED.get(self._made.case.owner, (None, ""))
        if other is None:
            return
        yield self._office(self._day + self._rng.randint(3, 12) * DAY)
        self._answer(Move.HAND_OVER, Facts(reason=why, owner_id=self._town.bodies[other].id))
        yield self._office(self._day + self._rng.randint(3, 14) * DAY)
        self._answer(Move.ACCEPT, Facts(reason=self._why(Move.ACCEPT)))

    def _work(self) -> Story:
        made, rng = self._made, self._rng
        if rng.random() < 0.3:
            yield self._office(self._day + rng.randint(1, max(2, made.days // 4)) * DAY)
            later = max(made.due, self._today()) + rng.randint(10, 45) * DAY
            self._answer(Move.PLAN, Facts(reason=self._why(Move.PLAN), due=later))
        said = list(made.case.progress)[: rng.choice((1, 1, 2))]
        for text in said:
            yield self._office(self._day + rng.randint(3, max(5, made.days // 3)) * DAY)
            self._answer(Move.PROGRESS, Facts(reason=text), self._photos(0.08, done=False, titles=_PHOTO_ON_THE_WAY))

    def _hold(self) -> Story:
        rng = self._rng
        yield self._office(self._day + rng.randint(3, 12) * DAY)
        review = self._today() + rng.randint(25, 70) * DAY
        self._answer(Move.HOLD, Facts(reason=self._why(Move.HOLD), review_on=review))
        if self._made.ending is E.RESUMED:
            yield self._office(review + rng.randint(-6, 4) * DAY)
            self._answer(Move.RESUME, Facts(reason=self._why(Move.RESUME)))

    def _let_go(self) -> Story:
        """An assembly of the territory decides; oversight writes it down with its folio."""
        for _month in range(12):
            yield self._office(self._day + 25 * DAY)
            met = [folio for folio, day in self._made.where.met if day > self._made.born]
            if met:
                self._oversee(Move.CANCEL, Facts(reason=self._why(Move.CANCEL), ground=met[-1]))
                return

    def _second_try(self) -> Story:
        """Whatever kept it from ending, some months after its date somebody looks at it again."""
        if self._agreement().state in ENDED:
            return
        yield self._office(max(self._day, self._agreement().due) + self._rng.randint(60, 150) * DAY)
        if self._made.ending in LEFT_OPEN:
            return
        stood = self._agreement().state is S.REPORTED_DONE
        self._answer(Move.ACCEPT, Facts(reason=self._why(Move.ACCEPT)))
        self._answer(Move.RESUME, Facts(reason=self._why(Move.RESUME)))
        self._report(1)
        # Whoever spoke of the report that stands has spoken.
        yield from self._confirm(3, skip=4 if stood else 0)

    def _be_judged(self) -> Story:
        made, rng = self._made, self._rng
        yield self._office(self._day_of_report())
        self._report(0)
        if rng.random() < 0.12:
            yield self._home(self._day + rng.randint(1, 5) * DAY)
            if self._agreement().state is S.REPORTED_DONE:
                self._town.acts.doubt(self._agreement())
        if made.ending is E.WAITING:
            yield from self._confirm(rng.choice((0, 1, 1, 2)))
        elif made.ending in (E.DISPUTED, E.MENDED, E.OVERRIDDEN):
            yield from self._be_disputed()
        elif made.ending is E.ASSEMBLY:
            made.asks = True
            yield from self._confirm(rng.choice((0, 0, 1)))
            yield self._home(self._day + 75 * DAY)
            yield from self._confirm(3, skip=1)
        else:
            yield from self._confirm(3)

    def _be_disputed(self) -> Story:
        made, rng = self._made, self._rng
        yield from self._confirm(rng.choice((0, 1)))
        yield self._home(self._day + rng.randint(1, 7) * DAY)
        self._object()
        if made.ending is E.OVERRIDDEN:
            made.asks = True
            return
        if made.ending is E.MENDED:
            yield self._office(self._day + rng.randint(4, 20) * DAY)
            self._report(1)
            yield from self._confirm(3)

    def _day_of_report(self) -> date:
        """Four in five before the first date, the others some weeks late; one that waits was reported these days."""
        made, rng = self._made, self._rng
        earliest = self._day + rng.randint(2, 6) * DAY
        if made.ending is E.WAITING or (made.ending is E.DISPUTED and rng.random() < 0.7):
            return max(earliest, self._town.today - rng.randint(2, 16) * DAY)
        if rng.random() < 0.8:
            return max(earliest, made.born + timedelta(days=round(made.days * rng.uniform(0.5, 0.98))))
        return max(earliest, made.due + rng.randint(3, 40) * DAY)

    def _report(self, number: int) -> None:
        self._answer(
            Move.REPORT_DONE, Facts(reason=self._made.case.done[number]), self._photos(0.4, done=True)
        )

    def _confirm(self, count: int, *, skip: int = 0) -> Story:
        """So many neighbours say yes, one after the other, while the report stands."""
        codes = self._codes(count + skip)[skip:]
        for number, code in enumerate(codes):
            yield self._home(self._day + self._rng.randint(0, 4) * DAY)
            agreement = self._agreement()
            if agreement.state is not S.REPORTED_DONE:
                return
            liaison = self._liaison() if number == 0 and self._rng.random() < 0.4 else None
            self._town.acts.confirm(agreement, code=code, liaison=liaison)

    def _object(self) -> None:
        agreement = self._agreement()
        codes = self._codes(HANDS)
        if agreement.state is not S.REPORTED_DONE or not codes:
            return
        self._made.objection = self._rng.choice(self._made.case.objections)
        self._town.diary.begin(self._moderated(self._town.in_office(self._rng, self._today() + self._rng.randint(1, 3) * DAY)))
        photos = self._photos(0.6, done=False, titles=_PHOTO_OF_FAULT)
        self._town.acts.object_to(agreement, code=codes[-1], reason=self._made.objection, files=photos)

    def _moderated(self, moment: datetime) -> Story:
        """Somebody looks at the objection before everybody does; one in fourteen says too much."""
        yield moment
        why = self._rng.choice(MODERATION)
        hide = self._rng.random() < 0.07
        self._town.acts.moderate(self._town.planning, self._agreement(), hide=hide, reason=why)

    def _codes(self, count: int) -> list[str]:
        """Different slips that reach this agreement; the same hands each time, so that a voice may speak in each round."""
        return self._town.hands(self._made.folio, self._made.unit)[:count]

    def _liaison(self):
        near = self._made.where.liaisons.get(self._made.unit, ())
        return near[0] if near else None

    def _answer(self, move: Move, facts: Facts, files: Sequence[uploads.Accepted] = ()) -> None:
        """By whoever answers for the body that owes it now, if the agreement is where the move begins."""
        self._carry_out(move, facts, files, oversight=False)

    def _oversee(self, move: Move, facts: Facts) -> None:
        self._carry_out(move, facts, (), oversight=True)

    def _carry_out(self, move: Move, facts: Facts, files: Sequence[uploads.Accepted], *, oversight: bool) -> None:
        agreement = self._agreement()
        if agreement.state not in STEPS[move].origins:
            return
        actor = self._made.where.director if oversight else self._town.answering[agreement.owner_id]
        self._town.acts.carry_out(actor, agreement, move, facts, files)

    def _why(self, move: Move) -> str:
        return reason(self._rng, move, self._made.case.owner)

    def _photos(self, chance: float, *, done: bool, titles: Sequence[str] = _PHOTO_OF_WORK) -> tuple[uploads.Accepted, ...]:
        rng = self._rng
        if rng.random() >= chance:
            return ()
        return (self._town.album.photo(rng, self._made.case.theme, rng.choice(titles), done=done),)

    def _agreement(self) -> Agreement:
        return self._town.acts.agreement(self._made.id)

    def _today(self) -> date:
        return self._town.local_day(clock.now())

    def _office(self, day: date) -> datetime:
        return self._on(self._town.in_office(self._rng, day))

    def _home(self, day: date) -> datetime:
        return self._on(self._town.at_home(self._rng, day))

    def _on(self, moment: datetime) -> datetime:
        """The story goes on there; the next step counts its days from it."""
        self._day = self._town.local_day(moment)
        return moment
