"""Officials hold assemblies while the public reads: nothing acknowledged is lost, nothing happens twice, nothing fails.

    python -m benchmarks.assembly_night [--database spatialite|postgis|both] [--seconds 300] [--officials 20] [--readers 8]

gunicorn serves as deploy/ runs it (two processes of four threads) on loopback. Each official signs in on two
phones and holds one assembly after the other with the forms of the pages: taps sent twice, by both phones at
once and into a lost connection, items, problems, decisions, agreements, slips, sealed minutes. Half-way one of
the two processes is killed, and what it had not acknowledged is sent again. At the end the database must say
what was acknowledged, and the ledger, the counts and the index must prove right. Exits 1 otherwise. The times
are those of a machine that also runs all these phones.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from app.config import Config
from benchmarks.night import reckoning, town
from benchmarks.night.evening import Official
from benchmarks.night.phone import Log, Timing
from benchmarks.night.readers import Reader

SHOWN = 40
DATABASES = {"spatialite": town.spatialite, "postgis": town.postgis}


@dataclass(frozen=True)
class Night:
    """What came of it: what the phones saw, what the officials wrote down, and what should not have been."""

    seconds: float
    log: Log
    officials: list[Official]
    wrong: list[str]

    def total(self, what: str) -> int:
        """How many of a list or set of the notebooks were acknowledged."""
        return sum(len(getattr(book, what)) for official in self.officials for book in official.books)

    def sealed(self) -> int:
        return sum(book.state == "closed" for official in self.officials for book in official.books)

    def people(self) -> int:
        return sum(book.present() for official in self.officials for book in official.books)


def night(config: Config, *, officials: int, readers: int, seconds: float, kill: bool = False) -> Night:
    """Hold the night on the migrated, empty database of ``config``; with ``kill`` one of the two processes that
    serve it dies half-way, in the middle of whatever it was doing."""
    with ExitStack() as stack:
        place = stack.enter_context(town.town(config, officials))
        port, machines = stack.enter_context(town.served(config))
        log = Log()
        hands = [Official(number, port, log, hand) for number, hand in enumerate(place.hands)]
        folios = [hand.folio for hand in place.hands]
        public = [Reader(number, port, log, units=place.units, assemblies=folios) for number in range(readers)]
        with ThreadPoolExecutor(len(hands)) as all_at_once:
            list(all_at_once.map(Official.sign_in, hands))
        began = time.monotonic()
        for one in [*hands, *public]:
            one.until = began + seconds
            one.start()
        if kill:
            time.sleep(seconds / 2)
            town.kill_one(machines)
        for one in [*hands, *public]:
            one.join()
        took = time.monotonic() - began
        wrong = [*log.complaints, *reckoning.checks(place, port), *reckoning.differences(place, hands)]
        said = [line for line in machines.log(f"gunicorn-{port}.log").splitlines() if "Traceback" in line or '"level": "error"' in line]
        wrong += [f"the server's log: {line}" for line in said]
        return Night(took, log, hands, wrong)


def table(found: Night) -> str:
    """Each sort of request, then all writes and all reads: how many, how often, how long, how many failed."""
    timings = found.log.timings
    lines = [f"{'request':<18}{'n':>8}{'req/s':>8}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'5xx':>6}"]
    for name in sorted({timing.what for timing in timings}):
        for write in (True, False):
            some = [timing for timing in timings if timing.what == name and timing.write is write]
            if some:
                lines.append(_line(f"{'POST' if write else 'GET'} {name}", some, found.seconds))
    lines.append(_line("all writes", [timing for timing in timings if timing.write], found.seconds))
    lines.append(_line("all reads", [timing for timing in timings if not timing.write], found.seconds))
    return "\n".join(lines)


def _line(name: str, timings: Sequence[Timing], seconds: float) -> str:
    ordered = sorted(timing.ms for timing in timings)

    def percentile(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")

    failed = sum(timing.status >= 500 for timing in timings)
    return (
        f"{name:<18}{len(ordered):>8}{len(ordered) / seconds:>8.1f}{percentile(0.5):>9.0f}{percentile(0.95):>9.0f}"
        f"{percentile(0.99):>9.0f}{failed:>6}"
    )


def story(found: Night) -> str:
    books = sum(len(official.books) for official in found.officials)
    keys = sum(len(official.keys) for official in found.officials)
    log = found.log
    return (
        f"{books} assemblies, {found.sealed()} sealed; {found.people()} people counted, {found.total('problems')} problems, "
        f"{found.total('decisions')} decisions, {found.total('agreements')} agreements, {found.total('slips')} batches of slips; "
        f"{keys} writes acknowledged, {len(log.twice)} sent twice, {len(log.cut)} cut before the answer, {len(log.lost)} connections lost"
        + "".join(f"\nlost: {one}" for one in log.lost[:5])
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="both")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--officials", type=int, default=20)
    parser.add_argument("--readers", type=int, default=8)
    asked = parser.parse_args()
    failed = False
    for name, instance in DATABASES.items():
        if asked.database not in (name, "both"):
            continue
        before = os.getloadavg()[0]
        with instance() as config:
            found = night(config, officials=asked.officials, readers=asked.readers, seconds=asked.seconds, kill=True)
        print(f"\n{name}: {asked.officials} officials, {asked.readers} readers, {found.seconds:.0f} s, load before {before:.1f}")
        print(table(found), story(found), sep="\n")
        for sentence in found.wrong[:SHOWN]:
            print(f"WRONG {sentence}")
        print(f"{len(found.wrong)} things wrong" if found.wrong else "Nothing lost, nothing twice, nothing wrong.", flush=True)
        failed = failed or bool(found.wrong)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
