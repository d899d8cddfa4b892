// Candles, volume and the 50-session mean of one instrument; follows the live price of its cell.
"use strict";
(() => {
  const MEAN = 50;
  const RANGES = { "1M": 21, "3M": 63, "6M": 126, "9M": 189, "1Y": 252, "2Y": 504 };
  const written = (options) => {
    const english = new Intl.NumberFormat("en-US", options);
    return { format: (n) => window.formats.number(english.format(n)) };
  };
  const money = written({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const count = written({ notation: "compact", maximumFractionDigits: 1 });
  const whole = written({});
  const percent = (ratio, places) => {
    const text = (Math.abs(ratio) * 100).toFixed(places);
    return `${Number(text) ? (ratio > 0 ? "+" : "−") : ""}${window.formats.number(text)}\u2009%`;
  };
  const dateOf = (seconds) => window.formats.day(new Date(seconds * 1000), "weekday");
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  let shown = null;

  function means(bars) {
    let sum = 0;
    const line = [];
    bars.forEach((bar, at) => {
      sum += bar.close - (at >= MEAN ? bars[at - MEAN].close : 0);
      if (at >= MEAN - 1) line.push({ time: bar.time, value: sum / MEAN });
    });
    return line;
  }

  function paint(view) {
    const [up, down, line, muted] = ["up", "down", "line-soft", "muted"].map(token);
    view.chart.applyOptions({
      layout: { background: { type: "solid", color: token("card") }, textColor: muted },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line },
      crosshair: { vertLine: { color: muted, labelBackgroundColor: token("raised") }, horzLine: { color: muted, labelBackgroundColor: token("raised") } },
    });
    view.candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false });
    view.mean.applyOptions({ color: token("accent-mark") });
    view.volume.setData(view.bars.map((bar) => volumeOf(bar, up, down)));
  }

  const volumeOf = (bar, up = token("up"), down = token("down")) =>
    ({ time: bar.time, value: bar.volume, color: `${bar.close >= bar.open ? up : down}66` });

  function legend(view, bar) {
    if (!bar) return;
    const before = view.bars[view.bars.indexOf(bar) - 1];
    const mean = view.means.get(bar.time);
    const change = before ? ` (${percent(bar.close / before.close - 1, 2)})` : "";
    const words = `${dateOf(bar.time)}: open ${money.format(bar.open)}, high ${money.format(bar.high)}, low ${money.format(bar.low)}, `
      + `close ${money.format(bar.close)}${change}`
      + (bar.volume ? `, volume ${count.format(bar.volume)}` : "")
      + (mean ? `, SMA ${MEAN} ${money.format(mean)}` : "");
    view.legend.textContent = words;
  }

  // The caption states the finding of the range in view.
  function caption(view) {
    const visible = view.bars.slice(-view.sessions);
    const last = visible.at(-1);
    if (visible.length < 2) return;
    const change = (last.close / visible[0].close - 1) * 100;
    const mean = view.means.get(last.time);
    const moved = Math.abs(change) < 0.005 ? "is unchanged" : `${change > 0 ? "rose" : "fell"} ${window.formats.number(Math.abs(change).toFixed(1))}\u2009%`;
    const against = mean ? `; ${last.close >= mean ? "above" : "below"} its mean of ${MEAN} sessions (${money.format(mean)})` : "";
    view.caption.textContent = `${view.symbol} ${moved} over ${visible.length} sessions to ${dateOf(last.time)}${against}.`;
  }

  function showRange(view, name) {
    view.sessions = Math.min(RANGES[name] || view.bars.length, view.bars.length);
    view.chart.timeScale().setVisibleLogicalRange({ from: view.bars.length - view.sessions - 0.5, to: view.bars.length + 1.5 });
    for (const button of view.part.querySelectorAll("[data-range]")) {
      button.setAttribute("aria-pressed", String(button.dataset.range === name));
    }
    caption(view);
  }

  function fillTable(view) {
    const rows = view.bars.slice(-60).reverse().map((bar) => {
      const row = document.createElement("tr");
      const cells = [dateOf(bar.time), ...[bar.open, bar.high, bar.low, bar.close].map((n) => money.format(n)), whole.format(bar.volume)];
      cells.forEach((text, at) => {
        const cell = document.createElement(at ? "td" : "th");
        if (at) cell.className = "num"; else cell.scope = "row";
        cell.textContent = text;
        cell.dataset.written = "1"; // formats.js has nothing left to do
        row.append(cell);
      });
      return row;
    });
    view.part.querySelector(".chart-table tbody").replaceChildren(...rows);
  }

  function follow(view, cell) {
    const price = Number(cell.dataset.value);
    const time = Date.parse(`${cell.dataset.on}T00:00:00Z`) / 1000;
    let last = view.bars.at(-1);
    if (!price || !time || time < last.time) return;
    if (time > last.time) {
      const { on, open, high, low, volume } = cell.dataset.on === view.part.dataset.on ? view.part.dataset : {};
      const opened = Number(open) || price;
      last = { time, open: opened, high: Number(high) || opened, low: Number(low) || opened, close: price, volume: on ? Number(volume) : 0 };
      view.bars.push(last);
    }
    Object.assign(last, { close: price, high: Math.max(last.high, price), low: Math.min(last.low, price) });
    view.candles.update({ ...last });
    view.volume.update(volumeOf(last));
    const line = means(view.bars.slice(-MEAN)).at(-1);
    if (line) { view.mean.update(line); view.means.set(line.time, line.value); }
    legend(view, view.pointed || last);
    caption(view);
  }

  function show(part) {
    const source = part.querySelector("script[type='application/json']");
    const box = part.querySelector(".chart-box");
    if (!source || !box || !window.LightweightCharts || part.dataset.shown) return;
    part.dataset.shown = "yes";
    shown?.chart.remove();
    const library = window.LightweightCharts;
    const bars = JSON.parse(source.textContent).map(([time, open, high, low, close, volume]) => ({ time, open, high, low, close, volume }));
    if (!bars.length) { shown = null; return; }
    const chart = library.createChart(box, {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: "Inter Variable, Inter, system-ui, sans-serif", fontSize: 11 },
      rightPriceScale: { scaleMargins: { top: 0.06, bottom: 0.24 } },
      timeScale: { rightOffset: 1, minBarSpacing: 0.5 },
      localization: { locale: "en-GB", priceFormatter: (n) => money.format(n) },
    });
    const candles = chart.addSeries(library.CandlestickSeries, { priceLineStyle: 1 });
    const volume = chart.addSeries(library.HistogramSeries, { priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
    chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    const mean = chart.addSeries(library.LineSeries, { lineWidth: 1.5, lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false });
    const line = means(bars);
    const view = {
      part, chart, candles, volume, mean, bars, means: new Map(line.map((point) => [point.time, point.value])),
      symbol: part.dataset.symbol, key: `${part.dataset.instrument}:price`, pointed: null, sessions: bars.length,
      legend: part.querySelector(".chart-legend"), caption: part.querySelector(".chart-caption"),
    };
    shown = view;
    paint(view);
    candles.setData(bars);
    mean.setData(line);
    showRange(view, window.matchMedia("(max-width: 640px)").matches ? "3M" : "9M");
    legend(view, bars.at(-1));
    chart.subscribeCrosshairMove((point) => {
      view.pointed = point.time ? view.bars.find((bar) => bar.time === point.time) : null;
      legend(view, view.pointed || view.bars.at(-1));
    });
    part.querySelector(".chart-table")?.addEventListener("toggle", (event) => { if (event.target.open) fillTable(view); });
    const cell = document.querySelector(`[data-live="${view.key}"]`);
    if (cell) follow(view, cell);
  }

  const showAll = () => document.querySelectorAll("[data-chart]").forEach(show);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-range]");
    if (button && shown) showRange(shown, button.dataset.range);
  });
  document.addEventListener("live:cell", (event) => { if (shown && event.detail.key === shown.key) follow(shown, event.detail.cell); });
  document.addEventListener("theme:changed", () => { if (shown) paint(shown); });
  document.addEventListener("htmx:afterSettle", showAll);
  showAll();
})();
