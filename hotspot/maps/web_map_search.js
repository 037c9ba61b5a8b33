// a mahalla found by its name in any script and spelling: names are brought to one key

const LATIN = {
  а: "a", б: "b", в: "v", г: "g", д: "d", е: "e", ё: "yo", ж: "j", з: "z", и: "i", й: "y", к: "k",
  л: "l", м: "m", н: "n", о: "o", п: "p", р: "r", с: "s", т: "t", у: "u", ф: "f", х: "h", ц: "s",
  ч: "ch", ш: "sh", щ: "sh", ъ: "", ы: "i", ь: "", э: "e", ю: "yu", я: "ya", ў: "o", қ: "k", ғ: "g",
  ҳ: "h",
};
const MOST_FOUND = 12;
// a shorter number is part of a name
const LEAST_CODE = 4;

// apostrophes fall out, x sounds as h and q as k, and o, as Russian writes it, is a
function fold(text) {
  return text.normalize("NFC").toLowerCase()
    .replace(/[а-яёўқғҳ]/g, (letter) => LATIN[letter] ?? letter)
    .normalize("NFD").replace(/\p{M}/gu, "")
    .replace(/['’‘ʻʼ`´ʹ′]/g, "")
    .replace(/ts/g, "s").replace(/zh/g, "j").replace(/kh/g, "h")
    .replace(/x/g, "h").replace(/q/g, "k").replace(/o/g, "a")
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

// what is left of a key when vowels were heard otherwise
const bones = (key) => key.replace(/[aeiuy]/g, "").replace(/(.)\1+/g, "$1");

let keys = null;

function searchMahallas(text) {
  keys ??= page.codes.map((code, i) => {
    const name = fold(page.names[i]);
    const other = fold(Object.values(page.own).map((names) => names[i]).join(" "));
    return { i, name, code: code.toLowerCase(), key: ` ${name} ${other} ${fold(districtName(i))}` };
  });
  const words = fold(text).split(" ").filter(Boolean);
  if (!words.length) return [];
  const code = text.trim().toLowerCase();
  const rank = ({ name, key, code: own }) => {
    if (code.length >= LEAST_CODE && own.startsWith(code)) return 0;
    if (!words.every((part) => key.includes(part))) return null;
    if (name.startsWith(words[0])) return 0;
    return words.every((part) => key.includes(` ${part}`)) ? 1 : 2;
  };
  let found = keys.map((of) => [rank(of), of]).filter(([of]) => of !== null);
  if (!found.length) {
    const firm = words.map(bones).filter((part) => part.length > 1);
    found = firm.length ? keys.filter(({ key }) => {
      const line = ` ${key.split(" ").map(bones).join(" ")}`;
      return firm.every((part) => line.includes(` ${part}`));
    }).map((of) => [3, of]) : [];
  }
  return found.sort(([a, of], [b, other]) => a - b || of.name.localeCompare(other.name) || of.i - other.i)
    .map(([, of]) => of.i);
}

function startSearch(choose) {
  const input = find("search"), list = find("found");
  let found = [], at = -1;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (next) => {
    if (!found.length) return;
    list.children[at]?.setAttribute("aria-selected", "false");
    at = (next + found.length) % found.length;
    list.children[at].setAttribute("aria-selected", "true");
    list.children[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const take = (i) => {
    input.value = nameOf(i);
    close();
    choose(i);
  };
  const look = () => {
    const all = searchMahallas(input.value);
    found = all.slice(0, MOST_FOUND);
    list.replaceChildren(...found.map((i, number) => {
      const option = make("li", { id: `found-${number}`, role: "option", "aria-selected": "false" },
        swatch(category(i, state.month)), named("bdi", i), placed("small", districtName(i)));
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        take(i);
      });
      return option;
    }));
    list.hidden = !found.length;
    at = -1;
    input.setAttribute("aria-expanded", String(found.length > 0));
    input.removeAttribute("aria-activedescendant");
    const empty = !input.value.trim();
    setText(find("found-count"), empty ? "" : all.length ? word("search.found", { n: all.length }) : word("search.none"));
    find("found-count").classList.toggle("unseen", empty || all.length > 0);
  };
  input.addEventListener("input", look);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at < 0 ? -1 : at - 1);
    else if (event.key === "Enter" && found.length && !list.hidden) take(found[Math.max(at, 0)]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
