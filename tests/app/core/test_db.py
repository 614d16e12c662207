"""Connections to the two databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.core import db


@pytest.mark.postgis
def test_a_connection_that_the_server_ended_is_replaced_before_it_is_used(database_url):
    """After a restart of PostgreSQL the first readers must not see an error for each connection that was waiting."""
    engine, other = db.make_engine(database_url), db.make_engine(database_url)
    waiting = [engine.connect() for _n in range(3)]
    processes = [one.scalar(text("SELECT pg_backend_pid()")) for one in waiting]
    for one in waiting:
        one.close()
    with other.connect() as killer:
        # Waits until each has ended.
        assert all(killer.scalar(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": one}) for one in processes)
    again = [engine.connect() for _n in range(3)]
    assert not {one.scalar(text("SELECT pg_backend_pid()")) for one in again} & set(processes)
    for one in again:
        one.close()
    engine.dispose()
    other.dispose()
