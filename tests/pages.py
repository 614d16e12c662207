"""A test client that also checks what every page owes its readers."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

LABELLED = {"input", "select", "textarea"}
UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}


class PageClient(FlaskClient):
    """Each HTML answer: parses strictly, one h1, unique ids, every field labelled, nothing inline."""

    def __init__(self, app, **options):
        super().__init__(app, app.response_class, use_cookies=True, **options)

    def open(self, *args, **kwargs) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 308):
            check_page(response.get_data(as_text=True))
        return response


def check_page(text: str) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(text)
    elements = list(tree.iter())
    assert len([e for e in elements if e.tag == "h1"]) == 1, "a page has exactly one h1"
    assert tree.get("lang"), "say the page's language on <html>"
    titles = [e for e in elements if e.tag == "title"]
    assert titles and (titles[0].text or "").strip(" ·"), "a page has a title"
    ids = Counter(e.get("id") for e in elements if e.get("id"))
    assert not [one for one, times in ids.items() if times > 1], f"repeated ids: {ids.most_common(3)}"
    for element in elements:
        if not isinstance(element.tag, str):
            continue
        assert not element.get("style"), f"no inline style: write a class ({element.attrib})"
        handlers = [name for name in element.attrib if name.startswith("on")]
        assert not handlers, f"no inline script: write a module ({handlers})"
        assert element.tag != "style", "no <style>: write a block in static/css"
        assert element.tag != "script" or element.get("src") or element.get("type") == "application/ld+json"
        if element.tag == "img":
            assert element.get("alt") is not None, "an image says what it shows, or alt=\"\""
        for reference in ("aria-describedby", "aria-labelledby", "for"):
            for one in (element.get(reference) or "").split():
                assert one in ids, f"{reference} names an id that is not there: {one}"
    fors = {e.get("for") for e in elements if e.tag == "label"}
    inside = {id(field) for label in elements if label.tag == "label" for field in label.iter()}
    for element in elements:
        if element.tag in LABELLED and element.get("type") not in UNLABELLED_TYPES:
            named = element.get("id") in fors or element.get("aria-label") or element.get("aria-labelledby")
            assert named or id(element) in inside, f"a field without a label: {element.attrib}"
    return tree


def text_of(response: TestResponse) -> str:
    """The words of a page, white space folded: what a person reads."""
    tree = html5lib.parse(response.get_data(as_text=True), namespaceHTMLElements=False)
    for element in tree.iter():
        if element.tag in ("script", "style", "head"):
            element.clear()
    return re.sub(r"\s+", " ", " ".join(tree.itertext())).strip()


def hidden_fields(response: TestResponse, form: str | None = None) -> dict[str, str]:
    """Hidden inputs, name to value, of the first form of the page's main part (or the one whose action ends with ``form``)."""
    tree = html5lib.parse(response.get_data(as_text=True), namespaceHTMLElements=False)
    forms = [f for f in tree.find(".//main").iter("form") if form is None or (f.get("action") or "").endswith(form)]
    return {
        field.get("name"): field.get("value") or ""
        for found in forms[:1] if forms
        for field in found.iter("input")
        if field.get("type") == "hidden" and field.get("name")
    }
