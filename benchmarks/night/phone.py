"""A phone: keeps a connection and a cookie, fills in the forms of pages, sends again what nobody acknowledged."""

from __future__ import annotations

import gzip
import http.client
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlencode

TRIES = 8
# A request that waits longer than gunicorn lets one live is lost, not slow.
TIMEOUT = 70


class Timing(NamedTuple):
    what: str
    write: bool
    ms: float
    status: int


@dataclass
class Log:
    """What all phones saw. ``complaints`` are what should not have happened; lists are appended to by many threads."""

    timings: list[Timing] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    agreements: list[str] = field(default_factory=list)
    """Folios of agreements that readers may ask for."""
    cut: list[str] = field(default_factory=list)
    """Writes whose connection was cut on purpose before the answer."""
    lost: list[str] = field(default_factory=list)
    """Requests whose connection the server closed before the answer."""
    twice: list[str] = field(default_factory=list)
    """Writes sent again although they had been acknowledged."""

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Form:
    """The fields of a form as a browser without scripts would send them, in their order."""

    action: str
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, **typed: object) -> list[tuple[str, str]]:
        """With ``typed`` in place of what was there; a list takes the place of all the fields of its name."""
        kept = [pair for pair in self.pairs if pair[0] not in typed]
        for name, value in typed.items():
            kept += [(name, str(one)) for one in (value if isinstance(value, list) else [value])]
        return kept


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form = Form("")
        self._area: tuple[str, list[str]] | None = None
        self._select: list | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self.form.action = said.get("action") or ""
        elif tag == "input" and said.get("name"):
            if said.get("type") not in ("radio", "checkbox") or "checked" in said:
                self.form.pairs.append((said["name"], said.get("value") or ""))
        elif tag == "textarea":
            self._area = (said["name"], [])
        elif tag == "select":
            self._select = [said["name"], None]
        elif tag == "option" and self._select is not None and (self._select[1] is None or "selected" in said):
            self._select[1] = said.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self.form.pairs.append((self._area[0], "".join(self._area[1]).removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select is not None:
            self.form.pairs.append((self._select[0], self._select[1] or ""))
            self._select = None


def forms_of(page: str, at: str = "") -> dict[str, Form]:
    """The forms of a page by where they post to (``at``, its own address, where they do not say); of several the first."""
    found: dict[str, Form] = {}
    for piece in _pieces(page):
        fields = _Fields()
        fields.feed(piece)
        fields.form.action = fields.form.action or at
        found.setdefault(fields.form.action, fields.form)
    return found


def _pieces(page: str) -> Iterator[str]:
    start = page.find("<form")
    while start >= 0:
        end = page.index("</form>", start)
        yield page[start:end]
        start = page.find("<form", end)


@dataclass
class Deed:
    """One write with a key of its own. ``note`` runs when it is first acknowledged; ``refusals`` are other fair answers."""

    what: str
    path: str
    fields: Sequence[tuple[str, str]]
    note: Callable[[Answer], None] = lambda _answer: None
    json: bool = False
    refusals: tuple[int, ...] = ()
    answer: Answer | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def key(self) -> str:
        return dict(self.fields)["client_id"]

    @property
    def fair(self) -> int:
        return 200 if self.json else 303


def now() -> str:
    return datetime.now(UTC).isoformat()


def fresh() -> dict[str, str]:
    """A key nobody used, and this moment: what hold.js puts into each send."""
    return {"client_id": str(uuid.uuid4()), "occurred_at": now()}


class Phone:
    """One browser. Used by one thread at a time; ``address`` is what nginx would say it comes from."""

    def __init__(self, port: int, log: Log, address: str):
        self._port, self._log, self._address = port, log, address
        self._cookies: dict[str, str] = {}
        self._connection = self._new()
        self._waiting: list[Deed] = []

    def _new(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str, what: str, *, fair: tuple[int, ...] = (200,)) -> Answer:
        answer = self._ask("GET", path, what)
        if answer.status not in fair:
            self._complain(f"GET {path}", answer)
        return answer

    def form(self, page: str, action: str, what: str = "staff page") -> Form:
        """The form of ``page`` that posts to ``action``. Raises LookupError, with what there is, when it is not there."""
        found = forms_of(self.get(page, what).text, page)
        if action not in found:
            raise LookupError(f"{page} has no form to {action}, only {sorted(found)}")
        return found[action]

    def sign_in(self, email: str, password: str) -> None:
        form = self.form("/signin", "/signin", "sign-in")
        answer = self._ask("POST", "/signin", "sign-in", form.filled(email=email, password=password))
        if answer.status != 303:
            self._complain("POST /signin", answer)

    def send(self, deed: Deed) -> Answer:
        """Send until it is answered; what waited goes first, as the page's script does."""
        self.catch_up()
        return self._send(deed)

    def send_and_lose(self, deed: Deed) -> None:
        """The signal goes when the request has left: nobody knows whether it arrived. It waits for ``catch_up``."""
        self._log.cut.append(deed.what)
        self._waiting.append(deed)
        with suppress(OSError, http.client.HTTPException):
            self._request("POST", deed.path, deed.fields, json=deed.json)
        self._connection.close()
        self._connection = self._new()

    def catch_up(self) -> None:
        """Send all that waits, in its order."""
        while self._waiting:
            self._send(self._waiting[0])
            self._waiting.pop(0)

    def send_again(self, deed: Deed) -> None:
        """What was acknowledged, once more: the same answer is owed."""
        self._log.twice.append(deed.what)
        self._send(deed)

    def _send(self, deed: Deed) -> Answer:
        answer = self._ask("POST", deed.path, deed.what, deed.fields, json=deed.json)
        if answer.status == deed.fair:
            with deed.lock:
                if deed.answer is None:
                    deed.answer = answer
                    deed.note(answer)
                elif (deed.answer.location, deed.json and deed.answer.body) != (answer.location, deed.json and answer.body):
                    self._log.complain(f"{deed.what}: another answer to the same send: {answer.location or answer.text[:200]}")
        elif answer.status not in deed.refusals:
            self._complain(f"POST {deed.path}", answer)
        return answer

    def _ask(
        self, method: str, path: str, what: str, fields: Sequence[tuple[str, str]] | None = None, *, json: bool = False
    ) -> Answer:
        for number in range(TRIES):
            began = time.perf_counter()
            try:
                self._request(method, path, fields, json=json)
                answer = self._read()
            except (OSError, http.client.HTTPException) as gone:
                self._log.lost.append(f"{method} {path}: {gone!r}")
                self._connection.close()
                self._connection = self._new()
                time.sleep(0.05 * 2**number)
                continue
            self._log.timings.append(Timing(what, method == "POST", (time.perf_counter() - began) * 1000, answer.status))
            return answer
        raise ConnectionError(f"{method} {path}: no answer after {TRIES} tries")

    def _request(self, method: str, path: str, fields: Sequence[tuple[str, str]] | None, *, json: bool) -> None:
        headers: Mapping[str, str] = {
            "Accept": "application/json" if json else "text/html", "Accept-Encoding": "gzip", "X-Forwarded-For": self._address,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self._port}",
        }
        self._connection.request(method, path, urlencode(fields) if fields is not None else None, headers)

    def _read(self) -> Answer:
        with self._connection.getresponse() as response:
            body = response.read()
            for line in response.headers.get_all("Set-Cookie", []):
                name, _equals, value = line.split(";", 1)[0].partition("=")
                self._cookies[name] = value
            if response.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            return Answer(response.status, response.headers.get("Location", ""), body)

    def _complain(self, request: str, answer: Answer) -> None:
        text = " ".join(answer.text.split())
        words = text.partition("<h1")[2].partition(">")[2].partition("<")[0] or text[:200]
        error = text.partition("govuk-error-summary__body")[2][:300] or text.partition("govuk-error-message")[2][:200]
        self._log.complain(f"{request}: {answer.status} {words} {error}".rstrip())
