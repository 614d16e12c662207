"""The log is for machines: one JSON object a line, and nobody's words make another line."""

import json
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.logs import JsonLines


def test_a_line_break_cannot_forge_a_line():
    record = logging.LogRecord("cuadra", logging.WARNING, __file__, 1, 'x\r\n{"level": "info"}', None, None)
    record.event, record.email = "refused", "ana@example.org"
    line = JsonLines().format(record)
    assert "\n" not in line and "\r" not in line
    read = json.loads(line)
    assert read["event"] == "refused" and read["level"] == "warning" and read["at"].endswith("+00:00")
    assert "ana@example.org" not in line, "only fields on the list are written"


def test_a_failed_statement_does_not_tell_what_it_was_given(world):
    with pytest.raises(DBAPIError) as failed, world.writing() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:word)"), {"word": "ana@example.org"})
    assert "ana@example.org" not in str(failed.value)
