// what is known of one mahalla: a few lines beside the mouse, all of it in a card

const EVIDENCE = [
  "count", "population", "rate", "rate_ratio", "expected", "count_ratio", "gi_z", "gi_q", "gi_bin",
  "gi_pop_q", "density", "excess_probability", "rate_excess_probability", "red_probability",
];
const SPARK_MONTHS = 24;
const NO_CATEGORY = "#ffffff";

const colourOf = (key) => page.palette[key]?.[state.accessible ? 1 : 0] ?? NO_CATEGORY;

function swatch(key) {
  const element = make("i", { className: `swatch ${key ?? ""}`, "aria-hidden": "true" });
  element.style.backgroundColor = colourOf(key);
  return element;
}

function verdict(i, month) {
  const key = category(i, month), count = windowCount(i, month);
  const counted = Number.isNaN(count) ? "" : ` · ${word("in_window", { n: count })}`;
  return make("div", { className: "verdict" }, swatch(key),
    make("span", {}, (key ? word(`category.${key}`) : word("no_value")) + counted));
}

function describe(i) {
  const box = make("div", {}, named("strong", i),
    placed("div", districtName(i), { className: "place" }), verdict(i, state.month));
  if (!["category", "count"].includes(state.layer)) {
    const month = shownMonth(layers[state.layer], state.month);
    const of = month === state.month ? "" : ` (${monthWords(page.months[month])})`;
    const shown = `${word(`layer.${state.layer}`)}${of}: ${valueWords(state.layer, i, month)}`;
    box.append(make("div", { className: "value" }, shown));
  }
  if (state.month === last && reason(i)) {
    box.append(make("div", { className: "reason", dir: "auto" }, reason(i)));
  }
  return box;
}

function sparkline(i) {
  const end = countMonth[state.month], from = Math.max(0, end - SPARK_MONTHS + 1);
  if (!counts.length || end < 0) return null;
  const shown = counts[i].slice(from, end + 1), most = Math.max(...shown.filter((n) => n === n), 1);
  const width = 240, height = 44, step = width / SPARK_MONTHS;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const summary = word("spark", {
    first: monthWords(page.countMonths[from]), last: monthWords(page.countMonths[end]), n: most,
  });
  for (const [name, value] of Object.entries({
    viewBox: `0 0 ${width} ${height}`, class: "spark", role: "img", "aria-label": `${summary}: ${shown.join(", ")}`,
  })) svg.setAttribute(name, value);
  shown.forEach((count, k) => {
    const bar = document.createElementNS(svg.namespaceURI, "rect");
    const tall = count ? Math.max(2, count / most * (height - 2)) : 1;
    const month = page.months.indexOf(page.countMonths[from + k]);
    const key = month < 0 ? null : category(i, month);
    for (const [name, value] of Object.entries({
      x: k * step + .5, y: height - tall, width: step - 1.5, height: tall,
      fill: key ? colourOf(key) : "#c9ccd3", stroke: "#5c6473", "stroke-width": .5,
    })) bar.setAttribute(name, value);
    svg.append(bar);
  });
  return make("figure", {}, svg, make("figcaption", {}, summary));
}

function streakWords(i, month) {
  const key = category(i, month), { months, whole } = streak(i, month);
  if (!key) return "";
  return word(whole ? "streak.start" : "streak", {
    category: word(`category.${key}`), n: months,
  });
}

function flipList(i) {
  const found = ["more", "fewer"].map((way) => [way, flip(way, i)]).filter(([, of]) => of);
  if (!found.length) return null;
  return make("section", {}, make("h3", {}, word("flips")),
    make("ul", { className: "flips" }, ...found.map(([way, { n, key }]) => make("li", {}, swatch(key),
      make("span", {}, word(`flips.${way}`, { n, category: word(`category.${key}`) }))))),
    make("p", { className: "note" }, word("flips.note", { month: monthWords(page.months[last]) })));
}

function evidenceTable(i) {
  const rows = EVIDENCE.flatMap((name) => {
    const found = page.numbers[name]?.[i] ?? null;
    return found === null ? [] : [[word(`column.${name}`), name === "gi_bin" ? word(`gi.${found}`) : show(found)]];
  });
  for (const name of Object.keys(page.choices)) {
    const found = chosenWords[name](i);
    if (found) rows.push([word(`column.${name}`), word(`${name}.${found}`)]);
  }
  if (!rows.length) return null;
  return make("section", {}, make("h3", {}, word("evidence", { month: monthWords(page.months[last]) })),
    make("dl", {}, ...rows.flatMap(([name, shown]) => [make("dt", {}, name), make("dd", {}, shown)])));
}

function neighbourList(i, choose) {
  if (!page.neighbours.length) return null;
  const items = neighbours(i).map((j) => make("li", {}, make("button", {
    type: "button", className: "plain", onclick: () => choose(j),
  }, swatch(category(j, state.month)), named("bdi", j))));
  const list = items.length ? make("ul", { className: "neighbours" }, ...items)
    : make("p", { className: "note" }, word("neighbours.none"));
  return make("section", {}, make("h3", {}, word("neighbours")), list);
}

function fillCard(i, { choose, close, zoom }) {
  const place = [districtName(i), regionName(i)].filter(Boolean).join(", ");
  const why = reason(i), current = state.month === last;
  const said = current ? why : why && word("reason.of", { month: monthWords(page.months[last]) });
  find("card").replaceChildren(
    make("button", { type: "button", className: "close", "aria-label": word("close"), onclick: close }, "×"),
    named("h2", i),
    placed("p", place, { className: "place" }),
    make("p", { className: "note", dir: "auto" }, word("code", { code: page.codes[i] })),
    make("p", { className: "month" }, monthWords(page.months[state.month])),
    verdict(i, state.month),
    make("p", { className: "streak" }, streakWords(i, state.month)),
    make("p", { className: "reason", dir: "auto" }, said),
    shapes[i] ? make("button", { type: "button", onclick: zoom }, word("zoom"))
      : make("p", { className: "note" }, word("no_polygon")),
    ...[flipList(i), sparkline(i), neighbourList(i, choose), evidenceTable(i)].filter(Boolean),
  );
}
