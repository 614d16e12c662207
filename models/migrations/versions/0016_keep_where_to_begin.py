"""Selections of where to begin: units ranked by indicators, saved once; a phase may be made of one."""

import sqlalchemy as sa
from alembic import op

import models.base


revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LEVELS = sa.Enum("root", "office", "territory", "section", "block", name="levelrole", native_enum=False, create_constraint=True, length=32)
SCALES = sa.Enum("rank", "range", "deviation", name="scale", native_enum=False, create_constraint=True, length=32)
MISSING = sa.Enum("leave_out", "share_out", name="whenmissing", native_enum=False, create_constraint=True, length=32)
PLACES = sa.Enum("chosen", "behind", "outside", "no_data", name="place", native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "priority_selection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=32), nullable=False),
        sa.Column("name_es", sa.String(length=120), nullable=False),
        sa.Column("name_fr", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("role", LEVELS, nullable=False),
        sa.Column("values_on", sa.Date(), nullable=False),
        sa.Column("scale", SCALES, nullable=False),
        sa.Column("missing", MISSING, nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("sensitivity", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("saved_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("wanted > 0", name=op.f("ck_priority_selection_wants_some")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_priority_selection")),
        sa.UniqueConstraint("slug", name=op.f("uq_priority_selection_slug")),
    )
    op.create_table(
        "priority_member",
        sa.Column("selection_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("place", PLACES, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["selection_id"], ["priority_selection.id"], name=op.f("fk_priority_member_selection_id_priority_selection")),
        sa.ForeignKeyConstraint(["unit_id"], ["territorial_unit.id"], name=op.f("fk_priority_member_unit_id_territorial_unit")),
        sa.PrimaryKeyConstraint("selection_id", "unit_id", name=op.f("pk_priority_member")),
    )
    op.create_index("ix_priority_member_selection_id_rank", "priority_member", ["selection_id", "rank"])
    op.create_index(op.f("ix_priority_member_unit_id"), "priority_member", ["unit_id"])
    with op.batch_alter_table("phase") as batch:
        batch.add_column(sa.Column("selection_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_phase_selection_id_priority_selection"), "priority_selection", ["selection_id"], ["id"])
        batch.create_index(op.f("ix_phase_selection_id"), ["selection_id"])


def downgrade() -> None:
    with op.batch_alter_table("phase") as batch:
        batch.drop_index(op.f("ix_phase_selection_id"))
        batch.drop_constraint(op.f("fk_phase_selection_id_priority_selection"), type_="foreignkey")
        batch.drop_column("selection_id")
    op.drop_table("priority_member")
    op.drop_table("priority_selection")
