"""Which units came out of which, and what each hung on before."""

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('past_parent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['territorial_unit.id'], name=op.f('fk_past_parent_parent_id_territorial_unit')),
    sa.ForeignKeyConstraint(['unit_id'], ['territorial_unit.id'], name=op.f('fk_past_parent_unit_id_territorial_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_past_parent'))
    )
    with op.batch_alter_table('past_parent', schema=None) as batch_op:
        batch_op.create_index('ix_past_parent_unit_id_valid_to', ['unit_id', 'valid_to'], unique=False)

    op.create_table('unit_lineage',
    sa.Column('predecessor_id', sa.Integer(), nullable=False),
    sa.Column('successor_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('split', 'merge', name='lineagekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('begins', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['predecessor_id'], ['territorial_unit.id'], name=op.f('fk_unit_lineage_predecessor_id_territorial_unit')),
    sa.ForeignKeyConstraint(['successor_id'], ['territorial_unit.id'], name=op.f('fk_unit_lineage_successor_id_territorial_unit')),
    sa.PrimaryKeyConstraint('predecessor_id', 'successor_id', name=op.f('pk_unit_lineage'))
    )
    with op.batch_alter_table('unit_lineage', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unit_lineage_successor_id'), ['successor_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('unit_lineage', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_unit_lineage_successor_id'))

    op.drop_table('unit_lineage')
    with op.batch_alter_table('past_parent', schema=None) as batch_op:
        batch_op.drop_index('ix_past_parent_unit_id_valid_to')

    op.drop_table('past_parent')
