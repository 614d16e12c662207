"""The library of units, assemblies and agreements."""

import sqlalchemy as sa
from alembic import op

import models.base


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('assembly_id', sa.Integer(), nullable=True),
    sa.Column('agreement_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('dated_on', sa.Date(), nullable=False),
    sa.Column('language', sa.Enum('es', 'fr', 'en', 'nah', 'mix', 'zap', 'oto', 'und', name='tongue', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('media_type', sa.String(length=40), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('link', sa.String(length=300), nullable=True),
    sa.Column('added_at', models.base.Instant(timezone=True), nullable=False),
    sa.Column('withdrawn_at', models.base.Instant(timezone=True), nullable=True),
    sa.Column('withdrawn_reason', sa.String(length=300), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(sha256 IS NULL) <> (link IS NULL)', name=op.f('ck_document_file_or_link')),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)', name=op.f('ck_document_withdrawn_with_reason')),
    sa.CheckConstraint('assembly_id IS NULL OR agreement_id IS NULL', name=op.f('ck_document_about_one_thing')),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreement.id'], name=op.f('fk_document_agreement_id_agreement')),
    sa.ForeignKeyConstraint(['assembly_id'], ['assembly.id'], name=op.f('fk_document_assembly_id_assembly')),
    sa.ForeignKeyConstraint(['unit_id'], ['territorial_unit.id'], name=op.f('fk_document_unit_id_territorial_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_document_agreement_id'), ['agreement_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_assembly_id'), ['assembly_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_unit_id'), ['unit_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_document_unit_id'))
        batch_op.drop_index(batch_op.f('ix_document_assembly_id'))
        batch_op.drop_index(batch_op.f('ix_document_agreement_id'))

    op.drop_table('document')
