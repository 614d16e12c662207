"""Index what lies ahead of a place, and who is in force there."""

from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_assembly_state_starts_at", "assembly", ["state", "starts_at"])
    op.create_index("ix_liaison_unit_term", "liaison", ["unit_id", "starts_on", "ends_on"])


def downgrade() -> None:
    op.drop_index("ix_liaison_unit_term", "liaison")
    op.drop_index("ix_assembly_state_starts_at", "assembly")
