// Order entry. What an order holds and pays is asked of the server, which asks the engine's own functions. An order has a
// name before it is sent, and the name is kept until its outcome is known: whatever breaks in between, the page asks by
// the name and never sends twice without knowing.
"use strict";

class OrderEntry {
  constructor(board, texts, changed) {
    this.terms = board.dataset;
    this.texts = texts;
    this.changed = changed; // called when something of the account may have changed
    this.form = document.getElementById("entry");
    this.preview = document.getElementById("preview");
    this.outcome = document.getElementById("outcome");
    this.button = document.getElementById("send");
    this.asked = 0;
    this.form.addEventListener("input", () => this.refresh());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    for (const share of this.form.querySelectorAll("[data-share]"))
      share.addEventListener("click", () => this.share(Number(share.dataset.share)));
    this.refresh();
    this.resume();
  }

  field(name) { return this.form.elements[name]; }
  get side() { return this.field("side").value; }
  get type() { return this.field("type").value; }

  act(name, values) {
    const body = new URLSearchParams({ form_token: this.terms.token, symbol: this.terms.symbol, ...values });
    return fetch(this.terms.act.replace("ACT", name), { method: "POST", body, headers: { Accept: "application/json" } });
  }

  // What is shown follows the type; what is hidden is not sent.
  refresh() {
    for (const part of this.form.querySelectorAll("[data-for]"))
      part.hidden = !part.dataset.for.split(" ").includes(this.type);
    this.button.dataset.side = this.side;
    this.button.textContent = this.button.dataset[this.side.toLowerCase()];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 60);
  }

  // What the fields say, as an act and its parameters.
  order() {
    const values = { side: this.side, type: this.type, quantity: this.field("quantity").value.trim() };
    for (const name of ["price", "stopPrice", "timeInForce", "trailing", "pendingType", "pendingPrice"]) {
      const field = this.field(name);
      if (!field.closest("[data-for]").hidden) values[name] = field.value.trim();
    }
    return OrderTerms.of(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.replace(",", ".")])));
  }

  isWhole(values) { return Object.values(values).every((value) => value !== ""); }

  async ask() {
    const { act, values } = this.order();
    const number = (this.asked += 1);
    if (!this.isWhole(values)) return this.showEmpty();
    try {
      const answer = await this.act(OrderTerms.preview(act), values);
      const plain = await answer.json();
      if (number === this.asked) plain.refused || !answer.ok ? this.showRefusal(plain) : this.show(plain);
    } catch { /* the next change asks again */ }
  }

  showEmpty() {
    this.first ??= this.preview.innerHTML;
    this.preview.innerHTML = this.first;
  }

  lines(...lines) {
    this.first ??= this.preview.innerHTML;
    this.preview.replaceChildren(...lines.filter(Boolean).map(([text, kind]) => {
      const line = document.createElement("p");
      line.textContent = text;
      if (kind) line.className = kind;
      return line;
    }));
  }

  show(plain) {
    const { base, quote } = this.terms;
    const some = (text) => !plain.refusal && !/^[0.]*$/.test(text);
    const trimmed = Decimals.trimmed;
    this.lines(
      [this.texts("Holds {amount}; then {after} is available", { amount: `${trimmed(plain.hold)} ${plain.asset}`, after: `${trimmed(plain.availableAfter)} ${plain.asset}` })],
      some(plain.tradesNow) && [this.texts("Trades now: {quantity}", { quantity: `${trimmed(plain.tradesNow)} ${base}` })],
      some(plain.tradesNow) && [this.texts("Average price {price}", { price: `${trimmed(plain.averagePrice)} ${quote}` })],
      some(plain.tradesNow) && [this.texts("Fee if it trades now {fee}", { fee: `${trimmed(plain.feeNow)} ${plain.feeAsset}` })],
      some(plain.rests) && [this.texts("Rests in the book: {quantity}", { quantity: `${trimmed(plain.rests)} ${base}` })],
      some(plain.rests) && [this.texts("Fee when it rests {fee}", { fee: `${trimmed(plain.feeLater)} ${plain.feeAsset}` })],
      plain.waits && !plain.refusal && [this.texts("Fee when the stop trades {rate}", { rate: this.percent(plain.takerRate) })],
      plain.refusal ? [`${this.texts("Would be refused")}: ${plain.refusal.words.text}`, "refused"] : null,
    );
  }

  percent(rate) { return `${Decimals.trimmed(Decimals.text(Decimals.units(rate, 10) * 100n, 10))} %`; }

  showRefusal(plain) {
    this.lines([plain.words?.text ?? plain.msg ?? plain.error?.text ?? "", "refused"]);
  }

  // A part of what is available: of a buy at its price, of a sell as it is.
  share(percent) {
    const asset = this.side === "BUY" ? this.terms.quote : this.terms.base;
    const free = document.querySelector(`[data-asset="${CSS.escape(asset)}"]`)?.dataset.free ?? "0";
    const places = 18;
    let units = (Decimals.units(free, places) * BigInt(percent)) / 100n;
    if (this.side === "BUY") {
      const price = this.field("price").value.trim() || document.getElementById("last").textContent;
      if (!Decimals.isDecimal(price) || /^[0.]*$/.test(price)) return;
      units = (units * 10n ** BigInt(places)) / Decimals.units(price, places);
    }
    const step = Decimals.units(this.terms.step, places);
    this.field("quantity").value = Decimals.trimmed(Decimals.text((units / step) * step, places));
    this.refresh();
  }

  choose(price, side) {
    this.field("price").value = price;
    this.setSide(side);
    this.field("quantity").focus();
  }

  setSide(side) {
    this.form.querySelector(`[name="side"][value="${side}"]`).checked = true;
    this.refresh();
  }

  nextType() {
    const types = this.field("type");
    types.selectedIndex = (types.selectedIndex + 1) % types.options.length;
    this.refresh();
  }

  clear() {
    for (const name of ["price", "stopPrice", "trailing", "pendingPrice", "quantity"]) this.field(name).value = "";
    this.refresh();
  }

  // ---------------------------------------------------------------- sending

  async send() {
    const { act, values } = this.order();
    if (!this.isWhole(values) || this.kept()) return;
    const name = `w-${crypto.getRandomValues(new Uint32Array(4)).reduce((text, word) => text + word.toString(16).padStart(8, "0"), "")}`.slice(0, 34);
    this.keep({ ...values, act, [OrderTerms.nameField(act)]: name });
    await this.deliver();
  }

  // Send what is kept. Its outcome is an answer; whatever is none lets the page ask by the order's name.
  async deliver() {
    const { act = "order", ...values } = this.kept();
    this.button.disabled = true;
    try {
      const answer = await this.act(act, { ...values, newOrderRespType: "RESULT" });
      const plain = await answer.json();
      if (answer.ok && !plain.refused) return this.settled(plain);
      if (plain.refused && plain.code !== -1007) return this.refused(plain);
      if (answer.status === 403) return this.refused(plain); // the form's token is of another server: nothing was sent on
      return this.unknown(this.kept());
    } catch {
      return this.unknown(this.kept());
    } finally {
      this.button.disabled = Boolean(this.kept());
    }
  }

  unknown(values) {
    const name = this.nameOf(values);
    this.tell("wait", this.texts("The outcome of {name} is not known yet.", { name }), this.texts("Asking what became of the order {name}.", { name }));
    clearTimeout(this.again);
    this.again = setTimeout(() => this.find(), 700);
  }

  nameOf(values) { return values[OrderTerms.nameField(values.act ?? "order")]; }

  async find() {
    const values = this.kept();
    if (!values) return;
    try {
      const answer = await this.act(OrderTerms.find(values.act ?? "order"), { origClientOrderId: this.nameOf(values) });
      const plain = await answer.json();
      if (answer.ok && !plain.refused) return this.settled(plain);
      if (plain.code === -2013) return this.missing(values);
    } catch { /* still no connection */ }
    this.again = setTimeout(() => this.find(), 1500);
  }

  // The record does not have it: it may be sent again under the same name, which the engine takes once.
  missing(values) {
    const box = this.tell("bad", this.texts("The order never arrived. Nothing was placed."), `${values.side ?? values.workingSide} ${values.quantity ?? values.workingQuantity}`);
    const button = document.createElement("button");
    button.className = "quiet small";
    button.textContent = this.texts("Send it again");
    button.addEventListener("click", () => this.deliver());
    box.append(button);
    this.missed = values;
    const leave = document.createElement("button");
    leave.className = "quiet small";
    leave.textContent = "×";
    leave.addEventListener("click", () => { this.keep(null); this.outcome.replaceChildren(); this.button.disabled = false; });
    box.append(" ", leave);
  }

  settled(plain) {
    this.keep(null);
    this.button.disabled = false;
    if (plain.contingencyType) return this.settledList(plain);
    const filled = Decimals.trimmed(plain.executedQty ?? "0");
    const whole = Decimals.trimmed(plain.origQty ?? "0");
    const left = plain.expiryReason ? ` · ${plain.expiryReason.toLowerCase().replaceAll("_", " ")}` : "";
    this.tell("good", `${this.texts("Accepted")} · ${plain.orderId}`, this.texts("Filled {quantity} of {whole}", { quantity: filled, whole }) + left);
    this.begin();
  }

  settledList(plain) {
    const names = plain.orders.map((each) => each.orderId).join(", ");
    this.tell("good", `${this.texts("Accepted")} · ${plain.contingencyType} ${plain.orderListId}`, this.texts("One list of orders: {names}", { names }));
    this.begin();
  }

  // The entry is ready for the next order.
  begin() {
    this.field("quantity").value = "";
    this.refresh();
    this.changed();
  }

  refused(plain) {
    this.keep(null);
    this.button.disabled = false;
    this.tellRefusal(plain);
  }

  tellRefusal(plain) {
    const words = plain.words ?? { title: "", text: plain.msg ?? plain.error?.text ?? "", advice: "", rule: "" };
    const box = this.tell("bad", words.title, words.text);
    const add = (text) => { const line = document.createElement("p"); line.className = "small"; line.textContent = text; box.append(line); };
    if (words.advice) add(words.advice);
    if (words.rule) add(`${this.texts("Rule")}: ${words.rule}`);
  }

  tell(kind, title, text) {
    const box = document.createElement("div");
    box.className = kind;
    const strong = document.createElement("strong");
    strong.textContent = title;
    const line = document.createElement("p");
    line.textContent = text;
    box.append(strong, line);
    this.outcome.replaceChildren(box);
    return box;
  }

  // An order whose outcome is not known outlives a reload and a new login.
  get place() { return `tarazy order ${this.terms.person} ${this.terms.account} ${this.terms.symbol}`; }
  kept() { try { return JSON.parse(sessionStorage.getItem(this.place)); } catch { return null; } }
  keep(values) { values ? sessionStorage.setItem(this.place, JSON.stringify(values)) : sessionStorage.removeItem(this.place); }

  resume() {
    const values = this.kept();
    if (!values) return;
    this.button.disabled = true;
    this.unknown(values);
  }
}
