"""My day and the lists behind it: what waits, for each role, and nothing of other people's."""

import csv
import io
from datetime import timedelta

import pytest

from app.core import clock
from models.agreement import AgreementState
from models.assembly import AssemblyState
from models.people import Role
from tests.app.portal.scenes import agreement, assembly
from tests.factories import TODAY
from tests.factories.agreements import Neighbourhood
from tests.pages import text_of
from tests.queries import count_queries

DAY = timedelta(days=1)


@pytest.fixture
def borough(world):
    """Two territories of three blocks: in the first one block met, one met long ago, one never; agreements in the second too."""
    tree = world.tree(territories=2, blocks=3)
    first, second = tree["territory"]
    met, long_ago, never = tree["block"][:3]
    owner, theme = world.body(name="Dirección de Obras"), world.theme()
    with world.writing():
        assembly(world, first, met)
        assembly(world, first, long_ago, starts_at=clock.now() - 500 * DAY)
        assembly(world, first, never, state=AssemblyState.CONVENED, starts_at=clock.now() + 5 * DAY, title="La que viene")
        agreement(world, met, owner, theme, due=TODAY - 3 * DAY, text="Va tarde")
        agreement(world, met, owner, theme, state=AgreementState.VERIFIED, reported_on=TODAY, text="Ya cumplido")
        agreement(world, first, owner, theme, state=AgreementState.IN_PROGRESS, disputed=True, text="Con pleito")
        agreement(
            world, second, owner, theme, state=AgreementState.ON_HOLD, held_from=AgreementState.ACCEPTED,
            review_on=TODAY - DAY, due=TODAY + DAY, text="En pausa de más",
        )
    return {**tree, "first": first, "second": second, "owner": owner, "theme": theme}


def test_a_promoter_finds_the_assemblies_of_the_day_and_how_the_blocks_stand(world, borough):
    words = text_of(world.sign_in(world.user(Role.PROMOTER, unit=borough["first"])).get("/work"))
    assert "Convocar una asamblea" in words and "Hoy no hay asambleas en su zona." in words and "La que viene" in words
    assert "ya se reunieron en asamblea 66 % 2 de 3 cuadras" in words
    assert "nunca se han reunido 1 de 3 cuadras" in words and "hace más de 365 días 1 de 3 cuadras" in words
    assert "1 con retraso, de 2 pendientes" in words and "Alertas" not in words


def test_a_director_finds_alarms_debtors_and_coverage(world, borough):
    world.user(Role.LEAD, unit=borough["first"])
    promoter = world.user(Role.PROMOTER, unit=borough["second"])
    words = text_of(world.sign_in(world.user(Role.DIRECTOR, unit=borough["office"][0])).get("/work"))
    for said in (
        "Acuerdos atrasados 1 de 3 pendientes", "Con objeción de vecinos 1 de 3 pendientes",
        "En pausa con revisión vencida 1 de 3 pendientes", "Territorios sin responsable 1 de 2 territorios",
        "Dirección de Obras atrasados: 1 de 3", f"{promoter.name} {borough['second'].name} · 0 de 3 cuadras",
    ):
        assert said in words, said


def test_an_area_finds_what_it_owes_and_a_liaison_the_block(world, borough):
    area = text_of(world.sign_in(world.user(Role.AREA, body=borough["owner"])).get("/work"))
    assert "Atrasados 1 de 3 pendientes" in area and "Cumplidos en su primera fecha 50 % 1 de 2" in area and "Convocar" not in area
    liaison = text_of(world.sign_in(world.user(Role.LIAISON, unit=borough["block"][2])).get("/work"))
    assert "Por ahora nadie ha reportado" in liaison and "La que viene" in liaison
    assert f"Mi cuadra: {borough['block'][2].name}" in liaison


def test_a_liaison_reads_what_changed_and_goes_there(world):
    place = Neighbourhood(world)
    made = place.agreement(unit=place.block)
    page = world.sign_in(world.user(Role.LIAISON, unit=place.block)).get("/work")
    assert "Qué cambió en su cuadra" in page.text and f'<a href="/a/{made.folio}">Acuerdo propuesto' in page.text


def test_an_account_without_a_term_is_told_what_to_do(world):
    assert "no tiene un cargo vigente" in text_of(world.sign_in(world.user()).get("/work"))


def test_blocks_by_when_they_met_and_only_those_of_the_reach(world, borough):
    client = world.sign_in(world.user(Role.PROMOTER, unit=borough["first"]))
    for asked, expected in (
        ("met=never", {2}), ("met=long_ago", {1}), ("met=waiting", {1, 2}), ("met=recent", {0}), ("unconvened=1", {0, 1}), ("", {0, 1, 2}),
    ):
        rows = list(csv.DictReader(io.StringIO(client.get(f"/work/blocks?{asked}&format=csv").text)))
        assert {row["Clave"] for row in rows} == {borough["block"][place].code for place in expected}, asked
        assert {row["Territorio"] for row in rows} == {borough["first"].name}
        assert text_of(client.get(f"/work/blocks?{asked}")).count("Elegir ") == len(expected)


