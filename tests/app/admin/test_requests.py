"""A request from its arrival to its erasure: the clock in working days, the steps, what the record says and what it does not."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest

from app.admin.privacy.person import FINDERS, UNREACHABLE
from app.core.personal import REGISTER
from models import Role
from models.privacy import MOVES, DataRequest, RequestState, WrongMove, add_working_days, working_days_left
from tests.pages import hidden_fields, text_of
from tests.queries import count_queries

ASKED = {"kind": "access", "who": "Rosa Nogal", "reach": "rosa@example.org", "about": "Quiero saber qué guardan de mí"}


@pytest.mark.parametrize(
    "start, days, holidays, due",
    [
        (date(2026, 3, 13), 1, [], date(2026, 3, 16)),  # a Friday
        (date(2026, 3, 14), 1, [], date(2026, 3, 16)),  # a Saturday
        (date(2026, 3, 13), 20, [], date(2026, 4, 10)),
        (date(2026, 3, 13), 1, [date(2026, 3, 16)], date(2026, 3, 17)),
        (date(2026, 12, 24), 2, [date(2026, 12, 25), date(2027, 1, 1)], date(2026, 12, 29)),
    ],
)
def test_working_days_there_and_back(start, days, holidays, due):
    assert add_working_days(start, days, holidays) == due
    assert working_days_left(start, due, holidays) == days and working_days_left(due, start, holidays) == -days


def test_a_request_moves_only_as_it_may():
    for state in RequestState:
        for to in RequestState:
            one = DataRequest(state=state, version=1)
            if to in MOVES[state]:
                one.advance(to)
                assert (one.state, one.version) == (to, 2)
            else:
                with pytest.raises(WrongMove):
                    one.advance(to)
    assert not any(RequestState.EXTENDED in MOVES[state] for state in (RequestState.EXTENDED, RequestState.ANSWERED)), "put off once"


def test_anybody_asks_without_an_account_and_the_record_does_not_say_who(client, office):
    page = client.get("/privacy/request")
    assert "20 días hábiles" in text_of(page) and "Set-Cookie" not in page.headers
    wrong = client.post("/privacy/request", data=hidden_fields(page) | ASKED | {"who": ""})
    assert wrong.status_code == 422 and "Quiero saber" in wrong.get_data(as_text=True)
    sent = hidden_fields(page) | ASKED
    done = client.post("/privacy/request", data=sent)
    assert done.status_code == 303 and client.post("/privacy/request", data=sent).location == done.location
    assert "DP-ARCO-2026-0001" in text_of(client.get(done.location))
    assert "DP" not in text_of(client.get("/privacy/request?folio=DP<b>")).split("Pedir algo")[1]
    [event] = office.events("request.received")
    assert event.data == {
        "folio": "DP-ARCO-2026-0001", "kind": "access", "state": "received", "received": "2026-03-14", "due": "2026-04-10",
    }
    assert event.capacity == {"role": "resident"}
    for _again in range(2):
        client.post("/privacy/request", data=hidden_fields(client.get("/privacy/request")) | ASKED)
    assert client.post("/privacy/request", data=hidden_fields(page) | ASKED | {"client_id": str(uuid4())}).status_code == 429


def test_the_office_takes_it_to_its_end(app, client, office):
    world = office.world
    person = world.user(Role.PROMOTER, unit=office.tree["section"][0])
    new = ASKED | {"channel": "office", "received_on": "2026-03-02", "email": person.email}
    assert office.send(office.admin, "/admin/requests/new", **new | {"received_on": "2026-03-15"}).status_code == 422
    made = office.send(office.admin, "/admin/requests/new", **new)
    assert made.status_code == 303
    here = made.location
    assert office.planning.get("/admin/requests").status_code == 403
    page = office.admin.get(here)
    assert "Rosa Nogal" in text_of(page) and "Quedan 11 días hábiles" in text_of(page)

    def step(name: str, **fields):
        page = office.admin.get(here)
        return office.admin.post(f"{here}/{name}", data=hidden_fields(page, name) | {"client_id": str(uuid4())} | fields)

    assert step("identity").status_code == 422
    stale = hidden_fields(office.admin.get(here), "identity")
    assert office.admin.post(f"{here}/export", data=hidden_fields(page, "identity")).status_code == 409
    assert step("identity", proof="document").status_code == 303
    assert office.admin.post(f"{here}/identity", data=stale | {"client_id": str(uuid4()), "proof": "account"}).status_code == 409
    assert step("extension", reason="Rosa pidió mucho").status_code == 303
    assert "Quedan 21 días hábiles" in text_of(office.admin.get(here))
    packed = office.admin.post(f"{here}/export", data=hidden_fields(office.admin.get(here), "export"))
    told = json.loads(ZipFile(BytesIO(packed.data)).read("person.json"))
    assert told["tables"]["user_account"][0]["email"] == person.email
    assert told["tables"]["data_request"][0]["about_encrypted"] == ASKED["about"]
    assert step("answer", outcome="granted", reply="Se le entregó a Rosa").status_code == 303
    assert step("closing", reason="Rosa quedó conforme").status_code == 303
    assert "conforme" in text_of(office.admin.get(here))
    with count_queries(app) as queries:
        listed = office.admin.get("/admin/requests?state=done&sort=-received")
    assert "DP-ARCO-2026-0001" in text_of(listed) and len(queries) <= 12
    assert "DP-ARCO" not in text_of(office.admin.get("/admin/requests?state=open"))
    assert "DP-ARCO" in office.admin.get("/admin/requests?format=csv").get_data(as_text=True)
    chain = client.get("/ledger/chain.jsonl").get_data(as_text=True) + client.get("/ledger/texts.jsonl").get_data(as_text=True)
    assert "request.closed" in chain and "personal.exported" in chain
    assert "Rosa" not in chain and person.email not in chain


def test_an_export_leaves_nothing_of_the_register_out(office):
    assert set(FINDERS) | set(UNREACHABLE) == set(REGISTER), "say in person.py how the rows of a person are found, or why they cannot be"
    assert not set(FINDERS) & set(UNREACHABLE)
