// what stands beside and under the map: legends, months, districts, and what is not on the map

// a row of the legend: its look on the map, its words, and how many mahallas have it
function legendRows() {
  const layer = layers[state.layer], all = looks(state.layer, state);
  return layer.classes.map((entry, k) => ({
    look: state.layer === "density" ? { ...all[k], colour: entry.colour } : all[k],
    label: classLabel(layer, entry), count: view.classes[k], k,
  })).filter(({ count, k }) => count || layer.classes[k].value !== null);
}

function toggle(set, key) {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}

// buttons stay where they are from month to month, so that the keyboard's place is kept
function fillLegend(list, rows, pressed, press) {
  const kept = [...list.querySelectorAll("button")];
  if (kept.length !== rows.length || rows.some(({ id }, k) => kept[k].dataset.id !== String(id))) {
    list.replaceChildren(...rows.map(({ id }) => make("li", {}, make("button", {
      type: "button", "data-id": id, onclick: () => press(id),
    }, make("i", { className: "swatch", "aria-hidden": "true" }), make("span"), make("b")))));
  }
  [...list.querySelectorAll("button")].forEach((button, k) => {
    const { id, key, colour, label, count } = rows[k];
    const [mark, name, number] = button.children;
    button.setAttribute("aria-pressed", String(pressed.has(id)));
    mark.className = `swatch ${key ?? ""}`;
    mark.style.backgroundColor = colour;
    setText(name, label);
    setText(number, show(count));
  });
}

function showLegends(update) {
  const rows = categories.map((key) => ({
    id: key, key, colour: colourOf(key), label: word(`category.${key}`), count: view.categories[key],
  }));
  fillLegend(find("categories"), rows, state.categories, (id) => update({ categories: toggle(state.categories, id) }));
  find("bar").replaceChildren(...rows.filter(({ count }) => count).map(({ key, colour, count }) => {
    const part = make("i", { className: key });
    part.style.flex = count;
    part.style.backgroundColor = colour;
    return part;
  }));
  const layer = layers[state.layer], own = state.layer !== "category";
  find("layer-legend").hidden = !own;
  if (!own) return;
  const density = state.layer === "density";
  setText(find("layer-name"), word(`layer.${state.layer}`));
  const notes = [];
  if (!layer.months && (state.month !== last || state.compare >= 0)) notes.push(word("layer.only", { month: monthWords(page.months[last]) }));
  if (density && layer.classes.length > 1) notes.push(word("density.mean"));
  setText(find("layer-note"), notes.join(" "));
  const ramp = find("ramp");
  ramp.hidden = !density;
  if (density) {
    const bar = make("i");
    bar.style.background = `linear-gradient(90deg,${page.ramp.join(",")})`;
    ramp.replaceChildren(bar, make("span", {}, word("density.low")),
      make("span", {}, word("density.high", { n: page.density.highest })));
  }
  fillLegend(find("classes"), density && layer.classes.length < 2 ? [] : legendRows().map(({ look, label, count, k }) =>
    ({ id: k, colour: look.colour, label, count })), state.classes,
  (id) => update({ classes: toggle(state.classes, id) }));
}

function showMonths() {
  const now = monthWords(page.months[state.month]);
  setText(find("month-words"), now);
  setText(find("month-now"), now);
  find("month").value = state.month;
  find("month").setAttribute("aria-valuetext", now);
  find("before").disabled = state.month === 0;
  find("after").disabled = state.month === last;
  const comparing = state.compare >= 0;
  find("curtain").hidden = !comparing || state.table;
  find("compare").value = state.compare;
  if (!comparing) return;
  // a layer without a past shows the last month on both sides, and must not say otherwise
  const [left, right] = [state.month, state.compare]
    .map((month) => monthWords(page.months[shownMonth(layers[state.layer], month)]));
  setText(find("left-month"), left);
  setText(find("right-month"), right);
  find("divider").setAttribute("aria-label", word("divider", { left, right }));
}

function showDistricts() {
  const [all, ...options] = find("district").querySelectorAll("option");
  setText(all, word("district.all", { n: view.all }));
  for (const option of options) {
    setText(option, `${page.places[option.value].district} (${show(view.districts[option.value])})`);
  }
  find("district").value = state.district;
}

function showHidden(choose) {
  const rows = view.rows.filter((i) => !shapes[i]), details = find("hidden");
  details.hidden = !rows.length;
  setText(details.querySelector("summary"), word("hidden", { n: rows.length }));
  details.querySelector("ul").replaceChildren(...rows.map((i) => make("li", {}, make("button", {
    type: "button", className: "plain", onclick: () => choose(i),
  }, swatch(category(i, state.month)), named("bdi", i), placed("small", districtName(i))))));
}

function fillSelects() {
  const months = page.months.map((month, k) => make("option", { value: k }, monthWords(month)));
  find("compare").replaceChildren(make("option", { value: -1 }, word("compare.none")), ...months.reverse());
  find("layer").replaceChildren(...page.layers.map(({ key }) => make("option", { value: key }, word(`layer.${key}`))));
  const districts = page.places.map(({ region, district }, k) =>
    [region, make("option", { value: k, lang: languageOf(district) })]);
  const groups = [...new Set(districts.map(([region]) => region))].map((region) => {
    const options = districts.filter(([of]) => of === region).map(([, option]) => option);
    return region ? [make("optgroup", { label: region }, ...options)] : options;
  });
  find("district").replaceChildren(make("option", { value: -1 }), ...groups.flat());
  find("district-field").hidden = !page.places.length;
  find("timebar").hidden = page.months.length < 2;
  find("month").max = last;
  find("language-field").hidden = page.languages.length < 2;
  find("language").replaceChildren(...page.languages.map((of) =>
    make("option", { value: of, lang: locale(of) }, page.words[of].language)));
  find("language").value = language;
}
