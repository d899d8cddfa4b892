// Lines over days with a legend in words under the pointer; marks of trades where a page has them.
"use strict";
(() => {
  const written = (places) => new Intl.NumberFormat("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  const plain = written(2);
  const FORMS = {
    percent: (value) => `${value < 0 ? "−" : ""}${window.formats.number((Math.abs(value) * 100).toFixed(2))}\u2009%`,
    money: (value) => window.formats.number(plain.format(value)),
    number: (value) => `${value < 0 ? "−" : ""}${window.formats.number(Math.abs(value).toFixed(2))}`,
  };
  const dateOf = (seconds) => window.formats.day(new Date(seconds * 1000), "weekday");
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const views = new Map();

  function paint(view) {
    const [line, muted, raised] = ["line-soft", "muted", "raised"].map(token);
    view.chart.applyOptions({
      layout: { background: { type: "solid", color: token("card") }, textColor: muted },
      grid: { vertLines: { visible: false }, horzLines: { color: line } },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line },
      crosshair: { vertLine: { color: muted, labelBackgroundColor: raised }, horzLine: { color: muted, labelBackgroundColor: raised } },
    });
    for (const { series, said } of view.lines) {
      const colour = token(said.tone);
      series.applyOptions(said.area ? { lineColor: colour, topColor: `${colour}10`, bottomColor: `${colour}40`, invertFilledArea: true } : { color: colour });
    }
    view.marks?.setMarkers(view.said.marks.map((mark) => ({
      time: mark.time, position: mark.in ? "belowBar" : "aboveBar", shape: mark.in ? "arrowUp" : "arrowDown",
      color: token(mark.in ? "up" : "down"), text: mark.text,
    })));
  }

  function legend(view, time) {
    const values = view.lines.map(({ said, at }) => (at.has(time) ? `${said.name} ${FORMS[said.form](at.get(time))}` : "")).filter(Boolean);
    if (values.length) view.legend.textContent = `${dateOf(time)}: ${values.join(", ")}`;
  }

  function add(chart, said) {
    const library = window.LightweightCharts;
    const options = { lineWidth: said.tone === "muted" ? 1 : 2, lastValueVisible: false, priceLineVisible: false, priceFormat: { type: "custom", minMove: 0.0001, formatter: FORMS[said.form] } };
    const series = chart.addSeries(said.area ? library.AreaSeries : library.LineSeries, options);
    series.setData(said.points.map(([time, value]) => ({ time, value })));
    return { series, said, at: new Map(said.points) };
  }

  function show(part) {
    const box = part.querySelector(".chart-box");
    if (part.dataset.shown || !window.LightweightCharts) return;
    part.dataset.shown = "yes";
    const said = JSON.parse(part.querySelector("script[type='application/json']").textContent);
    if (!said.lines.some((line) => line.points.length)) return;
    const chart = window.LightweightCharts.createChart(box, {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: "Inter Variable, Inter, system-ui, sans-serif", fontSize: 11 },
      rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.08 } },
      timeScale: { rightOffset: 1, minBarSpacing: 0.05, fixLeftEdge: true },
      handleScroll: { vertTouchDrag: false },
      localization: { locale: "en-GB" },
    });
    const lines = said.lines.map((line) => add(chart, line));
    const view = { part, chart, said, lines, legend: part.querySelector(".chart-legend"), marks: null };
    if (said.marks.length) view.marks = window.LightweightCharts.createSeriesMarkers(lines[0].series, []);
    views.set(part, view);
    paint(view);
    chart.timeScale().fitContent();
    const last = Math.max(...said.lines.flatMap((line) => line.points.slice(-1).map(([time]) => time)));
    legend(view, last);
    chart.subscribeCrosshairMove((point) => legend(view, point.time || last));
  }

  function showAll() {
    for (const [part, view] of views) if (!part.isConnected) { view.chart.remove(); views.delete(part); }
    document.querySelectorAll("[data-lines]").forEach(show);
  }

  document.addEventListener("theme:changed", () => views.forEach(paint));
  document.addEventListener("htmx:afterSettle", showAll);
  showAll();
})();
