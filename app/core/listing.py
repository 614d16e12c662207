"""One machine for every list: declared once, it filters, sorts, pages, prints and leaves as a file.

A list is a :class:`Listing` of columns and filters over a query. What the address asks for is read
against that declaration, so nothing undeclared ever reaches the database (DOMAIN.md 10): a bad value
is 400 with a sentence, an unknown key is nobody's and is left alone. The same columns make the table
of the page, the cards of a phone, the CSV and the XLSX.

    def blocks(today: date) -> Listing:
        return Listing(
            name="blocks", title=_("Cuadras"), sort="name", tie=TerritorialUnit.id,
            columns=(
                Column("name", _("Cuadra"), lambda row: row.name, sort=Sort(TerritorialUnit.search_name, str), link=…),
                Column("last", _("Última asamblea"), lambda row: row.last, sort=Sort(last, datetime, nullable=True)),
            ),
            filters=(Choice("met", _("Asambleas"), {"never": _("Nunca")}, lambda query, value: query.where(…)),),
            empty=_("No hay cuadras con estos filtros."),
        )

    @blueprint.get("/work/blocks")
    @requires(Permission.X)
    def blocks():
        return respond("work/blocks.html", lists.blocks(today), queries.blocks_of(actor))

The page prints it with ``{{ listing(listed) }}`` of ``macros/listing.html``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Response, render_template, request, send_file, url_for
from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import Session

from app.core import clock, sheets
from app.core.errors import BadQuery
from app.core.filters import Choice, Day, Filter, Flag, Text
from app.core.formatters import moment, number, short_day, zone
from app.core.i18n import _
from app.core.labels import label
from app.core.pagination import PAGE_SIZE, BadCursor, keyset
from app.core.transaction import read_session

__all__ = [
    "FILE", "PAGE", "Choice", "Choosing", "Column", "Day", "Flag", "Listed", "Listing", "Sort", "State", "Text",
    "as_file", "ranked", "respond", "shown", "turn",
]

COUNTED = 10_000
"""Beyond this a total is said as "more than": counting on would cost what the page was spared."""
EXPORTED = 50_000
BATCH = 500
IN_MEMORY = 4 * 1024 * 1024
RESERVED = frozenset({"sort", "cursor", "format"})
FORMATS = ("csv", "xlsx")
# Stands for NULL inside a key, never beside a value: the key before it keeps them apart.
_INSTEAD = {int: 0, float: 0.0, str: "", date: date(1970, 1, 1), datetime: datetime(1970, 1, 1, tzinfo=UTC)}


@dataclass(frozen=True)
class Sort:
    """What rows can be ordered by: an SQL expression of a ``kind`` (int, float, str, date, datetime).

    A ``nullable`` one keeps its NULLs last both ways, alike on both databases. ``descending``: the first
    click on its header shows the greatest first. ``then`` orders equals, its own way round.
    """

    expression: Any
    kind: type = str
    nullable: bool = False
    descending: bool = False
    then: Sort | None = None

    def keys(self, descending: bool) -> list[tuple[ColumnElement, bool, type]]:
        """Keys for :func:`app.core.pagination.keyset`."""
        after = self.then.keys(self.then.descending) if self.then else []
        if not self.nullable:
            return [(self.expression, descending, self.kind), *after]
        absent = case((self.expression.is_(None), 1), else_=0)
        value = func.coalesce(self.expression, literal(_INSTEAD[self.kind], self.expression.type))
        return [(absent, False, int), (value, descending, self.kind), *after]


def ranked(column: Any, order: Sequence[StrEnum]) -> Sort:
    """Orders a state by where it stands in ``order`` instead of by its letters."""
    return Sort(case({member: place for place, member in enumerate(order)}, value=column, else_=len(order)), int)


@dataclass(frozen=True)
class Column:
    """A column: ``value`` of a row is what the file carries, ``show`` what the page prints (by default the
    value, as its type reads). ``on`` says where it is: "page", "file", or both.
    """

    key: str
    label: Any
    value: Callable[[Any], Any]
    sort: Sort | None = None
    show: Callable[[Any], Any] | None = None
    link: Callable[[Any], str | None] | None = None
    on: frozenset[str] = frozenset({"page", "file"})

    def shown(self, row: Any) -> Any:
        words = shown(self.value(row)) if self.show is None else self.show(row)
        url = self.link(row) if self.link else None
        return Markup('<a href="{}">{}</a>').format(url, words) if url else words

    def exported(self, row: Any) -> Any:
        value = self.value(row)
        if isinstance(value, StrEnum):
            return label(value)
        if isinstance(value, bool):
            return _("sí") if value else _("no")
        return value.astimezone(zone()) if isinstance(value, datetime) else value

    def is_code(self, row: Any) -> bool:
        """A folio or a code: broken at its hyphens it reads as several things."""
        value = self.value(row)
        return isinstance(value, str) and "-" in value and len(value) <= 20 and " " not in value

    def is_number(self, row: Any) -> bool:
        value = self.value(row)
        return isinstance(value, int | float) and not isinstance(value, bool)


PAGE, FILE = frozenset({"page"}), frozenset({"file"})


def shown(value: Any) -> Any:
    """A value as a page prints it."""
    if value is None or value == "":
        return ""
    if isinstance(value, StrEnum):
        return label(value)
    if isinstance(value, bool):
        return _("sí") if value else _("no")
    if isinstance(value, datetime):
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), moment(value))
    if isinstance(value, date):
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), short_day(value))
    return number(value) if isinstance(value, int | float) else escape(value)


@dataclass(frozen=True)
class Choosing:
    """Rows that can be ticked: what the box sends (None: this row has no box) and what it is called."""

    value: Callable[[Any], str | None]
    words: Callable[[Any], str]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The declaration. ``sort`` is a column's key, with ``-`` before it for the greatest first; ``tie`` a
    unique integer column that orders equals; ``enrich`` turns the rows of one page (or of one batch of a
    file) into what the columns read, in a number of queries that does not grow. ``mark`` is the number by
    which a script finds a row.
    """

    name: str
    title: Any
    columns: tuple[Column, ...]
    sort: str
    tie: Any
    empty: Any
    filters: tuple[Filter, ...] = ()
    size: int = PAGE_SIZE
    enrich: Callable[[Session, list[Any]], list[Any]] | None = None
    choosing: Choosing | None = None
    mark: Callable[[Any], int] | None = None
    sortable: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        names = [one.key for one in self.filters]
        if len({*keys}) < len(keys) or len({*names}) < len(names) or RESERVED & {*names}:
            raise ValueError(f"{self.name}: two columns or filters share a key, or one is reserved")
        object.__setattr__(self, "sortable", {column.key: column for column in self.columns if column.sort})
        if self.sort.removeprefix("-") not in self.sortable:
            raise ValueError(f"{self.name}: no column sorts by {self.sort}")


