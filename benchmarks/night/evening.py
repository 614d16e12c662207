"""An official's evening: one assembly after the other, with the forms of the pages and two phones."""

from __future__ import annotations

import random
import re
import threading
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.night.phone import Answer, Deed, Form, Log, Phone, forms_of, fresh

GENDERS, BANDS = ("women", "men", "other"), ("under_12", "12_17", "18_29", "30_59", "60_plus")
ZONE = ZoneInfo("America/Mexico_City")
# Of every hundred taps: sent twice, sent by both phones at once, sent into a hole and again once there is signal.
TWICE, AT_ONCE, INTO_A_HOLE = 15, 5, 10
IN_SESSION = "En sesión"
OPENS_IN = timedelta(minutes=40)
ITEMS = (
    ("Bienvenida", "information", ""), ("Qué nos preocupa", "problems", ""), ("La luminaria", "decision", "vote"),
    ("El jardín", "decision", "consensus"),
)


@dataclass(frozen=True)
class Hand:
    """Who holds assemblies and where: what an official knows before the night begins."""

    user_id: int
    email: str
    password: str
    unit: str
    folio: str
    """The assembly convened for tonight."""
    themes: tuple[int, ...]
    sensitive: int
    owners: tuple[int, ...]


@dataclass
class Notebook:
    """What the server acknowledged of one assembly. The reckoning wants the database to say the same."""

    folio: str
    state: str = "convened"
    people: Counter = field(default_factory=Counter)
    first_timers: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    sensitive: list[str] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    agreements: list[str] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)
    added: list[str] = field(default_factory=list)
    slips: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def counts(self, cells: Counter, key: tuple[str, str], step: int) -> None:
        with self.lock:
            cells[key] += step

    def present(self) -> int:
        with self.lock:
            return sum(self.people.values())


class Over(Exception):
    """The night is over: whatever the assembly was at, it stays there."""


