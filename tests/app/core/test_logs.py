"""The log is for machines: one JSON object a line, and nobody's words make another line."""

import json
import logging

from app.core.logs import JsonLines


def test_a_line_break_cannot_forge_a_line():
    record = logging.LogRecord("cuadra", logging.WARNING, __file__, 1, 'x\r\n{"level": "info"}', None, None)
    record.event, record.email = "refused", "ana@example.org"
    line = JsonLines().format(record)
    assert "\n" not in line and "\r" not in line
    read = json.loads(line)
    assert read["event"] == "refused" and read["level"] == "warning" and read["at"].endswith("+00:00")
    assert "ana@example.org" not in line, "only fields on the list are written"
