"""What a first visit costs on a prepaid phone: bytes on the wire with an empty cache, and how many requests."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from agendas.agreements import services
from agendas.agreements.facts import Facts
from app.core import clock
from app.core.uploads import receive
from models.agreement import Move
from models.assembly import ItemType, Method
from tests.browser.conftest import PHONE, Reader, Site
from tests.factories.agreements import Neighbourhood

MOST_BYTES, MOST_REQUESTS = 60_000, 8
LONG = "Reparar la banqueta de la calle Nogal entre Fresno y Cedro, con rampas en las dos esquinas y sin quitar los árboles"


def photo_like_a_phones(seed: int) -> BytesIO:
    """A photo with as much detail as a street has, so that it weighs what photos weigh."""
    shapes = Image.frombytes("RGB", (48, 36), Random(seed).randbytes(48 * 36 * 3))  # noqa: S311 - a picture, not a secret
    street = Image.blend(shapes.resize((1600, 1200), Image.Resampling.BICUBIC), Image.effect_noise((1600, 1200), 60).convert("RGB"), 0.2)
    stream = BytesIO()
    street.save(stream, "JPEG", quality=85)
    stream.seek(0)
    return stream


def furnish(site: Site) -> dict[str, str]:
    """A neighbourhood with what a busy one has; the address of each page."""
    place = Neighbourhood(site.world)
    today = clock.today("America/Mexico_City")
    soon = today + timedelta(days=10)
    for number in range(12):
        for state in ("in_progress", "reported_done", "verified"):
            place.agreement(state, text=f"{LONG} ({number})", due=soon, reported_on=today)
    agreement = place.agreement("in_progress", text=LONG, due=soon)
    with site.world.writing() as session:
        fresh = services.lock(session, agreement.id)
        services.carry_out(
            session, actor=place.actor(place.owner_user), agreement=fresh, move=Move.REPORT_DONE,
            facts=Facts(reason="Se coló el concreto y se dejaron las rampas.", due=None, review_on=None, owner_id=None, ground=""),
            files=(receive(photo_like_a_phones(1)), receive(photo_like_a_phones(2))), occurred_at=clock.now(),
        )
    assembly = site.world.assembly(
        place.territory, blocks=place.units["block"][:3], starts_at=clock.now() + timedelta(days=5),
        items=[(f"{LONG[:90]} ({number})", ItemType.DECISION, Method.CONSENSUS) for number in range(10)],
    )
    return {
        "home": "/", "unit": f"/t/{place.territory.code}", "agreement": f"/a/{agreement.folio}",
        "assembly": f"/assemblies/{assembly.folio}",
    }


def first_view(someone: Reader, path: str) -> tuple[int, int]:
    """Bytes and requests until the page is quiet, nothing cached before."""
    wire = someone.context.new_cdp_session(someone.page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    someone.go(path)
    someone.page.wait_for_load_state("networkidle")
    return int(sum(sizes)), len(sizes)


@pytest.fixture
def pages(site) -> dict[str, str]:
    return furnish(site)


def test_the_first_view_of_each_public_page_is_light(reader, pages):
    told = {}
    for name, path in pages.items():
        told[name] = first_view(reader(PHONE), path)
    heavy = {name: cost for name, cost in told.items() if cost[0] >= MOST_BYTES or cost[1] > MOST_REQUESTS}
    assert not heavy, told
