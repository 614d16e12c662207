"""Tables brought in from elsewhere: the runs, the columns once matched, the keys of their rows"""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('column_mapping',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('constants', sa.JSON(), nullable=False),
    sa.Column('source', sa.String(length=80), nullable=False),
    sa.Column('updated_at', models.base.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_column_mapping')),
    sa.UniqueConstraint('kind', 'fingerprint', name=op.f('uq_column_mapping_kind_fingerprint'))
    )
    op.create_table('external_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('external_id', sa.String(length=200), nullable=False),
    sa.Column('object_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('seen_at', models.base.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_external_key')),
    sa.UniqueConstraint('source', 'kind', 'external_id', name=op.f('uq_external_key_source_kind_external_id'))
    )
    with op.batch_alter_table('external_key', schema=None) as batch_op:
        batch_op.create_index('ix_external_key_kind_object_id', ['kind', 'object_id'], unique=False)

    op.create_table('import_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('state', sa.Enum('uploaded', 'queued', 'running', 'done', 'failed', 'discarded', name='runstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('filename', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('stored_as', sa.String(length=64), nullable=True),
    sa.Column('companion_as', sa.String(length=64), nullable=True),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('started_by', sa.Integer(), nullable=True),
    sa.Column('created_at', models.base.Instant(timezone=True), nullable=False),
    sa.Column('finished_at', models.base.Instant(timezone=True), nullable=True),
    sa.Column('step', sa.String(length=20), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('error', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['started_by'], ['user_account.id'], name=op.f('fk_import_run_started_by_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_run'))
    )
    with op.batch_alter_table('import_run', schema=None) as batch_op:
        batch_op.create_index('ix_import_run_started_by_created_at', ['started_by', 'created_at'], unique=False)

    op.add_column('assembly', sa.Column('imported', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('assembly', sa.Column('told_headcount', sa.JSON(), nullable=True))


def downgrade() -> None:
    # Plain, not in a batch: SQLite would make the table anew and drop the old one under everything that points at it.
    op.drop_column('assembly', 'told_headcount')
    op.drop_column('assembly', 'imported')

    with op.batch_alter_table('import_run', schema=None) as batch_op:
        batch_op.drop_index('ix_import_run_started_by_created_at')

    op.drop_table('import_run')
    with op.batch_alter_table('external_key', schema=None) as batch_op:
        batch_op.drop_index('ix_external_key_kind_object_id')

    op.drop_table('external_key')
    op.drop_table('column_mapping')
