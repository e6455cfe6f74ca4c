// Keeps a draft as it is typed: a moment after the last change the form is sent to be saved, never to be filed.
"use strict";

function keepDraft() {
  const form = document.querySelector("form[data-autosave]");
  const said = document.getElementById("autosave");
  if (!form || !said) return;
  let timer = 0;
  const save = async () => {
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "text/html" } });
      said.textContent = answer.ok ? "Saved." : "Not saved: log in again in another tab, then change something here.";
    } catch {
      said.textContent = "Not saved: the portal does not answer. What you typed is still here.";
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 800);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}

keepDraft();
