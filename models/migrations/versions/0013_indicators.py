"""Indicators: definitions, values by unit and period, and names once settled."""

import sqlalchemy as sa
from alembic import op

import models.base


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_es", sa.String(length=120), nullable=False),
        sa.Column("name_fr", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("definition_es", sa.Text(), nullable=False),
        sa.Column("definition_fr", sa.Text(), nullable=False),
        sa.Column("definition_en", sa.Text(), nullable=False),
        sa.Column("measure_es", sa.String(length=60), nullable=False),
        sa.Column("measure_fr", sa.String(length=60), nullable=False),
        sa.Column("measure_en", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("role", sa.Enum("root", "office", "territory", "section", "block", name="levelrole", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("frequency", sa.Enum("year", "quarter", "month", "day", name="frequency", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("direction", sa.Enum("higher_better", "lower_better", "neither", name="direction", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("aggregation", sa.Enum("sum", "area_mean", "population_mean", "none", name="aggregation", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("weights_id", sa.Integer(), nullable=True),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("NOT sensitive OR role IN ('root', 'office', 'territory')", name=op.f("ck_indicator_sensitive_from_territory")),
        sa.CheckConstraint("decimals BETWEEN 0 AND 6", name=op.f("ck_indicator_few_decimals")),
        sa.CheckConstraint("weights_id <> id", name=op.f("ck_indicator_not_its_own_weights")),
        sa.ForeignKeyConstraint(["weights_id"], ["indicator.id"], name=op.f("fk_indicator_weights_id_indicator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("code", name=op.f("uq_indicator_code")),
    )
    op.create_index(op.f("ix_indicator_weights_id"), "indicator", ["weights_id"])
    op.create_table(
        "indicator_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("numerator", sa.Double(), nullable=True),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_indicator_value_period_in_order")),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_indicator_value_indicator_id_indicator")),
        sa.ForeignKeyConstraint(["unit_id"], ["territorial_unit.id"], name=op.f("fk_indicator_value_unit_id_territorial_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_value")),
        sa.UniqueConstraint("indicator_id", "starts_on", "unit_id", name=op.f("uq_indicator_value_indicator_id_starts_on_unit_id")),
    )
    op.create_index("ix_indicator_value_unit_id_indicator_id", "indicator_value", ["unit_id", "indicator_id", "starts_on"])
    op.create_table(
        "name_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("context", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", models.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["territorial_unit.id"], name=op.f("fk_name_decision_unit_id_territorial_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_decision")),
        sa.UniqueConstraint("source", "context", "name", name=op.f("uq_name_decision_source_context_name")),
    )
    op.create_index(op.f("ix_name_decision_unit_id"), "name_decision", ["unit_id"])



def downgrade() -> None:
    op.drop_index(op.f("ix_name_decision_unit_id"), "name_decision")
    op.drop_table("name_decision")
    op.drop_index("ix_indicator_value_unit_id_indicator_id", "indicator_value")
    op.drop_table("indicator_value")
    op.drop_index(op.f("ix_indicator_weights_id"), "indicator")
    op.drop_table("indicator")
