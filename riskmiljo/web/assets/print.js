// The print button: without scripts it stays hidden, and the page says how to print instead.

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
