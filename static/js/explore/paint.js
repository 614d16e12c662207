// Layers on the map. Areas take their value from the rows of the page, joined to the tiles by number, so that
// another day is only other values; beyond what a phone can join, tiles bring the values themselves.
const CLAY = "#a5441c";
const INK = "#1c2b2d";
const HATCH = "hatch";
const HATCH_SIZE = 16;

export function addHatch(map) {
  const canvas = Object.assign(document.createElement("canvas"), { width: HATCH_SIZE, height: HATCH_SIZE });
  const pen = canvas.getContext("2d");
  pen.strokeStyle = "#8b8270";
  pen.lineWidth = 1.5;
  for (const shift of [-HATCH_SIZE, 0, HATCH_SIZE]) {
    pen.moveTo(shift, 0);
    pen.lineTo(shift + HATCH_SIZE, HATCH_SIZE);
  }
  pen.stroke();
  map.addImage(HATCH, pen.getImageData(0, 0, HATCH_SIZE, HATCH_SIZE), { pixelRatio: 2 });
}

// What lies outside the place is dimmed, and the place has its outline above everything.
export function addGround(map, ground, based) {
  const rings = ground.outline.type === "Polygon" ? [ground.outline.coordinates] : ground.outline.coordinates;
  const world = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]];
  const shape = (coordinates) => ({ type: "geojson", data: { type: "Polygon", coordinates } });
  map.addSource("outside", shape([world, ...rings.map((polygon) => polygon[0])]));
  map.addSource("ground", { type: "geojson", data: ground.outline });
  map.addLayer({ id: "inside", type: "fill", source: "ground", paint: { "fill-color": "#ffffff", "fill-opacity": based ? 0.2 : 1 } });
  map.addLayer({ id: "outside", type: "fill", source: "outside", paint: { "fill-color": "#f0e8d9", "fill-opacity": based ? 0.5 : 0.86, "fill-antialias": false } });
  map.addLayer({ id: "ground", type: "line", source: "ground", paint: { "line-color": INK, "line-width": 2.5 } });
}

export class Painter {
  constructor(map) {
    this.map = map;
    this.main = null;
    this.over = new Set();
  }

  // The layer of the page; the one before goes.
  show(found) {
    if (this.main && this.main.name === found.name && this.main.joined === Boolean(found.groups)) this.again(found);
    else {
      if (this.main) this.remove(this.main.name);
      this.add(found, "outside");
    }
    this.main = { name: found.name, joined: Boolean(found.groups), tiles: found.tiles, sourceLayer: found.name, areas: found.areas };
    this.join(found);
  }

  // The same layer for another day or theme: only what differs is changed, so that nothing blinks.
  again(found) {
    for (const layer of found.layers) {
      for (const [name, value] of Object.entries(layer.paint)) this.map.setPaintProperty(layer.id, name, value);
    }
    if (found.tiles !== this.main.tiles && !found.groups) this.map.getSource(found.name).setTiles([whole(found.tiles)]);
  }

  // Boundaries as they were that day: asked for when a day was settled upon, not while one is looked for.
  settle(found) {
    if (found.groups && found.tiles !== this.settled) this.map.getSource(found.name).setTiles([whole(found.tiles)]);
    this.settled = found.tiles;
  }

  add(found, before) {
    const [minzoom, maxzoom] = found.zooms;
    this.map.addSource(found.name, { type: "vector", tiles: [whole(found.tiles)], minzoom, maxzoom });
    this.settled = found.tiles;
    for (const layer of found.layers) this.map.addLayer(layer, before);
    this.map.addLayer(lit(found), before);
  }

  join(found) {
    if (!found.groups) return;
    this.map.removeFeatureState({ source: found.name, sourceLayer: found.name });
    for (const [value, ids] of found.groups) {
      for (const id of ids) this.map.setFeatureState({ source: found.name, sourceLayer: found.name, id }, { [found.by]: value });
    }
  }

  // Of an area beside the one the page is about only the borders: two paints over each other say nothing.
  overlay(found) {
    const layers = found.areas ? found.layers.filter((layer) => layer.type === "line").map(strong) : found.layers;
    this.add({ ...found, layers, groups: null }, "ground");
    this.over.add(found.name);
  }

  remove(name) {
    for (const layer of this.map.getStyle().layers.filter((one) => one.source === name)) this.map.removeLayer(layer.id);
    if (this.map.getSource(name)) this.map.removeSource(name);
    this.over.delete(name);
  }

  light(feature, on) {
    if (feature && this.map.getSource(feature.source)) {
      this.map.setFeatureState({ source: feature.source, sourceLayer: feature.source, id: feature.id }, { lit: on });
    }
  }

  // What is drawn at a point of the screen, what lies on top first, each thing once.
  at(point) {
    const seen = new Set();
    return this.map.queryRenderedFeatures(point)
      .filter((one) => one.source === one.sourceLayer && one.id !== undefined && !one.layer.id.endsWith("-lit"))
      .filter((one) => this.main.name === one.source || this.over.has(one.source))
      .filter((one) => !seen.has(`${one.source}:${one.id}`) && seen.add(`${one.source}:${one.id}`));
  }
}

const isLit = ["boolean", ["feature-state", "lit"], false];

function lit(found) {
  const common = { id: `${found.name}-lit`, source: found.name, "source-layer": found.name };
  if (found.areas) return { ...common, type: "line", paint: { "line-color": CLAY, "line-width": ["case", isLit, 4, 0] } };
  return {
    ...common, type: "circle",
    paint: {
      "circle-radius": 12, "circle-color": CLAY, "circle-opacity": 0, "circle-stroke-color": CLAY,
      "circle-stroke-width": ["case", isLit, 4, 0],
    },
  };
}

const strong = (layer) => ({ ...layer, paint: { ...layer.paint, "line-color": INK, "line-width": 1.6, "line-dasharray": [3, 2] } });

// A worker has no address to start from.
const whole = (path) => location.origin + path;
