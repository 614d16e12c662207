"""What an import would do, worked out from light records: nothing here touches a file or a database."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from shapely import MultiPolygon

from models.territory import UnitKind
from territories.imports.columns import guess_key, guess_name, kind_from_name, kind_from_text
from territories.imports.equal_area import area_m2
from territories.imports.plan import ImportOptions, KnownUnit, Plan, make_plan, refused
from territories.imports.reader import Problem, SourceFeature, UnreadableFile

WEST, EAST = -99.10, -99.09


def box(x: float, y: float = 19.30, width: float = 0.01, height: float = 0.01) -> MultiPolygon:
    return MultiPolygon([shapely.box(x, y, x + width, y + height)])


def row(number: int, shape: MultiPolygon | None = None, **attributes: str | None) -> SourceFeature:
    return SourceFeature(number, attributes, box(WEST) if shape is None else shape)


def plan(*rows: SourceFeature, existing=(), above=(), taken=None, **options) -> Plan:
    fields = list(dict.fromkeys(field for one in rows for field in one.attributes))
    return make_plan(
        rows, fields=fields, options=ImportOptions(level="territory", **options), existing=existing, above=above, taken=taken
    )


def as_known(result: Plan) -> list[KnownUnit]:
    return [KnownUnit(unit.code, unit.name, unit.shape, unit.parent, unit.kind) for unit in result.new]


ROOT = KnownUnit("ROOT", "Municipio", box(WEST, width=0.02))
LEFT, RIGHT = KnownUnit("L", "Poniente", box(WEST), "ROOT"), KnownUnit("R", "Oriente", box(EAST), "ROOT")


class TestNewChangedUnchanged:
    def test_the_same_file_twice_changes_nothing(self):
        rows = [row(1, box(WEST), CLAVE="a", NOMBRE="A"), row(2, box(EAST), CLAVE="b", NOMBRE="B")]
        first = plan(*rows, above=[[ROOT]])
        second = plan(*rows, above=[[ROOT]], existing=as_known(first))
        assert [unit.code for unit in first.new] == ["a", "b"]
        assert second.unchanged == ("a", "b") and not second.new and not second.changed and not second.missing

    def test_what_a_database_gives_back_is_the_same_shape(self):
        """Another first point, another order of parts, and rounding in the last digits."""
        shape = MultiPolygon([*box(WEST).geoms, *box(EAST + 0.5).geoms])
        stored = MultiPolygon([shapely.box(EAST + 0.5, 19.30, EAST + 0.51, 19.31, ccw=False), *box(WEST).geoms])
        stored = shapely.transform(stored, lambda xy: xy + 1e-12)
        result = plan(row(1, shape, CLAVE="a"), existing=[KnownUnit("a", "a", stored)])
        assert result.unchanged == ("a",)

    @pytest.mark.parametrize(
        ("stored", "differs"),
        [
            (KnownUnit("a", "Otro", box(WEST), "L"), ("name",)),
            (KnownUnit("a", "A", box(WEST), "R"), ("parent",)),
            (KnownUnit("a", "A", box(WEST, height=0.009), "L"), ("shape",)),
            (KnownUnit("a", "A", None, "L"), ("shape",)),
            (KnownUnit("a", "Otro", box(WEST, height=0.009), "R"), ("name", "parent", "shape")),
        ],
    )
    def test_a_change_says_what_changes(self, stored, differs):
        (changed,) = plan(row(1, CLAVE="a", NOMBRE="A"), existing=[stored], above=[[LEFT, RIGHT]]).changed
        assert changed.differs == differs

    def test_a_file_without_kinds_takes_none_away(self):
        stored = KnownUnit("a", "a", box(WEST), None, UnitKind.PUEBLO)
        assert plan(row(1, CLAVE="a"), existing=[stored]).unchanged == ("a",)
        assert plan(row(1, CLAVE="a"), existing=[stored], kind=UnitKind.BARRIO).changed[0].differs == ("kind",)

    def test_what_the_file_leaves_out_is_told_and_stays(self):
        result = plan(row(1, CLAVE="a"), existing=[KnownUnit("b", "b", box(EAST)), KnownUnit("a", "a", box(WEST))])
        assert result.missing == ("b",)

    def test_a_unit_whose_row_is_rejected_is_not_missing(self):
        bad = SourceFeature(1, {"CLAVE": "a"}, None, (), Problem("no_geometry", "No trae figura."))
        result = plan(bad, existing=[KnownUnit("a", "a", box(WEST))])
        assert result.missing == () and [one.code for one in result.rejected] == ["a"]

    def test_the_case_of_a_key_does_not_make_another_unit(self):
        assert plan(row(1, CLAVE="A-1"), existing=[KnownUnit("a-1", "a-1", box(WEST))]).unchanged == ("a-1",)

    def test_the_name_defaults_to_the_code(self):
        result = plan(row(1, CLAVE="a", NOMBRE=None), row(2, box(EAST), CLAVE="b", NOMBRE="B"), name_field="NOMBRE")
        assert [unit.name for unit in result.new] == ["a", "B"]


class TestRejected:
    def reasons(self, result: Plan) -> list[tuple[int | None, str | None, str]]:
        return [(one.row, one.code, one.reason) for one in result.rejected]

    def test_no_key(self):
        assert self.reasons(plan(row(1, CLAVE=None), key_field="CLAVE")) == [(1, None, "no_key")]

    def test_no_column_that_could_be_one_names_those_there_are(self):
        (one,) = plan(row(1, colonia="Centro")).rejected
        assert one.reason == "no_key" and "colonia" in one.message

    def test_no_columns_at_all(self):
        assert self.reasons(plan(row(1))) == [(1, None, "no_key")]

    def test_a_column_that_is_not_there(self):
        (one,) = plan(row(1, CLAVE="a"), key_field="CVE").rejected
        assert one.reason == "no_key" and "CVE" in one.message and "CLAVE" in one.message

    def test_a_repeated_key_rejects_each_of_its_rows_and_names_them(self):
        result = plan(row(1, CLAVE="a"), row(2, CLAVE="b"), row(3, CLAVE="A"), key_field="CLAVE")
        assert self.reasons(result) == [(1, "a", "repeated_key"), (3, "A", "repeated_key")]
        assert "1, 3" in result.rejected[0].message and [unit.code for unit in result.new] == ["b"]

    def test_a_key_of_another_level(self):
        assert self.reasons(plan(row(1, CLAVE="l"), taken={"L": "Dirección"})) == [(1, "l", "repeated_key")]

    @pytest.mark.parametrize("code", ["07 001", "x" * 33, "Ñ", "a/b", "ａ"])
    def test_a_key_that_no_address_could_hold(self, code):
        assert self.reasons(plan(row(1, CLAVE=code))) == [(1, code, "format")]

    def test_a_name_longer_than_a_page_can_say(self):
        assert self.reasons(plan(row(1, CLAVE="a", NOMBRE="x" * 161))) == [(1, "a", "format")]

    def test_over_half_outside_is_refused_and_half_is_not(self):
        half, most = box(EAST + 0.005), box(EAST + 0.0051)
        result = plan(row(1, half, CLAVE="a"), row(2, most, CLAVE="b"), above=[[ROOT]])
        assert self.reasons(result) == [(2, "b", "outside")]
        assert "51 %" in result.rejected[0].message and [unit.code for unit in result.new] == ["a"]

    def test_far_away_with_latitude_and_longitude_exchanged_says_so(self):
        known = KnownUnit("PARIS", "Paris", MultiPolygon([shapely.box(2.2, 48.8, 2.4, 48.9)]))
        (one,) = plan(row(1, MultiPolygon([shapely.box(48.84, 2.29, 48.86, 2.31)]), CLAVE="a"), above=[[known]]).rejected
        assert one.reason == "outside" and "latitud" in one.message

    def test_a_whole_file(self):
        result = refused(UnreadableFile("no_crs", reason="no_crs"))
        assert self.reasons(result) == [(None, None, "no_crs")]


class TestParents:
    def test_the_largest_overlap(self):
        result = plan(row(1, box(WEST + 0.006), CLAVE="a"), above=[[LEFT, RIGHT], [ROOT]])
        assert result.new[0].parent == "R" and result.ambiguous == ()

    def test_the_nearest_level_that_holds_it_although_those_above_hold_it_too(self):
        result = plan(row(1, box(WEST + 0.0005), CLAVE="a"), above=[[LEFT, RIGHT], [ROOT]])
        assert result.new[0].parent == "L" and result.ambiguous == ()

    def test_a_tie_takes_the_smallest_and_reports_it(self):
        inner = KnownUnit("07-080", "Adentro", box(WEST, width=0.005), "ROOT")
        outer = KnownUnit("07-196", "Afuera", box(WEST), "ROOT")
        result = plan(row(1, box(WEST + 0.001, 19.301, 0.002, 0.002), CLAVE="a"), above=[[outer, inner], [ROOT]])
        assert result.new[0].parent == "07-080"
        assert result.ambiguous == (("a", ("07-080", "07-196")),)

    def test_what_is_split_in_three_climbs_a_level_with_the_three_as_candidates(self):
        thirds = [KnownUnit(f"T{n}", "", box(WEST + n * 0.005, width=0.005), "ROOT") for n in range(3)]
        result = plan(row(1, box(WEST + 0.0005, width=0.014), CLAVE="a"), above=[thirds, [ROOT]])
        assert result.new[0].parent == "ROOT"
        ((code, candidates),) = result.ambiguous
        assert code == "a" and candidates[:2] == ("ROOT", "T1") and set(candidates[2:]) == {"T0", "T2"}

    def test_what_the_nearest_level_does_not_reach_hangs_higher(self):
        result = plan(row(1, box(EAST), CLAVE="a"), above=[[LEFT], [ROOT]])
        assert result.new[0].parent == "ROOT" and result.ambiguous == ()
        assert any("ROOT" in note for note in result.notes)

    def test_by_code_whatever_its_case(self):
        result = plan(row(1, CLAVE="a", SUP="l"), above=[[LEFT, RIGHT], [ROOT]], parent_field="SUP")
        assert result.new[0].parent == "L"

    @pytest.mark.parametrize(("named", "reason"), [("X", "invalid"), (None, "invalid"), ("R", "outside")])
    def test_by_a_code_that_cannot_be(self, named, reason):
        (one,) = plan(row(1, CLAVE="a", SUP=named), above=[[LEFT, RIGHT]], parent_field="SUP").rejected
        assert one.reason == reason

    def test_a_root_has_none(self):
        assert plan(row(1, CLAVE="a")).new[0].parent is None


class TestNotes:
    def test_siblings_that_overlap_are_told_not_refused(self):
        result = plan(row(1, box(WEST), CLAVE="a"), row(2, box(WEST + 0.005), CLAVE="b"), row(3, box(WEST + 0.015), CLAVE="c"))
        ((one, other, area),) = result.overlaps
        assert {one, other} == {"a", "b"} and area == pytest.approx(area_m2(box(WEST)) / 2, rel=1e-3)
        assert any("se enciman" in note for note in result.notes) and len(result.new) == 3

    def test_a_new_unit_over_one_the_file_leaves_out(self):
        result = plan(row(1, box(WEST), CLAVE="a"), existing=[KnownUnit("z", "z", box(WEST))])
        assert [pair[:2] for pair in result.overlaps] == [("a", "z")]

    def test_repairs_are_listed_by_code(self):
        result = plan(replace(row(1, CLAVE="a"), repairs=("Se quitó la altura.",)))
        assert result.as_json(written=False)["repaired"] == [{"code": "a", "what": "Se quitó la altura."}]

    def test_the_answer_has_exactly_the_keys_agreed(self):
        answer = plan(row(1, CLAVE="a"), row(2, CLAVE=None), key_field="CLAVE").as_json(written=False)
        assert list(answer) == ["new", "changed", "unchanged", "missing", "repaired", "ambiguous", "rejected", "written"]
        assert answer["new"] == ["a"] and list(answer["rejected"][0]) == ["row", "code", "reason", "message"]

    def test_progress_ends_where_it_should(self):
        heard = []
        rows = [row(n, box(WEST), CLAVE=str(n)) for n in range(3)]
        make_plan(
            rows, fields=["CLAVE"], options=ImportOptions(level="block"), existing=[], above=[[ROOT]],
            on_progress=lambda *step: heard.append(step),
        )
        assert heard[-1] == ("comparing", 3, 3) and ("placing", 3, 3) in heard and ("reading", 3, 3) in heard


class TestColumns:
    @pytest.mark.parametrize(
        ("columns", "key"),
        [
            ({"CVE_MUN": ["007", "007"], "CVE_SINT": ["1", "2"]}, "CVE_SINT"),
            ({"_id": ["1", "2"], "id": ["1", "2"], "Nomenclatu": ["O-1", "O-2"]}, "Nomenclatu"),
            ({"CVE_ENT": ["09", "09"], "CVEGEO": ["0900", "0901"]}, "CVEGEO"),
            ({"cve_col": ["1", "2"], "id": ["1", "2"]}, "cve_col"),
            ({"clave": ["1", "1"], "nombre": ["a", "b"]}, "clave"),
            ({"id": [None, None], "nombre": ["a", "b"]}, None),
        ],
    )
    def test_the_key(self, columns, key):
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        assert guess_key(list(columns), rows) == key

    def test_the_name_is_a_column_that_says_something(self):
        assert guess_name(["NOM_MUN", "NOMUT"], [{"NOM_MUN": "x", "NOMUT": "y"}]) == "NOMUT"
        assert guess_name(["nombre"], [{"nombre": None}]) is None

    @pytest.mark.parametrize(
        ("published", "name", "kind"),
        [
            ("SANTA CRUZ MEYEHUALCO (PBLO)", "SANTA CRUZ MEYEHUALCO", UnitKind.PUEBLO),
            ("SAN MIGUEL (BARR)", "SAN MIGUEL", UnitKind.BARRIO),
            ("VICENTE GUERRERO ( U HAB)", "VICENTE GUERRERO", UnitKind.UNIDAD_HABITACIONAL),
            ("ERMITA ZARAGOZA U HAB", "ERMITA ZARAGOZA", UnitKind.UNIDAD_HABITACIONAL),
            ("EJERCITO DE ORIENTE (U HAB) II", "EJERCITO DE ORIENTE II", UnitKind.UNIDAD_HABITACIONAL),
            ("SAN JOSE (FRACC)", "SAN JOSE", UnitKind.COLONIA),
            ("BARRIO NUEVO", "BARRIO NUEVO", None),
            ("(PBLO)", "(PBLO)", None),
        ],
    )
    def test_the_kind_a_name_tells(self, published, name, kind):
        assert kind_from_name(published) == (name, kind)

    def test_the_kind_a_column_tells(self):
        assert kind_from_text("Unidad habitacional") is UnitKind.UNIDAD_HABITACIONAL
        assert kind_from_text("barr") is UnitKind.BARRIO and kind_from_text("rancho") is None

    def test_a_plan_takes_the_kind_and_leaves_the_name_as_published(self):
        (unit,) = plan(row(1, CLAVE="a", NOMBRE="SAN LUCAS (BARR)"), kind_from_name=True).new
        assert unit.kind is UnitKind.BARRIO and unit.name == "SAN LUCAS (BARR)"


def test_areas_are_those_of_the_ellipsoid():
    """Against GeographicLib (Karney 2013), through pyproj."""
    from pyproj import Geod

    for shape in (box(WEST), MultiPolygon([shapely.box(2.2, 48.8, 2.4, 48.9)]), MultiPolygon([shapely.box(-70, -54, -69.9, -53.9)])):
        assert area_m2(shape) == pytest.approx(Geod(ellps="WGS84").geometry_area_perimeter(shape.geoms[0])[0], rel=2e-6)
