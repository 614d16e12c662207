"""Points of agreements and of places where assemblies meet."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

import models.base

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_geospatial_table('spot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assembly_id', sa.Integer(), nullable=True),
    sa.Column('agreement_id', sa.Integer(), nullable=True),
    sa.Column('point', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('told_by', sa.Enum('tap', 'coordinates', 'block', name='spotby', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('set_at', models.base.Instant(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(assembly_id IS NULL) <> (agreement_id IS NULL)', name=op.f('ck_spot_of_one_thing')),
    sa.ForeignKeyConstraint(['agreement_id'], ['agreement.id'], name=op.f('fk_spot_agreement_id_agreement')),
    sa.ForeignKeyConstraint(['assembly_id'], ['assembly.id'], name=op.f('fk_spot_assembly_id_assembly')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_spot')),
    sa.UniqueConstraint('agreement_id', name=op.f('uq_spot_agreement_id')),
    sa.UniqueConstraint('assembly_id', name=op.f('uq_spot_assembly_id'))
    )
    with op.batch_alter_table('spot', schema=None) as batch_op:
        batch_op.create_geospatial_index('idx_spot_point', ['point'], unique=False, postgresql_using='gist', postgresql_ops={})



def downgrade() -> None:
    with op.batch_alter_table('spot', schema=None) as batch_op:
        batch_op.drop_geospatial_index('idx_spot_point', postgresql_using='gist', column_name='point')

    op.drop_geospatial_table('spot')
