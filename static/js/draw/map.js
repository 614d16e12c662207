// The unit and its neighbours on a map; corners are dragged, added between two others and deleted, and hold on to
// the border beside them. What is drawn goes into the text field at each step.
import { snapTo } from "./snap.js";

class NotOnePiece extends Error {
  name = "NotOnePiece";
}

const PAPER = { version: 8, sources: {}, layers: [{ id: "paper", type: "background", paint: { "background-color": "#f0e8d9" } }] };
const TEAL = "#0f5c5c", CLAY = "#a3421b", INK = "#1c2b2d", CARD = "#ffffff";

export async function begin(root, settings, say) {
  const [library, terra, adapter, around] = await Promise.all([
    import(settings.library), import(settings.terra), import(settings.adapter), json(settings.around), sheet(settings.sheet),
  ]);
  const own = around.features.find((one) => one.properties.own);
  const others = around.features.filter((one) => !one.properties.own);
  if (settings.mode === "polygon" && own && (pieces(own).length > 1 || pieces(own)[0].length > 1)) throw new NotOnePiece();
  library.setWorkerUrl(settings.worker);
  const frame = root.querySelector("[data-draw-map]");
  frame.hidden = false;
  const map = new library.Map({
    container: frame, style: PAPER, bounds: around.bbox, fitBoundsOptions: { padding: 40 }, maxZoom: 20, dragRotate: false,
    pitchWithRotate: false, touchPitch: false, attributionControl: false, locale: settings.locale,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new library.ScaleControl(), "bottom-left");
  await new Promise((done) => { map.once("load", done); });
  ground(map, around);
  const draw = drawing(terra, adapter, library, map, settings.mode === "polygon" ? others : around.features);
  draw.start();
  new Drawn(root, settings, say, draw, own).begin();
}

// Where a map style has no glyphs there are no names: colour tells the unit from its neighbours, and the page says whose it is.
function ground(map, around) {
  map.addSource("around", { type: "geojson", data: around });
  map.addLayer({ id: "around", type: "fill", source: "around", paint: { "fill-color": CARD, "fill-opacity": ["case", ["get", "own"], 0.9, 0.4] } });
  map.addLayer({ id: "around-line", type: "line", source: "around", paint: { "line-color": INK, "line-width": 1, "line-dasharray": [3, 2] } });
}

function drawing(terra, adapter, library, map, held) {
  const snapping = { toCustom: snapTo(held.flatMap((one) => pieces(one).flat())) };
  const marks = {
    selectedPolygonColor: TEAL, selectedPolygonFillOpacity: 0.15, selectedPolygonOutlineColor: TEAL, selectedPolygonOutlineWidth: 3,
    selectedLineStringColor: TEAL, selectedLineStringWidth: 4, selectionPointWidth: 7, selectionPointColor: CARD,
    selectionPointOutlineColor: TEAL, selectionPointOutlineWidth: 3, midPointWidth: 4, midPointColor: TEAL, midPointOutlineColor: CARD,
  };
  const coordinates = { midpoints: { draggable: true }, draggable: true, deletable: true, snappable: snapping };
  const line = { fillColor: TEAL, outlineColor: TEAL, closingPointColor: CLAY, lineStringColor: TEAL, lineStringWidth: 4 };
  return new terra.TerraDraw({
    adapter: new adapter.TerraDrawMapLibreGLAdapter({ map, lib: library, coordinatePrecision: 9 }),
    modes: [
      new terra.TerraDrawPolygonMode({ snapping, pointerDistance: 20, styles: line }),
      new terra.TerraDrawLineStringMode({ snapping, pointerDistance: 20, styles: line }),
      new terra.TerraDrawSelectMode({
        pointerDistance: 20, styles: marks, allowManualDeselection: false,
        flags: { polygon: { feature: { draggable: false, coordinates } }, linestring: { feature: { draggable: false, coordinates } } },
      }),
    ],
    undoRedo: { sessionLevel: new terra.TerraDrawSessionUndoRedo(), keyboardShortcuts: new terra.TerraDrawUndoRedoKeyboardShortcuts() },
  });
}

class Drawn {
  constructor(root, settings, say, draw, own) {
    Object.assign(this, { root, settings, say, draw, own });
    this.field = document.getElementById(settings.field);
  }

  begin() {
    const tools = this.root.querySelector("[data-draw-tools]");
    tools.hidden = false;
    tools.querySelector("[data-draw-undo]").addEventListener("click", () => { this.draw.undo(); this.tell(); });
    tools.querySelector("[data-draw-again]").addEventListener("click", () => this.again());
    this.draw.on("finish", () => { this.edit(); this.tell(); });
    if (this.settings.mode === "polygon" && this.own) {
      this.put(this.own.geometry);
    } else {
      this.again();
    }
  }

  // The boundary that is there, to be bent.
  put(geometry) {
    const ring = pieces({ geometry })[0];
    this.draw.addFeatures([{ type: "Feature", properties: { mode: "polygon" }, geometry: { type: "Polygon", coordinates: ring } }]);
    this.draw.clearUndoRedoHistory();
    this.edit();
    this.say(this.settings.words.bend);
  }

  // A clean sheet: corner by corner, the last one pressed twice.
  again() {
    this.draw.clear();
    this.draw.setMode(this.settings.mode === "polygon" ? "polygon" : "linestring");
    this.field.value = "";
    this.say(this.settings.words.press);
  }

  edit() {
    const made = this.made();
    if (made) this.draw.selectFeature(made.id);
  }

  made() {
    return this.draw.getSnapshot().find((one) => one.properties.mode === "polygon" || one.properties.mode === "linestring");
  }

  tell() {
    const made = this.made();
    if (!made) return;
    this.field.value = JSON.stringify(made.geometry);
    const corners = made.geometry.type === "Polygon" ? made.geometry.coordinates[0].length - 1 : made.geometry.coordinates.length;
    this.say(this.settings.words.done.replace("{corners}", corners));
  }
}

// The polygons of an area, each a list of rings; the first ring is the outer one.
function pieces({ geometry }) {
  return geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
}

async function json(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer.json();
}

function sheet(address) {
  return new Promise((done, failed) => {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: address, onload: done, onerror: failed }));
  });
}
