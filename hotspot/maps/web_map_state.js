// what is shown: everything that a link to a view must say, and who is in it

const state = {
  language, month: last, layer: "category", selected: -1, district: -1, compare: -1,
  categories: new Set(), classes: new Set(),
  table: false, hatch: false, accessible: false, names: true,
};

// who is in it, counted anew whenever the state changes
let view = null;

const inDistrict = (i) => state.district < 0 || page.home[i] === state.district;
const inCategory = (i) => !state.categories.size || state.categories.has(category(i, state.month));

// the mahallas in view, and beside them how many each filter would leave if it alone were changed
function countView() {
  const layered = classes(state.layer, state.month);
  const inClass = (i) => !state.classes.size || state.classes.has(layered[i]);
  const view = {
    rows: [], chosen: new Uint8Array(size), layered,
    categories: Object.fromEntries(categories.map((key) => [key, 0])),
    classes: new Array(layers[state.layer].classes.length).fill(0),
    districts: new Array(page.places.length).fill(0), all: 0,
  };
  for (let i = 0; i < size; i++) {
    const here = inDistrict(i), categorised = inCategory(i), classed = inClass(i);
    if (here && classed) view.categories[category(i, state.month)]++;
    if (here && categorised && layered[i] >= 0) view.classes[layered[i]]++;
    if (!categorised || !classed) continue;
    view.all++;
    if (page.home[i] >= 0) view.districts[page.home[i]]++;
    if (!here) continue;
    view.chosen[i] = 1;
    view.rows.push(i);
  }
  return view;
}

// the month in a sentence, of the district where one is chosen
function answer() {
  const { month } = state;
  let all = 0, red = 0, fresh = 0, left = 0, longest = [], length = 0;
  for (let i = 0; i < size; i++) {
    if (!inDistrict(i)) continue;
    all++;
    const now = category(i, month) === "red";
    const before = month > 0 && category(i, month - 1) === "red";
    red += now;
    fresh += now && !before;
    left += before && !now;
    const { months } = now ? streak(i, month) : { months: 0 };
    if (months > length) [longest, length] = [[], months];
    if (now && months === length) longest.push(i);
  }
  const parts = [word("answer.red", { n: red, all })];
  if (month > 0) parts.push(word("answer.change", { new: fresh, left, before: monthWords(page.months[month - 1]) }));
  if (month > 0 && longest.length) {
    const [first] = longest, name = [nameOf(first), districtName(first)].filter(Boolean).join(", ");
    parts.push(word(longest.length > 1 ? "answer.longest_many" : "answer.longest", {
      n: longest.length, name,
      months: word(streak(first, month).whole ? "month_count.least" : "month_count", { n: length }),
    }));
  }
  return `${parts.join("; ")}.`;
}

function viewOf(map) {
  const { lat, lng } = map.getCenter();
  return [map.getZoom(), lat.toFixed(4), lng.toFixed(4)].join(" ");
}

// a view as the fragment of the page's address: short, and only what is not as at first
function writeFragment(map, fitted) {
  const parts = new URLSearchParams();
  const put = (key, value, plain) => { if (value !== plain) parts.set(key, value); };
  put("lang", state.language, page.languages[0]);
  put("month", page.months[state.month], page.months[last]);
  put("layer", state.layer, "category");
  put("mahalla", page.codes[state.selected] ?? "", "");
  const place = page.places[state.district];
  put("district", place ? `${place.district}|${place.region}` : "", "");
  put("compare", page.months[state.compare] ?? "", "");
  put("categories", [...state.categories].sort().join(" "), "");
  put("classes", [...state.classes].sort((a, b) => a - b).join(" "), "");
  for (const flag of ["table", "hatch", "accessible"]) put(flag, Number(state[flag]), 0);
  put("names", Number(state.names), 1);
  put("at", viewOf(map), fitted);
  return parts.toString();
}

// whatever does not name something on this page is passed over
function readFragment() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const get = (key) => parts.get(key) ?? "";
  const month = page.months.indexOf(get("month"));
  const [district, region] = get("district").split("|");
  const layer = Object.hasOwn(layers, get("layer")) ? get("layer") : "category";
  const many = layers[layer].classes.length;
  Object.assign(state, {
    language: page.languages.includes(get("lang")) ? get("lang") : page.languages[0],
    month: month < 0 ? last : month,
    layer,
    selected: page.codes.indexOf(get("mahalla")),
    district: page.places.findIndex((place) => place.district === district && place.region === (region ?? "")),
    compare: page.months.indexOf(get("compare")),
    categories: new Set(get("categories").split(" ").filter((key) => categories.includes(key))),
    classes: new Set(get("classes").split(" ").filter((n) => /^\d+$/.test(n) && n < many).map(Number)),
    table: get("table") === "1", hatch: get("hatch") === "1", accessible: get("accessible") === "1",
    names: get("names") !== "0",
  });
  const at = get("at").split(" ").map(Number);
  return at.length === 3 && at.every(Number.isFinite) ? at : null;
}