class Official(threading.Thread):
    """Holds assemblies ``until`` the night is over (``time.monotonic()``). ``keys`` are those acknowledged, ``books``
    what was, by assembly. The second phone belongs to the thread of ``_hands`` while the evening lasts."""

    def __init__(self, number: int, port: int, log: Log, hand: Hand):
        super().__init__(name=f"official-{number}")
        self.hand, self._log, self.until = hand, log, 0.0
        self._chance = random.Random(number)
        self._phone, self._other = Phone(port, log, f"10.0.0.{number + 1}"), Phone(port, log, f"10.1.0.{number + 1}")
        self._hands = ThreadPoolExecutor(1, thread_name_prefix=f"second-phone-{number}")
        self.books: list[Notebook] = []
        self.keys: set[str] = set()

    def sign_in(self) -> None:
        for phone in (self._phone, self._other):
            phone.sign_in(self.hand.email, self.hand.password)

    def run(self) -> None:
        try:
            book = Notebook(self.hand.folio)
            while True:
                self.books.append(book)
                self._hold(book)
                book = self._convene()
        except Over:
            pass
        except Exception:  # the others go on, and the night ends with this in its findings
            self._log.complain(f"{self.name} stopped: {traceback.format_exc(limit=-4)}")
        finally:
            self._end()

    def _end(self) -> None:
        """What is on its way arrives, even after the hour."""
        self._hands.shutdown(wait=True)
        for phone in (self._phone, self._other):
            try:
                phone.catch_up()
            except Exception as wrong:
                self._log.complain(f"{self.name} could not send what waited: {wrong!r}")
            phone.close()

    def _on_time(self) -> None:
        if time.monotonic() > self.until:
            raise Over

    def _deed(self, what: str, form: Form, note: Callable[[Answer], object], /, *, refusals: tuple[int, ...] = (), **typed) -> Deed:
        fields = form.filled(**(fresh() | typed))
        key = dict(fields)["client_id"]

        def acknowledged(answer: Answer) -> None:
            self.keys.add(key)
            note(answer)

        json = typed.get("gender") is not None
        return Deed(what, form.action, fields, acknowledged, json=json, refusals=refusals)

    def _do(self, what: str, page: str, action: str, note: Callable[[Answer], object] = lambda _answer: None, /, **typed) -> Answer:
        """Open ``page``, fill in the form to ``action`` and send it; now and then twice, or into a hole first."""
        self._on_time()
        deed = self._deed(what, self._phone.form(page, action), note, **typed)
        dice = self._chance.randrange(100)
        if dice < INTO_A_HOLE // 2:
            self._phone.send_and_lose(deed)
        answer = self._phone.send(deed)
        if dice >= 100 - TWICE // 2:
            self._phone.send_again(deed)
        return answer

    # The evening, in its order.

    def _hold(self, book: Notebook) -> None:
        at = f"/work/assemblies/{book.folio}/hold"
        self._count(book, at)
        self._do("opening", at, f"{at}/open", lambda _a: _set(book, "in_session"), call=1)
        self._hands.submit(self._in_session_for_all, book).result()
        late = self._hands.submit(self._other_taps, book, at, 6, random.Random(self._chance.random()))
        self._do(
            "item", at, f"{at}/items", lambda _a: book.added.append("Faena del domingo"), title="Faena del domingo", type="decision",
            method="consent",
        )
        for position in self._positions(at):
            self._item(book, at, position)
        late.result()
        self._slips(book)
        self._do("end", at, f"{at}/end", lambda _a: _set(book, "held"))
        self._seal(book)

    def _positions(self, at: str) -> list[int]:
        found = re.findall(rf'{re.escape(at)}/items/(\d+)', self._phone.get(at, "staff page").text)
        return sorted({int(number) for number in found})

    def _count(self, book: Notebook, at: str) -> None:
        """Both phones count at the door; then a mistake is taken back and some say that it is their first time."""
        arriving = self._chance.randint(5, 10)
        other = self._hands.submit(self._other_taps, book, at, arriving, random.Random(self._chance.random()))
        try:
            self._taps(self._phone, book, at, arriving, self._chance)
        finally:
            other.result()
        self._on_time()
        form = self._phone.form(f"{at}/headcount", f"{at}/headcount")
        key = max(book.people, key=lambda cell: book.people[cell])
        for what, cells, step in (("first_timers", book.first_timers, 1), ("people", book.people, 1), ("people", book.people, -1)):
            self._phone.send(self._tap(book, form, key, what=what, cells=cells, step=step))

    def _taps(self, phone: Phone, book: Notebook, at: str, times: int, chance: random.Random) -> None:
        form = phone.form(f"{at}/headcount", f"{at}/headcount", "headcount page")
        for _n in range(times):
            if time.monotonic() > self.until:
                return
            deed = self._tap(book, form, (chance.choice(GENDERS), chance.choice(BANDS)), what="people", cells=book.people, step=1)
            dice = chance.randrange(100)
            if dice < INTO_A_HOLE:
                phone.send_and_lose(deed)
                continue
            if dice < INTO_A_HOLE + AT_ONCE:
                phone.send_and_lose(deed)  # and at once, while the first may still be at work
            phone.send(deed)
            if dice >= 100 - TWICE:
                phone.send_again(deed)
        phone.catch_up()

    def _other_taps(self, book: Notebook, at: str, times: int, chance: random.Random) -> None:
        try:
            self._taps(self._other, book, at, times, chance)
        except Exception:  # in a thread nobody may be waiting for
            self._log.complain(f"{self.name}, second phone: {traceback.format_exc(limit=-4)}")

    def _tap(self, book: Notebook, form: Form, key: tuple[str, str], *, what: str, cells: Counter, step: int) -> Deed:
        gender, band = key
        return self._deed(
            "tap", form, lambda _answer: book.counts(cells, key, step), gender=gender, age_band=band, what=what, step=step
        )

    def _item(self, book: Notebook, at: str, position: int) -> None:
        here = f"{at}/items/{position}"
        self._do("item", at, f"{here}/open", lambda _a: book.opened.add(position))
        offered = forms_of(self._phone.get(here, "item page").text)
        if f"{here}/problems" in offered:
            self._problems(book, here)
        if f"{here}/decision" in offered:
            self._decide(book, here)
        self._notes(book, here, position)
        self._do("item", here, f"{here}/close")

    def _problems(self, book: Notebook, here: str) -> None:
        for number in range(3):
            text = f"Se inunda la esquina {uuid.uuid4()}"
            hushed = number == 2 and self._chance.randrange(3) == 0
            kept = book.sensitive if hushed else book.problems
            theme = self.hand.sensitive if hushed else self._chance.choice(self.hand.themes)
            self._do("problem", here, f"{here}/problems", lambda _a, t=text, k=kept: k.append(t), text=text, theme_id=theme)

    def _decide(self, book: Notebook, here: str) -> None:
        text, present = f"Se aprueba {uuid.uuid4()}", book.present()
        self._do(
            "decision", here, f"{here}/decision", lambda _a: book.decisions.append(text), text=text, outcome="adopted",
            present=present, in_favour=present,
        )
        for _n in range(2):
            said = f"Reponer la luminaria {uuid.uuid4()}"
            self._do(
                "agreement", here, f"{here}/agreements", lambda _a, t=said: book.agreements.append(t), text=said,
                theme_id=self._chance.choice(self.hand.themes), owner_id=self._chance.choice(self.hand.owners),
                due=(datetime.now(ZONE) + timedelta(days=30)).date(),
            )
        made = re.findall(r'/a/([A-Z0-9]+-\d+-\d+)"', self._phone.get(here, "item page").text)
        for folio in made[-1:]:
            self._now_public(f"/a/{folio}", "agreement")
            self._log.agreements.append(folio)

    def _notes(self, book: Notebook, here: str, position: int) -> None:
        """Two phones write the notes of one item from the same version: one is kept, the other is shown both."""
        self._on_time()
        form, action = self._phone.form(here, f"{here}/notes"), f"{here}/notes"
        theirs = self._hands.submit(self._other.form, here, action).result()
        written = [
            self._deed(
                "notes", one, lambda _a, t=text: book.notes.__setitem__(position, t), refusals=(409,), notes=text
            )
            for one, text in ((form, f"Hablaron de la lluvia {uuid.uuid4()}"), (theirs, f"Hablaron del jardín {uuid.uuid4()}"))
        ]
        self._race(*written, refused=409)

    def _race(self, mine: Deed, others: Deed, *, refused: int) -> None:
        """Both phones at once; one of the two must be refused."""
        future: Future[Answer] = self._hands.submit(self._other.send, others)
        statuses = sorted([self._phone.send(mine).status, future.result().status])
        if statuses != [303, refused]:
            self._log.complain(f"{mine.what}: of two at once, {statuses} and not one of each")

    def _slips(self, book: Notebook) -> None:
        """Some, then all that are left asked for by both phones at once: only one gets them."""
        page = f"/work/assemblies/{book.folio}/slips"
        people = book.present()
        self._do("slips", page, page, lambda _a: book.slips.append(people // 2), count=people // 2)
        rest = people - people // 2
        self._on_time()
        forms = (self._phone.form(page, page), self._hands.submit(self._other.form, page, page).result())
        deeds = [self._deed("slips", form, lambda _a: book.slips.append(rest), refusals=(422,), count=rest) for form in forms]
        self._race(*deeds, refused=422)
        shown = forms_of(self._phone.get(page, "staff page").text)
        for action in [one for one in shown if one.endswith("/printed")][:1]:
            self._do("slips", page, action)

    def _seal(self, book: Notebook) -> None:
        page = f"/work/assemblies/{book.folio}/minutes"
        self._do("notes", page, f"{page}/notes", notes=f"Terminó a tiempo {uuid.uuid4()}")
        self._do("seal", page, f"{page}/seal", lambda _a: _set(book, "closed"))
        self._now_public(f"/assemblies/{book.folio}/minutes", "minutes")

    def _now_public(self, path: str, what: str) -> None:
        """What was acknowledged is on the public page, whichever process answers."""
        self._phone.get(path, what)

    def _in_session_for_all(self, book: Notebook) -> None:
        """Readers have had this page before, and the other phone may be answered by the other process: a page kept
        in its memory must not outlive what was acknowledged."""
        page = self._other.get(f"/assemblies/{book.folio}", "assembly").text
        if IN_SESSION not in page:
            self._log.complain(f"/assemblies/{book.folio}: its opening was acknowledged and the public page does not say so")

    def _convene(self) -> Notebook:
        self._on_time()
        page = f"/work/assemblies/new?unit={self.hand.unit}"
        starts = datetime.now(UTC).astimezone(ZONE) + OPENS_IN
        made: list[str] = []
        form = self._phone.form(page, page)
        titles, kinds, methods = (list(column) for column in zip(*ITEMS, strict=True))
        deed = self._deed(
            "convening", form, lambda answer: made.append(answer.location.split("/")[-2]), day=starts.date(),
            hour=f"{starts:%H:%M}", place="Jardín Nogal", quorum=5, items_position=list(range(1, 5)), items_title=titles,
            items_type=kinds, items_method=methods, do="check",
        )
        self._phone.send(deed)
        if not made:
            raise RuntimeError("the convocation was not acknowledged")
        book = Notebook(made[0], state="draft")
        self.books.append(book)
        check = f"/work/assemblies/{book.folio}/check"
        self._phone.send(
            self._deed("convening", self._phone.form(check, f"/work/assemblies/{book.folio}/publish"), lambda _a: _set(book, "convened"))
        )
        self.books.pop()
        self._now_public(f"/assemblies/{book.folio}", "assembly")
        return book


def _set(book: Notebook, state: str) -> None:
    book.state = state
