// A copy of the book, kept by diffs. Which diff fits is checked by update ids, as docs/concepts/update-ids.md asks of
// every client: the first diff covers the snapshot's id or begins right behind it, and each begins where the one before
// it ended. A diff that does not fit means that something was missed, and the book is loaded again.
"use strict";

class LocalBook {
  constructor() { this.reset(); }

  reset() {
    this.updateId = null; // of the last thing that was taken in; null: no snapshot yet
    this.bids = new Map();
    this.asks = new Map();
    this.early = []; // diffs that came before the snapshot
    this.isFirst = true;
  }

  // Take a snapshot of REST, then the diffs that came before it. Returns false where they leave a gap.
  load(snapshot) {
    this.bids = new Map(snapshot.bids);
    this.asks = new Map(snapshot.asks);
    this.updateId = snapshot.lastUpdateId;
    this.isFirst = true;
    const early = this.early;
    this.early = [];
    return early.every((diff) => this.apply(diff));
  }

  // Take a diff. Returns false where it does not follow what is here.
  apply(diff) {
    if (this.updateId === null) { this.early.push(diff); return true; }
    if (diff.u <= this.updateId && this.isFirst) return true; // all of it is in the snapshot
    const follows = this.isFirst ? diff.U <= this.updateId + 1 && diff.u > this.updateId : diff.U === this.updateId + 1;
    if (!follows) return false;
    for (const [side, levels] of [[this.bids, diff.b], [this.asks, diff.a]])
      for (const [price, quantity] of levels) {
        if (/^[0.]+$/.test(quantity)) side.delete(price);
        else side.set(price, quantity);
      }
    this.updateId = diff.u;
    this.isFirst = false;
    return true;
  }

  // The best levels of a side, best first: [price, quantity].
  best(side, count) {
    const rows = [...(side === "bids" ? this.bids : this.asks)];
    const key = (text) => BigInt(text.replace(".", ""));
    rows.sort(([first], [second]) => {
      const a = key(first), b = key(second);
      return a === b ? 0 : (side === "bids" ? a > b : a < b) ? -1 : 1;
    });
    return rows.slice(0, count);
  }
}
