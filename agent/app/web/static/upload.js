// Dropping files and folders, and bringing many of them in several requests. Without this the form brings them in one.
"use strict";

(() => {
  const FILES = 100; // a request
  const BYTES = 40_000_000;

  const entriesOf = (reader) => new Promise((done, failed) => reader.readEntries(done, failed));
  const fileOf = (entry) => new Promise((done, failed) => entry.file(done, failed));

  // All files below a dropped entry, with their paths.
  async function below(entry, path, found) {
    if (entry.isFile) {
      found.push({ file: await fileOf(entry), name: path + entry.name });
      return;
    }
    const reader = entry.createReader();
    for (let part = await entriesOf(reader); part.length; part = await entriesOf(reader)) {
      for (const inner of part) await below(inner, `${path}${entry.name}/`, found);
    }
  }

  async function dropped(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    if (!entries.length) return [...transfer.files].map((file) => ({ file, name: file.name }));
    const found = [];
    for (const entry of entries) await below(entry, "", found);
    return found;
  }

  const chosen = (form) =>
    [...form.querySelectorAll('input[type="file"]')].flatMap((input) =>
      [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));

  function* parts(files) {
    let part = [], bytes = 0;
    for (const one of files) {
      if (part.length && (part.length >= FILES || bytes + one.file.size > BYTES)) {
        yield part;
        part = [];
        bytes = 0;
      }
      part.push(one);
      bytes += one.file.size;
    }
    if (part.length) yield part;
  }

  async function send(path, kind, files, state) {
    const body = new FormData();
    if (kind) body.append("kind", kind);
    for (const { file, name } of files) body.append("files", file, name);
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const answer = await fetch(path, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRF-Token": token, "HX-Request": "true" },
    });
    freshen(answer.headers.get("X-CSRF-Token"));
    if (!answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      throw new Error(page.body.textContent.trim() || say(state, "answered", { status: answer.status }));
    }
    return answer.json();
  }

  async function bring(form, files) {
    const state = form.querySelector("[data-drop-state]");
    const bar = form.querySelector("[data-drop-progress]");
    if (!files.length) {
      state.textContent = say(state, "none");
      return;
    }
    bar.hidden = false;
    bar.max = files.length;
    let there = form.dataset.upload, sent = 0;
    const problems = [];
    for (const part of parts(files)) {
      state.textContent = say(state, "there", { sent, all: files.length });
      bar.value = sent;
      const kind = form.querySelector('input[name="kind"]:checked');
      const answer = await send(there ? `/upload/${there}/files` : "/upload", there ? "" : kind.value, part, state);
      there = answer.id;
      problems.push(...answer.problems);
      sent += part.length;
    }
    if (problems.length) {
      state.textContent = problems.join(" · ");
      bar.hidden = true;
      const on = document.createElement("a");
      on.href = `/upload/${there}`;
      on.textContent = say(state, "on");
      state.append(" ", on);
      return;
    }
    window.location.assign(`/upload/${there}`);
  }

  function start(form) {
    const drop = form.querySelector("[data-drop]");
    const state = form.querySelector("[data-drop-state]");
    form.querySelector("[data-drop-hint]").hidden = false;
    const run = async (files) => {
      try {
        await bring(form, await files);
      } catch (error) {
        state.textContent = `${error.message} ${say(state, "stay")}`;
      }
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(chosen(form));
    });
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      run(dropped(event.dataTransfer));
    });
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("form[data-upload]").forEach(start));
})();
