// Puts the trading page together: what comes over the stream goes to the book, the trades, the chart and the account;
// keys go to the order entry.
"use strict";

const PAINT_MS = 16;
const STALE_S = 3;

class TradingPage {
  constructor(board) {
    this.board = board;
    this.terms = board.dataset;
    const texts = JSON.parse(this.terms.texts);
    this.texts = (text, filled = {}) => Object.entries(filled).reduce((said, [name, value]) => said.replaceAll(`{${name}}`, value), texts[text] ?? text);
    this.book = new LocalBook();
    this.entry = new OrderEntry(board, this.texts, () => this.loadOwn());
    this.ladder = new Ladder(board, this.texts, (price, side) => this.entry.choose(price, side));
    this.trades = new TradeList(board, this.texts);
    this.seen = 0;
    this.showState(this.terms.state);
    this.findOwnPrices();
    const symbol = this.terms.symbol.toLowerCase();
    const names = [`${symbol}@depth@100ms`, `${symbol}@trade`, `${symbol}@ticker`, `${symbol}@kline_1m`];
    this.stream = new PageStream(this.terms.stream, names, {
      message: (stream, data) => this.take(stream, data),
      opened: () => this.opened(),
      closed: (isSessionOver) => this.closed(isSessionOver),
    });
    setInterval(() => this.lookAtAge(), 500);
    this.bindOwn();
    this.bindKeys();
    for (const id of ["market", "account"])
      document.getElementById(id)?.addEventListener("change", (event) => location.assign(event.target.value));
  }

  // ---------------------------------------------------------------- the stream

  opened() {
    this.connected = true;
    this.loadBook();
    this.trades.load(this.terms.symbol);
    this.chart?.load();
    this.loadOwn();
    if (this.entry.kept()) this.entry.unknown(this.entry.kept());
  }

  async closed(isSessionOver) {
    this.connected = false;
    this.book.reset();
    this.lookAtAge();
    if (isSessionOver || await this.isLoggedOut()) this.showLogin();
  }

  // A refused connection does not say why: the page asks for something of its own.
  async isLoggedOut() {
    try {
      return (await fetch(this.terms.own, { headers: { Accept: "application/json" } })).status === 401;
    } catch { return false; }
  }

