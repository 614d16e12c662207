// Other layers over the one the page is about, each with its legend while it is shown.
import { json } from "./net.js";

export function offerOverlays(explorer) {
  const fold = explorer.root.querySelector("[data-over]");
  fold.addEventListener("change", async ({ target }) => {
    if (!target.matches("input[type=checkbox]")) return;
    const legend = target.closest("li").querySelector("[data-legend]");
    if (!target.checked) {
      explorer.painter.remove(target.value);
      legend.replaceChildren();
      return;
    }
    try {
      const found = await json(explorer.layerAddress(target.value, false));
      if (!target.checked || explorer.painter.over.has(found.name)) return;
      explorer.painter.overlay(found);
      if (!found.areas) legend.replaceChildren(...found.legend.filter((one) => one.count).map(entry));
    } catch {
      target.checked = false;
      explorer.say(explorer.settings.words.lost);
    }
  });
  // What the page itself shows is not also laid over it.
  return (name) => {
    for (const box of fold.querySelectorAll("input")) {
      const main = box.value === name;
      if (main && box.checked) {
        box.checked = false;
        box.closest("li").querySelector("[data-legend]").replaceChildren();
        explorer.painter.over.delete(name);
      }
      box.closest("li").hidden = main;
    }
  };
}

const SVG = "http://www.w3.org/2000/svg";

function entry({ label, colour }) {
  const item = document.createElement("span");
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("aria-hidden", "true");
  const dot = document.createElementNS(SVG, "circle");
  for (const [name, value] of Object.entries({ cx: 8, cy: 8, r: 6, fill: colour, stroke: "#1c2b2d" })) dot.setAttribute(name, value);
  picture.append(dot);
  item.append(picture, label);
  return item;
}
