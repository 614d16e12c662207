"""Other systems' HTML becomes what a person would read."""

from __future__ import annotations

import pytest

from agendas.agreements.intake.markup import plain


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("<div>Reparar <b>tres</b> luminarias</div>", "Reparar tres luminarias"),
        ("<div>Uno.</div><div>Dos.<br>Tres &amp; cuatro</div>", "Uno.\nDos.\nTres & cuatro"),
        ("<ul><li>Agua</li><li>Luz</li></ul>", "- Agua\n- Luz"),
        ("Antes<script>alert('1')</script><style>p{}</style> después", "Antes después"),
        ("<img src=x onerror=alert(1)>Bache<a href='javascript:x()'>aquí</a>", "Bacheaquí"),
        ("<p>x &lt;b&gt;</p>", "x <b>"),
        ("<div title='a>b'>Texto</div", "Texto"),
    ],
)
def test_markup_goes_and_words_stay(text, wanted):
    assert plain(text) == (wanted, True)


@pytest.mark.parametrize("text", ["De 5 < 7 metros, y 9 > 3", "Nogal & Fresno", "Línea uno\nlínea dos"])
def test_what_is_no_markup_stays_as_it_is(text):
    assert plain(text) == (text, False)
