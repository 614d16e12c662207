"""What an assembly says is found once it is public, and not a moment before (DOMAIN.md 6, 7)."""

from app.core import clock, search
from app.core.actors import load_actor
from assemblies.meetings.hold.deliberation import raise_problem
from assemblies.meetings.queries import assembly_by_folio, items_of
from tests.assemblies.meetings.convene.forms import press
from tests.factories import TODAY


def kinds(world, text: str) -> list[str]:
    with world.writing() as session:
        return [str(hit.kind) for hit in search.page(session, search.words_of(text), cursor=None, size=20).items]


def test_problems_are_found_in_sealed_minutes_and_sensitive_ones_never(stage):
    stage.open(20)
    at = stage.open_item(2)
    for theme, text in ((stage.theme, "Un socavón en la esquina"), (stage.sensitive, "Cobro de piso")):
        said = {"text": text, "theme_id": str(theme.id), "unit_id": str(stage.block.id)}
        assert stage.post(at, f"{at}/problems", **said).status_code == 303
    assert kinds(stage.world, "socavon") == []
    stage.post(stage.at(), stage.at("/end"))
    minutes = f"/work/assemblies/{stage.folio}/minutes"
    assert stage.post(minutes, f"{minutes}/seal").status_code == 303
    assert kinds(stage.world, "socavon") == ["problem"]
    assert kinds(stage.world, "cobro") == []
    with stage.world.writing() as session:
        assert search.reindex(session, write=False).wrong == 0


def test_an_item_added_live_and_a_new_place_are_found(world, stage):
    stage.open(20)
    assert stage.post(stage.at(), stage.at("/items"), title="El tianguis").status_code == 303
    assert kinds(world, "tianguis") == ["assembly"]


def test_the_new_place_of_a_call_is_found_and_the_old_one_is_not(world, stage):
    assert kinds(world, "jardin nogal") == ["assembly"]
    browser = stage.browser
    moved = press(
        browser, f"/work/assemblies/{stage.folio}/reschedule", day="2026-03-28", hour="10:00", place="Escuela Juárez", reason="Lluvia"
    )
    assert moved.status_code == 303
    assert kinds(world, "escuela juarez") == ["assembly"] and kinds(world, "jardin nogal") == []


def test_an_agreement_of_an_item_where_only_security_was_raised_is_found_by_no_street(stage):
    """DOMAIN 7: its theme is not sensitive, the matter is; also when the problem is written down after it."""
    stage.open(20)
    at = stage.open_item(3)
    assert stage.post(at, f"{at}/decision", outcome="adopted", text="Sí", present="20", in_favour="20").status_code == 303
    agreed = {
        "text": "Cerrar la privada de noche", "theme_id": str(stage.theme.id), "owner_id": str(stage.owner.id),
        "counterpart_id": str(stage.collective.id), "due": "2026-06-01", "unit_id": str(stage.block.id),
    }
    assert stage.post(at, f"{at}/agreements", **agreed).status_code == 303
    assert kinds(stage.world, "privada nogal") == ["agreement"]
    with stage.world.writing() as session:
        assembly = assembly_by_folio(session, stage.folio)
        item = items_of(session, assembly.id)[2]
        raise_problem(
            session, actor=load_actor(session, stage.promoter, TODAY), assembly=assembly, item=item, text="Asaltos",
            theme=stage.sensitive, unit=stage.block, occurred_at=clock.now(),
        )
    assert kinds(stage.world, "privada nogal") == [] and kinds(stage.world, "privada") == ["agreement"]
    with stage.world.writing() as session:
        assert search.reindex(session, write=False).wrong == 0
