"""Preview of an import"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("repaired", sa.Boolean(), nullable=False),
        sa.Column("ambiguous", sa.Boolean(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_row_run_id_import_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
    )
    with op.batch_alter_table("import_row") as batch_op:
        batch_op.create_index("ix_import_row_run_id_id", ["run_id", "id"])
        batch_op.create_index("ix_import_row_run_id_outcome_id", ["run_id", "outcome", "id"])
    with op.batch_alter_table("import_run") as batch_op:
        batch_op.add_column(sa.Column("plan", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("capacity", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("language", sa.String(length=2), server_default="es", nullable=False))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        # Nothing has ever written them: how far a run is, is told outside its transaction.
        batch_op.drop_column("done")
        batch_op.drop_column("total")


def downgrade() -> None:
    with op.batch_alter_table("import_run") as batch_op:
        batch_op.add_column(sa.Column("done", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("total", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_column("version")
        batch_op.drop_column("language")
        batch_op.drop_column("capacity")
        batch_op.drop_column("plan")
    op.drop_table("import_row")
