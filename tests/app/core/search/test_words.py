"""Comparing and marking words, without a database."""

import pytest

from app.core.search import excerpt, fold, mark, telling, words_of
from app.core.search.words import folded


@pytest.mark.parametrize(
    "text, words",
    [
        ("Lomas de San Lorenzo, 2ª sección", "lomas de san lorenzo 2a seccion"), ("ÑANDÚ—Güero", "nandu guero"), ("ﬁnca", "finca"),
        ("¿%_'\"?", ""),
    ],
)
def test_folding(text, words):
    assert fold(text) == words


def test_words_are_few_different_and_never_endless():
    assert words_of("uno dos uno tres cuatro cinco seis siete") == ["uno", "dos", "tres", "cuatro", "cinco", "seis"]
    assert len(folded("x" * 5000)) == 60
    assert telling(words_of("calle Nogal 12 esquina con Fresno")) == ["nogal", "fresno"]


def test_what_is_marked_is_escaped():
    assert mark("<b>Árboles</b> & arbolito", ["arbol"]) == "&lt;b&gt;<mark>Árboles</mark>&lt;/b&gt; &amp; <mark>arbolito</mark>"
    assert mark("el carbol", ["arbol"]) == "el carbol"


def test_the_part_shown_holds_the_word():
    text = "Sin relación alguna. " * 30 + "Podar el ahuehuete de la esquina. " + "Nada más. " * 30
    shown = excerpt(text, ["ahuehu"], 120)
    assert "ahuehuete" in shown and shown.startswith("… ") and shown.endswith(" …") and len(shown) < 130
    assert excerpt("corto", ["nada"]) == "corto"
