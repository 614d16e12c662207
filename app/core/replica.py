"""Whether the read replica is there and fresh; if not, readers go to the primary and notice nothing."""

from __future__ import annotations

import logging
import threading
import time

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.core import db

LOOK_EVERY = 2.0
LEAVE_ALONE = 10.0
log = logging.getLogger("cuadra.replica")


class Replica:
    """Watches ``reader`` beside ``primary``: asked at most every ``LOOK_EVERY`` seconds, by whoever comes first.

    It is fresh when it has replayed all that the primary had written at the look before. Positions in the log need no
    privilege and no clock, and tell an idle primary from a broken link, which the replica's own view of its lag does not.
    """

    def __init__(self, primary: Engine, reader: Engine):
        # Read-only on both: a connection given back by a reader would else ask a replica for a transaction that writes.
        self._primary, self._reader = db.read_only(primary), db.read_only(reader)
        self._turn = threading.Lock()
        self._fresh, self._look_at = True, 0.0
        self._written: tuple[float, int] | None = None

    def fresh(self) -> bool:
        """Whether an anonymous GET may read the replica now."""
        if time.monotonic() >= self._look_at and self._turn.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._turn.release()
        return self._fresh

    def lost(self, wrong: SQLAlchemyError) -> None:
        """It failed somebody: nobody asks it again for a while, or each would wait for it in turn."""
        self._judge(False, LEAVE_ALONE, f"failed ({type(getattr(wrong, 'orig', None) or wrong).__name__})")

    def _judge(self, fresh: bool, again_in: float, why: str = "is in use again") -> None:
        if fresh != self._fresh:
            log.warning("the replica %s", why)
        self._fresh, self._look_at = fresh, time.monotonic() + again_in

    def _look(self) -> None:
        if self._reader.dialect.name != "postgresql":
            self._judge(True, LOOK_EVERY)
            return
        try:
            replayed = _position(self._reader, "coalesce(pg_last_wal_replay_lsn(), pg_current_wal_lsn())")
        except SQLAlchemyError as wrong:
            self.lost(wrong)
            return
        try:
            written = _position(self._primary, "pg_current_wal_lsn()")
        except SQLAlchemyError:
            # Without the primary there is nobody to be late behind: reading something beats reading nothing.
            self._judge(True, LOOK_EVERY)
            return
        earlier, now = self._written, time.monotonic()
        self._written = (now, written)
        # A position from long ago proves nothing; then it must have replayed all there is.
        expected = earlier[1] if earlier is not None and now - earlier[0] < 5 * LOOK_EVERY else written
        if replayed >= expected:
            self._judge(True, LOOK_EVERY)
        else:
            self._judge(False, LOOK_EVERY, f"is {expected - replayed} bytes late")


def _position(engine: Engine, expression: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT {expression} - '0/0'::pg_lsn")))
