// Choosing a thing: by a press on the map, by the list of what is under the crosshair, or by its row. All three
// give its facts, as the server words them, and the way to its page.
import { aborted, json, latest } from "./net.js";

export class Chooser {
  constructor(explorer) {
    Object.assign(this, { explorer, chosen: null, hovered: null, signal: latest() });
    this.panel = explorer.root.querySelector("[data-facts]");
    this.list = explorer.root.querySelector("[data-under]");
    const { map, root } = explorer;
    map.on("click", (event) => this.look(event.point, true));
    const canvas = map.getCanvas();
    // Moved with the arrows, the map tells what comes to lie in its middle; Enter chooses the first of it.
    map.on("moveend", () => document.activeElement === canvas && this.look(middle(map), false));
    canvas.addEventListener("focus", () => this.look(middle(map), false));
    canvas.addEventListener("keydown", (event) => event.key === "Enter" && this.look(middle(map), true));
    map.on("mousemove", (event) => {
      const found = explorer.painter.at(event.point)[0];
      canvas.style.cursor = found ? "pointer" : "";
      this.hover(found && { source: found.source, id: found.id });
    });
    const rows = root.querySelector('[data-part="rows"]');
    for (const kind of ["mouseover", "focusin"]) rows.addEventListener(kind, (event) => this.hover(this.ofRow(event.target)));
    for (const kind of ["mouseleave", "focusout"]) rows.addEventListener(kind, () => this.hover(null));
  }

  ofRow(target) {
    const row = target.closest("[data-row]");
    return row && { source: this.explorer.painter.main.name, id: Number(row.dataset.row) };
  }

  hover(feature) {
    const { painter } = this.explorer;
    if (feature?.id === this.hovered?.id && feature?.source === this.hovered?.source) return;
    if (!same(this.hovered, this.chosen)) painter.light(this.hovered, false);
    for (const row of document.querySelectorAll(".is-lit")) row.classList.remove("is-lit");
    this.hovered = feature || null;
    painter.light(feature, true);
    if (feature?.source === painter.main.name) this.row(feature.id)?.classList.add("is-lit");
  }

  row(id) {
    return document.querySelector(`[data-row="${Number(id)}"]`);
  }

  look(point, choose) {
    const found = this.explorer.painter.at(point);
    const others = found.map((one) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link-button";
      button.textContent = one.properties.name || one.properties.folio || one.properties.title || one.properties.code || one.id;
      button.addEventListener("click", () => this.choose(one));
      const item = document.createElement("li");
      item.append(button);
      return item;
    });
    this.list.replaceChildren(...others);
    this.list.closest("[data-under-all]").hidden = !(found.length > 1 || (found.length && !choose));
    if (!choose) return;
    if (found.length) this.choose(found[0]);
    else this.forget();
  }

  forget() {
    this.explorer.painter.light(this.chosen, false);
    this.chosen = null;
    this.panel.hidden = true;
  }

  async choose(feature) {
    const { settings, painter, query } = this.explorer;
    painter.light(this.chosen, false);
    this.chosen = { source: feature.source, id: feature.id };
    painter.light(this.chosen, true);
    if (feature.source === painter.main.name) this.scrollTo(this.row(feature.id));
    const address = new URL(settings.thing, location.href);
    address.searchParams.set("layer", feature.source);
    address.searchParams.set("id", feature.id);
    for (const name of ["on", "theme", "state"]) if (query.get(name)) address.searchParams.set(name, query.get(name));
    try {
      this.tell(await json(address, this.signal()));
    } catch (wrong) {
      if (!aborted(wrong)) this.explorer.say(settings.words.lost);
    }
  }

  scrollTo(row) {
    for (const one of document.querySelectorAll("[data-row][aria-current]")) one.removeAttribute("aria-current");
    if (!row) return;
    row.setAttribute("aria-current", "true");
    // On a phone the table lies under the map: what was pressed must stay in sight there.
    if (matchMedia("(min-width: 1200px)").matches) row.scrollIntoView({ block: "nearest", behavior: this.explorer.still ? "auto" : "smooth" });
  }

  tell(thing) {
    const make = (name, words) => Object.assign(document.createElement(name), { textContent: words });
    const title = make("h2", "");
    title.append(thing.url ? Object.assign(make("a", thing.title), { href: thing.url }) : thing.title);
    const facts = document.createElement("dl");
    for (const [label, words] of thing.facts) {
      const pair = document.createElement("div");
      pair.append(make("dt", label), make("dd", words));
      facts.append(pair);
    }
    this.panel.replaceChildren(title, facts);
    this.panel.hidden = false;
  }
}

const middle = (map) => [map.getCanvas().clientWidth / 2, map.getCanvas().clientHeight / 2];
const same = (one, other) => Boolean(one && other && one.id === other.id && one.source === other.source);
