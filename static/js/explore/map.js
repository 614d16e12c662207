// The map itself, and what ties its parts together: one question at a time goes to the server, and map, legend,
// table and address change together with its answer.
import { baseStyle } from "./base.js";
import { Chooser } from "./choose.js";
import { findStreets } from "./find.js";
import { findMe } from "./here.js";
import { aborted, json, latest } from "./net.js";
import { offerOverlays } from "./over.js";
import { Refused, follow, turn } from "./page.js";
import { Painter, addGround, addHatch } from "./paint.js";
import { Months } from "./time.js";
import { keepQuery, keepView, viewOf } from "./view.js";

class NoWebGL extends Error {
  name = "NoWebGL";
}

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

export async function begin(root, settings, say) {
  if (!document.createElement("canvas").getContext("webgl2")) throw new NoWebGL();
  const [library, ground] = await Promise.all([import(settings.library), json(settings.ground), sheet(settings.sheet)]);
  library.setWorkerUrl(settings.worker);
  const frame = root.querySelector("[data-map]");
  frame.hidden = false;
  const map = await made(library, frame, settings, ground);
  const explorer = new Explorer({ root, settings, say, map, ground });
  root.dataset.exploreState = "busy";
  await explorer.start();
  for (const tool of root.querySelectorAll("[data-explore-tool]")) tool.hidden = false;
  say("");
  map.getCanvas().focus();
}

// Whoever opens the map looks at it: its sheet must be there before it is measured.
function sheet(address) {
  return new Promise((done, failed) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address, onload: done, onerror: failed });
    document.head.append(link);
  });
}

async function made(library, frame, settings, ground) {
  const [west, south, east, north] = ground.bounds;
  const view = viewOf(location.hash) || { bounds: [[west, south], [east, north]], fitBoundsOptions: { padding: 20 } };
  const map = new library.Map({
    container: frame, style: baseStyle(settings.base), ...view, maxZoom: 18, dragRotate: false, pitchWithRotate: false, touchPitch: false,
    attributionControl: settings.base ? { compact: false, customAttribution: settings.base.attribution } : false, locale: settings.locale,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new library.ScaleControl(), "bottom-left");
  await new Promise((done, failed) => {
    map.once("load", done);
    map.once("error", ({ error }) => map.isStyleLoaded() || failed(error));
  });
  return map;
}

class Explorer {
  constructor(given) {
    Object.assign(this, given, { still, painter: new Painter(given.map), signal: latest(), query: new URLSearchParams(location.search) });
    this.form = this.root.querySelector("[data-choose]");
  }

  async start() {
    const { map, root } = this;
    addHatch(map);
    addGround(map, this.ground, this.settings.base);
    this.months = new Months(this);
    this.hideOverlay = offerOverlays(this);
    await this.paint(this.signal());
    map.on("zoomend", () => this.closer());
    this.chooser = new Chooser(this);
    findStreets(this);
    findMe(this);
    keepView(map);
    follow(root, this.form, (address) => this.go(address));
    map.on("dataloading", () => {
      root.dataset.exploreState = "busy";
      // What was loaded without changing a pixel, or let go of, would never be told to be done: it is looked at too.
      map.triggerRepaint();
      this.look();
    });
    map.on("idle", () => { root.dataset.exploreState = "idle"; });
    map.on("error", () => this.say(this.settings.words.partly));
    this.look();
  }

  look() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => {
      if (this.map.loaded()) this.root.dataset.exploreState = "idle";
      else this.look();
    }, 400);
  }

  layerAddress(name, joined) {
    const address = new URL(this.settings.layer, location.href);
    for (const key of ["on", "theme", "state"]) if (this.query.get(key)) address.searchParams.set(key, this.query.get(key));
    if (name) address.searchParams.set("layer", name);
    if (joined) address.searchParams.set("join", 1);
    return address;
  }

  async paint(signal) {
    const found = await json(this.layerAddress(this.query.get("layer"), true), signal);
    this.hideOverlay(found.name);
    if (this.painter.over.has(found.name)) this.painter.remove(found.name);
    this.painter.show(found);
    this.months.offer(found);
    this.least = found.zooms[0];
    this.closer();
    return found;
  }

  // Below the zoom at which a layer begins the map would look empty and not say why.
  closer() {
    const told = this.root.querySelector("[data-closer]");
    told.textContent = this.settings.words.closer;
    told.hidden = this.map.getZoom() >= this.least;
  }

  // To what another address of this page shows, without leaving it.
  async go(address) {
    const before = this.query;
    const signal = this.signal();
    this.query = address.searchParams;
    try {
      const [found] = await Promise.all([this.paint(signal), turn(address, signal)]);
      keepQuery(address);
      this.painter.settle(found);
      this.say("");
      this.chooser.forget();
    } catch (wrong) {
      if (aborted(wrong)) return;
      this.query = before;
      this.say(wrong instanceof Refused && wrong.message ? wrong.message : this.settings.words.lost);
    }
  }
}
