"""What happened, one JSON object a line on standard error: UTC, request id, no names, no addresses, no bodies."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from flask import Flask, Response, g, has_request_context, request

OURS = "cuadra"
FIELDS = ("event", "account", "status", "endpoint", "request_id")


class JsonLines(logging.Formatter):
    """JSON quotes line breaks, so that nothing a person sends can pass for a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {"at": moment.isoformat(timespec="milliseconds"), "level": record.levelname.lower(), "says": record.getMessage()}
        if has_request_context():
            line["request_id"] = g.get("request_id")
        line |= {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def init_logs(app: Flask) -> None:
    """Send the ``cuadra`` loggers to standard error, and note each refusal."""
    log = logging.getLogger(OURS)
    log.setLevel(logging.INFO)
    if not app.testing and not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        log.addHandler(handler)
        log.propagate = False

    @app.after_request
    def _note_refusals(response: Response) -> Response:
        if response.status_code in (401, 403, 429):
            log.warning("refused", extra={"event": "refused", "status": response.status_code, "endpoint": request.endpoint})
        return response
