// The newest trades of everybody, and the last price with where it came from.
"use strict";

class TradeList {
  constructor(board, texts) {
    this.terms = board.dataset;
    this.texts = texts;
    this.body = document.getElementById("tape");
    this.last = document.getElementById("last");
    this.move = document.getElementById("last-move");
    this.number = -1;
  }

  async load(symbol) {
    const answer = await fetch(`/api/v3/trades?symbol=${symbol}&limit=30`);
    if (!answer.ok) return;
    for (const trade of await answer.json())
      this.add({ t: trade.id, p: trade.price, q: trade.qty, T: trade.time, m: trade.isBuyerMaker });
  }

  // A trade in the letters of the stream; its number tells one that is here already.
  add(trade) {
    if (trade.t <= this.number) return;
    this.number = trade.t;
    const row = this.body.insertRow(0);
    const side = this.texts(trade.m ? "sell" : "buy");
    const price = Decimals.shown(trade.p, this.terms.tick);
    const time = new Date(trade.T).toISOString().slice(11, 19);
    for (const text of [`${trade.m ? "▼" : "▲"} ${price}`, Decimals.brief(trade.q, this.terms.step), time])
      row.insertCell().textContent = text;
    row.cells[0].className = trade.m ? "down" : "up";
    row.title = side;
    while (this.body.rows.length > 40) this.body.deleteRow(-1);
    const before = this.last.textContent;
    this.last.textContent = price;
    if (before !== price) {
      this.move.textContent = trade.m ? "▼" : "▲";
      this.move.className = `small ${trade.m ? "down" : "up"}`;
    }
  }
}
