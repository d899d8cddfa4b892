// The page's behaviour: live cells, theme, drawer, toasts. No framework beside htmx.
"use strict";

const body = document.body;
const root = document.documentElement;
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/* ---- live cells: one socket; every frame is a row of elements that carry data-live ---- */
const live = { socket: null, attempt: 0, timer: 0, lastAt: null };

function showConnection(state, words) {
  const badge = one("#connection");
  if (!badge || badge.dataset.state === state) return;
  badge.dataset.state = state;
  one(".words", badge).textContent = words;
  root.dataset.connection = state;
  const banner = one("#offline");
  if (!banner) return;
  banner.hidden = state !== "offline";
  const at = live.lastAt ? live.lastAt.toLocaleTimeString("en-GB") : "the page was opened";
  if (state === "offline") one(".words", banner).textContent = `Offline: figures stand as of ${at}. Trying again.`;
}

function showTitle(cell) {
  if (!body.dataset.titleLive || cell.dataset.live !== body.dataset.titleLive) return;
  const arrow = { up: " ▲", down: " ▼" }[cell.dataset.direction] || "";
  document.title = `(${cell.textContent.trim()}${arrow}) ${body.dataset.title}`;
}

function replaceCell(present, fresh) {
  if (present.outerHTML === fresh.outerHTML) return;
  const before = Number(present.dataset.value);
  const after = Number(fresh.dataset.value);
  const cell = fresh.cloneNode(true);
  if (fresh.dataset.toast && fresh.dataset.state !== present.dataset.state) toast(fresh.dataset.toast);
  const held = present.contains(document.activeElement) && document.activeElement.getAttribute("href");
  if (present.dataset.value && fresh.dataset.value && before !== after) {
    cell.classList.add(after > before ? "flash-up" : "flash-down");
  }
  present.replaceWith(cell);
  if (held) (one(`a[href="${CSS.escape(held)}"]`, cell) || one("a, button", cell))?.focus();
  if (window.htmx && one("[hx-get], [hx-post]", cell)) window.htmx.process(cell);
}

function receive(html) {
  const frame = document.createElement("template");
  frame.innerHTML = html;
  window.formats.within(frame.content);
  live.lastAt = new Date();
  for (const fresh of all("[data-live]", frame.content)) {
    const key = fresh.dataset.live;
    if (key === "page:title") document.title = `${fresh.textContent.trim()} ${body.dataset.title}`;
    for (const present of all(`[data-live="${CSS.escape(key)}"]`)) replaceCell(present, fresh);
    showTitle(fresh);
    document.dispatchEvent(new CustomEvent("live:cell", { detail: { key, cell: fresh } }));
  }
}

function reconnectLater() {
  const wait = Math.min(15000, 500 * 2 ** live.attempt) * (0.5 + Math.random());
  live.attempt += 1;
  showConnection(live.attempt > 3 || !navigator.onLine ? "offline" : "reconnecting", live.attempt > 3 ? "offline" : "reconnecting");
  clearTimeout(live.timer);
  live.timer = setTimeout(connect, wait);
}

function disconnect() {
  clearTimeout(live.timer);
  if (!live.socket) return;
  live.socket.onclose = null;
  live.socket.close();
  live.socket = null;
}

function connect() {
  const topics = body.dataset.liveTopics;
  disconnect();
  if (!topics || document.hidden) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws/?topics=${encodeURIComponent(topics)}`);
  live.socket = socket;
  socket.onopen = () => { live.attempt = 0; showConnection("live", "live"); };
  socket.onmessage = (event) => receive(event.data);
  socket.onclose = (event) => {
    live.socket = null;
    if (event.code === 4401) location.reload();
    else if (event.code === 4402) setTimeout(() => location.reload(), 5000); // by then every web process knows
    else reconnectLater();
  };
}

// A hidden tab rests; the server sends the present state on connect, so it is right when it comes back.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return connect();
  live.timer = setTimeout(() => { disconnect(); showConnection("paused", "paused"); }, 15000);
});
window.addEventListener("online", connect);
window.addEventListener("offline", () => { live.attempt = 4; showConnection("offline", "offline"); });
window.addEventListener("pagehide", disconnect);
window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });

/* ---- theme and colour order ---- */
function nameTheme() {
  const isDark = root.dataset.bsTheme === "dark";
  const button = one("#theme");
  if (button) {
    button.setAttribute("aria-label", isDark ? "Use the light theme" : "Use the dark theme");
    one(".bi", button).className = `bi ${isDark ? "bi-sun" : "bi-moon-stars"}`;
  }
  one("#rises")?.setAttribute("aria-pressed", String(root.dataset.rises === "red"));
}

function remember(key, value) {
  localStorage.setItem(key, value);
  document.dispatchEvent(new CustomEvent("theme:changed"));
  nameTheme();
}

/* ---- drawer, menus, toasts ---- */
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { drawer(false); for (const menu of all("details.menu[open]")) menu.open = false; }
});

function drawer(isOpen) {
  const button = one("#drawer");
  if (!button || body.classList.contains("sidebar-open") === isOpen) return;
  body.classList.toggle("sidebar-open", isOpen);
  button.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) one("#sidebar a")?.focus();
  else button.focus();
}

function toast(text) {
  const shelf = one("#toasts");
  if (!shelf || !text) return;
  const note = document.createElement("div");
  note.className = "toast-note";
  note.textContent = text;
  shelf.append(note);
  setTimeout(() => note.remove(), 8000);
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("button, a");
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (event.target.closest(".sidebar-overlay")) return drawer(false);
  if (!pressed) return undefined;
  if (pressed.id === "drawer") drawer(!body.classList.contains("sidebar-open"));
  if (pressed.id === "theme") {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    remember("theme", root.dataset.bsTheme);
    if (root.dataset.theme) localStorage.setItem("theme-over", root.dataset.theme);
  }
  if (pressed.id === "rises") {
    root.dataset.rises = root.dataset.rises === "red" ? "teal" : "red";
    remember("rises", root.dataset.rises);
  }
  if (pressed.dataset.print !== undefined) window.print();
  return undefined;
});

/* ---- htmx: a new table brings its own topics, a failure says what is safe ---- */
document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.detail.target;
  const bearer = document.getElementById(part.id)?.closest("[data-live-topics]");
  if (!bearer || bearer === body || bearer.dataset.liveTopics === body.dataset.liveTopics) return;
  body.dataset.liveTopics = bearer.dataset.liveTopics;
  if (bearer.dataset.titleLive) body.dataset.titleLive = bearer.dataset.titleLive;
  connect();
});
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. Nothing was changed; try again."));
document.addEventListener("htmx:responseError", (event) => {
  const refused = event.detail.xhr.status === 403;
  toast(refused ? "Your role does not allow this. Nothing was changed." : "That did not work. Nothing was changed; try again.");
});

nameTheme();
connect();
