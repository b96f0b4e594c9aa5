// The recording beside the words: a link beside each turn and each quote plays it from there.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const player = document.querySelector("[data-player]");
  if (!player) return;
  const audio = player.querySelector("audio");
  const times = JSON.parse(player.dataset.times);

  function link(seconds, what, shown) {
    const made = document.createElement("a");
    const clock = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    made.href = `${player.dataset.player}#t=${seconds.toFixed(1)}`;
    made.className = "play";
    made.textContent = shown ? `▶ ${clock}` : "▶";
    made.setAttribute("aria-label", say(player, what, { clock }));
    made.addEventListener("click", (event) => {
      event.preventDefault();
      audio.currentTime = Math.max(0, seconds - 0.3);
      audio.play();
    });
    return made;
  }

  // When the word at a place of a turn is said: that of the last word that begins at or before it.
  function when(turn, place) {
    const words = (times[turn] || []).filter(([at]) => at <= place);
    return words.length ? words[words.length - 1][1] : times[turn]?.[0]?.[1];
  }

  for (const turn of document.querySelectorAll("[id^='turn-']")) {
    const seconds = when(turn.id.slice(5), 0);
    const head = turn.querySelector(".speaker, .who");
    if (seconds !== undefined && head) head.append(" ", link(seconds, "turn", false));
  }

  for (const quote of document.querySelectorAll("a.quote[href^='#']")) {
    const target = document.getElementById(quote.hash.slice(1));
    const turn = target?.closest("[id^='turn-']");
    if (!turn) continue;
    let place = 0;
    const said = target.closest(".said");
    if (said && said !== target) {
      const before = document.createRange();
      before.setStart(said, 0);
      before.setEndBefore(target);
      place = before.toString().length;
    }
    const seconds = when(turn.id.slice(5), place);
    if (seconds !== undefined) quote.after(" ", link(seconds, "quote", true));
  }
});
