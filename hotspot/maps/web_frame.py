"""The interactive map's page without its data: where everything stands, and what it is called.

``data-word`` names the word that an element shows, ``data-label`` the one it is called by; the
page's script fills in every text.
"""

FRAME = """
<div class="side">
<header class="block" id="head">
  <div class="field" id="language-field">
    <label class="unseen" for="language" data-word="language.choose"></label>
    <select id="language"></select>
  </div>
  <h1 id="title" dir="auto"></h1>
  <p class="month" id="month-words"></p>
  <p id="answer" role="status"></p>
  <p class="remark" data-word="remark"></p>
</header>
<section class="block" id="find" role="search" data-label="search">
  <div class="field" id="searcher">
    <label for="search" data-word="search"></label>
    <input id="search" type="text" role="combobox" aria-expanded="false" aria-controls="found"
      aria-autocomplete="list" autocomplete="off" spellcheck="false" data-hint="search.hint">
    <ul id="found" role="listbox" data-label="search" hidden></ul>
    <p id="found-count" class="unseen" role="status"></p>
  </div>
  <div class="field" id="district-field">
    <label for="district" data-word="district"></label><select id="district"></select>
  </div>
  <div class="field">
    <label for="layer" data-word="layer"></label><select id="layer"></select>
  </div>
</section>
<section class="block" id="legends" data-label="categories">
  <div id="layer-legend">
    <h2 id="layer-name"></h2>
    <div id="ramp" aria-hidden="true"></div>
    <p class="note" id="layer-note"></p>
    <ul class="legend" id="classes"></ul>
  </div>
  <h2 data-word="categories"></h2>
  <div class="bar" id="bar" aria-hidden="true"></div>
  <ul class="legend" id="categories"></ul>
  <p class="shown"><span id="shown" role="status"></span>
    <button type="button" class="plain" id="clear" data-word="clear"></button></p>
  <p class="note" id="green" data-word="green_note"></p>
  <fieldset class="options"><legend data-word="options"></legend>
    <label><input type="checkbox" id="hatch"><span data-word="hatch"></span></label>
    <label><input type="checkbox" id="accessible"><span data-word="accessible"></span></label>
    <label><input type="checkbox" id="names" checked>
      <span data-word="names"></span></label>
  </fieldset>
</section>
<footer class="block" id="notes">
  <div id="rule"><h2 data-word="criteria"></h2>
    <p class="note" id="criteria" dir="auto"></p></div>
  <details id="hidden"><summary></summary><ul></ul></details>
  <p class="note" id="unplaced"></p>
  <div id="further"></div>
</footer>
</div>
<main id="main">
<div class="toolbar" role="group" data-label="toolbar">
  <button type="button" id="show-map" aria-pressed="true" data-word="map"></button>
  <button type="button" id="show-table" aria-pressed="false" data-word="table"></button>
  <span class="gap"></span>
  <button type="button" id="save-csv" data-word="save.csv"></button>
  <button type="button" id="save-png" data-word="save.png"></button>
  <button type="button" id="print" data-word="print"></button>
  <button type="button" id="copy-link" data-word="link"></button>
  <span id="copied" role="status"></span>
</div>
<div id="stage">
  <div id="curtain" hidden>
    <i aria-hidden="true"></i>
    <b id="left-month" aria-hidden="true"></b><b id="right-month" aria-hidden="true"></b>
    <input type="range" id="divider" min="0" max="100" value="50" step="1">
  </div>
  <div id="table" tabindex="-1" hidden></div>
  <aside id="card" tabindex="-1" data-label="card" hidden></aside>
</div>
<div class="timebar" id="timebar" role="group" data-label="month">
  <button type="button" id="play"></button>
  <button type="button" id="before" data-label="month.before">&#8249;</button>
  <input type="range" id="month" min="0" step="1" data-label="month">
  <button type="button" id="after" data-label="month.after">&#8250;</button>
  <output id="month-now" for="month"></output>
  <label class="compare"><span data-word="compare"></span> <select id="compare"></select></label>
</div>
</main>
"""
