// One WebSocket for the whole page. It comes again by itself, ever more slowly up to five seconds, and says in words
// what the reader must know: that what is shown is old, or that the session is over.
"use strict";

class PageStream {
  constructor(url, streams, handlers) {
    this.url = url; // of the path
    this.streams = new Set(streams);
    this.handlers = handlers; // message(stream, data), opened(), closed(isSessionOver)
    this.pause = 250;
    this.heard = 0; // when anything came last, by the page's clock
    this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}${this.url}?streams=${[...this.streams].join("/")}`);
    this.socket.addEventListener("open", () => {
      this.pause = 250;
      this.heard = performance.now();
      this.handlers.opened();
    });
    this.socket.addEventListener("message", (event) => {
      this.heard = performance.now();
      const said = JSON.parse(event.data);
      if (said.stream) this.handlers.message(said.stream, said.data);
    });
    this.socket.addEventListener("close", (event) => this.again(event.code === 4401));
  }

  again(isSessionOver) {
    this.handlers.closed(isSessionOver);
    if (isSessionOver) return;
    setTimeout(() => this.connect(), this.pause + Math.random() * 200);
    this.pause = Math.min(this.pause * 2, 5000);
  }

  // Listen to another stream in the place of one.
  change(from, to) {
    this.streams.delete(from);
    this.streams.add(to);
    if (this.socket.readyState !== WebSocket.OPEN) return;
    for (const [method, name] of [["UNSUBSCRIBE", from], ["SUBSCRIBE", to]])
      this.socket.send(JSON.stringify({ method, params: [name], id: 1 }));
  }

  silentFor() { return (performance.now() - this.heard) / 1000; }
}
