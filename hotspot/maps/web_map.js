// the map itself: what is clicked changes the state, and the state is drawn

const PLAY_MS = 900;
// pixels of the picture for one of the page
const PRINT_RATIO = 3;

// within reach of whoever looks at the page from its console
let theMap = null;

function startMap(map) {
  theMap = map;
  const stage = find("stage"), at = readFragment();
  stage.prepend(map.getContainer());
  map.getContainer().setAttribute("role", "region");
  map.getContainer().dataset.label = "map.label";
  for (const [name, level] of [["right", 410], ["density", 430], ["borders", 440], ["marks", 450], ["names", 460]]) {
    const pane = map.createPane(name);
    pane.style.zIndex = level;
    pane.style.pointerEvents = "none";
  }
  const painting = new Painting(map, "overlayPane"), right = new Painting(map, "right");
  const borders = new Sheet(drawBorders, { pane: "borders" });
  const marks = new Sheet((sheet) => {
    if (shapes[state.selected]) sheet.stroke(shapes[state.selected], "#ffffff", 6);
    if (shapes[state.selected]) sheet.stroke(shapes[state.selected], INK, 3);
    if (shapes[hovered]) sheet.stroke(shapes[hovered], INK, 2);
  }, { pane: "marks" });
  let hovered = -1, playing = 0;
  const names = drawDistrictNames(map);
  const image = page.density && L.imageOverlay(page.density.data_uri, page.density.bounds, { pane: "density", alt: "" });
  const tooltip = L.tooltip({ className: "mahalla", opacity: 1, offset: [14, 0] });
  const bounds = L.latLngBounds(drawn.flatMap((i) => shapes[i].bounds));

  const paint = () => {
    const layer = layers[state.layer], dim = layer.classes.length, all = looks(state.layer, state);
    const styles = (month) => {
      const found = classes(state.layer, month), result = new Uint8Array(size);
      for (let i = 0; i < size; i++) result[i] = view.chosen[i] ? found[i] : dim;
      return result;
    };
    painting.set(all, styles(state.month));
    if (state.compare >= 0) right.set(all, styles(state.compare));
  };
  const clip = () => {
    const canvas = right.sheet._container;
    if (state.compare < 0 || !canvas) return;
    canvas.classList.add("right-half");
    const from = find("divider").value / 100 * map.getSize().x;
    const start = map.layerPointToContainerPoint(right.sheet._bounds.min).x;
    canvas.style.clipPath = `inset(0 0 0 ${Math.max(0, from - start)}px)`;
    stage.style.setProperty("--divider", `${from}px`);
  };
  const keep = () => {
    // a page inside another, as in a notebook, has no address of its own
    if (location.protocol !== "about:") history.replaceState(null, "", `#${writeFragment(map)}`);
  };
  const lay = (layer, wanted) => {
    if (!layer || wanted === map.hasLayer(layer)) return;
    if (wanted) map.addLayer(layer);
    else map.removeLayer(layer);
  };
  const choose = (i) => {
    update({ selected: i });
    if (shapes[i]) {
      // out from under the card, which on a telephone lies below the map
      const covered = find("card").offsetWidth < stage.offsetWidth ? find("card").offsetWidth : 0;
      map.panInside(L.latLngBounds(shapes[i].bounds).getCenter(), {
        paddingTopLeft: [60, 40], paddingBottomRight: [covered + 60, 40],
      });
    }
    find("card").focus({ preventScroll: true });
  };
  const close = () => {
    update({ selected: -1 });
    find("search").focus({ preventScroll: true });
  };
  const zoom = () => {
    if (state.table) update({ table: false });
    map.fitBounds(shapes[state.selected].bounds, { maxZoom: 13, padding: [60, 60] });
  };
  const showCard = () => {
    find("card").hidden = state.selected < 0;
    if (state.selected >= 0) fillCard(state.selected, { choose, close, zoom });
  };
  const showTable = () => {
    find("table").hidden = !state.table;
    map.getContainer().style.visibility = state.table ? "hidden" : "";
    find("show-map").setAttribute("aria-pressed", String(!state.table));
    find("show-table").setAttribute("aria-pressed", String(state.table));
    if (state.table) fillTable(view.rows, choose);
  };
  const render = () => {
    view = countView();
    paint();
    lay(image, state.layer === "density");
    lay(right.sheet, state.compare >= 0);
    lay(names, state.names);
    clip();
    marks.redraw();
    showMonths();
    showLegends(update);
    showDistricts();
    showHidden(choose);
    showCard();
    showTable();
    setText(find("answer"), answer());
    setText(find("shown"), word("shown", { n: view.rows.length }));
    find("clear").hidden = view.rows.length === size;
    find("layer").value = state.layer;
    for (const flag of ["hatch", "accessible"]) find(flag).checked = state[flag];
    find("district-names").checked = state.names;
    document.body.classList.toggle("hatched", state.hatch);
  };
  function update(changes) {
    if ("layer" in changes && changes.layer !== state.layer) state.classes = new Set();
    Object.assign(state, changes);
    render();
    keep();
  }
  const step = (by) => update({ month: Math.min(last, Math.max(0, state.month + by)) });
  const fit = () => map.fitBounds(bounds, { padding: [16, 16], animate: false });
  const halt = () => {
    clearInterval(playing);
    playing = 0;
    setText(find("play"), "▶");
    find("play").setAttribute("aria-label", word("play"));
  };
  const play = () => {
    if (playing) return halt();
    if (state.month === last) update({ month: 0 });
    setText(find("play"), "❚❚");
    find("play").setAttribute("aria-label", word("pause"));
    playing = setInterval(() => (state.month === last ? halt() : step(1)), PLAY_MS);
    return undefined;
  };

  // what the reader does
  find("month").addEventListener("input", (event) => update({ month: Number(event.target.value) }));
  find("compare").addEventListener("change", (event) => update({ compare: Number(event.target.value) }));
  find("divider").addEventListener("input", clip);
  find("district").addEventListener("change", (event) => {
    update({ district: Number(event.target.value) });
    const chosen = view.rows.filter((i) => shapes[i]).flatMap((i) => shapes[i].bounds);
    if (state.district < 0) fit();
    else if (chosen.length) map.fitBounds(chosen, { padding: [20, 20] });
  });
  find("layer").addEventListener("change", (event) => update({ layer: event.target.value }));
  find("hatch").addEventListener("change", (event) => update({ hatch: event.target.checked }));
  find("accessible").addEventListener("change", (event) => update({ accessible: event.target.checked }));
  find("district-names").addEventListener("change", (event) => update({ names: event.target.checked }));
  const clicks = {
    play, before: () => step(-1), after: () => step(1),
    clear: () => update({ district: -1, categories: new Set(), classes: new Set() }),
    "show-map": () => update({ table: false }), "show-table": () => update({ table: true }),
    "save-csv": () => download(`${page.months[state.month]}.csv`, new Blob([writeCsv(view.rows)], { type: "text/csv" })),
    "save-png": async () => download(`${page.months[state.month]}.png`, await drawView(map)),
    print: () => window.print(),
    "copy-link": async () => {
      const done = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
      setText(find("copied"), word(done ? "link.done" : "link.failed"));
    },
  };
  for (const [id, act] of Object.entries(clicks)) find(id).addEventListener("click", act);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.selected >= 0) close();
    if (event.target !== document.body || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "ArrowRight") step(1);
  });
  addEventListener("hashchange", () => {
    readFragment();
    render();
  });
  startSearch((i) => {
    choose(i);
    if (shapes[i]) zoom();
  });

  map.on("mousemove", ({ latlng }) => {
    const found = mahallaAt(latlng) ?? -1;
    if (found !== hovered) {
      hovered = found;
      marks.redraw();
      if (found >= 0) tooltip.setContent(describe(found));
    }
    if (found < 0) map.closeTooltip(tooltip);
    else tooltip.setLatLng(latlng).addTo(map);
  });
  map.on("mouseout", () => {
    hovered = -1;
    marks.redraw();
    map.closeTooltip(tooltip);
  });
  map.on("click", ({ latlng }) => {
    const found = mahallaAt(latlng);
    if (found === null) update({ selected: -1 });
    else choose(found);
  });
  map.on("move zoomend moveend resize", clip);
  map.on("dragend", () => { map.moved = true; });
  map.on("zoomend moveend", keep);
  map.getContainer().addEventListener("wheel", () => { map.moved = true; }, { passive: true });

  const sheets = () => [painting.sheet, right.sheet, borders, marks].filter((sheet) => sheet._map);
  const printing = (ratio) => {
    document.body.classList.toggle("printing", ratio !== null);
    for (const sheet of sheets()) sheet.ratio = ratio;
    map.invalidateSize({ pan: false });
    fit();
  };
  addEventListener("beforeprint", () => {
    printing(PRINT_RATIO);
    for (const sheet of sheets()) sheet.copy();
  });
  addEventListener("afterprint", () => {
    for (const picture of stage.querySelectorAll(".on-paper")) picture.remove();
    printing(null);
  });

  writeWords();
  fillSelects();
  halt();
  map.invalidateSize({ animate: false, pan: false });
  fit();
  map.setMinZoom(map.getZoom() - 1.5).setMaxBounds(bounds.pad(.6));
  if (at) {
    map.moved = true;
    map.setView([at[1], at[2]], at[0], { animate: false });
  }
  L.control.scale({ imperial: false }).addTo(map);
  const home = L.control({ position: "topleft" });
  home.onAdd = () => {
    const box = make("div", { className: "leaflet-bar" });
    const button = make("a", { href: "#", role: "button", title: word("home"), "aria-label": word("home") }, "⌂");
    L.DomEvent.disableClickPropagation(box).on(button, "click", (event) => {
      L.DomEvent.preventDefault(event);
      map.moved = false;
      fit();
    });
    box.append(button);
    return box;
  };
  home.addTo(map);
  for (const sheet of [painting.sheet, borders, marks]) map.addLayer(sheet);
  render();
  map.getContainer().dataset.drawn = drawn.length;
  performance.mark("drawn");
}
