// While a file is worked on: asks how it goes, and shows the page anew when something has changed.

import { filled } from "./filled.js";

const POLL_MS = 1000;
const work = document.querySelector(".import-work");
const seconds = work.querySelector(".import-seconds");
const begun = Date.now();

async function ask() {
  seconds.textContent = filled(work.dataset.seconds, { n: Math.round((Date.now() - begun) / 1000) });
  try {
    const answer = await fetch(work.dataset.state, { headers: { Accept: "application/json" } });
    // Also where the file is gone: the page then says so.
    if (!answer.ok || (await answer.json()).phase !== work.dataset.phase) {
      location.reload();
      return;
    }
  } catch {
    // Without a network the next try will tell.
  }
  setTimeout(ask, POLL_MS);
}

setTimeout(ask, POLL_MS);
