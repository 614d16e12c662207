"""The register as a page and as files, the public part of it, and the settings it stands on."""

from __future__ import annotations

import csv
import io

from app.core.personal import entries
from tests.pages import text_of
from tests.queries import count_queries


def test_the_register_is_a_page_and_a_file_with_every_line(app, office):
    with count_queries(app) as queries:
        page = office.planning.get("/admin/privacy")
    assert "Correo" in text_of(page) and "user_account.email" in text_of(page).replace(" ", "")
    assert len(queries) <= 12, queries
    rows = list(csv.reader(io.StringIO(office.planning.get("/admin/privacy?format=csv").get_data(as_text=True))))
    assert [row[1:3] for row in rows[1:]] == [[entry.table, entry.column] for entry in entries()]
    assert office.planning.get("/admin/privacy?format=xlsx").status_code == 200
    assert office.planning.get("/admin/privacy?format=pdf").status_code == 400
    for language in ("fr", "en"):
        assert office.planning.get(f"/{language}/admin/privacy").status_code == 200


def test_what_the_municipality_decides_shows_on_both_pages(client, office):
    page = office.admin.get("/admin/settings/privacy")
    assert "Días hábiles para responder" in text_of(page)
    fields = {
        "privacy_office": "Unidad de Transparencia, Nogal 12", "privacy_authority": "", "request_days": "15", "request_extension_days": "5",
        "holidays": "2026-09-16\n2026-05-01, 2026-05-01", "keep_accounts_days": "400", "keep_sessions_days": "30",
        "keep_liaisons_days": "700", "keep_hidden_days": "45", "keep_requests_days": "1000", "basis_accounts": "Ley de prueba",
    }
    wrong = office.send(office.admin, "/admin/settings/privacy", **fields | {"holidays": "mañana"})
    assert wrong.status_code == 422 and "2026-09-16" in text_of(wrong) and "mañana" in wrong.get_data(as_text=True)
    assert office.send(office.admin, "/admin/settings/privacy", **fields).status_code == 303
    assert "Ley de prueba" in text_of(office.admin.get("/admin/privacy"))
    assert "45 días" in text_of(client.get("/privacy"))
    [holidays] = [event for event in office.events("setting.changed") if event.object == "setting:holidays"]
    assert holidays.data["value"] == ["2026-05-01", "2026-09-16"]
