"""What every layer must keep to, whichever section declares it (001-43)."""

from datetime import date

import pytest

from territories.layers import registry
from territories.layers.registry import Scope, find_layer, layers_of

TODAY = date(2026, 11, 21)


def test_each_layer_gives_the_rows_it_declares(app, world):
    made = world.tree(territories=1, blocks=2)
    world.indicator("personas")
    world.indicator("delitos", sensitive=True)
    with app.app_context(), app.extensions["database"].read() as session:
        for layer in layers_of(app):
            for scope in (Scope(TODAY, TODAY), Scope(TODAY, TODAY, unit_id=made["territory"][0].id)):
                found = session.execute(layer.source(scope).add_columns(layer.shape.label("shape")))
                assert tuple(found.keys()) == ("id", *(one.name for one in layer.fields), "shape"), layer.name


def test_the_levels_lie_in_the_unit_asked_for(app, world):
    made = world.tree(territories=2, blocks=3)
    layer = find_layer(app, "blocks")
    with app.extensions["database"].read() as session:
        everything = session.execute(layer.source(Scope(TODAY, TODAY))).all()
        inside = session.execute(layer.source(Scope(TODAY, TODAY, unit_id=made["territory"][0].id))).all()
    assert len(everything) == 6 and {row.parent for row in inside} == {made["section"][0].code}


def test_a_name_is_taken_once_and_a_protected_layer_is_not_told_of(app, altered):
    layer = find_layer(app, "blocks")
    with pytest.raises(ValueError, match="two layers"):
        registry.offer(app, layer)
    with app.app_context():
        assert find_layer(app, "nothing") is None and layer in layers_of(app)
