"""The invented country: geometry alone, the same for the same seed, whole enough that nothing is left to mend."""

from __future__ import annotations

import pytest
import shapely
from sqlalchemy import func, select

from app.cli.demo import country, country_rows
from app.core.spatial.indexes import broken_indexes
from app.core.transaction import transaction
from models import TerritorialUnit
from models.territory import Level, LevelRole
from territories.layers import shapes
from territories.units import services as units


def test_a_part_is_the_beginning_of_the_whole():
    whole, part = country.municipalities(1), country.municipalities(1, 2)
    assert len(whole) == 2500 and len({one.code for one in whole}) == 2500 and len({one.state for one in whole}) == 32
    assert [one.polygon.equals(other.polygon) for one, other in zip(part, whole, strict=False)] == [True, True]
    assert shapely.coverage_is_valid([one.polygon for one in whole])
    assert not part[0].polygon.equals(country.municipalities(2, 1)[0].polygon)
    with pytest.raises(ValueError):
        country.municipalities(1, 2501)


def test_the_blocks_of_a_town_fit_without_a_gap_inside_their_municipality():
    municipality = country.municipalities(1, 1)[0]
    blocks = country.blocks(1, municipality)
    assert 300 < len(blocks) < 2000
    assert shapely.is_valid(blocks).all() and shapely.coverage_is_valid(blocks)
    assert municipality.polygon.covers(country.joined(list(blocks)))
    corners = shapely.get_num_coordinates(blocks)
    assert corners.min() >= 30 and corners.max() <= 60


@pytest.mark.postgis
def test_a_country_in_the_database_leaves_nothing_to_mend(app):
    with app.app_context():
        with transaction() as session:
            made = country_rows.write(session, seed=1, municipalities=2)
        country_rows.settle(app.extensions["database"].engine)
        with transaction() as session:
            counted = dict(session.execute(
                select(Level.role, func.count()).join(TerritorialUnit, TerritorialUnit.level_id == Level.id).group_by(Level.role)
            ).all())
            assert counted == {LevelRole.ROOT: 1, LevelRole.OFFICE: 1, LevelRole.TERRITORY: 2, LevelRole.BLOCK: made}
            assert units.rebuild_ancestry(session) == 0 and shapes.rebuild(session) == 0
            assert broken_indexes(session.connection()) == []
            code, name = session.execute(select(TerritorialUnit.code, TerritorialUnit.name).order_by(TerritorialUnit.id.desc())).first()
            assert code == f"E01-M0002-{name.removeprefix('Cuadra '):0>4}"
