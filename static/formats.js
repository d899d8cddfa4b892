// Figures and times as the member reads them. Pages and live frames carry en-US figures and UTC stamps; what the
// parser, htmx or a frame brings is written anew before it is painted, by the same lines.
"use strict";
(() => {
  const { numbers, dates, zone } = document.documentElement.dataset;
  const FIGURES = ".num, .cell, .figure-value, .facts dd, [data-figures]";
  const PIECES = `${FIGURES}, time[data-moment], time[data-day]`;
  const NUMBER = /\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+/g;
  const MARKS = { comma: { ",": ".", ".": "," }, space: { ",": "\u202f", ".": "," } }[numbers];
  const ORDERS = {
    iso: ({ year, month, day }) => [year, String(month).padStart(2, "0"), String(day).padStart(2, "0")].filter(Boolean).join("-"),
    day_first: ({ year, name, day }) => [day, name, year].filter(Boolean).join(" "),
    month_first: ({ year, name, day }) => `${name} ${day}${year ? `, ${year}` : ""}`,
  };

  const number = (text) => (MARKS ? text.replace(NUMBER, (found) => found.replace(/[,.]/g, (mark) => MARKS[mark])) : text);

  function partsOf(date, timeZone) {
    const options = { timeZone, year: "numeric", month: "numeric", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", options).formatToParts(date).map((part) => [part.type, part.value]));
    const name = new Intl.DateTimeFormat("en-US", { timeZone, month: "short" }).format(date);
    return { ...parts, name };
  }

  function day(date, form = "") {
    const parts = partsOf(date, "UTC");
    return (form === "weekday" ? `${parts.weekday} ` : "") + (ORDERS[dates] || ORDERS.day_first)(parts);
  }

  function moment(date, form = "") {
    const parts = partsOf(date, zone);
    const on = ORDERS[dates](form === "short" ? { ...parts, year: "" } : parts);
    return `${on}, ${parts.hour}:${parts.minute}${zone === "UTC" ? " UTC" : ""}`;
  }

  function write(piece) {
    if (piece.dataset.written) return;
    piece.dataset.written = "1";
    const date = piece.localName === "time" && new Date(piece.getAttribute("datetime"));
    if (date) piece.textContent = piece.dataset.moment === undefined ? day(date, piece.dataset.day) : moment(date, piece.dataset.moment);
    else if (MARKS) {
      textsOf(piece).forEach((text) => { text.data = number(text.data); });
      for (const link of piece.querySelectorAll("a.why")) link.ariaLabel = number(link.ariaLabel);
    }
  }

  function textsOf(piece) {
    const walker = document.createTreeWalker(piece, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) if (walker.currentNode.parentElement.closest(PIECES) === piece) texts.push(walker.currentNode);
    return texts;
  }

  const within = (part) => part.querySelectorAll(PIECES).forEach(write);
  window.formats = { number, day, within: dates ? within : () => {} };
  if (!dates) return; // nobody is signed in

  // While the page arrives, an element that nothing follows yet may still grow.
  const waiting = new Set();
  const isOpen = (node) => !node || (!node.nextSibling && isOpen(node.parentNode));
  function sweep(isWhole) {
    for (const piece of waiting) {
      if (!isWhole && isOpen(piece)) continue;
      waiting.delete(piece);
      write(piece);
    }
  }
  function note(added) {
    if (added.nodeType === Node.TEXT_NODE) {
      const owner = added.parentElement?.closest(PIECES);
      if (owner?.dataset.written && owner.localName !== "time") added.data = number(added.data);
    } else if (added.nodeType === Node.ELEMENT_NODE) {
      if (added.matches(PIECES)) waiting.add(added);
      for (const piece of added.querySelectorAll(PIECES)) waiting.add(piece);
    }
  }
  new MutationObserver((records) => {
    for (const record of records) record.addedNodes.forEach(note);
    sweep(document.readyState !== "loading");
  }).observe(document, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => sweep(true));
})();
