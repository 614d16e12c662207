"""One index, two databases: written with the thing, the same when made again, and holding nothing that is not public."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from agendas.agreements import services as agreements
from agendas.agreements import voices
from app.admin.themes import services as themes
from app.core import clock, search
from models import Agreement, Problem, SearchEntry, TerritorialUnit, Theme
from models.assembly import AssemblyState, ItemType
from models.ledger import SYSTEM
from models.people import Role
from models.search import SearchKind
from models.territory import LevelRole
from territories.units import services as units
from tests.app.portal import scenes
from tests.factories import TODAY
from tests.factories.agreements import Neighbourhood


def found(session, text: str, **narrowed) -> list[tuple[str, str]]:
    return [(str(hit.kind), hit.ref) for hit in search.page(session, search.words_of(text), cursor=None, size=50, **narrowed).items]


@pytest.fixture
def town(world):
    """Two places of like names, streets, a few things in each."""
    root = world.unit(LevelRole.ROOT, name="Alcaldía", code="ALC")
    here = world.unit(parent=root, name="Lomas de San Lorenzo", code="LSL")
    there = world.unit(parent=root, name="San Lorenzo", code="SLO")
    world.unit(LevelRole.BLOCK, parent=here, name="Manzana 12", code="M12", streets=("Calle Cuauhtémoc", "Río Nazas"))
    owner, theme = world.body(), world.theme("alumbrado")
    scenes.agreement(world, here, owner, theme, folio="LSL-2026-0001", text="Reparar luminarias frente a San Lorenzo Mártir")
    scenes.agreement(world, there, owner, theme, folio="SLO-2026-0001", text="Podar los ahuehuetes")
    scenes.assembly(world, there, folio="AS-SLO-2026-0001", title="Reunión de mayo", place="Kiosco del jardín")
    return root, here, there


def test_the_best_comes_first_by_a_rule_and_the_same_on_both(world, town):
    with world.writing() as session:
        assert found(session, "SÁN lorenzo") == [
            ("place", "SLO"), ("place", "LSL"), ("agreement", "LSL-2026-0001"), ("block", "M12"), ("agreement", "SLO-2026-0001"),
            ("assembly", "AS-SLO-2026-0001"),
        ]
        assert found(session, "nazas cuauh") == [("block", "M12")]
        assert found(session, "lumin") == [("agreement", "LSL-2026-0001")]
        assert found(session, "manzanas") == [("block", "M12")], "a plural finds its singular"
        assert found(session, "tema", kind=SearchKind.THEME) == [("theme", "alumbrado")]
        assert found(session, "jardin kio") == [("assembly", "AS-SLO-2026-0001")]
        assert found(session, "uminarias") == [] and found(session, "' OR 1 \" * (") == []


def test_only_in_a_place_and_below_it(world, town):
    _root, here, _there = town
    with world.writing() as session:
        assert ("block", "M12") in found(session, "san lorenzo", unit_id=here.id)
        assert {ref for _kind, ref in found(session, "san lorenzo", unit_id=here.id)} == {"LSL", "M12", "LSL-2026-0001"}


def test_pages_go_on_where_the_last_ended(world, town):
    with world.writing() as session:
        words, seen, cursor = search.words_of("san lorenzo"), [], None
        while True:
            page = search.page(session, words, cursor=cursor, size=2)
            seen += [(str(hit.kind), hit.ref) for hit in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert seen == found(session, "san lorenzo") and len(set(seen)) == 6


def test_a_new_name_reaches_all_that_hangs_there(world, town):
    _root, here, _there = town
    with world.writing() as session:
        change = units.UnitChange(here.id, name="Cerro del Árbol")
        units.change_units(session, [change], capacity=SYSTEM, source="prueba", valid_from=TODAY)
        assert {ref for _kind, ref in found(session, "cerro del arbol")} == {"LSL", "M12", "LSL-2026-0001"}
        assert found(session, "lomas") == []


def test_made_again_it_is_the_same_and_what_was_wrong_is_mended(world, town):
    with world.writing() as session:
        assert search.reindex(session).wrong == 0
        session.execute(update(SearchEntry).where(SearchEntry.ref == "LSL").values(head="otra cosa"))
        session.execute(delete(SearchEntry).where(SearchEntry.ref == "SLO"))
        session.add(SearchEntry(kind=SearchKind.PROBLEM, object_id=99, ref="x", title="fantasma", head="fantasma"))
        session.flush()
        before = search.reindex(session, write=False)
        assert before.wrong >= 3 and found(session, "san lorenzo")[0] != ("place", "SLO")
        assert search.reindex(session).entries == before.entries
        assert search.reindex(session).wrong == 0
        assert found(session, "fantasma") == []
        assert found(session, "san lorenzo")[:2] == [("place", "SLO"), ("place", "LSL")]


def test_a_place_that_is_no_more_is_found_after_those_that_are(world, town):
    """Who looks for it learns what became of it."""
    _root, here, _there = town
    with world.writing() as session:
        session.execute(update(TerritorialUnit).where(TerritorialUnit.id == here.id).values(valid_to=TODAY))
        search.refresh_units(session, [here.id])
        world.unit(parent=_root, name="Lomas de San Lorenzo Sur", code="LSS")
        places = [ref for kind, ref in found(session, "lomas") if kind == "place"]
        ended = {hit.ref: hit.ended for group in search.groups(session, ["lomas"], shown=10) for hit in group.hits}
    assert places == ["LSS", "LSL"] and ended["LSL"] == TODAY and ended["LSS"] is None


CANARY = "zopilote"


def test_nothing_private_is_ever_found(world, client):
    """Objections, drafts, sensitive things, accounts, slips: not their words, not by any search (DOMAIN.md 7)."""
    place = Neighbourhood(world)
    sensitive = world.theme("seguridad", sensitive=True)
    with world.writing() as session:
        account = world.user(Role.PROMOTER, unit=place.territory)
        account.email, account.name = f"{CANARY}@example.org", f"Persona {CANARY}"
        code = place.slip()
        reported = place.agreement("reported_done")
        voter = voices.slip_voter(session, code, reported)
        voices.object_to(session, agreement_id=reported.id, voter=voter, reason=f"Sigue igual {CANARY}", occurred_at=clock.now())
        agreements.propose(
            session, actor=place.actor(place.promoter_user), assembly=place.assembly, item=None, unit_id=place.block.id,
            text="Rondines de noche", theme_id=sensitive.id, owner_id=place.owner.id, counterpart_id=None, due=TODAY + timedelta(days=9),
            place=f"Esquina {CANARY}", occurred_at=clock.now(),
        )
        draft = world.assembly(place.territory, state=AssemblyState.DRAFT, title=f"Borrador {CANARY}", place=CANARY)
        world.item(draft, f"Punto {CANARY}")
        closed = world.assembly(place.territory, state=AssemblyState.CLOSED, notes=f"Nota {CANARY}", title="Ya pasó")
        item = world.item(closed, "Qué nos preocupa", type=ItemType.PROBLEMS, notes=f"Dijo {CANARY}")
        open_one = place.assembly
        for assembly, theme in ((closed, sensitive), (open_one, place.theme)):
            session.add(Problem(
                assembly_id=assembly.id, item_id=item.id if assembly is closed else place.item(open_one, ItemType.DECISION).id,
                unit_id=place.territory.id, theme_id=theme.id, text=f"Amenazas {CANARY}", raised_at=clock.now(),
            ))
        session.flush()
        search.reindex(session)
        said = session.scalars(select(SearchEntry.head + " " + SearchEntry.body + " " + SearchEntry.title + SearchEntry.detail)).all()
        assert len(said) > 10
        assert not [one for one in said if CANARY in one.lower() or code.lower() in one.lower()]
        assert session.scalar(select(SearchEntry).where(SearchEntry.ref == "seguridad")) is None
        # An agreement about security is public by its territory (docs/adr/0009), and found by nothing nearer.
    [hit] = client.get("/api/v1/search?q=rondines").json["items"]
    assert (hit["kind"], hit["unit"]["code"]) == ("agreement", place.territory.code)
    for words in (CANARY, "rondines nogal", "amenazas", code, f"{CANARY}@example.org", "borrador"):
        assert client.get("/api/v1/search", query_string={"q": words}).json == {"items": [], "next": None}, words
        page = client.get("/search", query_string={"q": words}).text
        assert "search-kinds" not in page and "<mark>" not in page


def test_the_services_write_the_index_themselves(world):
    place = Neighbourhood(world)
    made = place.agreement("accepted", text="Desazolvar la coladera")
    with world.writing() as session:
        assert found(session, "desazolvar") == [("agreement", made.folio)]
        # Nothing else was left behind by the factories either: units, themes.
        missing = search.reindex(session, write=False)
        assert missing.wrong == 0, missing
        assert session.get_one(Agreement, made.id).folio == made.folio


def test_a_theme_made_reserved_takes_what_bears_it_out_of_sight(world):
    place = Neighbourhood(world)
    made = place.agreement("accepted", text="Rejas en el pasaje")
    with world.writing() as session:
        closed = world.assembly(place.territory, state=AssemblyState.CLOSED)
        item = world.item(closed, "Qué nos preocupa", type=ItemType.PROBLEMS)
        session.add(Problem(
            assembly_id=closed.id, item_id=item.id, unit_id=place.block.id, theme_id=place.theme.id, text="Riñas nocturnas",
            raised_at=clock.now(),
        ))
        session.flush()
        search.reindex(session)
        assert found(session, "rejas nogal") and found(session, "rinas") and found(session, "tema", kind=SearchKind.THEME)
        theme = session.get_one(Theme, place.theme.id)
        themes.tighten(session, actor=place.actor(world.user(Role.ADMIN, unit=place.units["root"][0])), theme=theme)
        assert found(session, "rejas nogal") == [] and found(session, "rejas") == [("agreement", made.folio)]
        assert found(session, "rinas") == [] and found(session, "tema", kind=SearchKind.THEME) == []
        assert search.reindex(session, write=False).wrong == 0


def test_a_theme_is_found_by_its_new_name_and_a_merged_one_by_the_other_s(world):
    place = Neighbourhood(world)
    made = place.agreement("accepted")
    other = world.theme("banquetas")
    with world.writing() as session:
        actor = place.actor(world.user(Role.ADMIN, unit=place.units["root"][0]))
        theme, target = session.get_one(Theme, place.theme.id), session.get_one(Theme, other.id)
        themes.change(session, actor=actor, theme=theme, names=("Faroles", "Lampadaires", "Lamps"), parent_id=None)
        assert set(found(session, "lampadaires")) == {("theme", "alumbrado"), ("agreement", made.folio)}
        themes.change(session, actor=actor, theme=target, names=("Andadores", "Trottoirs", "Walks"), parent_id=None)
        themes.merge(session, actor=actor, source=theme, target=target)
        assert found(session, "faroles") == [] and ("agreement", made.folio) in found(session, "trottoirs")
        themes.separate(session, actor=actor, theme=theme)
        assert ("agreement", made.folio) in found(session, "faroles")
        assert search.reindex(session, write=False).wrong == 0
