// The criterion editor. Everything here can be done without it: words can be typed, all anchors are shown.
"use strict";

// Words that are selected in one turn go into the box, whole words only: the server finds them again letter by letter.
function wholeWords(text, start, end) {
  const inWord = (at) => at > 0 && at < text.length && /[\p{L}\p{N}]/u.test(text[at - 1]) && /[\p{L}\p{N}]/u.test(text[at]);
  while (inWord(start)) start -= 1;
  while (inWord(end)) end += 1;
  return text.slice(start, end).trim();
}

function turnOf(node) {
  const element = node instanceof Element ? node : node.parentElement;
  return element && element.closest("#source .said");
}

// A selection that reaches over several turns is cut to the one it begins in (or ends in, if it begins in none).
function takeSelection() {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return;
  const range = selection.getRangeAt(0);
  const said = turnOf(range.startContainer) || turnOf(range.endContainer);
  if (!said) return;
  const part = range.cloneRange();
  if (!said.contains(range.startContainer)) part.setStart(said, 0);
  if (!said.contains(range.endContainer)) part.setEnd(said, said.childNodes.length);
  const before = document.createRange();
  before.selectNodeContents(said);
  before.setEnd(part.startContainer, part.startOffset);
  const start = before.toString().length;
  const words = wholeWords(said.textContent, start, start + part.toString().length);
  if (!words) return;
  document.querySelector("[name=pick_words]").value = words;
  document.querySelector("[name=pick_turn]").value = said.dataset.turn;
}
document.addEventListener("mouseup", takeSelection);
document.addEventListener("touchend", takeSelection);
document.addEventListener("keyup", (event) => { if (event.shiftKey || event.key === "Shift") takeSelection(); });

// Words that are typed belong to no turn yet.
document.addEventListener("input", (event) => {
  if (event.target.matches("[name=pick_words]")) document.querySelector("[name=pick_turn]").value = "";
});

// Only the levels of the chosen scale are shown; what was typed for others is kept.
function showLevels() {
  const scale = document.getElementById("scale");
  if (!scale) return;
  for (const label of document.querySelectorAll("#criterion [data-scales]")) {
    label.hidden = !label.dataset.scales.split(" ").includes(scale.value);
    const only = label.querySelector(".only");
    if (only) only.hidden = true;
  }
}
document.addEventListener("DOMContentLoaded", showLevels);
document.addEventListener("change", (event) => { if (event.target.id === "scale") showLevels(); });

// The model's wording into the field, which is then checked again.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-take]") : null;
  if (!button) return;
  const field = document.querySelector(`[name=${button.dataset.into}]`);
  field.value = document.querySelector(button.dataset.take).textContent;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});
