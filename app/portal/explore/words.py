"""What the script of the map is told: addresses of this server, and its sentences in the page's language."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.core.i18n import _
from app.portal.explore.ground import BaseMap
from territories.units.queries import Place


def for_script(place: Place, base: BaseMap | None) -> dict[str, Any]:
    """Goes to the script in a data attribute: no script is ever written into a page."""
    code = place.unit.code
    worker = url_for("explore.worker") if base else url_for("static", filename="vendor/maplibre-gl-worker.js")
    return {
        "code": code,
        "map": url_for("static", filename="js/explore/map.js"),
        "library": url_for("static", filename="vendor/maplibre-gl.js"),
        "worker": worker,
        "sheet": url_for("static", filename="vendor/maplibre-gl.css"),
        "ground": url_for("explore.ground", code=code),
        # The place of a code in it: of another unit than the page's.
        "groundOf": url_for("explore.ground", code="CODE").replace("CODE", "~"),
        "layer": url_for("explore.layer", code=code),
        "thing": url_for("explore.thing", code=code),
        "base": {"kind": base.kind, "url": base.url, "attribution": base.attribution} if base else None,
        "words": _sentences(),
        "locale": {
            "Map.Title": _(
                "Mapa de %(name)s. Muévalo con las flechas, acérquese con + y −, y oprima Entrar para elegir lo del centro.",
                name=place.unit.name,
            ),
            "NavigationControl.ZoomIn": _("Acercar"), "NavigationControl.ZoomOut": _("Alejar"),
            "AttributionControl.ToggleAttribution": _("De quién es el mapa"),
            "AttributionControl.MapFeedback": _("Avisar de un error del mapa base"),
            "ScaleControl.Feet": "ft", "ScaleControl.Meters": "m", "ScaleControl.Kilometers": "km",
        },
    }


def _sentences() -> dict[str, str]:
    return {
        "loading": _("Cargando el mapa…"),
        "failed": _("El mapa no se pudo cargar. La tabla dice lo mismo; intente de nuevo cuando tenga mejor señal."),
        "noWebgl": _("Este navegador no puede dibujar el mapa. La tabla dice lo mismo."),
        "lost": _("No llegó la respuesta. Lo que ve sigue siendo lo de antes; intente de nuevo."),
        "partly": _("Una parte del mapa no llegó. La tabla está completa."),
        "closer": _("Acérquese para ver esta capa."),
        "today": _("hoy"),
        "notFound": _("Aquí no encontramos ese lugar."),
        "locating": _("Buscando dónde está usted…"),
        "refused": _("El navegador no dio permiso de usar su ubicación. Puede buscar su calle."),
        "nowhere": _("No pudimos saber dónde está. Puede buscar su calle."),
        "outside": _("Usted está fuera de lo que muestra este mapa."),
    }
