"""An assembly is convened: drafted, checked, published."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, update

from app.core import clock
from models import AccountSession, Agreement, Assembly, AssemblyBlock, Event, Item, Role
from models.agreement import AgreementState
from models.assembly import AssemblyState, ItemType, Method
from models.ledger import EventKind
from tests.assemblies.meetings.convene.forms import as_shown, convene, press
from tests.factories import TODAY
from tests.pages import text_of


@pytest.fixture
def place(world):
    tree = world.tree(territories=2, blocks=3)
    return {name: units for name, units in tree.items()}


@pytest.fixture
def promoter(world, place):
    return world.sign_in(world.user(Role.PROMOTER, unit=place["section"][0]))


def only_assembly(world) -> Assembly:
    with world.writing() as session:
        return session.scalar(select(Assembly).order_by(Assembly.id.desc()))


def events(world, kind) -> list[Event]:
    with world.writing() as session:
        return list(session.scalars(select(Event).where(Event.kind == kind)))


def owed(world, unit, text="Arreglar la luminaria") -> Agreement:
    theme, owner = world.theme(), world.body()
    with world.writing() as session:
        number = session.scalar(select(func.count(Agreement.id))) + 1
        agreement = Agreement(
            folio=f"TST-2026-{number:04d}", folio_key=f"TST2026{number:04d}", unit_id=unit.id, theme_id=theme.id,
            owner_id=owner.id, text=text, first_due=TODAY, due=TODAY, state=AgreementState.ACCEPTED, created_at=clock.now(),
        )
        session.add(agreement)
        session.flush()
        return agreement


def test_a_promoter_convenes_and_publishes(world, place, promoter):
    block, neighbour = place["block"][0], place["block"][1]
    saved = convene(promoter, block, blocks=[block.code, neighbour.code])
    folio = only_assembly(world).folio
    assert saved.status_code == 303 and saved.location == f"/work/assemblies/{folio}/check"
    assert folio == f"AS-{place['territory'][0].short_code}-2026-0001"

    check = promoter.get(saved.location)
    assert "Todavía no se publica" in text_of(check)
    assert events(world, EventKind.ASSEMBLY_CONVENED) == []

    done = press(promoter, saved.location, to=f"/work/assemblies/{folio}/publish")
    assert done.location == f"/work/assemblies/{folio}/published"
    said = text_of(promoter.get(done.location))
    assert folio in said and "Vecinas y vecinos" in said and f"http://localhost/assemblies/{folio}" in said

    (event,) = events(world, EventKind.ASSEMBLY_CONVENED)
    assert event.object == f"assembly:{folio}"
    assert event.capacity == {"role": "promoter", "unit": place["section"][0].code}
    assert event.data["blocks"] == [block.code, neighbour.code]
    assert "Nogal" not in str(event.public()) and "Bienvenida" not in str(event.public()), "free text can be erased"
    assert [item["method"] for item in event.data["items"]] == [None, None, "consensus", None]
    assert "Persona" not in str(event.public())


def test_publishing_twice_is_publishing_once(world, place, promoter):
    saved = convene(promoter, place["block"][0])
    address = f"/work/assemblies/{only_assembly(world).folio}/publish"
    sent = as_shown(promoter.get(saved.location))
    first, second = promoter.post(address, data=sent), promoter.post(address, data=sent)
    assert first.status_code == second.status_code == 303 and first.location == second.location
    other_tab = promoter.post(address, data=sent | {"client_id": ["a0a0a0a0-0000-4000-8000-000000000000"]})
    assert other_tab.status_code == 409 and "Convocada" in text_of(other_tab)
    assert len(events(world, EventKind.ASSEMBLY_CONVENED)) == 1


def test_a_draft_changed_since_it_was_checked_is_not_published(world, place, promoter):
    saved = convene(promoter, place["block"][0])
    folio = only_assembly(world).folio
    checked = as_shown(promoter.get(saved.location))
    press(promoter, f"/work/assemblies/{folio}/edit", place="Otro lugar", do="save")
    refused = promoter.post(f"/work/assemblies/{folio}/publish", data=checked)
    assert refused.status_code == 409 and "Otro lugar" in text_of(refused)
    assert only_assembly(world).state is AssemblyState.DRAFT


def test_second_call_comes_half_an_hour_later(world, place, promoter):
    convene(promoter, place["block"][0], day="2026-04-18", hour="17:00")
    made = only_assembly(world)
    assert made.starts_at.isoformat() == "2026-04-18T23:00:00+00:00"
    assert (made.second_call_at - made.starts_at).total_seconds() == 1800


@pytest.mark.parametrize("role, held_on, status", [
    (Role.PROMOTER, "other section", 403), (Role.DIRECTOR, "office", 303), (Role.OFFICIAL, "territory", 303),
    (Role.AREA, "body", 403), (Role.LIAISON, "block", 403),
])
def test_who_may_convene(world, place, role, held_on, status):
    where = {
        "other section": {"unit": place["section"][1]}, "office": {"unit": place["office"][0]},
        "territory": {"unit": place["territory"][0]}, "body": {"body": world.body()}, "block": {"unit": place["block"][0]},
    }[held_on]
    client = world.sign_in(world.user(role, **where))
    address = f"/work/assemblies/new?unit={place['block'][0].code}"
    page = client.get(address)
    if status == 403:
        assert page.status_code == 403
        token = "a0a0a0a0-0000-4000-8000-000000000000"
        assert client.post(address, data={"client_id": token}).status_code in (400, 403)
        assert only_assembly(world) is None
    else:
        assert convene(client, place["block"][0]).status_code == status


def test_units_offered_are_those_of_my_reach(world, place, promoter):
    found = text_of(promoter.get("/work/assemblies/new?q=nogal"))
    assert place["block"][0].name in found
    assert place["block"][3].name not in found
    assert "Pruebe con una sola palabra" in text_of(promoter.get("/work/assemblies/new?q=zzz"))


def test_wrong_words_come_back_whole(world, place, promoter):
    page = convene(promoter, place["block"][0], day="2026-13-40", title="La de los jueves", online_url="javascript:alert(1)")
    assert page.status_code == 422
    assert "Error:" in page.text and "Escriba la fecha completa" in text_of(page)
    assert "La de los jueves" in page.text and "javascript:alert(1)" in page.text
    assert only_assembly(world) is None


def test_rows_are_added_without_saving(world, place, promoter):
    before = as_shown(promoter.get(f"/work/assemblies/new?unit={place['block'][0].code}"))
    page = convene(promoter, place["block"][0], do="rows", items_title=["Uno", "", "Tres"], items_position=["2", "5", "1"],
                   items_type=["information"] * 3, items_method=["consensus"] * 3)
    assert page.status_code == 200
    shown = as_shown(page)
    assert shown["items_title"] == ["Tres", "Uno", "", "", ""]
    assert shown["place"] == ["Jardín Nogal"]
    assert len(before["items_title"]) == 7
    assert only_assembly(world) is None


def test_a_double_click_makes_one_assembly(world, place, promoter):
    address = f"/work/assemblies/new?unit={place['block'][0].code}"
    sent = as_shown(promoter.get(address)) | {"do": ["save"]}
    first, second = promoter.post(address, data=sent), promoter.post(address, data=sent)
    assert first.location == second.location
    with world.writing() as session:
        assert session.scalar(select(func.count(Assembly.id))) == 1
        assert session.scalar(select(func.count(Item.id))) == 4


def test_an_item_that_decides_needs_its_method(world, place, promoter):
    saved = convene(promoter, place["block"][0], items_method=["", "", "", ""] + [""] * 3)
    check = promoter.get(saved.location)
    assert "Elija cómo se decidirá «Acuerdos y quién se encarga»" in text_of(check)
    assert "Publicar convocatoria" not in text_of(check)
    made = only_assembly(world)
    sent = as_shown(promoter.get(f"/work/assemblies/{made.folio}/edit"))
    forced = promoter.post(
        f"/work/assemblies/{made.folio}/publish",
        data={name: sent[name] for name in ("csrf_token", "client_id", "version")},
    )
    assert forced.status_code == 422
    assert only_assembly(world).state is AssemblyState.DRAFT


def test_what_was_promised_comes_first_by_itself(world, place, promoter):
    owed(world, place["territory"][0])
    page = promoter.get(f"/work/assemblies/new?unit={place['block'][0].code}")
    assert "Arreglar la luminaria" in text_of(page)
    convene(promoter, place["block"][0])
    made = only_assembly(world)
    with world.writing() as session:
        items = session.scalars(select(Item).filter_by(assembly_id=made.id).order_by(Item.position)).all()
    assert [items[0].title, items[0].type, items[0].method] == ["Seguimiento de acuerdos", ItemType.FOLLOW_UP, Method.CONSENSUS]
    assert [item.position for item in items] == [1, 2, 3, 4, 5]
    # Saved again, it does not come twice.
    press(promoter, f"/work/assemblies/{made.folio}/edit", do="save")
    with world.writing() as session:
        kinds = session.scalars(select(Item.type).filter_by(assembly_id=made.id)).all()
    assert kinds.count(ItemType.FOLLOW_UP) == 1 and len(kinds) == 5


def test_an_agreement_of_elsewhere_is_not_followed_up(world, place, promoter):
    owed(world, place["block"][4])
    convene(promoter, place["block"][0])
    with world.writing() as session:
        assert ItemType.FOLLOW_UP not in session.scalars(select(Item.type)).all()


def test_short_notice_is_warned_and_not_forbidden(world, place, promoter):
    saved = convene(promoter, place["block"][0], day="2026-03-15")
    assert "Avisa con 1 de los 3 días" in text_of(promoter.get(saved.location))
    folio = only_assembly(world).folio
    assert press(promoter, saved.location, to=f"/work/assemblies/{folio}/publish").status_code == 303


def test_an_assembly_of_no_block_is_warned(world, place):
    client = world.sign_in(world.user(Role.LEAD, unit=place["territory"][0]))
    saved = convene(client, place["territory"][0])
    assert "no contará para ninguna" in text_of(client.get(saved.location))


def test_a_whole_section_is_ticked_at_once(world, place):
    client = world.sign_in(world.user(Role.DIRECTOR, unit=place["office"][0]))
    convene(client, place["office"][0], areas=[place["section"][1].code])
    with world.writing() as session:
        gathered = set(session.scalars(select(AssemblyBlock.unit_id)))
    assert gathered == {block.id for block in place["block"][3:]}
    folio = only_assembly(world).folio
    assert as_shown(client.get(f"/work/assemblies/{folio}/edit"))["areas"] == [place["section"][1].code]


def test_blocks_of_elsewhere_are_left_out(world, place, promoter):
    convene(promoter, place["block"][0], blocks=[place["block"][0].code, place["block"][4].code])
    with world.writing() as session:
        assert list(session.scalars(select(AssemblyBlock.unit_id))) == [place["block"][0].id]


def test_two_people_editing_are_shown_both_texts(world, place, promoter):
    convene(promoter, place["block"][0], title="Primera", do="save")
    address = f"/work/assemblies/{only_assembly(world).folio}/edit"
    director = world.sign_in(world.user(Role.DIRECTOR, unit=place["office"][0]))
    mine = as_shown(director.get(address)) | {"title": ["La del director"], "do": ["save"]}
    assert press(promoter, address, title="La de la promotora", do="save").status_code == 303
    clash = director.post(address, data=mine)
    assert clash.status_code == 409
    assert "La de la promotora" in text_of(clash) and "La del director" in text_of(clash)
    assert only_assembly(world).title == "La de la promotora"


def test_a_draft_is_not_public(world, place, promoter, client):
    convene(promoter, place["block"][0], do="save")
    folio = only_assembly(world).folio
    for address in (f"/assemblies/{folio}", f"/assemblies/{folio}.ics", f"/assemblies/{folio}/notice.pdf"):
        assert client.get(address).status_code == 404


def test_a_published_call_is_not_edited_silently(world, place, promoter):
    convene(promoter, place["block"][0])
    folio = only_assembly(world).folio
    press(promoter, f"/work/assemblies/{folio}/check", to=f"/work/assemblies/{folio}/publish")
    page = promoter.get(f"/work/assemblies/{folio}/edit")
    assert page.status_code == 409 and "Convocada" in text_of(page)


def test_lists_hold_what_is_of_my_reach(world, place, promoter):
    mine = world.assembly(place["block"][0], title="Asamblea del Nogal")
    world.assembly(place["block"][4], title="Asamblea ajena")
    world.assembly(place["block"][1], title="Asamblea sin acta", state=AssemblyState.HELD)
    coming = text_of(promoter.get("/work/assemblies"))
    assert "Asamblea del Nogal" in coming and mine.folio in coming
    assert "Asamblea ajena" not in coming and "Asamblea sin acta" not in coming
    assert "Asamblea sin acta" in text_of(promoter.get("/work/assemblies?show=close"))
    assert promoter.get("/work/assemblies?show=todo").status_code == 400
    assert promoter.get("/work/assemblies?cursor=%25").status_code == 400


def test_a_session_that_ends_mid_form_loses_nothing(world, place):
    user = world.user(Role.PROMOTER, unit=place["section"][0])
    browser, block = world.sign_in(user), place["block"][0]
    address = f"/work/assemblies/new?unit={block.code}"
    sent = as_shown(browser.get(address)) | {"title": ["La que tanto escribí"], "do": ["check"]}
    with world.writing() as session:
        session.execute(update(AccountSession).values(ended_at=clock.now()))
    asked = browser.post(address, data=sent)
    query = parse_qs(urlsplit(asked.location).query)
    assert asked.status_code == 303 and query["next"] == [address]
    again = world.sign_in(user).get(f"{address}&stash={query['stash'][0]}")
    assert as_shown(again)["title"] == ["La que tanto escribí"]
    assert as_shown(again)["items_title"][:4] == sent["items_title"][:4]


def test_my_day_leads_back_to_a_form_left_half_done_until_it_is_sent(world, place):
    user = world.user(Role.PROMOTER, unit=place["section"][0])
    browser, block = world.sign_in(user), place["block"][0]
    address = f"/work/assemblies/new?unit={block.code}"
    sent = as_shown(browser.get(address)) | {"title": ["La que dejé a medias"], "do": ["check"]}
    with world.writing() as session:
        session.execute(update(AccountSession).values(ended_at=clock.now()))
    browser.post(address, data=sent)
    again, stranger = world.sign_in(user), world.sign_in(world.user(Role.PROMOTER, unit=place["section"][0]))
    way_back = f"{address}&stash=n.1"
    assert way_back.replace("&", "&amp;") in again.get("/work").text
    assert as_shown(again.get(way_back))["title"] == ["La que dejé a medias"]
    assert "medias" not in stranger.get("/work").text and "medias" not in stranger.get(way_back).text
    assert again.post(address, data=as_shown(again.get(way_back)) | {"do": ["check"]}).status_code == 303
    assert "Se quedó a medias" not in text_of(again.get("/work"))


def test_a_stranger_is_asked_to_sign_in(world, place, client):
    assembly = world.assembly(place["block"][0])
    assert client.get(f"/work/assemblies/{assembly.folio}").status_code == 303
