"""Let go of the index of states and days: SQLite walked it for every block to see whether it had met of late."""

from alembic import op


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_assembly_state_starts_at", "assembly")


def downgrade() -> None:
    op.create_index("ix_assembly_state_starts_at", "assembly", ["state", "starts_at"])
