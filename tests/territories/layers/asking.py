"""What tests ask of a layer: its rows on a day, and what a tile says."""

from __future__ import annotations

import mapbox_vector_tile
import shapely

from app.core.spatial import mercator
from territories.layers.registry import Scope, find_layer
from tests.factories import TODAY


def rows(app, name: str, **scope) -> dict:
    """The rows of a layer by the code of their unit, as of TODAY unless ``on`` says another day."""
    with app.app_context(), app.extensions["database"].read() as session:
        asked = Scope.of(session, TODAY, **scope)
        return {row.code: row for row in session.execute(find_layer(app, name).source(asked))}


def at(zoom: int, longitude: float, latitude: float) -> str:
    """``z/x/y`` of the tile that holds a point."""
    point = mercator.to_mercator(shapely.Point(longitude, latitude))
    side = 2 * mercator.HALF / 2**zoom
    return f"{zoom}/{int((point.x + mercator.HALF) / side)}/{int((mercator.HALF - point.y) / side)}"


def read(response) -> dict:
    """The features of a tile by their number."""
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/vnd.mapbox-vector-tile"
    (layer,) = mapbox_vector_tile.decode(response.data, default_options={"y_coord_down": True}).values()
    assert layer["extent"] == 4096 and layer["version"] == 2
    return {one["id"]: one for one in layer["features"]}
