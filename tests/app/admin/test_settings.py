"""Settings: said with their limits, in force at once on every page, each change in the record."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from app.core.colours import contrast, darker
from app.core.identity import stylesheet_of
from tests.pages import hidden_fields, text_of

PLACE = {
    "municipality": "Alcaldía Nogales", "contact": "participa@nogales.mx", "time_zone": "America/Mexico_City", "projected_srid": "6372",
    "languages": ["fr", "en"],
}
RULES = {
    "notice_days": "5", "quorum": "10", "voices_to_verify": "3", "countersigners": "2", "objections_to_dispute": "1",
    "slip_term_days": "365", "met_long_ago_days": "365",
}
BASE = {"base_map_url": "https://tiles.example/{z}/{x}/{y}.png", "base_map_attribution": "© Quien lo hizo"}
LOOK = {"colour": "#0e5a5e", "colour_accent": "#a5441c"}


def picture(mode: str = "RGBA", size=(900, 300)) -> BytesIO:
    out = BytesIO()
    Image.new(mode, size, (200, 30, 30, 0) if mode == "RGBA" else (200, 30, 30)).save(out, "PNG")
    out.seek(0)
    return out


def test_the_place_shows_at_once_and_a_language_taken_away_is_gone(client, office):
    assert client.get("/fr/help").status_code == 200
    assert office.send(office.admin, "/admin/settings/place", **(PLACE | {"languages": ["en"]})).status_code == 303
    page = client.get("/")
    assert "Alcaldía Nogales" in text_of(page) and 'hreflang="en"' in page.text and 'hreflang="fr"' not in page.text
    gone = client.get("/fr/help")
    assert gone.status_code == 404 and 'lang="es"' in gone.text and "No encontramos" in text_of(gone)
    assert client.get("/en/help").status_code == 200
    assert "participa@nogales.mx" in text_of(client.get("/privacy"))
    told = {event.object: event.data for event in office.events("setting.changed")}
    assert told["setting:languages"] == {"from": ["es", "fr", "en"], "value": ["es", "en"]}
    assert "setting:time_zone" not in told


def test_a_base_map_is_the_administrations_to_choose(client, office):
    page = f"/t/{office.tree['territory'][0].code}/explore"
    assert "tiles.example" not in client.get(page).headers["Content-Security-Policy"]
    assert office.send(office.admin, "/admin/settings/map", **BASE).status_code == 303
    assert "https://tiles.example" in client.get(page).headers["Content-Security-Policy"] and "Quien lo hizo" in client.get(page).text
    assert BASE["base_map_url"] in text_of(office.admin.get("/admin/settings"))


def test_somebody_whose_language_is_gone_signs_in_in_spanish(app, office):
    office.send(office.admin, "/admin/settings/place", **(PLACE | {"languages": []}))
    with app.test_request_context("/"):
        assert app.url_for("work.day", _language="fr") == "/work"


@pytest.mark.parametrize(
    "group, wrong, sentence",
    [
        ("place", PLACE | {"municipality": " "}, "Escriba el nombre"), ("place", PLACE | {"time_zone": "Marte/Olimpo"}, "Elija una"),
        ("rules", RULES | {"voices_to_verify": "2"}, "de 3 a 50"), ("rules", RULES | {"notice_days": "muchos"}, "número entero"),
        ("look", LOOK | {"colour": "#99ccdd"}, "necesita 4.5 a 1"), ("look", LOOK | {"colour_accent": "rojo"}, "Escríbalo como"),
        ("map", BASE | {"base_map_url": "http://tiles.example/{z}/{x}/{y}.png"}, "empiece con https://"),
        ("map", BASE | {"base_map_url": "https://a.example; script-src *"}, "empiece con https://"),
        ("map", BASE | {"base_map_attribution": ""}, "a quién se le debe"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(office, group, wrong, sentence):
    answer = office.send(office.admin, f"/admin/settings/{group}", **wrong)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert office.events("setting.changed") == []


def test_of_two_who_change_the_rules_the_second_sees_both(office):
    stale = hidden_fields(office.admin.get("/admin/settings/rules"))
    assert office.send(office.admin, "/admin/settings/rules", **RULES).status_code == 303
    both = office.admin.post("/admin/settings/rules", data=stale | RULES | {"notice_days": "9"})
    assert both.status_code == 409 and "Lo que usted escribió 9" in text_of(both) and "Lo que quedó guardado 5" in text_of(both)
    assert {event.object for event in office.events("setting.changed")} == {"setting:notice_days", "setting:quorum"}
    unit = office.tree["territory"][0]
    assert "Se pide avisar con 5 días" in text_of(office.admin.get(f"/work/assemblies/new?unit={unit.code}"))


def test_colours_and_logo_are_on_every_page_without_a_word_inline(client, office):
    assert "/brand/" not in client.get("/").text
    sent = {"colour": "#5b2a86", "colour_accent": "#8a1c1c", "logo": (picture(), "logo.png")}
    assert office.send(office.admin, "/admin/settings/look", **sent).status_code == 303
    home = client.get("/").text
    sheet = next(word.split('"')[1] for word in home.split() if word.startswith('href="/brand/'))
    logo = next(word.split('"')[1] for word in home.split() if word.startswith('src="/brand/'))
    css = client.get(sheet)
    assert css.mimetype == "text/css" and css.text == stylesheet_of("#5b2a86", "#8a1c1c")
    assert "immutable" in css.headers["Cache-Control"] and client.get("/brand/000000000000.css").status_code == 404
    image = Image.open(BytesIO(client.get(logo).data))
    assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (432, 144))
    assert client.get(f"/brand/{'0' * 64}.png").status_code == 404
    office.send(office.admin, "/admin/settings/look", **LOOK, no_logo="y")
    assert client.get(logo).status_code == 404 and "/brand/" not in client.get("/").text


def test_a_drawing_that_could_carry_a_program_is_no_logo(office):
    svg = (BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"), "logo.svg")
    answer = office.send(office.admin, "/admin/settings/look", **LOOK, logo=svg)
    assert answer.status_code == 422 and "PNG, JPEG o WebP" in text_of(answer)


def test_a_privacy_notice_is_published_by_version(client, office):
    assert office.send(office.admin, "/admin/settings/notice", text_es="Primero", text_fr="Premier").status_code == 303
    assert office.send(office.admin, "/admin/settings/notice", text_es="Segundo").status_code == 303
    assert "Segundo" in text_of(client.get("/privacy")) and "Primero" not in text_of(client.get("/privacy"))
    assert "Premier" in text_of(client.get("/fr/privacy/notice/1")) and "Primero" in text_of(client.get("/en/privacy/notice/1"))
    assert client.get("/privacy/notice/3").status_code == 404 and client.get(f"/privacy/notice/{10**20}").status_code == 404
    assert [event.data["number"] for event in office.events("notice.published")] == [1, 2]
    empty = office.send(office.admin, "/admin/settings/notice", text_es="", text_fr="", text_en="")
    assert empty.status_code == 422 and "Escriba el aviso" in text_of(empty)


def test_settings_are_for_the_administration(office):
    for path in ("/admin/settings", "/admin/settings/place", "/admin/settings/notice"):
        assert office.planning.get(path).status_code == 403
    assert "America/Mexico_City" in text_of(office.admin.get("/admin/settings"))
    assert office.admin.get("/admin/settings/nada").status_code == 404


def test_contrast_is_measured_as_wcag_says():
    assert round(contrast("#000000", "#ffffff")) == 21 and contrast("#777777", "#777777") == 1
    assert darker("#ffffff") == "#b8b8b8"
