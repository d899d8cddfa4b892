// Type-ahead in the top bar: an ARIA combobox over links. htmx asks and swaps; a newer question ends the older one.
"use strict";
(() => {
  const search = document.querySelector("#search");
  const panel = document.querySelector("#search-panel");
  if (!search || !panel) return;
  const options = () => [...panel.querySelectorAll("[role=option]")];

  function show(isOpen) {
    panel.hidden = !isOpen;
    search.setAttribute("aria-expanded", String(isOpen && options().length > 0));
    if (!isOpen) point(null);
  }

  function point(option) {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (option) {
      search.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else search.removeAttribute("aria-activedescendant");
  }

  function move(step) {
    const found = options();
    const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
    show(true);
    point(found.at(at < 0 ? Math.min(step, 0) : (at + step) % found.length));
  }

  function close() {
    if (!panel.hidden) return show(false);
    if (search.value) search.value = "";
    else search.blur();
    return undefined;
  }

  search.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = panel.querySelector("[aria-selected=true]");
    if (step && options().length) { event.preventDefault(); move(step); }
    else if (event.key === "Enter" && chosen) { event.preventDefault(); chosen.click(); }
    else if (event.key === "Escape") { event.preventDefault(); close(); }
    else if (event.key === "Tab") show(false);
  });
  search.addEventListener("input", () => { point(null); if (!search.value.trim()) show(false); });
  search.addEventListener("focus", () => { if (options().length && search.value.trim()) show(true); });
  document.addEventListener("click", (event) => { if (!event.target.closest("#search-box")) show(false); });

  // An answer opens the list only for somebody who still waits for it.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === panel) show(Boolean(search.value.trim()) && document.activeElement === search);
  });

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    const isPalette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const isSlash = event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isPalette || isSlash) { event.preventDefault(); search.focus(); search.select(); }
  });
})();
