// Beside every field for a SHA-256: a file of this machine whose hash fills the field in. The file is not sent.
"use strict";

const inHex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function offerDigests() {
  if (!globalThis.crypto?.subtle) return;
  for (const field of document.querySelectorAll("input[data-digest]")) {
    const chooser = document.createElement("input");
    chooser.type = "file";
    chooser.id = `${field.id}-file`;
    const label = document.createElement("label");
    label.className = "help";
    label.htmlFor = chooser.id;
    label.textContent = "Or choose the document: its SHA-256 is made here, the file is not sent.";
    chooser.addEventListener("change", async () => {
      const file = chooser.files[0];
      if (!file) return;
      try {
        field.value = inHex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
        field.dispatchEvent(new Event("input", { bubbles: true }));
        label.textContent = `The SHA-256 of ${file.name}.`;
      } catch {
        label.textContent = "The file could not be read. Give its SHA-256 in the field.";
      }
    });
    field.after(label, chooser);
  }
}

offerDigests();
