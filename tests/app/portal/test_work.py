"""My day: what waits, for each role, and nothing of other people's."""

from models.people import Role
from tests.pages import text_of
from tests.queries import count_queries


def test_a_promoter_finds_the_assemblies_of_the_day(world):
    tree = world.tree(blocks=1)
    page = world.sign_in(world.user(Role.PROMOTER, unit=tree["section"][0])).get("/work")
    words = text_of(page)
    assert "Convocar una asamblea" in words and "Hoy no hay asambleas en su zona." in words


def test_an_area_finds_what_it_owes_and_a_liaison_what_to_confirm(world):
    tree = world.tree(blocks=1)
    area = world.sign_in(world.user(Role.AREA, body=world.body())).get("/work")
    assert "Lo que debe mi instancia" in text_of(area) and "Convocar" not in text_of(area)
    liaison = world.sign_in(world.user(Role.LIAISON, unit=tree["block"][0])).get("/work")
    assert "Por ahora nadie ha reportado" in text_of(liaison)


def test_an_account_without_a_term_is_told_what_to_do(world):
    assert "no tiene un cargo vigente" in text_of(world.sign_in(world.user()).get("/work"))


def test_the_day_costs_the_same_however_much_waits(world, app):
    tree = world.tree(blocks=1)
    browser = world.sign_in(world.user(Role.DIRECTOR, unit=tree["office"][0]))
    browser.get("/work")
    with count_queries(app) as counted:
        browser.get("/work")
    assert len(counted) <= 12
