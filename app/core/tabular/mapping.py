"""Which column holds which field: remembered from the last file with these columns, else guessed from their names."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.search import fold
from app.core.tabular.fields import Field
from app.core.tabular.kinds import LONGEST_SOURCE, Kind, Options
from app.core.tabular.reader import Table
from app.core.tabular.sentences import IMPOSSIBLE
from models.intake import ColumnMapping


class ImpossibleTable(Exception):
    """The table cannot be tried as it was asked; ``str()`` is the sentence, with what to do."""

    def __init__(self, code: str, **figures: object):
        super().__init__(code)
        self.code, self.figures = code, figures

    def __str__(self) -> str:
        return str(IMPOSSIBLE[self.code]) % {key: str(value) for key, value in self.figures.items()}


def guess(kind: Kind, columns: Iterable[str]) -> dict[str, str]:
    """Column to field, every column named: empty where none is recognised.

    A field's own name and label win over its aliases, these in their order; then, for what is left, a column that
    begins with one of those names («Fecha de la reunión»). No field is guessed twice.
    """
    folded = {column: fold(column) for column in columns}
    found: dict[str, str] = {}
    taken: set[str] = set()
    wanted = [(field, names_of(field)) for field in kind.fields]
    for exact in (True, False):
        ranked = sorted(
            (rank, place, column, field.name)
            for field, names in wanted for rank, name in enumerate(names)
            for place, column in enumerate(folded)
            if (folded[column] == name if exact else len(name) > 3 and folded[column].startswith(f"{name} "))
        )
        for _rank, _place, column, name in ranked:
            if column not in found and name not in taken:
                found[column] = name
                taken.add(name)
    return {column: found.get(column, "") for column in folded}


def names_of(field: Field) -> list[str]:
    """The folded names a column of this field goes by, the surest first."""
    return list(dict.fromkeys(fold(str(name)) for name in (field.name, field.label, *field.aliases)))


def suggest(session: Session, kind: Kind, table: Table) -> Options:
    """What was said of the last file with these columns, else what their names suggest."""
    kept = session.scalar(select(ColumnMapping).filter_by(kind=kind.name, fingerprint=table.fingerprint))
    guessed = guess(kind, table.columns)
    if kept is None:
        return Options(mapping=guessed)
    known = {field.name for field in kind.fields}
    # Headers are matched folded: the same file saved with other accents or case is still that file.
    by_name = {fold(column): field for column, field in kept.mapping.items()}
    mapping = {column: field if (field := by_name.get(fold(column), "")) in known else "" for column in table.columns}
    return Options(kept.source, mapping, {name: text for name, text in kept.constants.items() if name in known})


def remember(session: Session, kind: Kind, table: Table, options: Options) -> None:
    """Keep what was said of these columns for the next file; flushes."""
    kept = session.scalar(select(ColumnMapping).filter_by(kind=kind.name, fingerprint=table.fingerprint).with_for_update())
    if kept is None:
        kept = ColumnMapping(kind=kind.name, fingerprint=table.fingerprint)
        session.add(kept)
    kept.mapping, kept.constants = dict(options.mapping), dict(options.constants)
    kept.source, kept.updated_at = options.source, clock.now()
    session.flush()


def check(kind: Kind, table: Table, options: Options) -> None:
    """Raises ImpossibleTable for options that do not fit the table or the kind."""
    fields = {field.name: field for field in kind.fields}
    columns = ", ".join(table.columns[:30])
    used: dict[str, list[str]] = {}
    for column, name in options.mapping.items():
        if column not in table.columns:
            raise ImpossibleTable("no_such_column", column=column, columns=columns)
        if name:
            used.setdefault(name, []).append(column)
    for name in (*used, *options.constants):
        if name not in fields:
            raise ImpossibleTable("no_such_field", field=name, fields=", ".join(fields))
    for name, several in used.items():
        if len(several) > 1:
            raise ImpossibleTable("mapped_twice", field=fields[name].label, columns=", ".join(several))
    for name in options.constants:
        if not fields[name].constant:
            raise ImpossibleTable("no_constant", field=fields[name].label)
    for name, field in fields.items():
        if field.required and name not in used and not options.constants.get(name):
            raise ImpossibleTable("no_column", field=field.label, columns=columns)
    if len(options.source) > LONGEST_SOURCE:
        raise ImpossibleTable("long_source", limit=LONGEST_SOURCE)
