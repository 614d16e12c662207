"""What is told of security and violence: never one assembly's share, never the street."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.core import clock, crypto
from assemblies.meetings import reserved
from models import Agreement, Event, Item, Minutes, Problem, Slip, SlipBatch
from models.agreement import Move
from models.ledger import Capacity
from tests.app.portal import scenes
from tests.assemblies.meetings.hold.stage import forms_of
from tests.factories import TODAY
from tests.pages import hidden_fields, text_of


@pytest.mark.parametrize(
    ("monthly", "total"),
    [
        ([], 0),
        ([[4]], 0),  # few
        ([[9]], 0),  # many, of one assembly
        ([[3, 3]], 0),  # each of the two would know the other's
        ([[2, 2, 1]], 5),
        ([[2, 2, 1], [1]], 5),  # a single addition waits
        ([[2, 2, 1], [1], [2, 2]], 10),  # and comes out with others
        ([[1, 1, 1], [1], [1]], 5),
    ],
)
def test_a_total_moves_by_steps_nobody_can_take_apart(monthly, total):
    assert reserved.told(monthly) == total


def test_two_totals_told_never_differ_by_less_than_a_step():
    months = [[1], [2, 1, 1], [], [5], [1, 1], [1, 1, 1, 1, 1], [3]]
    told = [reserved.told(months[:upto]) for upto in range(len(months) + 1)]
    steps = [after - before for before, after in zip(told, told[1:], strict=False)]
    assert told[-1] and all(step == 0 or step >= reserved.SMALLEST_STEP for step in steps)


def sealed(world, territory, theme, day: datetime, problems: int) -> None:
    """An assembly whose minutes were sealed on ``day`` with so many problems raised."""
    made = scenes.assembly(world, territory)
    with world.writing() as session:
        session.add(Minutes(assembly_id=made.id, content={}, digest="0" * 64, head="1:x", sealed_at=day))
        session.add_all(
            Problem(assembly_id=made.id, unit_id=territory.id, theme_id=theme.id, text="Secreto", raised_at=day)
            for _n in range(problems)
        )


def test_a_territory_shows_what_its_closed_months_left(world):
    tree, theme, plain = world.tree(territories=2), world.theme(sensitive=True), world.theme()
    here, there = tree["territory"]
    february, march = datetime(2026, 2, 10, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    for problems in (2, 2, 3):
        sealed(world, here, theme, february, problems)
    sealed(world, here, theme, march, 6)
    sealed(world, there, theme, february, 9)
    sealed(world, there, plain, february, 9)
    with world.writing() as session:
        def shown(now: datetime, **narrowed) -> list[tuple[int, int]]:
            return [(one.unit_id, one.count) for one in reserved.published(session, now, **narrowed)]

        assert shown(clock.now()) == shown(clock.now(), territory_id=here.id) == [(here.id, 7)]
        assert shown(february) == [] == shown(clock.now(), territory_id=there.id)
        # The root would be the sum that gives away what one territory withholds.
        assert shown(clock.now(), territory_id=tree["root"][0].id) == []
        assert shown(datetime(2026, 4, 2, tzinfo=UTC)) == [(here.id, 7)]


def agree(stage, theme) -> Agreement:
    """The agreement of ``theme`` on the block, from an adopted decision of a block's assembly."""
    stage.open()
    at = stage.open_item(3)
    stage.post(at, f"{at}/decision", outcome="adopted", text="Se aprueba", present="12", in_favour="12", against="0", abstaining="0")
    answer = stage.post(
        at, f"{at}/agreements", text="Rondines de noche", theme_id=theme.id, owner_id=stage.owner.id, due="2026-06-30",
        unit_id=stage.block.id, place="Nogal 12", counterpart_id=stage.collective.id,
    )
    assert answer.status_code == 303
    with stage.world.writing() as session:
        return session.scalars(select(Agreement)).one()


