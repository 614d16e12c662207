"""The API against its own document: what schemathesis makes up gets no 5xx and nothing undocumented."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.api import contract, fields
from app.core import rate

# Enough to reach every parameter alone and together; the seed is fixed, so that a failure comes back.
EXAMPLES = 12
# A code nobody has and a cursor nobody gave are bad filters (400), and no schema can say which those are.
LEFT_OUT = [positive_data_acceptance]
# The client in this process does not undo compression.
PLAIN = {"Accept-Encoding": "identity"}
# What takes any text, or nothing, has no wrong value.
REFUSING = {
    one.path for one in contract.OPERATIONS
    if any(schema != fields.TEXT for schema in (*one.in_path.values(), *(given.schema for given in one.parameters)))
}


def test_every_operation_keeps_its_word(app, town, monkeypatch):
    monkeypatch.setattr(rate, "limit_reads", lambda *_args, **_options: None)
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    seen = []
    for found in document.get_all_operations():
        operation = found.ok()
        seen.append(operation.path)
        for mode in GenerationMode:
            if mode is GenerationMode.NEGATIVE and operation.path not in REFUSING:
                continue

            @settings(
                max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case):
                case.call_and_validate(headers=PLAIN, excluded_checks=LEFT_OUT)

            ask()
    assert len(seen) >= 5


def test_every_path_under_api_is_in_the_document(app):
    described = set(app.test_client().get("/api/openapi.json").json["paths"])
    routes = {rule.rule.replace("<", "{").replace(">", "}") for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert described == routes
