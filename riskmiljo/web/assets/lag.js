// A team's phone page: the next stop, and visits noted also without a network.
// Nothing here asks where the phone is.

import { Notes, keepPage } from "./notes.js";

const page = document.querySelector(".phone");
const stops = [...page.querySelectorAll(".next-stop")];

function showOnly(open) {
  for (const stop of stops) stop.hidden = stop !== open;
  page.querySelector(".all-done").hidden = Boolean(open);
}

// The stop that follows the last one that has been noted.
function after(number) {
  return stops.find((stop) => Number(stop.dataset.number) > number);
}

const notes = new Notes(page, "riskmiljo-har", {
  row: (number) => page.querySelector(`.phone-stops li[data-number="${number}"]`),
  here: (number) => showOnly(after(number)),
  undone: (number) => showOnly(stops.find((stop) => Number(stop.dataset.number) === number)),
});

page.addEventListener("submit", (event) => {
  if (notes.take(event.target, event.submitter)) event.preventDefault();
});

await keepPage(page, {
  cache: "riskmiljo-pass",
  scope: "/pass/",
  stays: (pathname) => pathname.startsWith(page.dataset.pages),
});
