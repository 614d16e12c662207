"""Access is said on every view, or nothing starts."""

import pytest
from flask import Blueprint

from app.core.access import refuse_undeclared


def test_a_view_without_access_stops_the_application(altered, app):
    silent = Blueprint("silent", __name__)
    app._got_first_request = False
    silent.add_url_rule("/silent", view_func=lambda: "x", endpoint="page")
    app.register_blueprint(silent)
    with pytest.raises(RuntimeError, match="silent.page"):
        refuse_undeclared(app)


def test_every_rule_is_in_the_table(app):
    table = app.extensions["access"]
    assert {rule.endpoint for rule in app.url_map.iter_rules()} <= set(table)


def test_no_account_no_staff_page(app, client):
    """Every page that is not public sends a stranger to sign in, and never answers."""
    guests = set()
    for rule in app.url_map.iter_rules():
        declared = app.extensions["access"][rule.endpoint]
        if declared.guests:
            guests.add(rule.rule)
        if declared.public or declared.guests or "GET" not in rule.methods or rule.arguments:
            continue
        page = client.get(rule.rule)
        assert page.status_code == 303 and "/signin" in page.location, rule.rule
    assert guests == {"/signin", "/signin/second-factor", "/account/activate/<token>", "/reset", "/reset/<token>"}


def test_every_answer_carries_the_policy(app, client):
    for path in ("/", "/nada", "/healthz", "/signin"):
        page = client.get(path)
        csp = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in csp and "unsafe" not in csp
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "geolocation=()" in page.headers["Permissions-Policy"]


def test_public_posts_from_elsewhere_are_refused(app, client):
    for rule in app.url_map.iter_rules():
        declared = app.extensions["access"][rule.endpoint]
        if not declared.public or "POST" not in rule.methods:
            continue
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<{name}>", "X").replace(f"<folio:{name}>", "X")
        page = client.post(path, headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
        assert page.status_code in (403, 404), path
