// The rating screen: keys, quoting by selecting words, and going on without losing what was typed.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const form = () => byId("rating");
  let moving = false; // while the next criterion is on its way, keys must not land on the one before
  let quoting = false; // the next request adds the words in the fields turn and words
  let dirty = false; // a reason that no request has carried yet
  let picked = null; // the words selected in the transcript: {turn, words}

  // --- saving ---------------------------------------------------------------------------------
  function choose(button) {
    byId("value").value = button.value;
    for (const other of form().querySelectorAll("button.level")) other.setAttribute("aria-pressed", String(other === button));
  }

  function save() {
    form().requestSubmit();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !form() || !form().contains(button)) return;
    if (button.matches(".level")) {
      choose(button);
    } else if (button.matches(".drop")) {
      event.preventDefault();
      button.closest(".chip").remove();
      save();
      byId("criterion").focus({ preventScroll: true });
    } else if (button.id === "add-quote") {
      quoting = true;
    } else if (button.matches("#next, #back")) {
      moving = true;
    }
  });

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target !== form()) return;
    // HTMX sends the button that was pressed last along with later requests too: the state is in the fields alone.
    for (const name of ["level", "drop", "do"]) delete event.detail.parameters[name];
    if (quoting) event.detail.parameters.do = "quote";
    event.target.dataset.quoting = quoting ? "yes" : "";
    quoting = false;
    dirty = false;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const sender = event.detail.requestConfig.elt; // it may be gone from the page by now
    if (sender.matches("#next, #back")) moving = false;
    if (sender !== form() || form().dataset.quoting !== "yes") return;
    form().dataset.quoting = "";
    if (event.detail.successful || picked) {
      byId("turn").value = byId("words").value = "";
      picked = null;
      getSelection().removeAllRanges();
    }
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "rating" || event.target.id === "rating") {
      dirty = false;
      byId("criterion").focus({ preventScroll: matchMedia("(min-width: 60rem)").matches });
    }
    mark();
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === "reason") dirty = true;
  });

  // Whoever leaves while typing a reason keeps it.
  addEventListener("pagehide", () => {
    if (!dirty || !form() || !byId("value").value) return;
    const data = new FormData(form());
    data.delete("turn");
    data.delete("words");
    navigator.sendBeacon(form().action, data);
  });

  // --- keys -----------------------------------------------------------------------------------
  function go(id) {
    const button = byId(id);
    if (!button.disabled) button.click();
  }

  function typing(event) {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && event.target.matches("#turn, #words")) {
      event.preventDefault();
      byId("add-quote").click();
    }
    if (event.key === "Enter" && event.target.id === "reason" && (event.ctrlKey || event.metaKey)) go("next");
  }

  function pressed(event) {
    const level = form().querySelector(`button.level[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (level) return () => level.click();
    const chosen = event.target.matches?.("button.level[aria-pressed='true']");
    const elsewhere = event.target.closest?.("a, button, summary");
    const keys = {
      ArrowRight: () => go("next"),
      ArrowLeft: () => go("back"),
      Enter: !elsewhere || chosen ? () => go("next") : undefined,
      q: quote,
      r: () => byId("reason").focus(),
    };
    return keys[event.key];
  }

  document.addEventListener("keydown", (event) => {
    if (!form() || event.isComposing) return;
    if (event.target.matches?.("input, textarea, select")) return typing(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = pressed(event);
    if (!action) return;
    event.preventDefault();
    if (!moving) action();
  });

  // --- quoting --------------------------------------------------------------------------------
  const inWord = (text, at) => /[\p{L}\p{N}]/u.test(text[at] ?? "");

  function selectedWords() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const at = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.("#transcript .said");
    const [first, last] = [at(range.startContainer), at(range.endContainer)];
    if (!first && !last) return null;
    // A triple click ends at the beginning of the next element: that is still one turn.
    const said = first ?? last;
    if (last && last !== said && range.endOffset > 0) return { across: true };
    const before = document.createRange();
    before.setStart(said, 0);
    if (first) before.setEnd(range.startContainer, range.startOffset);
    const text = said.textContent;
    let start = first ? before.toString().length : 0;
    let end = text.length;
    if (last === said) {
      before.setEnd(range.endContainer, range.endOffset);
      end = before.toString().length;
    }
    while (start < end && /\s/.test(text[start])) start += 1;
    while (end > start && /\s/.test(text[end - 1])) end -= 1;
    while (start > 0 && inWord(text, start - 1) && inWord(text, start)) start -= 1;
    while (end < text.length && inWord(text, end - 1) && inWord(text, end)) end += 1;
    return start < end ? { turn: said.closest(".turn").dataset.turn, words: text.slice(start, end) } : null;
  }

  function showPick() {
    const found = selectedWords();
    const bar = byId("pick");
    if (!bar) return;
    if (!found) {
      // On a phone the tap on the button takes the selection away first.
      setTimeout(() => { if (!selectedWords()) { picked = null; bar.hidden = true; } }, 400);
      return;
    }
    picked = found.across ? null : found;
    bar.hidden = false;
    byId("quote-selected").disabled = Boolean(found.across);
    byId("selected").textContent = found.across ? say(bar, "across") : say(bar, "turn", { n: found.turn });
  }

  function quote() {
    picked = selectedWords()?.words ? selectedWords() : picked;
    if (!picked) {
      byId("turn").closest("details").open = true;
      byId("turn").focus();
      return;
    }
    byId("turn").value = picked.turn;
    byId("words").value = picked.words;
    quoting = true;
    save();
  }

  document.addEventListener("selectionchange", showPick);
  document.addEventListener("mousedown", (event) => { if (event.target.closest("#quote-selected")) event.preventDefault(); });
  document.addEventListener("click", (event) => { if (event.target.closest("#quote-selected")) quote(); });

  // --- marking the quotes in the transcript ------------------------------------------------------
  function mark() {
    const ranges = [];
    for (const turn of document.querySelectorAll("#transcript .turn.quoted")) turn.classList.remove("quoted");
    for (const chip of document.querySelectorAll("#saved .chip")) {
      const turn = byId(`turn-${chip.dataset.turn}`);
      if (!turn) continue;
      turn.classList.add("quoted");
      const node = turn.querySelector(".said").firstChild;
      const points = Array.from(node.data); // the server counts code points, the browser halves of surrogates
      const range = document.createRange();
      range.setStart(node, points.slice(0, chip.dataset.start).join("").length);
      range.setEnd(node, points.slice(0, chip.dataset.end).join("").length);
      ranges.push(range);
    }
    if (window.Highlight && CSS.highlights) CSS.highlights.set("quoted", new Highlight(...ranges));
  }
  document.addEventListener("DOMContentLoaded", mark);
})();
