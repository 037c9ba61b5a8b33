// what the page was written with: texts once, polygons as whole numbers
const page = JSON.parse(document.getElementById("mahallas").textContent);

// on a telephone the list of layers would cover the map
L.Control.Layers.mergeOptions({ collapsed: innerWidth <= 720 });

function decodeRing(flat) {
  const points = [];
  let x = 0, y = 0;
  for (let i = 0; i < flat.length; i += 2) {
    x += flat[i];
    y += flat[i + 1];
    points.push([y / page.steps, x / page.steps]);
  }
  return points;
}

const decodePolygon = (parts) => parts.map((rings) => rings.map(decodeRing));

// every text becomes a text node: whatever a name holds is shown, never run
function addText(parent, tag, className, text) {
  const element = parent.appendChild(document.createElement(tag));
  element.className = className;
  element.dir = "auto";
  element.textContent = text;
  return element;
}

function describe(mahalla) {
  const [name, district, category, count, reason] = mahalla;
  const { key, label, colour } = page.categories[category];
  const box = document.createElement("div");
  addText(box, "strong", "", name);
  if (district >= 0) addText(box, "div", "place", page.districts[district]);
  const verdict = addText(box, "div", "verdict", "");
  const swatch = addText(verdict, "i", "swatch " + key, "");
  swatch.style.backgroundColor = colour;
  const counted = count === null ? "" : ` · ${count.toLocaleString("en")} ${count === 1 ? "offense" : "offenses"} in the window`;
  addText(verdict, "span", "", label + counted);
  if (reason) addText(box, "div", "reason", reason);
  return box;
}

// a canvas has no hatch; this grey still stands off from the ground
const PLAIN = "#b9bfc9";

// a hatch of grey lines, so that what was not assessed is no fourth colour
function addHatch(colour) {
  document.body.insertAdjacentHTML("beforeend",
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><pattern id="hatch" ' +
    'width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    `<rect width="5" height="5" fill="${colour}"/><path d="M0 0V5" stroke="#8b93a1"/></pattern></svg>`);
}

function drawMahallas(map) {
  const hatched = page.categories.findIndex((category) => category.key === "not_assessed");
  const scalable = !map.options.preferCanvas;
  const unknown = scalable ? "url(#hatch)" : PLAIN;
  if (scalable) addHatch(page.categories[hatched].colour);
  const layer = L.featureGroup();
  for (const mahalla of page.mahallas) {
    const category = mahalla[2];
    L.polygon(decodePolygon(mahalla[5]), {
      mahalla,
      fillColor: category === hatched ? unknown : page.categories[category].colour,
      fillOpacity: 1, color: "#3a4150", opacity: .55, weight: .6, smoothFactor: .5,
    }).addTo(layer);
  }
  const darken = (event) => event.layer.setStyle({ weight: 2.5, opacity: 1 }).bringToFront();
  const restore = (event) => event.layer.setStyle({ weight: .6, opacity: .55 });
  layer.on({ mouseover: darken, mouseout: restore });
  layer.bindTooltip((polygon) => describe(polygon.options.mahalla), {
    sticky: true, className: "mahalla", opacity: 1,
  });
  L.control.scale({ imperial: false }).addTo(map);
  // under the density the categories step back
  const fade = (fillOpacity) => (event) => {
    if (event.name === page.density) layer.setStyle({ fillOpacity });
  };
  map.on({ overlayadd: fade(.3), overlayremove: fade(1) });
  const bounds = layer.getBounds();
  map.fitBounds(bounds, { padding: [16, 16] });
  map.setMinZoom(map.getZoom() - 1.5).setMaxBounds(bounds.pad(.6));
  return layer;
}

function drawDistricts(map) {
  const layer = L.layerGroup();
  const style = { pane: "districts", interactive: false, fill: false, color: "#1f2430", weight: 1.5 };
  const named = page.outlines.map((parts, district) => {
    const outline = L.polygon(decodePolygon(parts), style).addTo(layer);
    const [x, y] = page.centres[district];
    const content = document.createElement("div");
    content.textContent = page.districts[district];
    const name = L.tooltip([y / page.steps, x / page.steps], {
      content, permanent: true, direction: "center", className: "district-name", pane: "districts",
    }).addTo(layer);
    return { outline, name };
  });
  // a name wider than its district, or over another, waits until the map is closer
  const fit = () => {
    const shown = [];
    for (const { outline, name } of named) {
      const element = name.getElement();
      if (!element) continue;
      const bounds = outline.getBounds();
      const room = map.latLngToLayerPoint(bounds.getNorthEast()).x -
        map.latLngToLayerPoint(bounds.getSouthWest()).x;
      const box = element.getBoundingClientRect();
      const clear = box.width <= room && shown.every((other) => box.right < other.left ||
        other.right < box.left || box.bottom < other.top || other.bottom < box.top);
      element.style.visibility = clear ? "" : "hidden";
      if (clear) shown.push(box);
    }
  };
  map.on("zoomend", fit);
  layer.on("add", () => setTimeout(fit));
  return layer;
}
