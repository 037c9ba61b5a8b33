// the other side of compact.py and outlines.py: letters back to numbers, numbers to paths

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DIGIT = new Uint8Array(128);
for (let i = 0; i < 64; i++) DIGIT[ALPHABET.charCodeAt(i)] = i;

function decodeNaturals(text) {
  const numbers = [];
  let number = 0, unit = 1;
  for (let i = 0; i < text.length; i++) {
    const digit = DIGIT[text.charCodeAt(i)];
    number += (digit & 31) * unit;
    unit *= 32;
    if (digit < 32) {
      numbers.push(number);
      number = 0;
      unit = 1;
    }
  }
  return numbers;
}

const unfold = (natural) => (natural % 2 ? -(natural + 1) / 2 : natural / 2);
const decodeIntegers = (text) => decodeNaturals(text).map(unfold);

// places on a plane of its own, in the proportions of web maps, so that a path is made only once
const PLANE = 1e6;
const across = (longitude) => longitude / 360 + .5;
const down = (latitude) => .5 - Math.asinh(Math.tan(latitude * Math.PI / 180)) / 2 / Math.PI;
const corner = (() => {
  const first = page.shapes.find((shape) => shape);
  const [x, y] = decodeIntegers(first.split(/[,;]/)[0]);
  return { lat: y / page.steps, lng: x / page.steps };
})();
const toPlane = ({ lat, lng }) => [
  (across(lng) - across(corner.lng)) * PLANE, (down(lat) - down(corner.lat)) * PLANE,
];

// a polygon as a path on the plane, with its bounds there and in degrees
function decodeShape(text) {
  const path = new Path2D();
  let west = Infinity, south = Infinity, east = -Infinity, north = -Infinity;
  for (const ring of text.split(/[,;]/)) {
    const steps = decodeNaturals(ring);
    let x = 0, y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += unfold(steps[i]);
      y += unfold(steps[i + 1]);
      west = Math.min(west, x);
      east = Math.max(east, x);
      south = Math.min(south, y);
      north = Math.max(north, y);
      const [left, top] = toPlane({ lat: y / page.steps, lng: x / page.steps });
      if (i) path.lineTo(left, top);
      else path.moveTo(left, top);
    }
    path.closePath();
  }
  const low = { lat: south / page.steps, lng: west / page.steps };
  const high = { lat: north / page.steps, lng: east / page.steps };
  const [left, bottom] = toPlane(low);
  const [right, top] = toPlane(high);
  return { path, left, right, top, bottom, bounds: [low, high] };
}

const size = page.codes.length;
const shapes = page.shapes.map((text) => (text ? decodeShape(text) : null));
const drawn = shapes.flatMap((shape, i) => (shape ? [i] : []));
const outlines = page.outlines.map(decodeShape);
const regions = page.regions.map(decodeShape);
const last = page.months.length - 1;

const categories = Object.keys(page.letters);
const categoryOf = Object.fromEntries(categories.map((key) => [page.letters[key], key]));
const category = (i, month) => categoryOf[page.categories[i][month]] ?? null;

const counts = page.counts.map((text) => decodeNaturals(text).map((n) => (n ? n - 1 : NaN)));
// where a month of categories stands among the months of counts
const countMonth = page.months.map((month) => page.countMonths.indexOf(month));

function windowCount(i, month) {
  if (!counts.length) return month === last ? page.numbers.count?.[i] ?? NaN : NaN;
  const end = countMonth[month];
  let sum = 0;
  for (let k = end; k > end - page.window; k--) sum += counts[i][k];
  return sum;
}

function rate(i, month) {
  if (month === last) return page.numbers.rate?.[i] ?? NaN;
  const years = page.years[countMonth[month]], people = page.numbers.population?.[i];
  return people && years ? windowCount(i, month) * 1e5 / people / years : NaN;
}

function change(i, month) {
  const now = category(i, month), before = month > 0 ? category(i, month - 1) : null;
  if (now === null || before === null) return "unknown";
  if (now === before) return "same";
  if (now === "red") return "to_red";
  if (before === "red") return "from_red";
  if (now === "not_assessed" || before === "not_assessed") return "unknown";
  return now === "yellow" ? "up" : "down";
}

// how many months it has had the category of this month, and whether that is all that is known
function streak(i, month) {
  const letters = page.categories[i];
  let first = month;
  while (first > 0 && letters[first - 1] === letters[month]) first--;
  return { months: letters[month] === "-" ? 0 : month - first + 1, whole: first === 0 };
}

const chosenWords = Object.fromEntries(Object.entries(page.choices).map(([name, { words, letters }]) => {
  const known = decodeNaturals(letters);
  return [name, (i) => (known[i] ? words[known[i] - 1] : null)];
}));

function reason(i) {
  const [form, ...figures] = page.reasons[i].split(" ");
  return page.forms[language][form].replace(/\u001f(\d+)\u001f/g, (_, at) => mark(figures[at]));
}

// how many offenses in it alone would turn a mahalla, and to what
function flip(way, i) {
  const found = page.flips[way]?.[i];
  return found ? { n: parseInt(found, 10), key: categoryOf[found.at(-1)] } : null;
}

function giBin(i, month) {
  const digit = page.bins[i]?.[month] ?? "-";
  return digit === "-" ? NaN : digit - 3;
}

const neighbours = (i) => decodeIntegers(page.neighbours[i] ?? "").map((step) => i + step);
const districtName = (i) => page.places[page.home[i]]?.district ?? "";
const regionName = (i) => page.places[page.home[i]]?.region ?? "";
