// Runs before the first paint: theme and colour order, so that no page flashes. What was toggled on this device
// counts until the member changes the theme in the settings.
"use strict";
(() => {
  const root = document.documentElement;
  const chosen = root.dataset.theme; // missing where nobody is signed in
  const over = localStorage.getItem("theme-over"); // the setting that the toggle overrode
  if (chosen && over && over !== chosen) ["theme", "theme-over"].forEach((key) => localStorage.removeItem(key));
  const device = window.matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  const theme = localStorage.getItem("theme") || (chosen === "system" ? device : chosen);
  root.dataset.bsTheme = theme === "light" || theme === "dark" ? theme : root.dataset.bsTheme || "dark";
  root.dataset.rises = localStorage.getItem("rises") === "red" ? "red" : "teal";
})();
