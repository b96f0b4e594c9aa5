// What plain HTML cannot do. No page needs it to be read; forms work without it.
"use strict";

// HTMX sends the session's secret with whatever it sends.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRF-Token"] = token.content;
});

// Whoever has signed in anew in another tab gets the new secret with the refusal; what was typed stays on the page.
function freshen(token) {
  if (!token) return;
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const field of document.querySelectorAll('input[name="csrf"]')) field.value = token;
}
document.addEventListener("htmx:afterRequest", (event) => freshen(event.detail.xhr.getResponseHeader("X-CSRF-Token")));

// A problem of an earlier request must not stand beside the result of a later one.
document.addEventListener("htmx:beforeRequest", () => {
  const box = document.getElementById("problems");
  if (box) box.replaceChildren();
});

// Moments come in UTC; show them in the reader's own time, in the style of agent/core/wording.py ("30 May 2026, 14:05",
// "30. Mai 2026, 14:05").
function localTimes(root) {
  const language = document.documentElement.lang;
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const format = new Intl.DateTimeFormat("en-US", { day: "numeric", month: "short", year: "numeric", ...clock });
  const others = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
  for (const time of root.querySelectorAll("time[datetime*='T']:not([data-local])")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.title = time.textContent;
    const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    const day = language === "en" ? `${part.day} ${part.month} ${part.year}` : others.format(moment);
    time.textContent = `${day}, ${part.hour}:${part.minute}`;
    time.dataset.local = "";
  }
}
document.addEventListener("DOMContentLoaded", () => localTimes(document));
document.addEventListener("htmx:load", (event) => localTimes(event.target));

// On a narrow screen the menu starts closed, and on a phone so does what is open on a desk: filters, legends, rows.
function fold(within) {
  if (window.matchMedia("(max-width: 60rem)").matches) within.querySelectorAll(".menu").forEach((menu) => { menu.open = false; });
  if (!window.matchMedia("(max-width: 40rem)").matches) return;
  within.querySelectorAll("details.desk").forEach((one) => { one.open = false; });
  within.querySelectorAll("table.folds tbody tr:not(.why)").forEach((row) => {
    if (row.querySelector(".unfold")) return;
    row.classList.add("folded");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet unfold", textContent: row.closest("table").dataset.folds });
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => button.setAttribute("aria-expanded", String(!row.classList.toggle("folded"))));
    row.lastElementChild.after(Object.assign(document.createElement("td"), { className: "folding" }));
    row.lastElementChild.append(button);
  });
}
document.addEventListener("DOMContentLoaded", () => fold(document));
document.addEventListener("htmx:load", (event) => fold(event.target));

// A field that is there to be copied is selected when it is entered.
document.addEventListener("focusin", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.matches(".copy")) event.target.select();
});

// <form data-confirm="…"> asks first.
document.addEventListener("submit", (event) => {
  const question = event.target instanceof HTMLFormElement ? event.target.dataset.confirm : undefined;
  if (question && !window.confirm(question)) event.preventDefault();
});

// "/" goes to the search, wherever nobody is typing.
function typing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const field = document.querySelector("[data-slash]");
  if (field === null) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// On a phone every table is shown as cards, each value with the name of its column. Heat maps stay what they are.
function named(root) {
  for (const table of root.querySelectorAll("main table:not(.rows, .heat, [data-named])")) {
    const heads = [];
    for (const head of table.querySelectorAll("thead tr:last-child > *")) {
      for (let column = 0; column < head.colSpan; column += 1) heads.push(column ? "" : head.textContent.trim());
    }
    if (!heads.length) continue;
    table.dataset.named = "";
    table.classList.add("as-cards");
    for (const row of table.querySelectorAll("tbody tr")) {
      let column = 0;
      for (const cell of row.children) {
        if (cell.tagName === "TD" && heads[column]) cell.dataset.name = heads[column].replace(/\s+/g, " ");
        column += cell.colSpan;
      }
    }
  }
}
document.addEventListener("DOMContentLoaded", () => named(document));
document.addEventListener("htmx:load", () => named(document));

// Sentences that scripts say stand in data-say-… of their elements, in the reader's language, with {places}.
function say(element, name, values = {}) {
  return element.getAttribute(`data-say-${name}`).replace(/\{(\w+)\}/g, (_all, place) => values[place]);
}

// What has data-why explains itself on hover and focus, and Escape puts it away.
function explain(event) {
  const place = event.target instanceof Element ? event.target.closest("[data-why]") : null;
  let box = document.getElementById("why");
  if (!place) {
    box?.remove();
    return;
  }
  if (!box) {
    box = document.createElement("div");
    box.id = "why";
    box.setAttribute("role", "tooltip");
    document.body.append(box);
  }
  box.textContent = place.dataset.why;
  place.setAttribute("aria-describedby", "why");
  const at = place.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - box.offsetWidth - 8))}px`;
  const below = at.bottom + 6;
  box.style.top = `${below + box.offsetHeight > window.innerHeight ? at.top - box.offsetHeight - 6 : below}px`;
}
document.addEventListener("mouseover", explain);
document.addEventListener("focusin", explain);
document.addEventListener("focusout", () => document.getElementById("why")?.remove());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.getElementById("why")?.remove();
});
