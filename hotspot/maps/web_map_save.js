// what is in view, as files; nothing leaves the reader's computer

function download(name, blob) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// a spreadsheet would run what begins like a formula
function cell(value) {
  if (typeof value === "number") return Number.isNaN(value) ? "" : String(value);
  const safe = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function writeCsv(rows) {
  const month = state.month, current = month === last;
  const columns = [
    ["month", () => page.months[month]],
    ["mahalla_code", (i) => page.codes[i]],
    ["name", nameOf],
    ["district", districtName],
    ["region", regionName],
    ["category", (i) => category(i, month) ?? ""],
    ["previous_category", (i) => (month > 0 && category(i, month - 1)) || ""],
  ];
  if (counts.length || current && "count" in page.numbers) columns.push(["count", (i) => windowCount(i, month)]);
  if (counts.length) columns.push(["count_month", (i) => counts[i][countMonth[month]]]);
  if (current) {
    for (const name of Object.keys(page.numbers)) {
      if (name !== "count") columns.push([name, (i) => page.numbers[name][i] ?? NaN]);
    }
    for (const name of Object.keys(page.choices)) columns.push([name, (i) => chosenWords[name](i) ?? ""]);
    columns.push(["reason", reason]);
  }
  const lines = [columns.map(([name]) => name), ...rows.map((i) => columns.map(([, of]) => cell(of(i))))];
  // the mark at the beginning tells Excel that it is UTF-8
  return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

function wrapText(context, text, width) {
  const lines = [""];
  for (const part of text.split(" ")) {
    const line = `${lines.at(-1)} ${part}`.trim();
    if (context.measureText(line).width <= width) lines[lines.length - 1] = line;
    else lines.push(part);
  }
  return lines;
}

// the map as it stands, with title, month, answer and legend above and beside it
async function drawView(map) {
  const ratio = 2, side = 250, margin = 20, extent = map.getSize();
  const canvas = make("canvas"), context = canvas.getContext("2d");
  const font = (size, weight = 400) => { context.font = `${weight} ${size}px system-ui, sans-serif`; };
  const width = extent.x + side + 3 * margin;
  font(14);
  const answer = wrapText(context, find("answer").textContent, width - 2 * margin);
  font(12);
  const green = categories.includes("green") ? word("green_note") : "";
  const foot = [word("remark"), green, find("criteria").textContent].filter(Boolean).join(" ");
  const footing = wrapText(context, foot, width - 2 * margin);
  const head = margin + 34 + 20 * (answer.length + 1) + 10;
  canvas.width = width * ratio;
  canvas.height = (head + extent.y + 20 + 20 * footing.length) * ratio;
  context.scale(ratio, ratio);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, canvas.height);
  context.fillStyle = INK;
  let y = margin + 18;
  const write = (text, x, most) => {
    context.fillText(text, x, y, most);
    y += 20;
  };
  font(20, 600);
  write(find("title").textContent, margin, width - 2 * margin);
  y += 4;
  font(14, 600);
  const month = find("month-words").textContent;
  write(month[0].toLocaleUpperCase(locale()) + month.slice(1), margin);
  font(14);
  for (const line of answer) write(line, margin);

  const frame = map.getContainer().getBoundingClientRect();
  context.save();
  context.beginPath();
  context.rect(margin, head, extent.x, extent.y);
  context.clip();
  context.fillStyle = "#f4f5f7";
  context.fillRect(margin, head, extent.x, extent.y);
  for (const part of map.getContainer().querySelectorAll("canvas, img.leaflet-image-layer")) {
    const box = part.getBoundingClientRect();
    context.save();
    if (part.classList.contains("right-half")) {
      const from = find("divider").value / 100 * extent.x;
      context.beginPath();
      context.rect(margin + from, head, extent.x - from, extent.y);
      context.clip();
    }
    context.globalAlpha = getComputedStyle(part).opacity;
    context.drawImage(part, margin + box.left - frame.left, head + box.top - frame.top, box.width, box.height);
    context.restore();
  }
  font(12, 600);
  context.textAlign = "center";
  for (const name of map.getContainer().querySelectorAll(".district-name")) {
    if (name.style.visibility === "hidden") continue;
    const box = name.getBoundingClientRect();
    const place = [margin + box.left - frame.left + box.width / 2, head + box.top - frame.top + 13];
    context.strokeStyle = "#ffffff";
    context.lineWidth = 3;
    context.strokeText(name.textContent, ...place);
    context.fillStyle = INK;
    context.fillText(name.textContent, ...place);
  }
  if (state.compare >= 0) {
    const from = margin + find("divider").value / 100 * extent.x;
    context.fillStyle = INK;
    context.fillRect(from - 1, head, 2, extent.y);
    font(13, 600);
    context.textAlign = "right";
    context.fillText(find("left-month").textContent, from - 8, head + 20);
    context.textAlign = "left";
    context.fillText(find("right-month").textContent, from + 8, head + 20);
  }
  context.restore();

  context.textAlign = "left";
  const left = 2 * margin + extent.x;
  y = head + 14;
  font(13, 600);
  write(word(`layer.${state.layer}`), left, side);
  font(13);
  for (const { look, label, count } of legendRows()) {
    context.fillStyle = look.colour;
    context.fillRect(left, y - 11, 18, 13);
    if (look.hatch) {
      context.fillStyle = context.createPattern(drawTile(look.hatch), "repeat");
      context.fillRect(left, y - 11, 18, 13);
    }
    context.strokeStyle = "#5c6473";
    context.lineWidth = .7;
    context.strokeRect(left, y - 11, 18, 13);
    context.fillStyle = INK;
    write(`${label}: ${show(count)}`, left + 26, side - 26);
  }
  font(12);
  context.fillStyle = "#5c6473";
  if (!find("layer-legend").hidden) write(find("layer-note").textContent, left, side);
  y = head + extent.y + 24;
  for (const line of footing) write(line, margin);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
