"""Where to convene next: who waits, why, in walks; only of one's reach; ready to convene."""

import csv
import io
from datetime import timedelta

import pytest
from shapely import MultiPolygon, box

from app.core import clock
from models.assembly import AssemblyState, Problem
from models.people import Role
from models.territory import LevelRole
from tests.app.portal.scenes import agreement, assembly
from tests.pages import text_of
from tests.queries import count_queries

DAY = timedelta(days=1)
PAGE = "/work/where-next"


def _blocks(world, territory, count, south):
    """Blocks of about 90 m in a row."""
    section = world.unit(LevelRole.SECTION, parent=territory)
    return [
        world.unit(
            LevelRole.BLOCK, parent=section, streets=("Nogal", f"Calle {at}"),
            shape=MultiPolygon([box(-99.1 + at * 0.001, south, -99.1 + at * 0.001 + 0.0009, south + 0.0009)]),
        )
        for at in range(count)
    ]


@pytest.fixture
def borough(world):
    """Two territories. In the first, six blocks in a row: one met, one met long ago, one is convened, three never met."""
    root = world.unit(LevelRole.ROOT)
    office = world.unit(LevelRole.OFFICE, parent=root)
    first, second = (world.unit(LevelRole.TERRITORY, parent=office, name=name) for name in ("Los Nogales", "El Otro Barrio"))
    blocks, others = _blocks(world, first, 6, 19.3), _blocks(world, second, 2, 19.35)
    met, old, called = blocks[:3]
    with world.writing() as session:
        assembly(world, first, met)
        held = assembly(world, first, old, starts_at=clock.now() - 500 * DAY)
        assembly(world, first, called, state=AssemblyState.CONVENED, starts_at=clock.now() + 5 * DAY)
        agreement(world, blocks[4], world.body(), world.theme(), text="Poda")
        for sensitive in (False, True):
            session.add(
                Problem(
                    assembly_id=held.id, unit_id=blocks[3].id, theme_id=world.theme(sensitive=sensitive).id, text="Algo",
                    raised_at=clock.now(),
                )
            )
        session.flush()
    return {"root": root, "office": office, "first": first, "second": second, "blocks": blocks, "others": others}


def test_a_promoter_finds_one_walk_with_the_reason_of_each_block(world, borough):
    client = world.sign_in(world.user(Role.PROMOTER, unit=borough["first"]))
    words = text_of(client.get(PAGE))
    for said in (
        "4 cuadras esperan, en 1 recorrido. Otra ya tiene asamblea convocada y no se cuenta.", "Los Nogales: 4 cuadras",
        "se reunió hace 500 días", "nunca se ha reunido, 1 acuerdo pendiente", "nunca se ha reunido, 1 problema señalado",
        "Calles: Nogal", "Convocar estas 4 cuadras",
        # 3 x 10 for never, 5 + 135 days / 90 for long ago, an agreement, a problem: that of security is told of no block.
        "38 puntos: 3 cuadras que nunca se han reunido (30), 1 cuadra que se reunió hace mucho (6), 1 acuerdo pendiente (1), "
        "1 problema señalado (1).",
    ):
        assert said in words, said
    assert "El Otro Barrio" not in words and "Dónde convocar" in text_of(client.get("/work"))


def test_convening_opens_the_form_with_the_blocks_of_the_walk(world, borough):
    client = world.sign_in(world.user(Role.OFFICIAL, unit=borough["first"]))
    codes = [borough["blocks"][place].code for place in (1, 3, 4, 5)]
    page = client.get(PAGE)
    address = next(part for part in page.text.split('"') if part.startswith("/work/blocks/convene"))
    form = client.get(address.replace("&amp;", "&"), follow_redirects=True)
    ticked = [part for part in form.text.split("<input")[1:] if 'name="blocks"' in part and "checked" in part]
    assert sorted(part.split('value="')[1].split('"')[0] for part in ticked) == sorted(codes)


def test_filters_leave_the_blocks_asked_for_and_files_carry_every_walk(world, borough):
    promoter = world.user(Role.PROMOTER, unit=borough["second"])
    client = world.sign_in(world.user(Role.DIRECTOR, unit=borough["office"]))

    def found(asked: str) -> set[str]:
        rows = csv.DictReader(io.StringIO(client.get(f"{PAGE}?{asked}&format=csv").get_data().decode("utf-8-sig")))
        return {code for row in rows for code in row["Claves, en el orden en que se caminan"].split(", ")}

    first, second = ({one.code for one in borough[key]} for key in ("blocks", "others"))
    met, old, called = (one.code for one in borough["blocks"][:3])
    assert found("") == (first | second) - {met, called}
    assert found("met=never") == (first | second) - {met, old, called} and found("met=long_ago") == {old}
    assert found(f"territory={borough['second'].code}") == second == found(f"promoter={promoter.id}")
    assert found(f"unit={borough['first'].code}&convened=1") == first - {met}
    assert client.get(f"{PAGE}?format=xlsx").data[:2] == b"PK"
    refused = client.get(f"{PAGE}?territory=NADA")
    assert refused.status_code == 400 and "NADA" in text_of(refused)


def test_a_walk_has_its_page_and_a_sheet_each_on_paper(world, borough):
    client = world.sign_in(world.user(Role.LEAD, unit=borough["first"]))
    page = client.get(f"{PAGE}/{borough['blocks'][4].code.lower()}")
    assert "Los Nogales: 4 cuadras" in text_of(page) and page.text.count('class="walk__stop"') == 4 and "<polyline" in page.text
    assert client.get(f"{PAGE}/print").text.count("walk--sheet") == 1
    gone = client.get(f"{PAGE}/{borough['blocks'][0].code}")
    assert gone.status_code == 404 and "ya no espera" in text_of(gone)
    assert client.get(f"{PAGE}/{borough['others'][0].code}").status_code == 404


def test_a_place_where_nobody_waits_says_so_and_strangers_are_kept_out(world, borough, client):
    empty = world.unit(LevelRole.TERRITORY, parent=borough["office"])
    assert "todas se han reunido hace poco" in text_of(world.sign_in(world.user(Role.PROMOTER, unit=empty)).get(PAGE))
    assert client.get(PAGE).status_code == 303
    assert world.sign_in(world.user(Role.AREA, body=world.body())).get(PAGE).status_code == 403


def test_queries_do_not_grow_with_the_walks(world, borough):
    client = world.sign_in(world.user(Role.DIRECTOR, unit=borough["office"]))
    with count_queries(world.app) as few:
        client.get(PAGE)
    for south in (19.4, 19.45, 19.5, 19.55, 19.6, 19.65, 19.7):
        _blocks(world, world.unit(LevelRole.TERRITORY, parent=borough["office"]), 3, south)
    with count_queries(world.app) as many:
        page = client.get(PAGE)
    assert "Ver más" in page.text and len(many) <= 12 and len(many) <= len(few) + 1
