"""Each indicator is a layer, in the words of whoever reads it (001-43)."""

import json

from flask_babel import force_locale

from models.indicator import Direction
from territories.layers.registry import find_layer


def test_an_indicator_is_a_layer_once_it_is_declared(app, client, world):
    made = world.tree(territories=2)
    with app.app_context():
        assert find_layer(app, "indicator-delitos") is None
    crimes = world.indicator("delitos", name="Delitos", direction=Direction.LOWER, sensitive=True)
    with world.writing() as session:
        session.merge(crimes).name_en = "Crimes"
    first, second = made["territory"]
    world.measured(crimes, {first: 40, second: 3})
    with app.app_context():
        layer = find_layer(app, "indicator-delitos")
        assert layer.style.palette == "warm" and str(layer.title) == "Delitos"
        with force_locale("en"):
            assert str(layer.title) == layer.fields[-3].heading == "Crimes"
    found = json.loads(client.get("/ogc/collections/indicator-delitos/items?f=json").text)["features"]
    assert {one["properties"]["code"]: one["properties"]["value"] for one in found} == {first.code: None, second.code: None}
