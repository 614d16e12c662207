// What lies under the layers: nothing but paper, or the base map that the municipality chose.
const PAPER = "#f0e8d9";
const EMPTY = { version: 8, sources: {}, layers: [{ id: "paper", type: "background", paint: { "background-color": PAPER } }] };

export function baseStyle(base) {
  if (!base) return EMPTY;
  if (base.kind === "style") return base.url;
  return {
    ...EMPTY,
    sources: { base: { type: "raster", tiles: [base.url], tileSize: 256, attribution: base.attribution } },
    layers: [...EMPTY.layers, { id: "base", type: "raster", source: "base" }],
  };
}
