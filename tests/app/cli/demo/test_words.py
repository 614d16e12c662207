"""The invented words: whole sentences, no slot left open, one story for each agreement, nothing told that must not be."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

import pytest

from app.cli.demo import institutions, meetings, reasons, words
from app.cli.demo.institutions import AREAS, SENSITIVE, THEMES
from app.cli.demo.spanish import listed, sentence, territory_with_article, with_article
from models.agreement import Move
from models.assembly import AssemblyKind, ItemType
from models.body import GovernmentLevel
from models.territory import UnitKind

STREETS = ("Calle Nogal", "Callejón del Horno", "Camino a la Garita", "Segundo Andador Ibis", "Avenida de los Telares", "Calle 5 de Mayo")
TERRITORIES = (("El Comal", UnitKind.COLONIA), ("Barrio San Eloy", UnitKind.BARRIO), ("San Cosme Tlilmixco", UnitKind.PUEBLO),
               ("Unidad Habitacional El Vagón", UnitKind.UNIDAD_HABITACIONAL))


def cases(count: int, seed: int = 1, **wanted):
    rng = Random(seed)
    for _ in range(count):
        territory, kind = rng.choice(TERRITORIES)
        yield words.make_case(rng, streets=rng.sample(STREETS, rng.randint(1, 4)), territory=territory, kind=kind, **wanted)


def said(case: words.Case) -> list[str]:
    return [case.problem, case.text, *case.progress, *case.done, *case.objections]


def constants(module) -> list[str]:
    """Every sentence of the module's public tuples."""
    kept = [found for name, found in vars(module).items() if name.endswith(("_REASONS", "_TEXTS", "ADDENDA", "MODERATION"))]
    assert kept
    return [text for found in kept for text in found]


def assert_well_formed(text: str) -> None:
    assert text[0].isupper() or text[0].isdigit(), text
    assert re.search(r"[.?!]$", text), text
    assert not re.search(r"[{}<>]|  | [.,;:]|\.\.|[12]> ", text), text
    assert not re.search(r"\b[Dd]e el [a-z]|\b[Aa] el [a-z]", text), text


def test_every_text_of_a_case_is_a_whole_sentence():
    for case in cases(1500):
        for text in said(case):
            assert_well_formed(text)
        assert case.progress and case.objections
        assert len(set(case.done)) == 3
        assert 10 <= case.days <= 240


def test_reasons_and_notes_are_whole_sentences():
    for text in [*constants(reasons), *constants(meetings)]:
        assert_well_formed(text)
    rng = Random(1)
    for move in (Move.ACCEPT, Move.DECLINE, Move.PLAN, Move.HOLD, Move.RESUME, Move.HAND_OVER, Move.CANCEL, Move.REOPEN):
        for owner in ("obras", "cultura", "collective"):
            for _ in range(20):
                assert_well_formed(reasons.reason(rng, move, owner))


def test_a_service_does_not_send_a_crew():
    rng = Random(1)
    said_by_culture = {reasons.reason(rng, move, "cultura") for move in (Move.PLAN, Move.HOLD, Move.ACCEPT) for _ in range(100)}
    assert not [text for text in said_by_culture if re.search("cuadrilla|ductos|drenaje", text)]


def test_the_same_random_says_the_same():
    assert list(cases(30)) == list(cases(30))
    assert list(cases(30)) != list(cases(30, seed=2))


def test_hundreds_of_agreements_seldom_repeat():
    texts = Counter(case.text for case in cases(600))
    assert len(texts) > 480
    assert texts.most_common(1)[0][1] <= 12


def test_every_theme_has_matters_and_every_owner_exists():
    codes = {theme.code for theme in THEMES}
    owners = {area.code for area in AREAS} | {"collective"}
    assert {matter.theme for matter in words.MATTERS} == codes == set(words.WEIGHTS)
    assert {matter.owner for matter in words.MATTERS} <= owners
    assert {area.level for area in AREAS} == {GovernmentLevel.BOROUGH, GovernmentLevel.CITY, GovernmentLevel.FEDERAL}


