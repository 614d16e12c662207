"""Areas in square metres of shapes in longitude and latitude, without a projection library.

Lambert's cylindrical equal-area projection on the WGS84 ellipsoid (Snyder, Map Projections: A Working Manual,
USGS 1395, 1987, equations 3-12 and 10-13 to 10-15). The projection itself keeps areas exactly, anywhere but the
poles; what error remains comes from drawing each edge as a chord: under one part in a million for edges below
1 km, and the same on both sides of a share.
"""

import numpy as np
import shapely

SEMI_MAJOR = 6_378_137.0
ECCENTRICITY = 0.081_819_190_842_621_5


def area_m2(shapes) -> np.ndarray | float:
    """Area in m² of one shape or an array of shapes in EPSG:4326; 0 for None, lines and points."""
    areas = shapely.area(shapely.transform(np.asarray(shapes, dtype=object), _project))
    return np.nan_to_num(areas) if np.ndim(areas) else float(np.nan_to_num(areas))


def _project(degrees: np.ndarray) -> np.ndarray:
    longitude, latitude = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    sine, e = np.sin(latitude), ECCENTRICITY
    q = (1 - e * e) * (sine / (1 - (e * sine) ** 2) - np.log((1 - e * sine) / (1 + e * sine)) / (2 * e))
    return np.column_stack((SEMI_MAJOR * longitude, SEMI_MAJOR * q / 2))
