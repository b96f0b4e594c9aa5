// "j" and "k" go through what a page lists: rows of a table with data-rows, cards with data-card. Nothing needs it.
"use strict";

function places() {
  return [...document.querySelectorAll("[data-rows] tbody tr, [data-card]")].filter((one) => one.offsetParent !== null);
}

document.addEventListener("keydown", (event) => {
  if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const all = places();
  const now = all.findIndex((one) => one.contains(document.activeElement));
  const next = all[event.key === "j" ? Math.min(now + 1, all.length - 1) : Math.max(now - 1, 0)];
  if (!next) return;
  event.preventDefault();
  const target = next.matches("[tabindex]") ? next : next.querySelector("a");
  target?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
});
