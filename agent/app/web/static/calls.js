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
    button.textContent = "Select words in the transcript first, then press here";
    return;
  }
  form.elements.words.value = taken.words;
  form.elements.turn.value = taken.turn;
  button.textContent = "Take the selected words";
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