  showLogin() {
    const text = this.texts("Your session is over. Log in again; open orders stay as they are.");
    const link = document.createElement("a");
    link.href = `${this.terms.login}?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = text;
    const badge = document.getElementById("connection-state");
    badge.dataset.kind = "bad";
    badge.replaceChildren(link);
    this.isOver = true;
  }

  take(stream, data) {
    const kind = stream.split("@")[1] ?? stream;
    if (kind === "depth") this.takeDiff(data);
    else if (kind === "trade") this.trades.add(data);
    else if (kind === "ticker") this.showDay(data);
    else if (kind.startsWith("kline")) this.chart?.add(data.k);
    else if (kind === "state") this.showState(data.state);
    else if (kind === "user") this.takeOwn(data);
  }

  takeDiff(diff) {
    if (!this.book.apply(diff)) {
      this.loadBook();
      return;
    }
    this.paintSoon();
  }

  async loadBook() {
    this.book.reset();
    const number = (this.loading = (this.loading ?? 0) + 1);
    try {
      const answer = await fetch(`/api/v3/depth?symbol=${this.terms.symbol}&limit=1000`);
      if (!answer.ok) throw new Error(answer.status);
      const snapshot = await answer.json();
      if (number !== this.loading || !this.connected) return;
      if (this.book.load(snapshot)) this.paintSoon();
      else this.loadBook();
    } catch {
      if (this.connected && number === this.loading) setTimeout(() => this.loadBook(), 500);
    }
  }

  paintSoon() {
    if (this.paint || this.book.updateId === null) return;
    this.paint = setTimeout(() => {
      this.paint = null;
      if (this.book.updateId === null) return;
      this.ladder.show(this.book);
      this.board.dataset.updateId = this.book.updateId;
    }, PAINT_MS);
  }

  // ---------------------------------------------------------------- what is said in words

  showState(state) {
    const [kind, text] = {
      continuous: ["good", "Trading"],
      auction: ["wait", "Auction: orders wait and trade at one price"],
      pre_open: ["wait", "Pre-open: orders wait, nothing trades yet"],
      halted: ["bad", "Halted: only cancels are taken"],
      closed: ["bad", "Closed: no orders are taken"],
    }[state] ?? ["bad", state];
    const badge = document.getElementById("market-state");
    badge.dataset.kind = kind;
    badge.textContent = this.texts(text);
    this.board.dataset.state = state;
    this.entry.refresh();
  }

  lookAtAge() {
    if (this.isOver) return;
    const seconds = Math.floor(this.stream?.silentFor() ?? 0);
    const isStale = !this.connected || seconds >= STALE_S;
    const badge = document.getElementById("connection-state");
    badge.dataset.kind = isStale ? "bad" : "good";
    badge.textContent = !this.connected ? this.texts("No connection. What you see is {seconds} s old.", { seconds })
      : isStale ? this.texts("Stale: the last word came {seconds} s ago.", { seconds }) : this.texts("Live");
    this.board.classList.toggle("is-stale", isStale);
  }

  showDay(day) {
    if (day.n === 0) return; // nothing traded in the window
    const set = (id, text) => { document.getElementById(id).textContent = text; };
    set("day-change", `${day.P} %`);
    set("day-high", Decimals.shown(day.h, this.terms.tick));
    set("day-low", Decimals.shown(day.l, this.terms.tick));
    set("day-volume", Decimals.trimmed(day.v));
  }

  // ---------------------------------------------------------------- the account

  takeOwn(event) {
    if (event.I) this.seen = Math.max(this.seen, event.I);
    clearTimeout(this.ownTimer);
    this.ownTimer = setTimeout(() => this.loadOwn(), 30);
  }

  async loadOwn() {
    if (this.ownUnderWay) { this.ownAgain = true; return; }
    this.ownUnderWay = true;
    try {
      const answer = await fetch(`${this.terms.own}?seen=${this.seen}`, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) this.replaceOwn(await answer.text());
    } catch { /* the connection comes again */ }
    this.ownUnderWay = false;
    if (this.ownAgain) { this.ownAgain = false; this.loadOwn(); }
  }

  replaceOwn(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("own");
    const old = document.getElementById("own");
    if (!fresh || fresh.outerHTML === old.outerHTML) return;
    const focused = document.activeElement?.closest("#own tr")?.dataset.order;
    old.replaceWith(document.adoptNode(fresh));
    if (focused) document.querySelector(`#own tr[data-order="${CSS.escape(focused)}"]`)?.focus();
    this.findOwnPrices();
    this.paintSoon();
  }

  findOwnPrices() {
    this.ladder.mine = new Set(document.getElementById("own").dataset.prices.split(" ").filter(Boolean));
  }

  bindOwn() {
    this.board.addEventListener("click", (event) => {
      const row = event.target.closest("#own tr[data-order]");
      const list = event.target.closest("[data-cancel-list]")?.closest("[data-list]");
      if (list) this.cancelList(list);
      if (row && event.target.closest("[data-cancel]")) this.cancel(row);
      if (row && event.target.closest("[data-change]")) this.openChange(row);
      if (event.target.closest("#cancel-all")) this.cancelAll();
    });
    const dialog = document.getElementById("change");
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    document.getElementById("change-form").addEventListener("submit", (event) => { event.preventDefault(); this.change(); });
  }

  async cancel(row) { await this.answer(this.entry.act("cancel", { orderId: row.dataset.order }), "Canceled"); }

  async cancelList(list) { await this.answer(this.entry.act("cancel-list", { orderListId: list.dataset.list }), "Canceled"); }

  async cancelAll() {
    if (!document.querySelector("#orders tbody tr")) return;
    if (confirm(this.texts("Cancel all your open orders in this market?"))) await this.answer(this.entry.act("cancel-all", {}), "Canceled");
  }

  async answer(asked, done) {
    try {
      const answer = await asked;
      const plain = await answer.json();
      if (answer.ok && !plain.refused) this.entry.tell("good", this.texts(done), "");
      else this.entry.tellRefusal(plain.data?.cancelResponse?.code ? { ...plain, msg: plain.data.cancelResponse.msg } : plain);
    } catch {
      this.entry.tell("wait", this.texts("No connection. What you see is {seconds} s old.", { seconds: Math.floor(this.stream.silentFor()) }), "");
    }
    this.loadOwn();
  }

