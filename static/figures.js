// The definition of a key figure: shown beside its name by hover and focus; a click does so without this script.
"use strict";
(() => {
  const GAP = 4;

  function place(button, words) {
    const at = button.getBoundingClientRect();
    const room = document.documentElement.clientWidth - words.offsetWidth - 8;
    const below = at.bottom + GAP + words.offsetHeight <= window.innerHeight;
    words.style.left = `${Math.max(8, Math.min(at.left, room))}px`;
    words.style.top = `${below ? at.bottom + GAP : Math.max(8, at.top - GAP - words.offsetHeight)}px`;
  }

  function show(button) {
    const words = document.getElementById(button.getAttribute("popovertarget"));
    if (!words || words.matches(":popover-open")) return;
    words.showPopover();
    place(button, words);
  }

  function hide(button) {
    const words = document.getElementById(button.getAttribute("popovertarget"));
    if (words?.matches(":popover-open") && document.activeElement !== button) words.hidePopover();
  }

  const named = (event) => event.target instanceof Element && event.target.closest("[popovertarget].define");
  document.addEventListener("mouseover", (event) => { const button = named(event); if (button) show(button); });
  document.addEventListener("mouseout", (event) => { const button = named(event); if (button && !button.contains(event.relatedTarget)) hide(button); });
  document.addEventListener("focusin", (event) => { const button = named(event); if (button?.matches(":focus-visible")) show(button); });
  document.addEventListener("focusout", (event) => {
    const button = named(event);
    if (button) document.getElementById(button.getAttribute("popovertarget"))?.hidePopover();
  });
  document.addEventListener("toggle", (event) => {
    if (event.newState === "open" && event.target.matches(".definition")) {
      place(document.querySelector(`[popovertarget="${event.target.id}"]`), event.target);
    }
  }, true);
})();
