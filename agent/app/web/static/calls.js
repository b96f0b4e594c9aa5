// A call's page: selected words go into the form, and all parts of a quote light up. Forms work without it.
"use strict";

// The last words selected within one turn. Pressing a button or entering a field must not lose them.
let taken = null;
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  const turn = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("[data-turn]");
  const start = turn(range.startContainer);
  if (!start) return;
  // A double click reaches into the next line: what counts is where it begins.
  const words = start === turn(range.endContainer) ? range.toString() : restOf(start, range);
  if (words.trim()) taken = { turn: start.dataset.turn, words: words.trim() };
});

function restOf(start, range) {
  const rest = document.createRange();
  rest.setStart(range.startContainer, range.startOffset);
  rest.setEndAfter(start.lastChild);
  return rest.toString();
}

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-take]")) button.hidden = false;
  light();
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-take]") : null;
  if (!button) return;
  const form = button.closest("form");
  if (!taken) {
    button.textContent = say(button, "first");
    return;
  }
  form.elements.words.value = taken.words;
  form.elements.turn.value = taken.turn;
  button.textContent = say(button, "take");
  form.elements.reason.focus();
});

// A quote that others overlap is cut into several marks: light them all.
function light() {
  const label = location.hash.startsWith("#quote-") ? location.hash.slice(7) : "";
  for (const mark of document.querySelectorAll("mark[data-quote]")) {
    mark.classList.toggle("chosen", label !== "" && mark.dataset.quote.split(" ").includes(label));
  }
}
window.addEventListener("hashchange", light);

// Words are looked for in the transcript: every place lights up, Enter goes to the next one.
let hits = [];
let at = -1;
function search(text) {
  const wanted = text.trim().toLowerCase();
  const ranges = [];
  hits = [];
  at = -1;
  for (const said of wanted ? document.querySelectorAll("#transcript .said") : []) {
    const before = ranges.length;
    const walker = document.createTreeWalker(said, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const words = node.data.toLowerCase();
      for (let place = words.indexOf(wanted); place >= 0; place = words.indexOf(wanted, place + wanted.length)) {
        const range = new Range();
        range.setStart(node, place);
        range.setEnd(node, place + wanted.length);
        ranges.push(range);
      }
    }
    // A quote cuts a turn into pieces: words across a cut are found by the turn.
    if (ranges.length > before || said.textContent.toLowerCase().includes(wanted)) hits.push(said);
  }
  if (CSS.highlights) CSS.highlights.set("found", new Highlight(...ranges));
  const found = document.querySelector("[data-found]");
  const turns = say(found, hits.length === 1 ? "one" : "more", { n: hits.length });
  found.textContent = wanted ? turns : "";
}
document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.matches("[data-search]")) search(event.target.value);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.target instanceof HTMLElement) || !event.target.matches("[data-search]")) return;
  event.preventDefault();
  if (!hits.length) return;
  at = (at + (event.shiftKey ? hits.length - 1 : 1)) % hits.length;
  hits[at].scrollIntoView({ block: "center" });
  const found = document.querySelector("[data-found]");
  found.textContent = say(found, "at", { n: at + 1, all: hits.length });
});
