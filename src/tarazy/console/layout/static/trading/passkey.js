// Passkeys: the browser asks the device; what it signs goes to the server as a form with its token.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function sent(url, values) {
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(values), headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error?.text ?? "");
  return answer;
}

function plainCredential(found) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (found.response[name]) response[name] = text64(found.response[name]);
  return JSON.stringify({ id: found.id, rawId: text64(found.rawId), type: found.type, response, clientExtensionResults: found.getClientExtensionResults() });
}

async function logIn(box) {
  const { challenge, answer, token, next, home } = box.dataset;
  const options = await (await sent(challenge, { form_token: token })).json();
  options.challenge = bytes(options.challenge);
  const found = await navigator.credentials.get({ publicKey: options });
  await sent(answer, { form_token: token, credential: plainCredential(found), next });
  location.assign(next || home);
}

async function makeOne(box) {
  const { options: where, answer, token, then } = box.dataset;
  const code = box.querySelector("#passkey-code")?.value ?? "";
  const options = await (await sent(where, { form_token: token, code })).json();
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  for (const each of options.excludeCredentials ?? []) each.id = bytes(each.id);
  const found = await navigator.credentials.create({ publicKey: options });
  await sent(answer, { form_token: token, credential: plainCredential(found), label: box.querySelector("#passkey-label")?.value ?? "" });
  location.assign(then);
}

for (const [id, act] of [["passkey", logIn], ["new-passkey", makeOne]]) {
  const box = document.getElementById(id);
  if (!box || !window.PublicKeyCredential) continue;
  box.hidden = false;
  box.querySelector("button[type=button]")?.addEventListener("click", async () => {
    const wrong = box.querySelector(".wrong");
    wrong.hidden = true;
    try { await act(box); } catch (error) {
      wrong.textContent = [wrong.dataset.text, error.message].filter(Boolean).join(" ");
      wrong.hidden = false;
    }
  });
}
