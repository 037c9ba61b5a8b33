"use strict";

// what the page was written with: texts once, numbers and polygons as short as may be
const page = JSON.parse(document.getElementById("page-data").textContent);
const find = (id) => document.getElementById(id);

let language = page.languages[0];
const locale = (of = language) => of.replace("_", "-");
const words = () => page.words[language];

// browsers do not know how Uzbek parts its numbers, the page does
function mark(figures) {
  return figures.replace(/[',.]/g, (sign) => (sign === "." ? words().decimal : words().group));
}

function show(value) {
  if (typeof value !== "number") return value ?? "";
  return mark(value.toLocaleString("en", { maximumSignificantDigits: Number.isInteger(value) ? 15 : 3 }));
}

// a word by its key; {name} in it takes the value of that name, and n decides the plural
function word(key, values = {}) {
  let text = words()[key] ?? key;
  if (typeof text === "object") text = text[new Intl.PluralRules(locale()).select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => show(values[name]));
}

function monthWords(month) {
  const [year, number] = month.split("-");
  return words().months[number - 1].replace("{year}", year);
}

// whatever a name holds becomes a text node: it is shown, never run
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) continue;
    if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// every element of the frame says which word it shows or is called by
function writeWords() {
  document.documentElement.lang = locale();
  for (const element of document.querySelectorAll("[data-word]")) setText(element, word(element.dataset.word));
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label));
    if (element.title) element.title = word(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = word(element.dataset.hint);
}

// what the page says of its own: what it shows, by which rule, and what else is to be known
function writeTexts() {
  const { title, criteria, notes } = page.texts[language];
  setText(find("title"), title);
  document.title = [title, monthWords(page.months.at(-1))].join(", ");
  setText(find("criteria"), criteria);
  find("rule").hidden = !criteria;
  find("further").replaceChildren(...notes.map((note) => make("p", { className: "note", dir: "auto" }, note)));
  setText(find("unplaced"), page.unplaced ? word("unplaced", { n: page.unplaced }) : "");
}

// a name in another script than the page's is in another language
const CYRILLIC = /\p{Script=Cyrillic}/u;

function languageOf(name) {
  const of = CYRILLIC.test(name) ? "uz-Cyrl" : "uz";
  return of === locale() ? null : of;
}

function nameOf(i) {
  return page.own[language]?.[i] || page.names[i];
}

// names stand in elements of their own, so that they are read and laid out as what they are
function named(tag, i) {
  return make(tag, { dir: "auto", lang: page.own[language]?.[i] ? null : languageOf(page.names[i]) }, nameOf(i));
}

function placed(tag, place, attributes = {}) {
  return make(tag, { ...attributes, dir: "auto", lang: languageOf(place) }, place);
}