def test_one_assembly_is_prepared_for_several_blocks_of_one_territory(world, borough):
    director = world.sign_in(world.user(Role.DIRECTOR, unit=borough["office"][0]))
    one, two, _never, elsewhere = borough["block"][:4]
    answer = director.get(f"/work/blocks/convene?chosen={one.code}&chosen={two.code}")
    assert answer.status_code == 303 and f"unit={borough['section'][0].code}" in answer.location
    form = director.get(answer.location).text
    assert all(f'value="{block.code}" checked' in form for block in (one, two)) and form.count("checked") >= 2
    apart = director.get(f"/work/blocks/convene?chosen={one.code}&chosen={elsewhere.code}")
    assert apart.status_code == 400 and "un mismo territorio" in text_of(apart)
    promoter = world.sign_in(world.user(Role.PROMOTER, unit=borough["first"]))
    assert promoter.get(f"/work/blocks/convene?chosen={elsewhere.code}").status_code == 400, "not of the promoter's reach"


def test_agreements_of_the_reach_by_what_is_wrong_with_them(world, borough):
    director = world.sign_in(world.user(Role.DIRECTOR, unit=borough["office"][0]))

    def texts(query: str) -> set[str]:
        rows = csv.DictReader(io.StringIO(director.get(f"/work/agreements?{query}&format=csv").text))
        return {row["Acuerdo"] for row in rows}

    assert texts("late=1") == {"Va tarde"} and texts("disputed=1") == {"Con pleito"} and texts("review=1") == {"En pausa de más"}
    assert texts(f"unit={borough['second'].code}") == {"En pausa de más"} and texts("state=verified") == {"Ya cumplido"}
    assert len(texts("state=all")) == 4 and texts(f"owner={borough['owner'].code}&soon=1") == {"Con pleito"}
    lead = world.sign_in(world.user(Role.LEAD, unit=borough["second"]))
    assert "Va tarde" not in lead.get("/work/agreements?state=all").text


def test_territories_side_by_side_carry_the_public_figures(world, borough):
    planning = world.sign_in(world.user(Role.PLANNING, unit=borough["root"][0]))
    rows = list(csv.DictReader(io.StringIO(planning.get("/work/territories?format=csv&sort=-coverage").text)))
    assert [row["Clave"] for row in rows] == [borough["first"].code, borough["second"].code]
    figures = {
        "Cuadras que se han reunido": "2", "Cuadras": "3", "Acuerdos cumplidos a tiempo": "1", "Cumplidos o vencidos": "2",
    }
    assert figures.items() <= rows[0].items()
    assert rows[0]["Pendientes"] == "2" and rows[0]["Con retraso"] == "1" and rows[0]["Asambleas en 12 meses"] == "1"
    words = text_of(planning.get("/work/territories"))
    assert "2 de 3 66 %" in words and "Sin responsable" in words and "1 de 2" in words
    assert "2 de 3 cuadras" in text_of(planning.get(f"/t/{borough['first'].code}")), "the same figure as in public"


def test_lists_sort_by_every_column_on_both_databases(world, borough):
    world.user(Role.PROMOTER, unit=borough["second"])
    client = world.sign_in(world.user(Role.PLANNING, unit=borough["root"][0]))
    for name in ("territories", "promoters", "blocks", "agreements"):
        page = client.get(f"/work/{name}").text
        choices = page.split('id="f-sort"')[1].split("</select>")[0].split('value="')[1:]
        assert len(choices) >= 6
        for choice in choices:
            asked = choice.split('"')[0]
            answer = client.get(f"/work/{name}?sort={asked}")
            unseen = name == "agreements" and asked.endswith("late")
            assert answer.status_code == 200 and answer.text.count("aria-sort") == (not unseen), asked


def test_who_may_open_which_list(world, borough):
    promoter, area = world.user(Role.PROMOTER, unit=borough["first"]), world.user(Role.AREA, body=borough["owner"])
    for user, closed in ((promoter, ("territories", "promoters")), (area, ("blocks", "agreements", "territories", "promoters"))):
        client = world.sign_in(user)
        assert {client.get(f"/work/{name}").status_code for name in closed} == {403}


def test_a_list_costs_the_same_however_long(world, app):
    tree = world.tree(blocks=1)
    browser = world.sign_in(world.user(Role.DIRECTOR, unit=tree["office"][0]))
    owner, theme = world.body(), world.theme()
    cost: dict[str, list[int]] = {}
    for times in (1, 9):
        with world.writing():
            for _n in range(times):
                assembly(world, tree["territory"][0], tree["block"][0])
                agreement(world, tree["block"][0], owner, theme, due=TODAY - DAY)
                world.user(Role.PROMOTER, unit=tree["section"][0])
        for address in ("", "/blocks", "/agreements", "/assemblies", "/territories", "/promoters"):
            with count_queries(app) as counted:
                assert browser.get(f"/work{address}").status_code == 200
            cost.setdefault(address, []).append(len(counted))
    assert all(one == many <= 12 for one, many in cost.values()), cost
