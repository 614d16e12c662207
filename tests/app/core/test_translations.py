"""The catalogues: every sentence of the house has its words in each language, and the pages speak them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from app.core import i18n
from tests.pages import text_of

ROOT = Path(__file__).resolve().parents[3]
FILES = {path.parts[-3]: path for path in sorted(i18n.TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))}
# What must survive a translation as it stands: the named figures, a literal %, the marks and the entities.
KEPT = re.compile(r"%\(\w+\)[a-z]|%%|</?\w+[^>]*>|&#?\w+;")

each_language = pytest.mark.parametrize("code", FILES)


def forms(words: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


@pytest.fixture(scope="module")
def sentences() -> set[tuple[str, ...]]:
    """What `make translations` collects: the singular, and the plural where there is one."""
    sections = re.search(r"^SECTIONS := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    with (i18n.TRANSLATIONS / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = {**DEFAULT_KEYWORDS, "lazy": None}
    return {
        forms(words) for section in sections
        for _file, _line, words, _comments, _context in extract_from_dir(ROOT / section, methods, options, keywords)
    }


@pytest.fixture(scope="module")
def catalogues() -> dict[str, Catalog]:
    found = {}
    for code, path in FILES.items():
        with path.open("rb") as file:
            found[code] = read_po(file, locale=code, abort_invalid=True)
    return found


@pytest.fixture(scope="module")
def compiled(catalogues, tmp_path_factory) -> Path:
    """The catalogues as they stand now, compiled: the tree may hold none, or those of another day."""
    folder = tmp_path_factory.mktemp("translations")
    for code, catalogue in catalogues.items():
        target = folder / code / "LC_MESSAGES" / "messages.mo"
        target.parent.mkdir(parents=True)
        with target.open("wb") as file:
            write_mo(file, catalogue)
    return folder


@pytest.fixture
def spoken(compiled, monkeypatch) -> None:
    """Ask for it before the application is made: it reads the folder's name once."""
    monkeypatch.setattr(i18n, "TRANSLATIONS", compiled)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_the_sections_are_read(sentences):
    assert ("Lo que se acordó en su calle, y si ya se cumplió",) in sentences, "a template's"
    assert ("Verificado por vecinos",) in sentences, "a lazy one of a module"
    assert ("%(num)s cuadra", "%(num)s cuadras") in sentences, "a plural"


@each_language
def test_no_sentence_is_left_in_spanish(code, catalogues, sentences):
    held = {forms(message.id): message for message in messages(catalogues[code])}
    missing = sorted(sentences - held.keys())
    assert not missing, f"run `make translations` and write these in {code}: {missing}"
    empty = sorted(ids for ids in sentences if not all(word.strip() for word in forms(held[ids].string)))
    assert not empty, f"without words in {code}: {empty}"


@each_language
def test_nothing_is_a_guess(code, catalogues):
    fuzzy = [message.id for message in messages(catalogues[code]) if message.fuzzy]
    assert not fuzzy and not catalogues[code].fuzzy, f"read them and take the mark off: {fuzzy}"


@each_language
def test_every_plural_has_all_its_forms(code, catalogues):
    catalogue = catalogues[code]
    wrong = [
        message.id for message in messages(catalogue)
        if len(forms(message.string)) != (catalogue.num_plurals if message.pluralizable else 1)
    ]
    assert not wrong, f"{code} has {catalogue.num_plurals} forms: {wrong}"


@each_language
def test_figures_and_marks_survive(code, catalogues):
    wrong = []
    for message in messages(catalogues[code]):
        source, target = forms(message.id), forms(message.string)
        for number, words in enumerate(target):
            asked = source[min(number, len(source) - 1)]
            same_edges = (asked[0].isspace(), asked[-1].isspace()) == (words[:1].isspace(), words[-1:].isspace())
            if Counter(KEPT.findall(words)) != Counter(KEPT.findall(asked)) or not same_edges:
                wrong.append((asked, words))
        wrong += [(message.id, str(error)) for error in message.check(catalogues[code])]
    assert not wrong, f"keep figures, marks and the spaces at the ends: {wrong}"


@pytest.mark.usefixtures("spoken")
@each_language
def test_pages_speak_the_catalogue(code, catalogues, client):
    for path, sentence in (
        ("/", "Lo que se acordó en su calle, y si ya se cumplió"),
        ("/help", "¿Quién decide que se cumplió?"),
        ("/privacy", "Lo que nunca publicamos"),
        ("/ledger", "Registro público"),
    ):
        page = client.get(f"/{code}{path}")
        assert f'lang="{code}"' in page.text
        words = text_of(page)
        assert " ".join(catalogues[code].get(sentence).string.split()) in words and sentence not in words
        assert sentence in text_of(client.get(path)), "Spanish stays as it is"


@pytest.mark.skipif("en" not in FILES, reason="there is no English catalogue")
@pytest.mark.usefixtures("spoken")
def test_english_is_plain(client):
    assert "What was agreed on your street, and whether it was kept" in text_of(client.get("/en/"))
    words = text_of(client.get("/en/help"))
    assert "Only the neighbours." in words and "at least three people who have a slip or are liaisons" in words
    assert "We did not find that page" in text_of(client.get("/en/nowhere"))


@pytest.mark.skipif("en" not in FILES, reason="there is no English catalogue")
def test_english_keeps_one_word_per_thing(catalogues):
    """DOMAIN.md: an agenda is the plan of a place, never the items of an assembly; a slip is no ballot."""
    wrong = [
        (message.id, words) for message in messages(catalogues["en"])
        for source, words in zip(forms(message.id), forms(message.string), strict=True)
        if ("agenda" in words.lower() and "agenda" not in source.lower())
        or re.search(r"\b(ballot|order of the day)\b", words.lower())
    ]
    assert not wrong