@pytest.mark.parametrize("matter", words.MATTERS, ids=lambda matter: matter.agreements[0][:40])
def test_problem_agreement_and_done_go_in_pairs(matter):
    assert len(matter.problems) == len(matter.agreements) == len(matter.done) == 2
    for other in ("2> ", "1> "):
        assert [text for text in matter.progress if not text.startswith(other)], "each agreement has progress to report"
        assert [text for text in matter.objections if not text.startswith(other)], "each agreement can be objected to"


@pytest.mark.parametrize("theme", sorted(SENSITIVE))
def test_a_sensitive_theme_tells_no_street_and_no_place(theme):
    for case in cases(200, theme=theme):
        assert case.place == ""
        for text in said(case):
            assert not any(street.split(maxsplit=1)[1] in text for street in STREETS), text
    for matter in words.MATTERS:
        if matter.theme == theme:
            slots = set(re.findall(r"{(\w+)}", " ".join(map(str, matter))))
            assert slots <= {"unidad", "dias", "cuantas"}, matter


def test_places_begin_with_a_capital_and_name_a_street_or_a_place():
    drawn = [case.place for case in cases(800) if case.theme not in SENSITIVE]
    places = {place for place in drawn if place}
    assert drawn.count("") < len(drawn) / 20, "a few agreements are of the whole territory"
    assert all(place[0].isupper() and not place.endswith(".") and len(place) <= 200 for place in places)


@pytest.mark.parametrize(("street", "spoken"), [
    ("Calle Nogal", "la calle Nogal"), ("Callejón del Horno", "el callejón del Horno"),
    ("Segunda Cerrada Nogal", "la segunda cerrada Nogal"),
    ("Segundo Andador Ibis", "el segundo andador Ibis"), ("Vía del Ferrocarril de Carga", "la vía del Ferrocarril de Carga"),
    ("Nogal", "la calle Nogal"),
])
def test_streets_take_their_article(street, spoken):
    assert with_article(street) == spoken


def test_spanish_contracts_but_keeps_proper_names():
    assert sentence("a el callejón y de el parque.") == "Al callejón y del parque."
    assert sentence("vecinas de la colonia El Comal.") == "Vecinas de la colonia El Comal."
    assert territory_with_article("Barrio San Eloy", UnitKind.BARRIO) == "el barrio San Eloy"
    assert listed(["la calle Nogal", "la calle Ibis", "el andador Ixtle"]) == "la calle Nogal, la calle Ibis y el andador Ixtle"
    assert listed(["agua", "Ixtle"]) == "agua e Ixtle"


def test_themes_and_bodies_have_their_names():
    assert len({theme.code for theme in THEMES}) == len(THEMES) >= 12
    assert all(theme.name_es and theme.name_fr and theme.name_en and len(theme.name_es) <= 80 for theme in THEMES)
    bodies = [*AREAS, institutions.collective("ABC", "El Comal"), institutions.commission("ABC", "El Comal")]
    assert len({body.code for body in bodies}) == len(bodies)
    assert len({body.name for body in bodies}) == len(bodies)
    assert all(re.fullmatch(r"[a-z0-9-]{1,32}", body.code) and body.short for body in bodies)


@pytest.mark.parametrize("kind", AssemblyKind)
def test_an_assembly_has_a_title_a_place_and_items(kind):
    rng = Random(5)
    for _ in range(60):
        territory, unit_kind = rng.choice(TERRITORIES)
        title = meetings.assembly_title(rng, kind, territory=territory, unit_kind=unit_kind, streets=rng.sample(STREETS, 2))
        assert title[0].isupper() and len(title) <= 200 and not re.search(r"[{}]|  |\.$|\bde el [a-z]", title), title
        for place in (meetings.home_place(rng), meetings.block_place(rng, STREETS)):
            assert place[0].isupper() and len(place) <= 200 and not re.search(r"[{}]|  |\bde el [a-z]", place), place
        agenda = meetings.items(rng, kind)
        assert 4 <= len(agenda) <= 7
        assert {ItemType.PROBLEMS, ItemType.DECISION} <= {item.type for item in agenda}
        assert all((item.method is not None) == (item.type in (ItemType.DECISION, ItemType.ELECTION)) for item in agenda)
        for item in agenda:
            for part in re.split(r"(?<=\.) ", meetings.minutes_of(rng, item.type)):
                assert_well_formed(part)
