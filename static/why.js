// A figure's trail in a panel beside the page. Without this file the same link opens it as a page.
"use strict";
(() => {
  const LINKS = "a.why, a.why-on";
  let opened = ""; // the address of the cell that it was opened from

  function panel() {
    const known = document.getElementById("trail-panel");
    if (known) return known;
    const made = document.createElement("dialog");
    made.id = "trail-panel";
    made.className = "trail-panel";
    made.setAttribute("aria-label", "Why this figure");
    made.innerHTML = '<div class="trail-bar"><a class="btn" data-trail-page>Open as a page</a><button class="btn" type="button" data-trail-close>Close</button></div><div class="trail-body" id="trail-body"></div>';
    made.addEventListener("close", () => {
      const back = document.querySelector(`a.why[href="${CSS.escape(opened)}"]`);
      if (back) back.focus({ preventScroll: true }); // a tick may have replaced the cell meanwhile
    });
    made.addEventListener("click", (event) => {
      if (event.target === made || event.target.closest("[data-trail-close]")) made.close();
    });
    document.body.append(made);
    return made;
  }

  async function open(address) {
    const place = panel();
    await window.htmx.ajax("GET", address, { target: "#trail-body", swap: "innerHTML" });
    if (!place.querySelector("#trail")) return; // refused or failed: a note said so
    place.querySelector("[data-trail-page]").href = address;
    if (!place.open) place.showModal();
    place.scrollTop = 0;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest(LINKS);
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.classList.contains("why-on") && !link.closest("#trail-panel")) return; // on its own page it leads on
    event.preventDefault();
    if (link.classList.contains("why")) opened = link.getAttribute("href");
    open(link.getAttribute("href"));
  });
})();
