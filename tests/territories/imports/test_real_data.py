"""The files cities really publish, where they are at hand: see shared/data/INDEX.md."""

from __future__ import annotations

from collections import Counter

import pytest

from territories.imports.plan import ImportOptions, KnownUnit, Plan, make_plan
from territories.imports.reader import UnreadableFile, open_boundaries
from tests.territories.imports.files import real_data

DATA = real_data()
pytestmark = [pytest.mark.real_data, pytest.mark.skipif(DATA is None, reason="the real files are not beside the checkout")]


def plan(name: str, *, existing=(), above=(), **options) -> Plan:
    with open_boundaries(DATA / name) as boundaries:
        return make_plan(
            boundaries, fields=boundaries.fields, options=ImportOptions(level="x", **options), existing=existing, above=above
        )


def units(result: Plan) -> list[KnownUnit]:
    return [KnownUnit(unit.code, unit.name, unit.shape, unit.parent, unit.kind) for unit in result.new]


def reasons(result: Plan) -> dict[str, int]:
    return dict(Counter(one.reason for one in result.rejected))


@pytest.fixture(scope="module")
def boroughs() -> list[KnownUnit]:
    return units(plan("gis/limite-de-las-alcaldias_cdmx.geojson"))


@pytest.fixture(scope="module")
def borough(boroughs) -> list[KnownUnit]:
    return [unit for unit in boroughs if unit.code == "09007"]


def test_the_boroughs(boroughs):
    assert len(boroughs) == 16 and {unit.name for unit in boroughs} >= {"Iztapalapa", "Coyoacán"}


def test_the_134_quadrants(borough):
    result = plan("gis/cuadrantes_iztapalapa_134.geojson", above=[borough])
    assert result.key_field == "Nomenclatu" and len(result.new) == 134 and not result.rejected and not result.overlaps
    assert len(plan("gis/cuadrantes_iztapalapa_134.geojson", above=[borough], existing=units(result)).unchanged) == 134


def test_the_293_units_three_of_which_lie_outside_their_borough(borough):
    result = plan("gis/colonias_iztapalapa_293.geojson", above=[borough], kind_from_name=True)
    assert len(result.new) == 290 and {one.code for one in result.rejected} == {"07-010", "07-208", "07-209"}
    assert ("07-080", "07-196") in {pair[:2] for pair in result.overlaps}
    assert Counter(unit.kind for unit in result.new)["pueblo"] == 16


def test_the_293_units_alone_overlap_and_are_taken_all_the_same():
    """31 pairs when edges are straight in metres; one more, along a long border, when they are straight in degrees."""
    result = plan("gis/colonias_iztapalapa_293.geojson")
    assert len(result.new) == 293 and len(result.overlaps) == 32
    assert [set(pair[:2]) for pair in result.overlaps[:2]] == [{"07-163", "07-196"}, {"07-080", "07-196"}]


def test_the_458_areas_keep_their_zeros(borough):
    result = plan("gis/ageb_iztapalapa_458.geojson", above=[borough])
    assert len(result.new) == 458 and result.new[0].code == "0900700010638"


def test_the_14_394_blocks_twice(borough):
    areas = units(plan("gis/ageb_iztapalapa_458.geojson", above=[borough]))
    blocks = "gis/manzanas_SINTETICAS_voronoi_iztapalapa.gpkg"
    first = plan(blocks, above=[areas, borough])
    assert len(first.new) == 14_394 and not first.rejected and not first.ambiguous
    assert all(unit.code.startswith(unit.parent) for unit in first.new)
    second = plan(blocks, above=[areas, borough], existing=units(first))
    assert len(second.unchanged) == 14_394 and not second.changed


@pytest.mark.parametrize("name", ["gis/colonias_iecm2022_utm14.shp.zip", "gis/colonias_iecm2022_poblacion.gpkg"])
def test_the_whole_city_in_metres_and_in_degrees(name):
    result = plan(name)
    assert len(result.new) == 1_814 and not result.rejected
    assert {code for code, _ in result.repaired} == {"03-039", "09-008", "12-020", "12-158", "13-028"}
    assert "PEÑON" in " ".join(unit.name for unit in result.new)


def test_points_are_refused_each_with_the_reason():
    assert reasons(plan("hard/manzanas_puntos_cdmx_SIN_DBF.shp.zip")) == {"no_geometry": 63_239}


def test_names_are_not_keys():
    assert reasons(plan("hard/colonias_fgj_nombres_simplificadas.geojson")) == {"no_key": 1_651}


def test_a_drawing_in_pixels():
    with pytest.raises(UnreadableFile, match="pixeles") as caught:
        plan("hard/cuadrantes_2016.topojson")
    assert caught.value.reason == "no_crs"
