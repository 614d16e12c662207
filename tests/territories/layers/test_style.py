"""Styles of tiles: what MapLibre paints is what the classes say."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from territories.layers import legend
from territories.layers.classes import class_of, classify
from territories.layers.levels import LEVELS
from territories.layers.palettes import MISSING
from territories.layers.registry import Breaks, Geometry, Style
from territories.layers.style import map_layers, style_json

SPEC = Path(__file__).parents[3] / "node_modules" / "@maplibre" / "maplibre-gl-style-spec"
PAINT = """
import { createExpression, latest, validateStyleMin } from %s;
let sent = "";
for await (const part of process.stdin) sent += part;
const colours = ({ style, values }) => {
  const fill = createExpression(style.layers[0].paint["fill-color"], "fill-color", latest.paint_fill["fill-color"]).value;
  return values.map((value) => fill.evaluate({ zoom: 12 }, { type: 3, properties: value === null ? {} : { value } }).toString());
};
const wrong = ({ style }) => validateStyleMin(style).map((error) => error.message);
console.log(JSON.stringify(JSON.parse(sent).map((one) => ({ wrong: wrong(one), seen: colours(one) }))));
"""
STYLES = {
    "quantiles": (Style("sequential", "value", Breaks.QUANTILES, classes=4), [0, 0, 3, 17, 18, 99, 1250, None]),
    "both signs": (Style("diverging", "value", Breaks.NATURAL, classes=5), [-7.5, -1, 0, 2, 2.5, 40, None]),
    "fixed": (Style("coverage", "value", Breaks.FIXED, edges=(0, 1, 25, 50, 75, 100)), [0, 1, 24, 99, 100]),
    "one value": (Style("warm", "value", Breaks.QUANTILES), [4, 4, None]),
    "categories": (Style("categories", "value", Breaks.CATEGORIES, words={"met": "sí", "never": "no"}), ["met", "never", "other", None]),
    "too many": (Style("categories", "value", Breaks.CATEGORIES), [f"k{n}" for n in range(12)]),
    "yes or no": (Style("coverage", "value", Breaks.CATEGORIES, words={False: "no", True: "sí"}), [True, False, None]),
}


LAYER = next(layer for layer in LEVELS if layer.name == "blocks")


@pytest.mark.skipif(shutil.which("node") is None or not SPEC.exists(), reason="needs node and npm ci")
def test_a_value_has_the_colour_of_its_class():
    """MapLibre's own evaluation of the expressions, against ``class_of``."""
    classes = [classify(values, style) for style, values in STYLES.values()]
    layers = [replace(LAYER, style=style, title="blocks") for style, _values in STYLES.values()]
    sent = [
        {"style": style_json(layer, made, tilejson="https://cuadra.example/tiles/blocks.json"), "values": values}
        for layer, made, (_style, values) in zip(layers, classes, STYLES.values(), strict=True)
    ]
    script = PAINT % json.dumps((SPEC / "dist" / "index.mjs").as_uri())
    node = ["node", "--input-type=module", "-e", script]
    answer = subprocess.run(node, input=json.dumps(sent), capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    for (name, (_style, values)), made, told in zip(STYLES.items(), classes, json.loads(answer.stdout), strict=True):
        expected = [tuple(int(made[class_of(value, made)].colour[at : at + 2], 16) for at in (1, 3, 5)) for value in values]
        seen = [tuple(round(float(part)) for part in one[5:-1].split(",")[:3]) for one in told["seen"]]
        assert (told["wrong"], seen) == ([], expected), name


def test_a_joined_map_reads_the_state_and_hatches_what_is_not_known():
    style = Style("sequential", "value", Breaks.QUANTILES)
    classes = classify([1, 2, 3, None], style)
    made = {one["id"]: one for one in map_layers(replace(LAYER, style=style), classes, value="state", hatch="no-data")}
    assert list(made) == ["blocks-fill", "blocks-missing", "blocks-line"]
    assert all(one["source"] == one["source-layer"] == "blocks" and one["minzoom"] == LAYER.zooms[0] for one in made.values())
    assert '["feature-state", "value"]' in json.dumps(made["blocks-fill"]) and "get" not in json.dumps(made["blocks-missing"])


def test_points_are_circles_and_boundaries_are_not_painted_over():
    classes = classify(["a"], Style("categories", "kind", Breaks.CATEGORIES))
    [circle] = map_layers(replace(LAYER, geometry=Geometry.POINT, style=Style("categories", "kind", Breaks.CATEGORIES)), classes)
    assert circle["type"] == "circle"
    fill, line = map_layers(LAYER, classify([None], LAYER.style))
    assert fill["paint"]["fill-opacity"] == 0 and line["type"] == "line"


def test_the_legend_says_what_is_there_and_nothing_else():
    full, bare = (classify(values, Style("coverage", "value", Breaks.QUANTILES, classes=3)) for values in ([1, 5, 9, None], [1, 5, 9]))
    assert [one.number for one in legend.entries(full)] == [0, 1, 2, None]
    assert len(legend.shown(legend.entries(full))) == 4 and len(legend.shown(legend.entries(bare))) == 3
    tiles = {one.id: one for one in legend.tiles(full)}
    assert legend.entries(full)[1].fill.startswith("url(#map-1) #") and tiles["map-3"].path == MISSING.path
    assert [one["count"] for one in legend.as_json(classify(["a", None], Style("categories", "kind", Breaks.CATEGORIES)))] == [1, 1]
