// The book as a ladder: best prices in the middle, a bar for the sum up to each, a mark at one's own orders.
"use strict";

class Ladder {
  constructor(board, texts, choose) {
    this.terms = board.dataset;
    this.texts = texts;
    this.mine = new Set();
    this.bodies = { asks: document.getElementById("asks"), bids: document.getElementById("bids") };
    for (const body of Object.values(this.bodies))
      body.addEventListener("click", (event) => {
        const row = event.target.closest("tr");
        if (row?.dataset.price) choose(Decimals.trimmed(row.dataset.price), body === this.bodies.asks ? "BUY" : "SELL");
      });
  }

  levels() { return matchMedia("(max-width: 47rem)").matches ? 8 : 18; }

  show(book) {
    const count = this.levels();
    const sides = { asks: book.best("asks", count), bids: book.best("bids", count) };
    const places = Decimals.places(this.terms.step);
    const sums = {};
    let most = 1n;
    for (const side of ["asks", "bids"]) {
      let sum = 0n;
      sums[side] = sides[side].map(([, quantity]) => (sum += Decimals.units(quantity, places)));
      if (sum > most) most = sum;
    }
    for (const side of ["asks", "bids"]) this.fill(side, sides[side], sums[side], most, places);
    this.spread(sides.asks[0], sides.bids[0]);
  }

  fill(side, levels, sums, most, places) {
    const body = this.bodies[side];
    while (body.rows.length > levels.length) body.deleteRow(-1);
    while (body.rows.length < levels.length) {
      const row = body.insertRow();
      for (let cell = 0; cell < 3; cell += 1) row.insertCell();
    }
    levels.forEach(([price, quantity], at) => {
      const row = body.rows[side === "asks" ? levels.length - 1 - at : at];
      const sum = Decimals.brief(Decimals.text(sums[at], places), this.terms.step);
      const texts = [Decimals.shown(price, this.terms.tick), Decimals.brief(quantity, this.terms.step), sum];
      texts.forEach((text, cell) => { if (row.cells[cell].textContent !== text) row.cells[cell].textContent = text; });
      row.dataset.price = price;
      row.style.backgroundSize = `${Number((sums[at] * 1000n) / most) / 10}% 100%`;
      const isMine = this.mine.has(`${side === "asks" ? "SELL" : "BUY"}:${price}`);
      row.classList.toggle("mine", isMine);
      row.title = isMine ? this.texts("your order") : "";
    });
  }

  spread(ask, bid) {
    const shown = document.getElementById("spread");
    if (!ask || !bid) { shown.textContent = "–"; return; }
    const places = Decimals.places(this.terms.tick);
    const gap = Decimals.units(ask[0], places) - Decimals.units(bid[0], places);
    const text = gap < 0n ? `-${Decimals.text(-gap, places)}` : Decimals.text(gap, places);
    shown.textContent = this.texts("spread {spread}", { spread: `${Decimals.trimmed(text)} ${this.terms.quote}` });
  }
}
