// Candles and volume. Loaded after everything else: the page trades without it.
"use strict";

class CandleChart {
  constructor(board, stream) {
    this.terms = board.dataset;
    this.stream = stream;
    this.interval = "1m";
    const box = document.getElementById("chart");
    const library = window.LightweightCharts;
    this.chart = library.createChart(box, {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11 },
      timeScale: { timeVisible: true, secondsVisible: false },
      rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.22 } },
    });
    const precision = Decimals.places(Decimals.trimmed(this.terms.tick));
    this.candles = this.chart.addSeries(library.CandlestickSeries, {
      priceFormat: { type: "price", precision, minMove: 10 ** -precision },
    });
    this.volume = this.chart.addSeries(library.HistogramSeries, { priceScaleId: "", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    for (const button of document.querySelectorAll("[data-interval]"))
      button.addEventListener("click", () => this.change(button.dataset.interval));
    document.getElementById("theme")?.addEventListener("click", () => setTimeout(() => this.colour()));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.colour());
    this.colour();
    this.load();
  }

  name(interval) { return `${this.terms.symbol.toLowerCase()}@kline_${interval}`; }

  change(interval) {
    this.stream.change(this.name(this.interval), this.name(interval));
    this.interval = interval;
    for (const button of document.querySelectorAll("[data-interval]"))
      button.setAttribute("aria-pressed", String(button.dataset.interval === interval));
    this.load();
  }

  async load() {
    const interval = this.interval;
    const answer = await fetch(`/api/v3/klines?symbol=${this.terms.symbol}&interval=${interval}&limit=300`);
    if (!answer.ok || interval !== this.interval) return;
    const rows = (await answer.json()).map(([time, open, high, low, close, volume]) => ({ time, open, high, low, close, volume }));
    this.candles.setData(rows.map((row) => this.candle(row)));
    this.volume.setData(rows.map((row) => this.bar(row)));
    this.since = rows.length ? rows.at(-1).time : 0;
  }

  candle(row) {
    return { time: row.time / 1000, open: Number(row.open), high: Number(row.high), low: Number(row.low), close: Number(row.close) };
  }

  bar(row) {
    return { time: row.time / 1000, value: Number(row.volume), color: Number(row.close) < Number(row.open) ? this.colours.falls : this.colours.rises };
  }

  add(kline) {
    if (kline.i !== this.interval || this.since === undefined || kline.t < this.since) return;
    const row = { time: kline.t, open: kline.o, high: kline.h, low: kline.l, close: kline.c, volume: kline.v };
    this.since = kline.t;
    this.candles.update(this.candle(row));
    this.volume.update(this.bar(row));
  }

  // Rising candles are hollow and falling ones filled, so that no colour is needed to tell them apart.
  colour() {
    const probe = document.createElement("span");
    document.body.append(probe);
    const colour = (name) => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
    const [ink, rule, rises, falls, sheet, pale] = ["--muted", "--rule", "--clear", "--malicious", "--sheet", "--sunken"].map(colour);
    this.colours = { rises: colour("--clear-ground"), falls: colour("--malicious-ground") };
    probe.remove();
    this.chart.applyOptions({
      layout: { background: { color: sheet }, textColor: ink },
      grid: { vertLines: { color: pale }, horzLines: { color: pale } },
      timeScale: { borderColor: rule },
      rightPriceScale: { borderColor: rule },
    });
    this.candles.applyOptions({ upColor: sheet, borderUpColor: rises, wickUpColor: rises, downColor: falls, borderDownColor: falls, wickDownColor: falls });
  }
}
