"use strict";

// what the page was written with: texts once, numbers and polygons as short as may be
const page = JSON.parse(document.getElementById("page-data").textContent);
const find = (id) => document.getElementById(id);

let language = Object.keys(page.words)[0];
const locale = () => language.replace("_", "-");

function show(value) {
  if (typeof value !== "number") return value ?? "";
  return value.toLocaleString(locale(), { maximumSignificantDigits: Number.isInteger(value) ? 15 : 3 });
}

// a word by its key; {name} in it takes the value of that name, and n decides the plural
function word(key, values = {}) {
  let text = page.words[language][key] ?? key;
  if (typeof text === "object") text = text[new Intl.PluralRules(locale()).select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => show(values[name]));
}

function monthWords(month) {
  const [year, number] = month.split("-");
  return `${page.words[language].months[number - 1]} ${year}`;
}

// whatever a name holds becomes a text node: it is shown, never run
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && name !== "list") element[name] = value;
    else if (value !== null) element.setAttribute(name, value);
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
  }
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = word(element.dataset.hint);
}
