"""The frame of every page."""

from tests.pages import text_of


def test_home_speaks_three_languages_and_sets_no_cookie(client):
    for path, lang in (("/", "es"), ("/fr/", "fr"), ("/en/", "en")):
        page = client.get(path)
        assert page.status_code == 200
        assert f'lang="{lang}"' in page.text
        assert "Set-Cookie" not in page.headers


def test_a_page_that_is_not_there_helps(client):
    page = client.get("/nada")
    assert page.status_code == 404
    assert "folio" in text_of(page)


def test_health_has_no_language(client):
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").status_code == 200
    assert client.get("/en/healthz").status_code == 404
