"""The public: asks for pages one after the other until the night is over."""

from __future__ import annotations

import random
import threading
import time

from benchmarks.night.phone import Log, Phone

WORDS = ("luminaria", "nogal", "fuga de agua", "asamblea", "unidad", "acuerdo", "parque")
# Under the searches a minute that one address may make, however fast the server is.
BETWEEN_SEARCHES = 0.7


class Reader(threading.Thread):
    """Asks for home, units, assemblies, agreements and searches in turn, without rest."""

    def __init__(self, number: int, port: int, log: Log, *, units: list[str], assemblies: list[str]):
        super().__init__(name=f"reader-{number}")
        self._phone = Phone(port, log, f"10.2.0.{number + 1}")
        self._log, self._units, self._assemblies, self.until = log, units, assemblies, 0.0
        self._chance = random.Random(1000 + number)
        self._searched = 0.0

    def run(self) -> None:
        asks = (self._home, self._unit, self._agreement, self._assembly, self._search)
        try:
            while time.monotonic() < self.until:
                for ask in asks:
                    ask()
        except Exception as wrong:  # the night goes on without this reader, and says so
            self._log.complain(f"{self.name} stopped: {wrong!r}")
        finally:
            self._phone.close()

    def _home(self) -> None:
        self._phone.get("/", "home")

    def _unit(self) -> None:
        self._phone.get(f"/t/{self._chance.choice(self._units)}", "unit")

    def _agreement(self) -> None:
        if self._log.agreements:
            self._phone.get(f"/a/{self._chance.choice(self._log.agreements)}", "agreement")

    def _assembly(self) -> None:
        self._phone.get(f"/assemblies/{self._chance.choice(self._assemblies)}", "assembly")

    def _search(self) -> None:
        if time.monotonic() - self._searched > BETWEEN_SEARCHES:
            self._searched = time.monotonic()
            self._phone.get(f"/search?q={self._chance.choice(WORDS).replace(' ', '+')}", "search")