@dataclass(frozen=True)
class State:
    """What the address asks of a list, read and allowed."""

    listing: Listing
    values: Mapping[str, str]
    sort: str
    cursor: str | None = None
    format: str | None = None

    @classmethod
    def read(cls, listing: Listing, args: Mapping[str, str]) -> State:
        """Raises BadQuery, with a sentence, for a value the declaration does not know."""
        values = {}
        for one in listing.filters:
            raw = args.get(one.key) or one.default
            if raw is None:
                continue
            try:
                values[one.key] = one.read(raw)
            except ValueError as wrong:
                raise BadQuery(_("El filtro «%(name)s» no conoce «%(value)s».", name=one.label, value=raw[:60])) from wrong
        sort = args.get("sort") or listing.sort
        if sort.removeprefix("-") not in listing.sortable:
            raise BadQuery(_("Esta lista no se ordena por «%(value)s».", value=sort[:60]))
        form = args.get("format") or None
        if form not in (None, *FORMATS):
            raise BadQuery(_("Esta lista se descarga como CSV o XLSX."))
        return cls(listing, values, sort, args.get("cursor") or None, form)

    def query(self, **changes: str | None) -> dict[str, str]:
        """The arguments of an address in this state with ``changes`` (None takes one away); what goes
        without saying is not said. Another filter or order starts again at the first page."""
        wanted: dict[str, str | None] = {**self.values, "sort": self.sort, **changes}
        usual = {one.key: one.default for one in self.listing.filters} | {"sort": self.listing.sort}
        return {key: value for key, value in wanted.items() if value and value != usual.get(key)}

    def url(self, **changes: str | None) -> str:
        return url_for(request.endpoint, **(request.view_args or {}), **self.query(**changes))

    def narrowed(self, query: Select) -> Select:
        """``query`` with the conditions of the filters in force."""
        for one in self.listing.filters:
            value = self.values.get(one.key)
            if value is None:
                continue
            if isinstance(one, Flag):
                query = one.narrow(query)
            else:
                query = one.narrow(query, date.fromisoformat(value) if isinstance(one, Day) else value)
        return query

    @property
    def keys(self) -> list[tuple[Any, bool, type]]:
        """The order, ending in the tie-break."""
        ordered = self.listing.sortable[self.sort.removeprefix("-")].sort
        return [*ordered.keys(self.sort.startswith("-")), (self.listing.tie, False, int)]


