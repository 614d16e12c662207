"""The links above every staff page: the rooms one may enter, and which one is open."""

from __future__ import annotations

import html5lib
import pytest

from models import Role


def links(browser, path: str) -> dict[str, str | None]:
    """Words of each link to what it says of the page at ``path``."""
    tree = html5lib.parse(browser.get(path).text, namespaceHTMLElements=False)
    return {link.text: link.get("aria-current") for link in tree.find(".//nav[@class='work-nav']").iter("a")}


@pytest.fixture
def root(world):
    return world.tree()["root"][0]


def test_a_page_inside_a_room_tells_which(world, root):
    admin = world.sign_in(world.user(Role.ADMIN, unit=root))
    assert links(admin, "/admin")["Administración"] == "page"
    inside = links(admin, "/admin/people")
    assert [words for words, current in inside.items() if current] == ["Administración"] and inside["Administración"] == "true"
    assert links(admin, "/en/work/blocks")["Blocks"] == "page", "the longest address that fits, in any language"


def test_what_lies_in_the_administration_is_not_repeated_beside_it(world, root):
    shown = links(world.sign_in(world.user(Role.PLANNING, unit=root)), "/work")
    assert "Administración" in shown and not {"Importar", "Etapas y fases", "Textos y fotos por revisar", "Datos personales"} & shown.keys()
    assert "Etapas y fases" in links(world.sign_in(world.user(Role.DIRECTOR, unit=root)), "/work"), "who has no administration"
    home = world.sign_in(world.user(Role.PLANNING, unit=root)).get("/admin").text
    assert all(f'href="{path}"' in home for path in ("/staff/import", "/admin/stages", "/work/moderation", "/admin/privacy"))
