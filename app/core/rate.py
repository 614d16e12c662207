"""How often: writes are counted in the database, so that all workers count together; reads in this process alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_network
from threading import Lock

from flask import current_app, request
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.core import clock, crypto
from app.core.errors import RateLimited
from app.core.transaction import transaction
from models.operations import RateWindow


def limit(action: str, who: str, *, times: int, seconds: int) -> None:
    """Count one try of ``action`` by ``who``; raise RateLimited past ``times`` within ``seconds``.

    ``who`` is hashed: the table holds no address and no e-mail. Commits its own transaction,
    so that a refused try still counts.
    """
    moment = clock.now()
    bucket, start = _window(action, who, seconds)
    key = {"bucket": bucket, "starts_at": start}
    try:
        with transaction(quiet=True) as session:
            row = session.get(RateWindow, (bucket, start), with_for_update=True)
            if row is None:
                session.execute(delete(RateWindow).where(RateWindow.starts_at < moment - timedelta(days=1)))
                session.add(RateWindow(**key, count=1))
                count = 1
            else:
                row.count += 1
                count = row.count
    except IntegrityError:
        with transaction(quiet=True) as session:
            session.execute(update(RateWindow).filter_by(**key).values(count=RateWindow.count + 1))
            count = session.get(RateWindow, (bucket, start)).count
    if count > times:
        raise RateLimited(int((start + timedelta(seconds=seconds) - moment).total_seconds()) + 1)


class _Windows:
    """Counts of this process, forgotten whole when they grow too many or their window ends."""

    MOST = 20_000

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[tuple[str, datetime], int] = {}

    def count(self, key: tuple[str, datetime]) -> int:
        with self._lock:
            if key not in self._counts and len(self._counts) >= self.MOST:
                self._counts = {}
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]


def limit_reads(action: str, who: str, *, times: int, seconds: int) -> None:
    """The same for a GET, which may write nothing: each process counts alone and nothing outlives it.

    Enough against one that asks without rest; raises RateLimited.
    """
    windows = current_app.extensions.setdefault("read_windows", _Windows())
    moment = clock.now()
    bucket, start = _window(action, who, seconds)
    if windows.count((bucket, start)) > times:
        raise RateLimited(int((start + timedelta(seconds=seconds) - moment).total_seconds()) + 1)


def give_back(action: str, who: str, *, seconds: int, count: int | None = None) -> int:
    """Take ``count`` tries (None: all) off the present window, because they came out well. Returns how many it held."""
    bucket, start = _window(action, who, seconds)
    with transaction(quiet=True) as session:
        row = session.get(RateWindow, (bucket, start), with_for_update=True)
        if row is None:
            return 0
        held = row.count
        row.count = 0 if count is None else max(0, held - count)
        return held


def _window(action: str, who: str, seconds: int) -> tuple[str, datetime]:
    moment = clock.now()
    start = moment - timedelta(seconds=moment.timestamp() % seconds)
    return f"{action}:{crypto.keyed_hash(action, who)[:40]}", start.replace(microsecond=0)


def client_address() -> str:
    """The address of whoever asks; behind proxies only what trusted ones say (ProxyFix). Of IPv6 the
    first 64 bits: one household holds all the rest."""
    address = request.remote_addr or "unknown"
    if ":" not in address:
        return address
    try:
        return str(ip_network((address.split("%")[0], 64), strict=False))
    except ValueError:
        return address
