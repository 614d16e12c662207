"""Keep boundaries as tiles draw them. ``cuadra init`` fills them where there are units already."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry


revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SHEETS = (0, 1, 2, 3, 4, 7, 8, 9)


def upgrade() -> None:
    embedded = op.get_bind().dialect.name == "sqlite"
    if embedded and not op.get_bind().scalar(sa.text("SELECT 1 FROM spatial_ref_sys WHERE srid = 3857")):
        op.execute("SELECT InsertEpsgSrid(3857)")
    op.create_geospatial_table(
        "unit_shape",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.SmallInteger(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=3857, spatial_index=False, nullable=False), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["territorial_unit.id"], name=op.f("fk_unit_shape_unit_id_territorial_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_shape")),
    )
    op.create_index("ix_unit_shape_sheet", "unit_shape", ["sheet"])
    op.create_index("ix_unit_shape_unit", "unit_shape", ["unit_id", "sheet"], unique=True)
    if embedded:
        op.execute("SELECT CreateSpatialIndex('unit_shape', 'geom')")
        return
    for sheet in SHEETS:
        op.execute(f"CREATE INDEX ix_unit_shape_geom_{sheet} ON unit_shape USING gist (geom) WHERE sheet = {sheet}")


def downgrade() -> None:
    op.drop_geospatial_table("unit_shape")
