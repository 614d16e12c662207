"""Index what is searched

The entries are a table like any other; their words go where each database looks words up: a generated tsvector
under a GIN index, or an FTS5 table that keeps the words and not the text. Neither is in the models, which
know no dialect; env.py leaves both alone. ``cuadra init`` fills them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = ("place", "block", "theme", "agreement", "assembly", "problem")


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="searchkind", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("context", sa.String(length=200), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("kind", "object_id", name=op.f("uq_search_entry_kind_object_id")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # The words are folded already: no parser and no dictionary of PostgreSQL's comes between them and the index.
        op.execute(
            "ALTER TABLE search_entry ADD COLUMN words tsvector GENERATED ALWAYS AS"
            " (array_to_tsvector(string_to_array(btrim(head || ' ' || body), ' '))) STORED"
        )
        op.execute("CREATE INDEX ix_search_entry_words ON search_entry USING gin (words)")
        return
    op.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5"
        "(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entry")
