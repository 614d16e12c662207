"""Paper made from words people typed."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from app.core import paper

DOCUMENT = '<!DOCTYPE html><html lang="es"><head><title>Aviso</title></head><body><h1>Asamblea</h1>{}</body></html>'


def test_a_pdf_says_its_language_and_title(app):
    with app.app_context():
        made = PdfReader(BytesIO(paper.pdf(DOCUMENT.format(""))))
    assert "Asamblea" in made.pages[0].extract_text()
    assert made.metadata.title == "Aviso"
    assert made.trailer["/Root"]["/Lang"] == "es"
    assert made.trailer["/Root"]["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/x.png"])
def test_paper_fetches_nothing(app, monkeypatch, address):
    opened = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *args, **_rest: opened.append(args))
    with app.app_context():
        paper.pdf(DOCUMENT.format(f'<img src="{address}" alt=""><p>{address}</p>'))
    assert not opened


def test_a_qr_is_drawn_in_the_page(app):
    drawn = paper.qr("http://localhost/assemblies/AS-TST-2026-0001")
    assert drawn.startswith("<svg") and "viewBox" in drawn and "style=" not in drawn