@dataclass(frozen=True)
class Header:
    column: Column
    url: str | None
    aria_sort: str | None


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address without it."""

    label: str
    words: str
    url: str


@dataclass(frozen=True)
class Listed:
    """One page of a list, ready to print. ``total`` is None where it was not counted."""

    state: State
    rows: list[Any]
    next: str | None
    total: int | None

    @property
    def listing(self) -> Listing:
        return self.state.listing

    @cached_property
    def columns(self) -> list[Column]:
        return [column for column in self.listing.columns if "page" in column.on]

    @property
    def headers(self) -> list[Header]:
        by, down = self.state.sort.removeprefix("-"), self.state.sort.startswith("-")
        found = []
        for column in self.columns:
            if column.sort is None:
                found.append(Header(column, None, None))
                continue
            current = column.key == by
            turned = not down if current else column.sort.descending
            found.append(
                Header(
                    column, self.state.url(sort=("-" if turned else "") + column.key),
                    ("descending" if down else "ascending") if current else None,
                )
            )
        return found

    @property
    def orders(self) -> list[tuple[str, str]]:
        """Both ways of each sortable column, for the field a phone sorts with."""
        return [
            (sign + key, f"{column.label} {arrow}")
            for key, column in self.listing.sortable.items() for sign, arrow in (("", "↑"), ("-", "↓"))
        ]

    @property
    def fields(self) -> list[Filter]:
        return [one for one in self.listing.filters if not one.tabs and one.kind != "hidden"]

    @property
    def flags(self) -> list[Filter]:
        return [one for one in self.fields if one.kind == "flag"]

    @property
    def choosable(self) -> bool:
        """Whether some row of this page can be ticked."""
        choosing = self.listing.choosing
        return choosing is not None and any(choosing.value(row) is not None for row in self.rows)

    @property
    def chips(self) -> list[Chip]:
        return [
            Chip(str(one.label), one.words(self.state.values[one.key]), self.state.url(**{one.key: None}))
            for one in self.listing.filters
            if not one.tabs and self.state.values.get(one.key) not in (None, one.default)
        ]

    @property
    def carried(self) -> dict[str, str]:
        """What the filter form sends along unseen: the tab and whatever came only by link."""
        return {
            key: value for key, value in self.state.query(sort=None).items()
            if key not in {one.key for one in self.fields}
        }

    @property
    def clear_url(self) -> str:
        return self.state.url(**{one.key: None for one in self.listing.filters if not one.tabs})

    @property
    def over(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.total is not None and self.total > COUNTED

    @property
    def counted(self) -> int:
        return COUNTED


def turn(session: Session, listing: Listing, query: Select, state: State, *, counted: bool = True) -> Listed:
    """The page that ``state`` asks for of ``query``, which says its first table with ``select_from`` where it
    joins others than its entity's; two queries and those of ``enrich``. Raises BadQuery for a bad cursor."""
    wanted = state.narrowed(query)
    try:
        page = keyset(session, wanted, state.keys, cursor=state.cursor, size=listing.size)
    except BadCursor as wrong:
        raise BadQuery(_("No reconocemos esa página de la lista.")) from wrong
    rows = listing.enrich(session, page.items) if listing.enrich else page.items
    if state.cursor is None and page.next is None:
        return Listed(state, rows, None, len(rows))
    return Listed(state, rows, page.next, count(session, listing, wanted, COUNTED) if counted else None)


