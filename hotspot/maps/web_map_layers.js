// what a layer shows of each mahalla in a month, and in which class of the legend it falls

const layers = Object.fromEntries(page.layers.map((layer) => [layer.key, layer]));

const VALUES = { category, count: windowCount, rate, change, pattern: (i) => chosenWords.pattern(i) };
if (page.bins.length) VALUES.gi_bin = giBin;

function value(key, i, month) {
  if (key in VALUES) return VALUES[key](i, month);
  return page.numbers[key]?.[i] ?? NaN;
}

function within(entry, found) {
  if (!("low" in entry)) return false;
  if (entry.low === 0 && entry.high === 0) return found === 0;
  return found >= entry.low && (entry.high === null || found < entry.high);
}

function classOf(layer, found) {
  const unknown = found === null || Number.isNaN(found);
  return layer.classes.findIndex((entry) =>
    (unknown ? entry.value === null : entry.value === found || within(entry, found)));
}

// a layer without a past shows the last month, whatever month is chosen
const shownMonth = (layer, month) => (layer.months ? month : last);

const known = new Map();

function classes(key, month) {
  const layer = layers[key], at = shownMonth(layer, month);
  const name = `${key} ${at}`;
  if (!known.has(name)) {
    const found = new Int8Array(size);
    for (let i = 0; i < size; i++) found[i] = classOf(layer, value(key, i, at));
    known.set(name, found);
  }
  return known.get(name);
}

function classLabel(layer, entry) {
  if (entry.word) return word(entry.word);
  const { low, high } = entry;
  if (high === 0) return show(0);
  if (high === null) return word("least", { low });
  if (low === 0) return word("below", { high });
  if (layer.whole) return high - low === 1 ? show(low) : word("between", { low, high: high - 1 });
  return word("between", { low, high });
}

// a layer's value of one mahalla in words
function valueWords(key, i, month) {
  const layer = layers[key], at = shownMonth(layer, month), found = value(key, i, at);
  const entry = layer.classes[classOf(layer, found)];
  if (entry?.word) return word(entry.word);
  return Number.isNaN(found) ? word("no_value") : show(found);
}

// hatches tell the categories apart without colour
const HATCHES = {
  red: { ink: "rgba(255,255,255,.75)", lines: [[0, 6, 6, 0]] },
  yellow: { ink: "rgba(31,36,48,.55)", dots: true },
  not_assessed: { ink: "#8b93a1", lines: [[0, 0, 6, 6]] },
};
const DIM = "#eceef1";
const GROUND = "#ffffff";

// the looks of a layer's classes, and after them that of a mahalla that is not chosen
function looks(key, { accessible, hatch }) {
  const entries = layers[key].classes.map((entry) => {
    if (key === "density") return { colour: GROUND, hatch: null };
    if (key !== "category") return { colour: entry.colour, hatch: null };
    const hatched = hatch || entry.value === "not_assessed";
    return {
      colour: page.palette[entry.value][accessible ? 1 : 0],
      hatch: (hatched && HATCHES[entry.value]) || null,
    };
  });
  return [...entries, { colour: DIM, hatch: null }];
}
