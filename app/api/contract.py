"""What the API promises, said once: the same declarations read the requests and write the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from app.api import fields
from app.core.fields import ADDRESS, CODE, COUNT, MOMENT, TEXT, Schema, nullable, object_of, one_of, ref
from app.core.i18n import force_locale
from app.core.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from app.core.search import MAX_LENGTH
from models.agreement import AgreementState
from models.assembly import AssemblyState
from models.body import GovernmentLevel
from models.search import SearchKind
from models.territory import UNIT_CODE


class BadFilter(ValueError):
    """A parameter nobody declared, or one whose value cannot be: answered with 400."""


class Unreadable(ValueError):
    """A value that cannot be read, and the sentence that says how to write it."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of the query. ``read`` turns its text into a value or raises ValueError."""

    name: str
    schema: Schema
    description: str
    read: Callable[[str], Any] = str
    example: Any = None
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One GET: its path in OpenAPI's spelling, what it takes and gives."""

    endpoint: str
    path: str
    summary: str
    answer: Schema
    example: Any
    parameters: tuple[Parameter, ...] = ()
    in_path: Mapping[str, Schema] = field(default_factory=dict)
    limited: bool = False

    def read(self, args: MultiDict[str, str]) -> dict[str, Any]:
        return read(self.parameters, args)


def read(parameters: Iterable[Parameter], args: MultiDict[str, str]) -> dict[str, Any]:
    """The values of the query by name, absent ones as None. Raises BadFilter, for a repeated one too, with the
    sentence of the Unreadable that a parameter's ``read`` raised."""
    known = {one.name: one for one in parameters}
    values: dict[str, Any] = dict.fromkeys(known)
    for name, given in args.lists():
        if name not in known:
            raise BadFilter(f"unknown parameter: {name[:40]}")
        if len(given) > 1:
            raise BadFilter(f"repeated parameter: {name}")
        [text] = given
        try:
            values[name] = known[name].read(text)
        except Unreadable as wrong:
            raise BadFilter(f"bad value for {name}: {wrong}") from wrong
        except ValueError as wrong:
            raise BadFilter(f"bad value for {name}") from wrong
    for one in known.values():
        if one.required and values[one.name] is None:
            raise BadFilter(f"missing parameter: {one.name}")
    return values


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text] if text in ("true", "false") else _refuse()


def _limit(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= MAX_PAGE_SIZE else _refuse()


def _code(text: str) -> str:
    return text if UNIT_CODE.fullmatch(text) else _refuse()


def _convened(text: str) -> AssemblyState:
    state = AssemblyState(text)
    return state if state is not AssemblyState.DRAFT else _refuse()


def _sought(text: str) -> str:
    return text if 0 < len(text) <= MAX_LENGTH else _refuse()


def _refuse():
    raise ValueError


STATES = [str(state) for state in AgreementState]
CONVENED = [str(state) for state in fields.CONVENED]
UNIT = Parameter("unit", CODE, "On this unit or anywhere below it. A code nobody has is refused.", _code, "T-07")
FOUND = [str(kind) for kind in SearchKind]
CURSOR = Parameter("cursor", TEXT, "The `next` of the page before; any other text is refused.")
LIMIT = Parameter(
    "limit", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}, "Items in a page.", _limit, 25
)


def thing(**properties: Schema) -> Schema:
    """An object that always has all of ``properties``."""
    return {"type": "object", "required": list(properties), "properties": properties}


def listing(name: str) -> Schema:
    return thing(items={"type": "array", "items": ref(name)}, next=nullable(TEXT))


