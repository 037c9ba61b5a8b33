// sheets of canvas that lie on Leaflet's map and move with it: one for the colours of a month, one
// for the borders, one for what is pointed at

const Sheet = L.Renderer.extend({
  initialize(draw, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this.draw = draw;
  },
  _initContainer() {
    this._container = L.DomUtil.create("canvas");
    this._container.setAttribute("aria-hidden", "true");
    this.context = this._container.getContext("2d");
  },
  _destroyContainer() {
    L.DomUtil.remove(this._container);
  },
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const ratio = this.ratio ?? Math.min(devicePixelRatio || 1, 2), extent = this._bounds.getSize();
    const canvas = this._container;
    canvas.width = Math.round(extent.x * ratio);
    canvas.height = Math.round(extent.y * ratio);
    canvas.style.width = `${extent.x}px`;
    canvas.style.height = `${extent.y}px`;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    const origin = this._map.project(corner).subtract(this._map.getPixelOrigin()).subtract(this._bounds.min);
    this.pixel = PLANE / (256 * 2 ** this._map.getZoom());
    this.scale = ratio / this.pixel;
    this.place = [origin.x * ratio, origin.y * ratio];
    this.redraw();
  },
  redraw() {
    if (!this._map) return;
    const { context, _container: canvas, scale, place: [x, y] } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(scale, 0, 0, scale, x, y);
    this.draw(this);
  },
  // browsers put a canvas on paper stroke by stroke, which readers of PDF get wrong: a copy of it
  // is one picture
  copy() {
    const picture = this._container.cloneNode();
    picture.classList.add("on-paper");
    picture.getContext("2d").drawImage(this._container, 0, 0);
    this._container.after(picture);
  },
  sees(shape) {
    const { scale, place: [x, y], _container: { width, height } } = this;
    return shape.right * scale + x > 0 && shape.left * scale + x < width &&
      shape.bottom * scale + y > 0 && shape.top * scale + y < height;
  },
  stroke(shape, colour, width) {
    this.context.strokeStyle = colour;
    this.context.lineWidth = width * this.pixel;
    this.context.lineJoin = "round";
    this.context.stroke(shape.path);
  },
});

function drawTile({ ink, lines = [], dots }) {
  const tile = make("canvas", { width: 6, height: 6 });
  const context = tile.getContext("2d");
  context.strokeStyle = context.fillStyle = ink;
  for (const [x, y, right, bottom] of lines) {
    // once more on either side, so that tiles join
    for (const shift of [-6, 0, 6]) {
      context.beginPath();
      context.moveTo(x + shift, y);
      context.lineTo(right + shift, bottom);
      context.stroke();
    }
  }
  if (dots) context.fillRect(2, 2, 2, 2);
  return tile;
}

// the colours of a month; only what changes is painted anew
class Painting {
  constructor(pane) {
    this.looks = [];
    this.styles = new Uint8Array(size);
    this.sheet = new Sheet((sheet) => this.paint(sheet, drawn), { pane });
  }
  set(looks, styles) {
    const same = JSON.stringify(looks) === JSON.stringify(this.looks);
    const changed = drawn.filter((i) => styles[i] !== this.styles[i]);
    this.looks = looks;
    this.styles = styles;
    if (!this.sheet._map) return;
    if (same && changed.length < drawn.length / 2) this.paint(this.sheet, changed);
    else this.sheet.redraw();
  }
  paint(sheet, which) {
    const { context } = sheet;
    const fills = this.looks.map(({ colour, hatch }) => {
      const pattern = hatch && context.createPattern(drawTile(hatch), "repeat");
      if (pattern) pattern.setTransform(new DOMMatrix().scale(sheet.pixel));
      return pattern ? [colour, pattern] : [colour];
    });
    // by look, as a canvas is slow to change its colour
    fills.forEach((fill, look) => fill.forEach((style) => {
      context.fillStyle = style;
      for (const i of which) {
        if (this.styles[i] === look && sheet.sees(shapes[i])) context.fill(shapes[i].path, "evenodd");
      }
    }));
    sheet._container.dataset.painted = which.length;
  }
}

const BORDER = "rgba(58,65,80,.55)";
const INK = "#1f2430";
const MANY = 2000;

function drawBorders(sheet) {
  // from afar thousands of borders would hide what they bound
  const far = drawn.length > MANY && sheet._map.getZoom() < sheet._map.getMinZoom() + 3 ? .5 : 1;
  for (const i of drawn) if (sheet.sees(shapes[i])) sheet.stroke(shapes[i], BORDER, .6 * far);
  for (const outline of outlines) sheet.stroke(outline, INK, 1.3 * far);
  for (const outline of regions) sheet.stroke(outline, INK, 2.4 * far);
}

// which mahalla lies under a place; the smallest where polygons lie over one another
const scratch = document.createElement("canvas").getContext("2d");

function mahallaAt(latlng) {
  const [x, y] = toPlane(latlng);
  const under = drawn.filter((i) => {
    const { left, right, top, bottom, path } = shapes[i];
    return x >= left && x <= right && y >= top && y <= bottom && scratch.isPointInPath(path, x, y, "evenodd");
  });
  const area = (i) => (shapes[i].right - shapes[i].left) * (shapes[i].bottom - shapes[i].top);
  return under.sort((i, j) => area(i) - area(j))[0] ?? null;
}

// the names of districts; one wider than its district, or over another, waits until the map is closer
function drawDistrictNames(map) {
  const layer = L.layerGroup();
  const named = page.centres.map(([x, y], number) => {
    const content = make("div", {}, page.places[page.outlined[number]].district);
    const name = L.tooltip([y / page.steps, x / page.steps], {
      content, permanent: true, direction: "center", className: "district-name", pane: "names",
    }).addTo(layer);
    return { name, bounds: outlines[number].bounds };
  });
  const fit = () => {
    const shown = [];
    for (const { name, bounds: [low, high] } of named) {
      const element = name.getElement();
      if (!element?.isConnected) continue;
      const room = map.latLngToLayerPoint(high).x - map.latLngToLayerPoint(low).x;
      const box = element.getBoundingClientRect();
      const clear = box.width <= room && shown.every((other) => box.right < other.left ||
        other.right < box.left || box.bottom < other.top || other.bottom < box.top);
      element.style.visibility = clear ? "" : "hidden";
      if (clear) shown.push(box);
    }
  };
  map.on("zoomend resize", fit);
  layer.on("add", () => setTimeout(fit));
  return layer;
}
