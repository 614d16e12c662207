// Where the map is, in the fragment, so that a link opens the same view: #map=zoom/latitude/longitude. What it
// shows is in the query. Neither makes a step of the history: "back" leaves the page.
export function viewOf(hash) {
  const parts = /^#map=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(hash);
  if (!parts) return null;
  const [zoom, latitude, longitude] = parts.slice(1).map(Number);
  return Math.abs(latitude) <= 85 && Math.abs(longitude) <= 180 ? { zoom, center: [longitude, latitude] } : null;
}

export function keepView(map) {
  const note = () => {
    const { lng, lat } = map.getCenter();
    const zoom = map.getZoom();
    const places = Math.max(2, Math.ceil(zoom / 3));
    history.replaceState(null, "", `${location.pathname}${location.search}#map=${zoom.toFixed(2)}/${lat.toFixed(places)}/${lng.toFixed(places)}`);
  };
  map.on("moveend", note);
  note();
}

export function keepQuery(address) {
  history.replaceState(null, "", `${address.pathname}${address.search}${location.hash}`);
}
