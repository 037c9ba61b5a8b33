// the page as a whole: what the reader does changes the state, and the state is shown

const PLAY_MS = 900;
// a browser refuses an address that is written anew at every step of a slider
const KEEP_MS = 250;

// within reach of whoever looks at the page from its console
let theMap = null;

function startMap(map) {
  theMap = map;
  const at = readFragment(), surface = new Surface(map);
  let playing = 0, keeping = 0;

  let said = null;
  const speak = () => {
    said = language = state.language;
    writeWords();
    writeTexts();
    fillSelects();
    showPlay();
    surface.speak();
  };
  const show = () => {
    if (said !== state.language) speak();
    view = countView();
    surface.show();
    showMonths();
    showLegends(update);
    showDistricts();
    showHidden(choose);
    showCard();
    showTable();
    find("green").hidden = !categories.includes("green");
    setText(find("answer"), answer());
    setText(find("shown"), word("shown", { n: view.rows.length }));
    find("clear").hidden = view.rows.length === size;
    find("layer").value = state.layer;
    for (const flag of ["hatch", "accessible", "names"]) find(flag).checked = state[flag];
    document.body.classList.toggle("hatched", state.hatch);
  };
  const keep = () => {
    clearTimeout(keeping);
    // a page inside another, as in a notebook, has no address of its own
    if (location.protocol === "about:") return;
    history.replaceState(null, "", `#${writeFragment(map, surface.fitted)}`);
  };
  const keepSoon = () => {
    clearTimeout(keeping);
    keeping = setTimeout(keep, KEEP_MS);
  };
  function update(changes) {
    if ("layer" in changes && changes.layer !== state.layer) state.classes = new Set();
    Object.assign(state, changes);
    show();
    keepSoon();
  }

  const choose = (i) => {
    update({ selected: i });
    if (shapes[i]) surface.reveal(i);
    find("card").focus({ preventScroll: true });
  };
  const close = () => {
    update({ selected: -1 });
    find("search").focus({ preventScroll: true });
  };
  const zoom = () => {
    if (state.table) update({ table: false });
    surface.zoomTo(state.selected);
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

  const step = (by) => update({ month: Math.min(last, Math.max(0, state.month + by)) });
  const showPlay = () => {
    setText(find("play"), playing ? "❚❚" : "▶");
    find("play").setAttribute("aria-label", word(playing ? "pause" : "play"));
  };
  const play = () => {
    clearInterval(playing);
    if (!playing && state.month === last) update({ month: 0 });
    playing = playing ? 0 : setInterval(() => (state.month === last ? play() : step(1)), PLAY_MS);
    showPlay();
  };
  const file = (ending) => `${page.months[state.month]}.${ending}`;
  const copyLink = async () => {
    keep();
    const done = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    setText(find("copied"), word(done ? "link.done" : "link.failed"));
  };

  const clicks = {
    play, before: () => step(-1), after: () => step(1),
    clear: () => update({ district: -1, categories: new Set(), classes: new Set() }),
    "show-map": () => update({ table: false }), "show-table": () => update({ table: true }),
    "save-csv": () => download(file("csv"), new Blob([writeCsv(view.rows)], { type: "text/csv" })),
    "save-png": async () => download(file("png"), await drawView(map)),
    print: () => window.print(),
    "copy-link": copyLink,
  };
  const changes = {
    month: ({ value }) => update({ month: Number(value) }),
    compare: ({ value }) => update({ compare: Number(value) }),
    language: ({ value }) => update({ language: value }),
    layer: ({ value }) => update({ layer: value }),
    district: ({ value }) => {
      update({ district: Number(value) });
      surface.fit();
    },
    divider: () => surface.clip(),
    hatch: ({ checked }) => update({ hatch: checked }),
    accessible: ({ checked }) => update({ accessible: checked }),
    names: ({ checked }) => update({ names: checked }),
  };
  for (const [id, act] of Object.entries(clicks)) find(id).addEventListener("click", act);
  for (const [id, act] of Object.entries(changes)) {
    const field = find(id);
    // a slider tells of every step on its way
    field.addEventListener(field.type === "range" ? "input" : "change", () => act(field));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.selected >= 0) close();
    if (event.target !== document.body || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "ArrowRight") step(1);
  });
  map.on("click", ({ latlng }) => {
    const found = mahallaAt(latlng);
    if (found === null) update({ selected: -1 });
    else choose(found);
  });
  map.on("zoomend moveend", keepSoon);
  startSearch((i) => {
    choose(i);
    if (shapes[i]) zoom();
  });

  const look = (place) => {
    surface.fit();
    if (place) map.setView([place[1], place[2]], place[0], { animate: false });
  };
  addEventListener("hashchange", () => {
    const place = readFragment();
    show();
    look(place);
  });
  speak();
  look(at);
  surface.start();
  show();
}