def test_a_sensitive_agreement_is_told_by_its_territory_alone(stage, client):
    made = agree(stage, stage.sensitive)
    assert (made.unit_id, made.place) == (stage.territory.id, "")
    with stage.world.writing() as session:
        event = session.scalars(select(Event).filter_by(kind="agreement.proposed")).one()
    assert event.data["unit"] == stage.territory.code and event.data["assembly"] is None
    told = [
        f"/a/{made.folio}", "/search?q=rondines", "/open-data/agreements.csv", f"/api/v1/agreements/{made.folio}",
        f"/t/{stage.territory.code}/feed.atom", "/api/v1/agreements",
    ]
    for address in told:
        page = client.get(address)
        words = text_of(page) if page.mimetype == "text/html" else page.text
        assert "Rondines de noche" in words, address
        # The feed tells of the assembly too, in an entry of its own.
        for given_away in (stage.block.code, stage.block.name, "Nogal 12", *([] if "feed" in address else [stage.folio])):
            assert given_away not in words, (address, given_away)
    silent = [f"/assemblies/{stage.folio}", f"/t/{stage.block.code}", f"/t/{stage.block.code}/agreements"]
    for address in silent:
        assert made.folio not in text_of(client.get(address)).split(), address
    assert client.get(f"/api/v1/agreements?unit={stage.block.code}").json["items"] == []
    stage.post(stage.at(), stage.at("/end"))
    review = f"/work/assemblies/{stage.folio}/minutes"
    stage.post(review, f"{review}/seal")
    assert "Rondines" not in text_of(client.get(f"/assemblies/{stage.folio}/minutes"))


def test_no_voice_on_a_sensitive_agreement_tells_its_block(stage, client):
    made = agree(stage, stage.sensitive)
    code = crypto.new_slip_code()
    with stage.world.writing() as session:
        row = session.get(Agreement, made.id)
        for move in (Move.ACCEPT, Move.REPORT_DONE):
            row.advance(session, move, capacity=Capacity("area"), occurred_at=clock.now(), recorded_at=clock.now(), reason="Ya quedó")
        batch = SlipBatch(assembly_id=made.assembly_id, count=1, issued_at=clock.now())
        session.add(batch)
        session.flush()
        hashed, until = crypto.slip_code_hash(code), TODAY + timedelta(days=90)
        session.add(Slip(batch_id=batch.id, serial=1, code_hash=hashed, unit_id=stage.block.id, valid_until=until))
    asked = client.get(f"/a/{made.folio}/confirm")
    assert client.post(f"/a/{made.folio}/confirm", data={**hidden_fields(asked), "code": code}).status_code == 303
    last = client.get(f"/api/v1/agreements/{made.folio}").json["events"][-1]
    assert (last["kind"], last["capacity"]) == ("agreement.confirmed", {"role": "voice", "unit": stage.territory.code})
    stage.post(stage.at("/items/3"), stage.at("/items/3/close"))
    at = stage.open_item(5)
    refused = stage.post(at, next(one for one in forms_of(stage.browser.get(at)) if one.endswith("/not-done")), reason="No")
    assert "Este acuerdo lo verifica una asamblea de su lugar o de su territorio" in text_of(refused)


def test_any_other_agreement_keeps_its_block_and_its_assembly(stage, client):
    made = agree(stage, stage.theme)
    assert made.unit_id == stage.block.id and made.place == "Nogal 12"
    assert client.get(f"/api/v1/agreements/{made.folio}").json["assembly"] == stage.folio
    assert made.folio in text_of(client.get(f"/assemblies/{stage.folio}"))


def test_an_item_where_all_raised_is_sensitive_makes_discreet_agreements(stage, client):
    with stage.world.writing() as session:
        assembly = stage.assembly()
        item = session.scalars(select(Item.id).filter_by(assembly_id=assembly.id, position=3)).one()
        session.add(
            Problem(
                assembly_id=assembly.id, item_id=item, unit_id=stage.territory.id, theme_id=stage.sensitive.id, text="Secreto",
                raised_at=clock.now(),
            )
        )
    made = agree(stage, stage.theme)
    assert made.unit_id == stage.territory.id
    assert client.get(f"/api/v1/agreements/{made.folio}").json["assembly"] is None
