// the mahallas in view as a table: the map for those who cannot see it, and for whoever sorts

const MOST_ROWS = 200;
const order = { column: "name", up: true, rows: MOST_ROWS };

const WORDED = ["name", "district", "category", "before"];

function categoryWords(i, month) {
  const key = category(i, month);
  return key ? word(`category.${key}`) : "";
}

// what can be shown depends on what the page holds; a number is missing rather than zero
function listColumns() {
  const has = (name) => name in page.numbers;
  const at = state.month;
  const columns = [
    ["name", nameOf],
    ["district", districtName],
    ["category", (i) => categories.indexOf(category(i, at)), (i) => categoryWords(i, at)],
    counts.length || has("count") ? ["count", (i) => windowCount(i, at)] : null,
    counts.length ? ["count_month", (i) => counts[i][countMonth[at]]] : null,
    page.months.length > 1 ? ["streak", (i) => streak(i, at).months] : null,
    at > 0 ? ["before", (i) => categories.indexOf(category(i, at - 1)), (i) => categoryWords(i, at - 1)] : null,
    has("rate") ? ["rate", (i) => rate(i, at)] : null,
    page.bins.length ? ["gi_bin", (i) => giBin(i, at)] : null,
    ...["gi_bin", "red_probability"].map((name) => (has(name) && at === last &&
      !(name === "gi_bin" && page.bins.length) ? [name, (i) => page.numbers[name][i] ?? NaN] : null)),
  ];
  return columns.filter(Boolean).map(([name, of, words]) => ({ name, of, words: words ?? ((i) => {
    const found = of(i);
    return Number.isNaN(found) ? "" : show(found);
  }) }));
}

function sortRows(rows, { of }) {
  const turn = order.up ? 1 : -1;
  const names = new Intl.Collator(locale(), { numeric: true });
  const found = new Map(rows.map((i) => [i, of(i)]));
  // what is missing stands at the end either way
  return [...rows].sort((i, j) => {
    const a = found.get(i), b = found.get(j);
    if (a !== a || b !== b) return (a !== a) - (b !== b) || i - j;
    return turn * (typeof a === "string" ? names.compare(a, b) : a - b) || i - j;
  });
}

function fillTable(rows, choose) {
  const columns = listColumns();
  const by = columns.find(({ name }) => name === order.column) ?? columns[0];
  const sorted = sortRows(rows, by), shown = sorted.slice(0, order.rows);
  const focused = document.activeElement?.dataset?.sort;
  const heads = columns.map(({ name }) => make("th", {
    scope: "col", className: WORDED.includes(name) ? "" : "number",
    "aria-sort": name === by.name ? (order.up ? "ascending" : "descending") : "none",
  }, make("button", {
    type: "button", "data-sort": name,
    onclick: () => {
      order.up = order.column === name ? !order.up : WORDED.includes(name);
      order.column = name;
      order.rows = MOST_ROWS;
      fillTable(rows, choose);
    },
  }, word(`column.${name}`))));
  const body = shown.map((i) => make("tr", {}, ...columns.map(({ name, words }, k) => {
    if (k === 0) {
      return make("th", { scope: "row" }, make("button", {
        type: "button", className: "plain", onclick: () => choose(i),
      }, named("bdi", i)));
    }
    const key = name === "category" ? swatch(category(i, state.month)) : null;
    const text = make("span", { dir: "auto" }, words(i));
    return make("td", { className: WORDED.includes(name) ? name : `${name} number` }, ...(key ? [key, text] : [text]));
  })));
  const caption = `${word("table.caption", { month: monthWords(page.months[state.month]) })}: ${word("shown", { n: rows.length })}`;
  const rest = sorted.length - shown.length;
  find("table").replaceChildren(
    make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...body)),
    rest ? make("button", {
      type: "button", id: "more",
      onclick: () => {
        order.rows += MOST_ROWS;
        fillTable(rows, choose);
      },
    }, word("table.more", { n: Math.min(rest, MOST_ROWS) })) : "",
  );
  if (focused) find("table").querySelector(`[data-sort="${focused}"]`)?.focus();
}
