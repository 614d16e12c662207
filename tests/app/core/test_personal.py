"""Every column is either in the register of personal data or in the list of what is not; never in neither, never in both."""

from __future__ import annotations

from app.admin.privacy.retention import RULES
from app.core.personal import NOT_PERSONAL, REGISTER, TREATMENTS, entries
from models import Base
from models.settings import DEFAULTS


def test_every_column_is_declared_once():
    columns = {(table.name, column.name) for table in Base.metadata.tables.values() for column in table.columns}
    personal = {(table, name) for table, names in REGISTER.items() for name in names}
    not_personal = {(table, name) for table, names in NOT_PERSONAL.items() for name in names.split()}
    forgotten = sorted(f"{table}.{name}" for table, name in columns - personal - not_personal)
    assert not forgotten, f"say in app/core/personal.py whose data they hold, or that they hold nobody's: {', '.join(forgotten)}"
    assert not personal & not_personal, "a column is personal or it is not"
    assert personal | not_personal == columns, f"these are no columns (any more): {sorted((personal | not_personal) - columns)}"


def test_every_line_says_what_for_how_long_and_on_what_ground():
    rules = {rule.key for rule in RULES}
    for entry in entries():
        assert entry.personal.rule is None or entry.personal.rule in rules, entry
        assert entry.treatment.basis in DEFAULTS, f"{entry.treatment.key} needs a setting for its legal basis"
    assert {entry.treatment.key for entry in entries()} == set(TREATMENTS)
    assert {rule for rule in rules} == {entry.personal.rule for entry in entries() if entry.personal.rule}, "a rule that erases nothing"
