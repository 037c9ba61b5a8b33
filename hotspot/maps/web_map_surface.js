// the drawn surface: the sheets on Leaflet's map, what is under the mouse, and the way to paper

const PANES = { right: 410, density: 430, borders: 440, marks: 450, names: 460 };
// pixels of the printed picture for one of the page
const PRINT_RATIO = 3;

// a scale in the reader's language
const Scale = L.Control.Scale.extend({
  _updateMetric(most) {
    const metres = this._getRoundNum(most);
    const shown = metres < 1000 ? word("scale.m", { n: metres }) : word("scale.km", { n: metres / 1000 });
    this._updateScale(this._mScale, shown, metres / most);
  },
});

class Surface {
  constructor(map) {
    this.map = map;
    this.stage = find("stage");
    this.hovered = -1;
    this.stage.prepend(map.getContainer());
    map.getContainer().setAttribute("role", "region");
    map.getContainer().dataset.label = "map.label";
    for (const [name, level] of Object.entries(PANES)) {
      const pane = map.createPane(name);
      pane.style.zIndex = level;
      pane.style.pointerEvents = "none";
    }
    this.left = new Painting("overlayPane");
    this.right = new Painting("right");
    this.borders = new Sheet(drawBorders, { pane: "borders" });
    this.marks = new Sheet((sheet) => this.drawMarks(sheet), { pane: "marks" });
    this.names = drawDistrictNames(map);
    this.image = page.density &&
      L.imageOverlay(page.density.data_uri, page.density.bounds, { pane: "density", alt: "" });
    this.tooltip = L.tooltip({ className: "mahalla", opacity: 1, offset: [14, 0] });
    this.bounds = L.latLngBounds(drawn.flatMap((i) => shapes[i].bounds));
    map.invalidateSize({ animate: false, pan: false }).fitBounds(this.bounds, { animate: false });
    map.setMinZoom(map.getZoom() - 1.5).setMaxBounds(this.bounds.pad(.6));
    this.scale = new Scale({ imperial: false }).addTo(map);
    for (const way of ["in", "out"]) {
      map.getContainer().querySelector(`.leaflet-control-zoom-${way}`).dataset.label = `zoom.${way}`;
    }
    this.addHome();
    map.on("move zoomend moveend resize", () => this.clip());
    // a finger points at nothing before it taps, but browsers then tell of a mouse
    let finger = false;
    const tell = ({ pointerType }) => { finger = pointerType === "touch"; };
    for (const event of ["pointerdown", "pointermove"]) map.getContainer().addEventListener(event, tell);
    map.on("mousemove", ({ latlng }) => this.point(finger ? -1 : mahallaAt(latlng) ?? -1, latlng));
    map.on("mouseout", () => this.point(-1));
    addEventListener("beforeprint", () => this.toPaper());
    addEventListener("afterprint", () => this.fromPaper());
  }

  start() {
    for (const sheet of [this.left.sheet, this.borders, this.marks]) this.map.addLayer(sheet);
    this.map.getContainer().dataset.drawn = drawn.length;
    performance.mark("drawn");
  }

  // the chosen district, or all
  fit() {
    const chosen = state.district < 0 ? [] : drawn.filter(inDistrict).flatMap((i) => shapes[i].bounds);
    this.map.fitBounds(chosen.length ? chosen : this.bounds, { padding: [16, 16], animate: false });
    this.fitted = viewOf(this.map);
  }

  show() {
    const layer = layers[state.layer], dim = layer.classes.length, all = looks(state.layer, state);
    const styles = (month) => classes(state.layer, month).map((of, i) => (view.chosen[i] ? of : dim));
    this.left.set(all, styles(state.month));
    if (state.compare >= 0) this.right.set(all, styles(state.compare));
    this.lay(this.image, state.layer === "density");
    this.lay(this.right.sheet, state.compare >= 0);
    this.lay(this.names, state.names);
    this.clip();
    this.marks.redraw();
    if (this.hovered >= 0) this.tooltip.setContent(describe(this.hovered));
  }

  // what Leaflet writes by itself
  speak() {
    this.scale._update();
  }

  lay(layer, wanted) {
    if (!layer || wanted === this.map.hasLayer(layer)) return;
    if (wanted) this.map.addLayer(layer);
    else this.map.removeLayer(layer);
  }

  // of two months the right one begins at the divider
  clip() {
    const { sheet } = this.right;
    if (state.compare < 0 || !sheet._bounds) return;
    const from = find("divider").value / 100 * this.map.getSize().x;
    const start = this.map.layerPointToContainerPoint(sheet._bounds.min).x;
    sheet._container.classList.add("right-half");
    sheet._container.style.clipPath = `inset(0 0 0 ${Math.max(0, from - start)}px)`;
    this.stage.style.setProperty("--divider", `${from}px`);
  }

  point(found, latlng) {
    if (found !== this.hovered) {
      this.hovered = found;
      this.marks.redraw();
      if (found >= 0) this.tooltip.setContent(describe(found));
    }
    if (found < 0) this.map.closeTooltip(this.tooltip);
    else this.tooltip.setLatLng(latlng).addTo(this.map);
  }

  drawMarks(sheet) {
    const chosen = shapes[state.selected], under = shapes[this.hovered];
    if (chosen) sheet.stroke(chosen, "#ffffff", 6);
    if (chosen) sheet.stroke(chosen, INK, 3);
    if (under) sheet.stroke(under, INK, 2);
  }

  // out from under the card, which on a telephone lies below the map
  reveal(i) {
    const card = find("card").offsetWidth, covered = card < this.stage.offsetWidth ? card : 0;
    this.map.panInside(L.latLngBounds(shapes[i].bounds).getCenter(), {
      paddingTopLeft: [60, 40], paddingBottomRight: [covered + 60, 40],
    });
  }

  zoomTo(i) {
    this.map.fitBounds(shapes[i].bounds, { maxZoom: 13, padding: [60, 60] });
  }

  addHome() {
    const home = L.control({ position: "topleft" });
    home.onAdd = () => {
      const box = make("div", { className: "leaflet-bar" });
      const button = make("a", { href: "#", role: "button", "data-label": "home" }, "⌂");
      L.DomEvent.disableClickPropagation(box).on(button, "click", (event) => {
        L.DomEvent.preventDefault(event);
        this.fit();
      });
      box.append(button);
      return box;
    };
    home.addTo(this.map);
  }

  resize(ratio, bounds) {
    document.body.classList.toggle("printing", ratio !== null);
    for (const sheet of this.sheets()) sheet.ratio = ratio;
    this.map.invalidateSize({ pan: false }).fitBounds(bounds, { animate: false });
  }

  sheets() {
    return [this.left.sheet, this.right.sheet, this.borders, this.marks].filter((sheet) => sheet._map);
  }

  // on paper the map is as wide as the sheet, and shows what it shows on the screen
  toPaper() {
    this.before = { centre: this.map.getCenter(), zoom: this.map.getZoom() };
    this.resize(PRINT_RATIO, this.map.getBounds());
    for (const sheet of this.sheets()) sheet.copy();
  }

  fromPaper() {
    for (const picture of this.stage.querySelectorAll(".on-paper")) picture.remove();
    this.resize(null, this.map.getBounds());
    this.map.setView(this.before.centre, this.before.zoom, { animate: false });
  }
}