SCHEMAS: dict[str, Schema] = {
    "Problem": {
        "type": "object", "required": ["type", "title", "status"], "description": "RFC 9457",
        "properties": {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
    },
    "Body": thing(code=TEXT, name=TEXT, level=one_of(GovernmentLevel)),
    "Place": thing(code=TEXT, name=TEXT),
    "Coverage": thing(met=COUNT, of=COUNT) | {"description": "Blocks listed on an assembly that was held, of all blocks."},
    "Share": thing(kept=COUNT, of=COUNT, on_hold=COUNT, cancelled=COUNT, declined=COUNT) | {
        "description": "Verified with the report made on or before the first due date, of verified plus open and late."
    },
    "Event": thing(
        seq=COUNT, kind=TEXT, capacity={"type": "object"}, occurred_at=MOMENT, recorded_at=MOMENT, data={"type": "object"},
        hash=TEXT, texts={"type": "object"},
    ),
    "Agreement": object_of(fields.AGREEMENT),
    "Assembly": object_of(fields.ASSEMBLY),
    "Unit": object_of(fields.UNIT),
}

SCHEMAS["Hit"] = thing(
    kind={"type": "string", "enum": FOUND}, ref=TEXT, title=TEXT, unit=nullable(ref("Place")), url=ADDRESS
) | {"description": "Something found; `ref` is its code or folio (of a problem: the folio of its assembly)."}

_UNIT = {
    "code": "T-07", "name": "Lomas del Fresno", "level": "territory", "kind": "colonia", "parent": "D-02",
    "ocd_id": "ocd-division/country:mx/municipality:09007/territory:t-07", "source": "IECM 2022", "source_key": "07-001",
    "children": ["T-07-S1", "T-07-S2"], "coverage": {"met": 18, "of": 41}, "liaisons": 37,
    "agreements": {**dict.fromkeys(STATES, 0), "in_progress": 4, "verified": 9},
    "share": {"kept": 7, "of": 11, "on_hold": 0, "cancelled": 0, "declined": 0}, "url": "https://cuadra.example/t/T-07",
}
_AGREEMENT = {
    "folio": "FRS-2026-0042", "text": "Reparar la luminaria de Nogal 12", "theme": "alumbrado", "state": "in_progress", "late": True,
    "days_late": 9, "first_due": "2026-02-20", "due": "2026-03-05", "owner": {"code": "OBRAS", "name": "Obras", "level": "borough"},
    "counterpart": None, "unit": {"code": "T-07", "name": "Lomas del Fresno"}, "assembly": "AS-FRS-2026-0007", "events": [],
    "confirmations": 0, "objections": 1, "doubts": 2, "version": 6, "url": "https://cuadra.example/a/FRS-2026-0042",
}
_ASSEMBLY = {
    "folio": "AS-FRS-2026-0007", "title": "Asamblea de la calle Nogal", "kind": "block", "mode": "in_person", "state": "closed",
    "starts_at": "2026-01-17T17:00:00Z", "second_call_at": None, "ends_at": None, "place": "Kiosco",
    "unit": {"code": "T-07-S1", "name": "Sección 1"}, "blocks": ["T-07-S1-03"], "attendance": 43, "version": 5,
    "url": "https://cuadra.example/assemblies/AS-FRS-2026-0007",
}

UNIT_OPERATION = Operation("api.unit", "/api/v1/units/{code}", "A unit of the tree", ref("Unit"), _UNIT, in_path={"code": CODE})
AGREEMENTS = Operation(
    "api.agreements", "/api/v1/agreements", "Agreements, the newest first", listing("Agreement"),
    {"items": [_AGREEMENT], "next": None},
    (
        UNIT,
        Parameter("state", {"type": "string", "enum": STATES}, "In this state.", AgreementState, "in_progress"),
        Parameter("late", {"type": "boolean"}, "Only the late, or only those that are not.", _flag, True),
        Parameter("theme", TEXT, "Code of a theme; one nobody has is refused, one merged into another is redirected.", example="alumbrado"),
        Parameter("owner", TEXT, "Code of the body that owes it; one nobody has is refused.", example="OBRAS"),
        CURSOR, LIMIT,
    ),
)
AGREEMENT = Operation(
    "api.agreement", "/api/v1/agreements/{folio}", "An agreement, its folio typed any way", ref("Agreement"), _AGREEMENT,
    in_path={"folio": TEXT},
)
ASSEMBLIES = Operation(
    "api.assemblies", "/api/v1/assemblies", "Assemblies once convened, the latest first", listing("Assembly"),
    {"items": [_ASSEMBLY], "next": None},
    (
        Parameter("unit", CODE, "On this unit or below it, or gathering a block of it.", _code, "T-07"),
        Parameter("state", {"type": "string", "enum": CONVENED}, "In this state.", _convened, "closed"), CURSOR, LIMIT,
    ),
)
SEARCH = Operation(
    "api.search", "/api/v1/search", "Public things that hold all the words, or words that begin with them, the best first",
    listing("Hit"),
    {"items": [{
        "kind": "agreement", "ref": "FRS-2026-0042", "title": "Reparar la luminaria de Nogal 12",
        "unit": {"code": "T-07", "name": "Lomas del Fresno"}, "url": "https://cuadra.example/a/FRS-2026-0042",
    }], "next": None},
    (
        Parameter(
            "q", {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}, "Words; accents, case and order do not count.", _sought,
            "luminaria", required=True,
        ),
        Parameter("kind", {"type": "string", "enum": FOUND}, "Only of this kind.", SearchKind, "agreement"), UNIT, CURSOR, LIMIT,
    ),
    limited=True,
)
OPENAPI = Operation(
    "api.openapi", "/api/openapi.json", "This document", {"type": "object", "required": ["openapi", "info", "paths"]},
    {"openapi": "3.1.0", "info": {"title": "Cuadra", "version": "1"}, "paths": {}},
)
OPERATIONS = (UNIT_OPERATION, AGREEMENTS, AGREEMENT, ASSEMBLIES, SEARCH, OPENAPI)
PUBLISHED = {"Agreement": fields.AGREEMENT, "Assembly": fields.ASSEMBLY, "Unit": fields.UNIT}


def openapi(base_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document, its meanings in English: those who read it program."""
    with force_locale("en"):
        meanings = {name: {one.name: str(one.meaning) for one in declared} for name, declared in PUBLISHED.items()}
    schemas = {name: _with_meanings(schema, meanings.get(name, {})) for name, schema in SCHEMAS.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cuadra", "version": "1", "license": {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"},
            "description": (
                "What assemblies agreed and whether it was kept. Public, read only, no key; any site may read it (CORS). Times are UTC. "
                "Every answer carries an ETag: send it back in If-None-Match and an unchanged one is a 304. Errors are RFC 9457. "
                "The same columns as files: /open-data/."
            ),
        },
        "externalDocs": {"url": f"{base_url}/open-data/dictionary"},
        "servers": [{"url": base_url}],
        "paths": {one.path: {"get": _described(one)} for one in OPERATIONS},
        "components": {"schemas": schemas},
    }


def _with_meanings(schema: Schema, meanings: Mapping[str, str]) -> Schema:
    properties = {name: one | {"description": meanings[name]} if name in meanings else one for name, one in schema["properties"].items()}
    return schema | {"properties": properties}


def _described(operation: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "200": {
            "description": "OK", "headers": {"ETag": {"schema": TEXT, "description": "To send back in If-None-Match"}},
            "content": {"application/json": {"schema": operation.answer, "example": operation.example}},
        },
        "304": {"description": "Unchanged since the ETag of If-None-Match"},
        "400": _problem("A parameter or a value nobody declared", {"type": "about:blank", "title": "Bad filter", "status": 400}),
        "503": _problem("The database cannot be reached; Retry-After says when to come back", None),
    }
    if any(one.name == "theme" for one in operation.parameters):
        answers["302"] = {"description": "The theme was merged into another: the same question under that one's code"}
    if operation.in_path:
        answers["404"] = _problem("No such object", {"type": "about:blank", "title": "Not found", "status": 404})
    if operation.limited:
        answers["429"] = _problem("Too many in a minute; Retry-After says when to go on", None)
    inputs = [{"name": name, "in": "path", "required": True, "schema": schema} for name, schema in operation.in_path.items()]
    inputs += [
        {"name": one.name, "in": "query", "schema": one.schema, "description": one.description, "required": one.required}
        | ({"example": one.example} if one.example is not None else {})
        for one in operation.parameters
    ]
    return {"operationId": operation.endpoint.split(".")[1], "summary": operation.summary, "parameters": inputs, "responses": answers}


def _problem(description: str, example: dict[str, Any] | None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": ref("Problem")}
    return {"description": description, "content": {"application/problem+json": content | ({"example": example} if example else {})}}
