"""The JSON of INTERFACES.md, and a document that tells the truth about it."""

import re

import pytest

from app.api.contract import OPERATIONS, SCHEMAS
from app.core import clock
from models import Doubt, HeadcountCell, Voice
from models.agreement import AgreementState, VoiceKind
from models.assembly import AgeBand, AssemblyState, Gender
from tests.app.portal import scenes
from tests.factories import TODAY
from tests.queries import count_queries

FORMATS = {"date": r"\d{4}-\d\d-\d\d", "date-time": r"\d{4}-\d\d-\d\dT[\d:.]+Z", "uri": r"https?://\S+"}


@pytest.fixture
def town(world):
    made = world.tree(territories=2, blocks=3)
    made["owner"], made["theme"] = world.body("OBRAS", name="Obras"), world.theme("alumbrado")
    return made


def fits(value, schema: dict) -> bool:
    """Whether ``value`` is what ``schema`` says: the part of JSON Schema this API uses, no key left over."""
    if "$ref" in schema:
        return fits(value, SCHEMAS[schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    if "enum" in schema and value not in schema["enum"]:
        return False
    match schema["type"]:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and value >= schema.get("minimum", value)
        case "string":
            return isinstance(value, str) and re.fullmatch(FORMATS.get(schema.get("format"), r"(?s).*"), value) is not None
        case "array":
            return isinstance(value, list) and all(fits(one, schema["items"]) for one in value)
        case _:
            if not isinstance(value, dict):
                return False
            known = schema.get("properties")
            whole = known is None or (set(value) == set(known) and all(fits(value[key], known[key]) for key in known))
            return whole


def test_every_operation_answers_as_its_document_says(client, world, town):
    made = scenes.agreement(world, town["territory"][0], town["owner"], town["theme"])
    scenes.assembly(world, town["territory"][0], town["block"][0])
    document = client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    for operation in OPERATIONS:
        path = operation.path.format(code=town["territory"][0].code, folio=made.folio.lower()) if operation.in_path else operation.path
        path += "?q=nogal" if operation.limited else ""
        answer = client.get(path)
        described = document["paths"][operation.path]["get"]["responses"]
        assert answer.status_code == 200 and answer.mimetype == "application/json"
        assert fits(answer.json, described["200"]["content"]["application/json"]["schema"]), (path, answer.json)
        assert fits(operation.example, operation.answer), f"the example of {path} is not what it documents"
        assert answer.headers["Access-Control-Allow-Origin"] == "*" and "Set-Cookie" not in answer.headers
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        refused = client.get(path + ("&" if "?" in path else "?") + "nonsense=1")
        assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
        assert fits(refused.json, SCHEMAS["Problem"] | {"properties": None}) and refused.json["status"] == 400
        if operation.in_path:
            missing = client.get(operation.path.format(code="nada", folio="ZZZ-2020-0001"))
            assert (missing.status_code, missing.mimetype) == (404, "application/problem+json")
        others = {"404": operation.in_path, "429": operation.limited, "302": any(one.name == "theme" for one in operation.parameters)}
        assert set(described) == {"200", "304", "400", "503"} | {status for status, told in others.items() if told}


def test_a_unit_shows_the_figures_of_its_page(client, world, town):
    territory = town["territory"][0]
    scenes.assembly(world, territory, *town["block"][:2])
    scenes.agreement(world, town["block"][0], town["owner"], town["theme"], due=TODAY.replace(day=1))
    unit = client.get(f"/api/v1/units/{territory.code.lower()}").json
    assert unit["coverage"] == {"met": 2, "of": 3}
    assert unit["agreements"]["accepted"] == 1 and unit["agreements"]["verified"] == 0
    assert unit["share"] == {"kept": 0, "of": 1, "on_hold": 0, "cancelled": 0, "declined": 0}
    assert (unit["level"], unit["parent"]) == ("territory", town["office"][0].code)
    assert unit["children"] == [town["section"][0].code]
    assert client.get(f"/api/v1/units/{town['block'][0].code}").json["coverage"] == {"met": 1, "of": 1}


def test_filters_narrow_and_a_bad_one_is_refused(client, world, town):
    first, second = town["territory"]
    scenes.agreement(world, town["block"][0], town["owner"], town["theme"], text="Tarde", due=TODAY.replace(day=1))
    scenes.agreement(world, second, world.body("AGUA"), world.theme("agua"), text="Otro", state=AgreementState.PROPOSED)

    def texts(query: str) -> list[str]:
        return [one["text"] for one in client.get(f"/api/v1/agreements?{query}").json["items"]]

    assert texts("") == ["Otro", "Tarde"]
    assert texts(f"unit={first.code.lower()}") == texts("late=true") == texts("state=accepted") == texts("theme=alumbrado") == ["Tarde"]
    assert texts("late=false") == texts("owner=AGUA") == ["Otro"]
    refused = (
        "state=done", "late=yes", "unit=nada", "unit=%20", "theme=nada", "owner=nada", "cursor=x", "limit=0", "limit=201", "sort=due",
        "limit=1&limit=2",
    )
    for bad in refused:
        assert client.get(f"/api/v1/agreements?{bad}").status_code == 400, bad
    for bad in ("state=draft", "unit=nada", "cursor=x"):
        assert client.get(f"/api/v1/assemblies?{bad}").status_code == 400, bad


def test_pages_follow_each_other_and_cost_the_same(app, client, world, town):
    for _n in range(7):
        scenes.agreement(world, town["territory"][0], town["owner"], town["theme"])
    seen, cursor = [], None
    while True:
        page = client.get("/api/v1/agreements", query_string={"limit": 3} | ({"cursor": cursor} if cursor else {})).json
        seen += [one["folio"] for one in page["items"]]
        if not (cursor := page["next"]):
            break
    assert len(seen) == len(set(seen)) == 7
    with count_queries(app) as few:
        client.get("/api/v1/agreements?limit=1")
    with count_queries(app) as many:
        client.get("/api/v1/agreements?limit=7")
    assert len(few) == len(many) <= 8


def test_a_list_says_of_each_what_its_own_address_says(client, world, town):
    made = scenes.agreement(
        world, town["territory"][0], town["owner"], town["theme"], state=AgreementState.REPORTED_DONE, reported_on=TODAY, round=2
    )
    other = scenes.agreement(world, town["territory"][0], town["owner"], town["theme"])
    with world.writing() as session:
        given = [(VoiceKind.CONFIRM, 2), (VoiceKind.CONFIRM, 2), (VoiceKind.OBJECT, 2), (VoiceKind.CONFIRM, 1)]
        for number, (kind, round_) in enumerate(given):
            session.add(Voice(agreement_id=made.id, round=round_, kind=kind, voice_key=f"k{number}", given_at=clock.now()))
        session.add(Doubt(agreement_id=made.id, round=2, given_at=clock.now()))
    listed = {one["folio"]: one for one in client.get("/api/v1/agreements").json["items"]}
    for folio in (made.folio, other.folio):
        assert listed[folio] == client.get(f"/api/v1/agreements/{folio}").json
    assert [listed[made.folio][key] for key in ("confirmations", "objections", "doubts")] == [2, 1, 1]
    assert listed[made.folio]["events"][0]["kind"] == "agreement.proposed"


def test_assemblies_once_convened_with_how_many_came(client, world, town):
    held = scenes.assembly(world, town["territory"][0], town["block"][1], town["block"][0])
    scenes.assembly(world, town["territory"][0], state=AssemblyState.DRAFT)
    with world.writing() as session:
        session.add(HeadcountCell(assembly_id=held.id, gender=Gender.WOMEN, age_band=AgeBand.ADULTS, people=31, first_timers=2))
    [one] = client.get(f"/api/v1/assemblies?unit={town['block'][0].code}").json["items"]
    assert (one["folio"], one["attendance"]) == (held.folio, 31)
    assert one["blocks"] == sorted(block.code for block in town["block"][:2])
    assert client.get(f"/api/v1/assemblies?unit={town['block'][2].code}").json == {"items": [], "next": None}
