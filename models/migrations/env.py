"""Alembic environment: one migration file serves both databases."""

from __future__ import annotations

from alembic import context
from geoalchemy2 import alembic_helpers

from models import Base
from models.shape import SHEETS

# What one database alone has in a table of ours, made by hand in its migration.
BY_HAND = {
    ("column", "words"), ("index", "ix_search_entry_words"), ("index", "idx_unit_shape_geom"),
    *(("index", f"ix_unit_shape_geom_{sheet}") for sheet in SHEETS),
}


def include_object(obj, name, type_, reflected, compare_to) -> bool:
    if type_ == "table" and reflected and compare_to is None:
        # SpatiaLite and PostGIS keep tables of their own beside ours.
        return False
    if reflected and compare_to is None and (type_, name) in BY_HAND:
        return False
    return alembic_helpers.include_object(obj, name, type_, reflected, compare_to)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_object=include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
    # SpatiaLite's own triggers break a plain ALTER TABLE … DROP COLUMN.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
