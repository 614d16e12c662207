"""Every page of every role at both widths: nothing sticks out, nothing fails, axe and html-validate have nothing to say.

On SpatiaLite only: pages are the same on both databases, which tests of pages see to.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import JSON, Enum, String, select

from app.admin.settings.forms import CRS_NAMES
from app.core.i18n import LANGUAGES
from app.core.transaction import read_session
from models import Base
from tests.browser import atlas
from tests.browser.atlas import ANONYMOUS, Stop
from tests.browser.borough import ASKED, Borough, borough
from tests.browser.conftest import LAPTOP, PHONE, validate_html
from tests.browser.pseudo import MARKS

PICTURES = os.environ.get("CUADRA_TEST_PICTURES")
# What a wider window may change; the rest was judged at 360.
WIDE_RULES = ["color-contrast", "scrollable-region-focusable", "target-size", "link-in-text-block"]
STICKS_OUT = """() => {
  const wide = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - wide;
  if (over <= 0) return null;
  const guilty = [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > wide + 1)
    .slice(-3).map(one => one.outerHTML.slice(0, 120));
  return `scrolls sideways by ${over} px: ${guilty.join(' | ')}`;
}"""
CUT = """() => [...document.body.querySelectorAll('*')].filter(one => {
  const style = getComputedStyle(one);
  return ['hidden', 'clip'].includes(style.overflowX) && style.clipPath === 'none' && one.scrollWidth > one.clientWidth + 1
    && one.clientWidth > 4 && !one.closest('.govuk-visually-hidden, svg, option, input, textarea');
}).map(one => 'cut: ' + one.outerHTML.slice(0, 160))"""
WORDS = """() => {
  const told = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!one.closest('script, style, code, pre, kbd, [lang]:not(html), textarea')) told.push(walker.currentNode.data.trim());
  }
  for (const name of ['aria-label', 'title', 'alt', 'placeholder', 'data-label'])
    for (const one of document.body.querySelectorAll(`[${name}]`)) if (!one.closest('[lang]:not(html)')) told.push(one.getAttribute(name));
  return told.concat(document.title.split('·').map(one => one.trim())).filter(words => words);
}"""
# Rows of a file, told once in the language of whoever brought it.
IN_ANOTHERS_WORDS = frozenset({"imports.preview", "imports.show"})
# As English writes them: the made-up language counts days like it.
DATES = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|CSV|XLSX|PDF|GeoJSON|JSON|km|MB|kB|EPSG"
    r"|GeoPackage|OGC API - Features|OGC API|Open Civic Data)\b", re.IGNORECASE,
)
FRAME = """() => [document.documentElement.lang, document.title, document.querySelectorAll('h1').length]"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, spatialite_template: Path) -> Iterator[Borough]:
    with borough(tmp_path_factory.mktemp("borough"), spatialite_template) as made:
        yield made


@pytest.fixture(scope="module")
def stops(town: Borough) -> list[Stop]:
    return atlas.stops(town.app, {ANONYMOUS: town.app.test_client(), **town.clients})


class Walk:
    """One browser tab of one person, going from page to page and noting what is wrong with each."""

    def __init__(self, page: Page, who: str):
        self.page, self.who = page, who
        self.noise: list[str] = []
        page.on("console", lambda said: self.noise.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: self.noise.append(f"script: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", lambda answer: self.noise.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None)

    def _failed(self, request) -> None:
        # What a page still asks for when the next one is opened is let go by the browser, not refused by us.
        if request.failure != "net::ERR_ABORTED":
            self.noise.append(f"failed: {request.url} {request.failure}")

    def open(self, address: str) -> str:
        """The source as sent: the browser's own tree has already mended what was wrong in it."""
        self.noise.clear()
        self.page.set_viewport_size(PHONE)
        return self.page.goto(address).text()

    def wrongs(self) -> list[str]:
        language, title, headings = self.page.evaluate(FRAME)
        found = list(self.noise)
        found += [] if language == "es" else [f"lang is {language!r}"]
        found += [] if title.strip(" ·") else ["no title"]
        found += [] if headings == 1 else [f"{headings} h1"]
        for width in (PHONE, LAPTOP):
            self.page.set_viewport_size(width)
            out = self.page.evaluate(STICKS_OUT)
            found += [f"at {width['width']} px {out}"] if out else []
        return found

    def axe(self, width: dict[str, int], rules: list[str] | None = None) -> list[str]:
        self.page.set_viewport_size(width)
        options = {"resultTypes": ["violations"]} | ({"runOnly": {"type": "rule", "values": rules}} if rules else {})
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"axe at {width['width']} px: {one['id']}: {one['help']} — {[node['html'][:120] for node in one['nodes']][:3]}" for one in found
        ]


