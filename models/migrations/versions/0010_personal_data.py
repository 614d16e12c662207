"""Personal data: requests, notices seen, what was hidden when"""

import sqlalchemy as sa
from alembic import op

import models.base


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
# Not in batches: those would make the table again, without the triggers that keep two leads of a unit apart.
ADDED = (
    ("event_text", "hidden_at", models.base.Instant(timezone=True)),
    ("evidence", "hidden_at", models.base.Instant(timezone=True)),
    ("evidence", "erased_at", models.base.Instant(timezone=True)),
    ("liaison", "notice_number", sa.Integer()),
    ("term", "notice_number", sa.Integer()),
    ("user_account", "notice_number", sa.Integer()),
    ("user_account", "erased_at", models.base.Instant(timezone=True)),
)


def upgrade() -> None:
    op.create_table('data_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('folio', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.Enum('access', 'rectification', 'cancellation', 'opposition', name='requestkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('received', 'identity_checked', 'extended', 'answered', 'closed', name='requeststate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('channel', sa.Enum('office', 'email', 'form', name='channel', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('extended_on', sa.Date(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('who_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('reach_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('about_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('identity_proof', sa.Enum('document', 'account', 'representative', name='identityproof', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('outcome', sa.Enum('granted', 'partly', 'denied', name='replyoutcome', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('reply_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('reason_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('closed_at', models.base.Instant(timezone=True), nullable=True),
    sa.Column('erased_at', models.base.Instant(timezone=True), nullable=True),
    sa.Column('notice_number', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('due_on >= received_on', name=op.f('ck_data_request_due_after_received')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_data_request_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_request')),
    sa.UniqueConstraint('folio', name=op.f('uq_data_request_folio'))
    )
    with op.batch_alter_table('data_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_data_request_due_on'), ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_data_request_user_id'), ['user_id'], unique=False)

    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for table, name, _kind in reversed(ADDED):
        op.drop_column(table, name)
    with op.batch_alter_table('data_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_data_request_user_id'))
        batch_op.drop_index(batch_op.f('ix_data_request_due_on'))

    op.drop_table('data_request')
