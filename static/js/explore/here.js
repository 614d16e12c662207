// My location, asked for only when the button is pressed; it goes nowhere but onto this map.
export function findMe(explorer) {
  const button = explorer.root.querySelector("[data-here]");
  if (!navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    explorer.say(explorer.settings.words.locating);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => show(explorer, [coords.longitude, coords.latitude]),
      (refused) => explorer.say(refused.code === refused.PERMISSION_DENIED ? explorer.settings.words.refused : explorer.settings.words.nowhere),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
}

function show({ map, ground, say, settings, still, chooser }, place) {
  const [west, south, east, north] = ground.bounds;
  const inside = place[0] >= west && place[0] <= east && place[1] >= south && place[1] <= north;
  say(inside ? "" : settings.words.outside);
  if (!inside) return;
  const data = { type: "Point", coordinates: place };
  if (map.getSource("here")) map.getSource("here").setData(data);
  else {
    map.addSource("here", { type: "geojson", data });
    map.addLayer({
      id: "here", type: "circle", source: "here",
      paint: { "circle-radius": 8, "circle-color": "#f5b82e", "circle-stroke-color": "#1c2b2d", "circle-stroke-width": 3 },
    });
  }
  map.once("idle", () => chooser.look(map.project(place), true));
  map.easeTo({ center: place, zoom: Math.max(map.getZoom(), 16), animate: !still });
}