@contextmanager
def walking(chromium: Browser, town: Borough, who: str) -> Iterator[Walk]:
    context = chromium.new_context(viewport=PHONE, locale="es-MX", timezone_id="America/Mexico_City")
    context.set_default_timeout(30000)
    if who != ANONYMOUS:
        context.add_cookies([town.cookie(who)])
    yield Walk(context.new_page(), who)
    context.close()


def test_every_page_opens_to_somebody(town, stops):
    opened = {stop.endpoint for stop in stops}
    closed = sorted({rule.endpoint for rule, _access in atlas.routes(town.app)} - opened)
    assert not closed, f"nobody's sweep opens {closed}: give tests/browser/borough.py what they show, or say why in LEFT_OUT"


def test_every_page_of_every_role(chromium, town, stops, tmp_path):
    wrong: list[str] = []
    judged: set[str] = set()
    for who in [ANONYMOUS, *town.clients]:
        with walking(chromium, town, who) as walk:
            for number, stop in enumerate(one for one in stops if one.who == who):
                source = walk.open(town.address + stop.path)
                found = walk.wrongs()
                # One of each page is looked at closely, and what each role meets first.
                another_state = stop.endpoint in atlas.IN_EVERY_STATE and stop.path not in judged
                if stop.endpoint not in judged or another_state or stop.endpoint == "work.day":
                    name = f"{who}-{number:03d}-{stop.endpoint}"
                    (tmp_path / f"{name}.html").write_text(source)
                    found += walk.axe(PHONE)
                    if stop.endpoint not in judged:
                        found += walk.axe(LAPTOP, WIDE_RULES)
                    judged |= {stop.endpoint, stop.path}
                    picture(walk.page, name)
                wrong += [f"{who} {stop.path}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)
    validate_html(tmp_path)


def test_no_page_breaks_when_its_words_grow(chromium, town, stops):
    """The made-up language at 360 px: nothing sticks out or is cut, and every sentence is one that translators were given."""
    wrong, data = [], spoken_by_data(town)
    seen: set[str] = set()
    for who in [ANONYMOUS, *town.clients]:
        with walking(chromium, town, who) as walk:
            for stop in stops:
                if stop.who != who or stop.path in seen or (stop.endpoint in seen and stop.endpoint not in atlas.IN_EVERY_STATE):
                    continue
                seen |= {stop.endpoint, stop.path}
                walk.open(f"{town.address}/en{stop.path}")
                found = [out] if (out := walk.page.evaluate(STICKS_OUT)) else []
                found += walk.page.evaluate(CUT)
                if stop.endpoint not in IN_ANOTHERS_WORDS:
                    found += [f"not for translators: {words!r}" for words in walk.page.evaluate(WORDS) if is_unmarked(words, data)]
                wrong += [f"{who} {stop.path}: {one}" for one in dict.fromkeys(found)]
                picture(walk.page, f"en-{who}-{stop.endpoint}", (PHONE,))
    assert not wrong, "\n".join(wrong)


def spoken_by_data(town: Borough) -> str:
    """Every word that the data say, folded into one text to look in."""
    told = [*zoneinfo.available_timezones(), *LANGUAGES.values(), *CRS_NAMES.values(), town.address, "Cuadra"]
    told += [ASKED.who, ASKED.reach, ASKED.about]
    with town.app.app_context():
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if isinstance(column.type, String | JSON) and not isinstance(column.type, Enum)]
            if columns:
                told += [str(value) for row in read_session().execute(select(*columns)) for value in row if value]
    return folded(" ".join(told))


def folded(words: str) -> str:
    return " ".join(words.casefold().split())


def is_unmarked(words: str, data: str) -> bool:
    """Whether ``words`` hold a piece that neither translators were given nor the data say."""
    if MARKS & set(words) or folded(words) in data:
        return False
    pieces = (DATES.sub("", piece) for piece in re.split(r"[·:;,()«»–—/\[\]]| \d+ ", words))
    return any(re.search(r"[^\W\d_]{3}", piece) and folded(piece).strip(" .?¿!0123456789↑↓") not in data for piece in pieces)


def picture(page: Page, name: str, widths: tuple[dict[str, int], ...] = (PHONE, LAPTOP)) -> None:
    """For people to look at: only where CUADRA_TEST_PICTURES names a folder."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        for width in widths:
            page.set_viewport_size(width)
            page.screenshot(path=Path(PICTURES) / f"{name}-{width['width']}.png", full_page=True)