def count(session: Session, listing: Listing, query: Select, limit: int) -> int:
    """How many rows ``query`` has; ``limit`` + 1 stands for more."""
    ids = query.order_by(None).with_only_columns(listing.tie).limit(limit + 1)
    return session.scalar(select(func.count()).select_from(ids.subquery()))


def respond(template: str, listing: Listing, query: Select, *, state: State | None = None, **context) -> Response | str:
    """The answer of a view: the page, with ``listed`` for its template, or the whole list as a file.

    ``state`` is given by a view that had to look at it first. Raises BadQuery.
    """
    session = read_session()
    state = state or State.read(listing, request.args)
    if state.format:
        return as_file(session, listing, query, state)
    return render_template(template, listed=turn(session, listing, query, state), **context)


def as_file(session: Session, listing: Listing, query: Select, state: State) -> Response:
    """Every row the filters leave, in the order asked for; never a part of them passed for the whole.

    Raises BadQuery beyond EXPORTED rows. Memory holds one batch; the file goes to disk past IN_MEMORY.
    """
    wanted = state.narrowed(query)
    if count(session, listing, wanted, EXPORTED) > EXPORTED:
        raise BadQuery(
            _("La lista tiene más de %(limit)s filas. Filtre y descárguela por partes.", limit=number(EXPORTED))
        )
    columns = [column for column in listing.columns if "file" in column.on]
    header = [str(column.label) for column in columns]
    rows = ([column.exported(row) for column in columns] for row in _every(session, listing, wanted, state))
    out = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 — the answer closes it once it is sent
    if state.format == "csv":
        sheets.write_csv(out, header, rows)
    else:
        sheets.write_xlsx(out, header, rows, name=str(listing.title), about=(_("Cómo se hizo"), _about(state)))
    out.seek(0)
    today = clock.today(zone().key)
    return send_file(
        out, mimetype=sheets.CSV_TYPE if state.format == "csv" else sheets.XLSX_TYPE, as_attachment=True,
        download_name=f"{listing.name}-{today.isoformat()}.{state.format}", etag=False,
    )


def _every(session: Session, listing: Listing, wanted: Select, state: State) -> Iterator[Any]:
    ordered = wanted.order_by(None).order_by(*[key.desc() if down else key.asc() for key, down, _kind in state.keys])
    batches = session.execute(ordered.limit(EXPORTED).execution_options(yield_per=BATCH)).partitions()
    if listing.enrich is None:
        return chain.from_iterable(batches)
    return chain.from_iterable(listing.enrich(session, list(batch)) for batch in batches)


def _about(state: State) -> list[tuple[str, str]]:
    """What the second sheet says, so that a file found later can be understood and made again."""
    listing = state.listing
    said = [
        (str(one.label), one.words(state.values[one.key]) or _("sí")) for one in listing.filters if one.key in state.values
    ]
    ordered = listing.sortable[state.sort.removeprefix("-")].label
    return [
        (_("Lista"), str(listing.title)), (_("Descargada"), moment(clock.now())), *said,
        (_("Orden"), f"{ordered} {'↓' if state.sort.startswith('-') else '↑'}"),
        (_("Dirección"), request.host_url.rstrip("/") + replace(state, format=None).url()),
    ]