  // The orders of a list are not changed one by one.
  openChange(row) {
    if (!row.querySelector("[data-change]")) return;
    this.changing = row.dataset;
    document.getElementById("change-price").value = Decimals.trimmed(row.dataset.price);
    document.getElementById("change-quantity").value = row.dataset.left;
    document.getElementById("change-price").disabled = /^[0.]*$/.test(row.dataset.price);
    document.getElementById("change").showModal();
    document.getElementById("change-quantity").select();
  }

  // Only smaller keeps the place in the queue; anything else is a cancel and a new order behind it.
  async change() {
    const order = this.changing;
    const price = document.getElementById("change-price").value.trim().replace(",", ".");
    const left = document.getElementById("change-quantity").value.trim().replace(",", ".");
    if (!Decimals.isDecimal(left) || (price && !Decimals.isDecimal(price))) return;
    document.getElementById("change").close();
    const places = 18;
    const isSame = /^[0.]*$/.test(order.price) || Decimals.units(price, places) === Decimals.units(order.price, places);
    const isSmaller = Decimals.units(left, places) < Decimals.units(order.left, places);
    if (isSame && isSmaller) {
      const newQty = Decimals.trimmed(Decimals.text(Decimals.units(left, places) + Decimals.units(order.filled, places), places));
      await this.answer(this.entry.act("amend", { orderId: order.order, newQty }), "Changed");
      return;
    }
    const values = { cancelReplaceMode: "STOP_ON_FAILURE", cancelOrderId: order.order, side: order.side, type: order.type, quantity: left };
    if (!/^[0.]*$/.test(order.price)) values.price = price;
    if (order.trailing) values.trailingDelta = order.trailing;
    if (order.trigger) values.stopPrice = order.trigger;
    if (["LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"].includes(order.type)) values.timeInForce = order.force;
    await this.answer(this.entry.act("replace", values), "Changed");
  }

  // ---------------------------------------------------------------- keys

  bindKeys() {
    document.getElementById("keys-open").addEventListener("click", () => document.getElementById("keys").showModal());
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const field = event.target.closest("input[type=text], select, textarea");
      if (field) this.keyInField(event, field);
      else this.keyOutside(event);
    });
  }

  keyInField(event, field) {
    if (event.key === "Escape") field.blur();
    const step = { price: this.terms.tick, stop: this.terms.tick, "pending-price": this.terms.tick, quantity: this.terms.step }[field.id];
    if (step && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      field.value = Decimals.stepped(field.value.trim(), step, event.key === "ArrowUp" ? 1 : -1);
      this.entry.refresh();
    }
  }

  keyOutside(event) {
    const row = event.target.closest("#own tr[data-order]");
    const acts = {
      b: () => { this.entry.setSide("BUY"); this.focus("quantity"); },
      s: () => { this.entry.setSide("SELL"); this.focus("quantity"); },
      t: () => this.entry.nextType(),
      p: () => this.focus("price"),
      q: () => this.focus("quantity"),
      o: () => document.querySelector("#orders tr[data-order]")?.focus(),
      X: () => this.cancelAll(),
      "?": () => document.getElementById("keys").showModal(),
      Escape: () => this.entry.clear(),
      Delete: () => row && this.cancel(row),
      e: () => row && this.openChange(row),
      ArrowDown: () => this.nextOrder(row, 1)?.focus(),
      ArrowUp: () => this.nextOrder(row, -1)?.focus(),
    };
    const act = acts[event.key];
    if (!act || (event.key.startsWith("Arrow") && !row)) return;
    event.preventDefault();
    act();
  }

  nextOrder(row, step) {
    const rows = [...document.querySelectorAll("#orders tr[data-order]")];
    return rows[rows.indexOf(row) + step];
  }

  focus(id) {
    const field = document.getElementById(id);
    field.focus();
    field.select();
  }
}

// Scripts run in their order: the chart's come last, and the page trades while they load.
const board = document.getElementById("trade");
if (board) {
  const page = new TradingPage(board);
  addEventListener("DOMContentLoaded", () => { if (window.LightweightCharts) page.chart = new CandleChart(board, page.stream); });
}
