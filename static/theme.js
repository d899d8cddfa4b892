// Runs before the first paint: the remembered theme and colour order, so that no page flashes.
"use strict";
(() => {
  const root = document.documentElement;
  const theme = localStorage.getItem("theme");
  root.dataset.bsTheme = theme === "light" || theme === "dark" ? theme : root.dataset.bsTheme || "dark";
  root.dataset.rises = localStorage.getItem("rises") === "red" ? "red" : "teal";
})();
