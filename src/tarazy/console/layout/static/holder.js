// A wallet in the browser fills in its address and signs what was prepared. Wallets announce themselves (EIP-6963); one
// that does not is found at window.ethereum (EIP-1193). It is asked for an account and a signature alone; without one, or
// without scripts, address and call data are copied by hand.
"use strict";

const saysAtMost = 200;
const walletsAtMost = 20;
const nameAtMost = 40;
const errorWords = { 4001: "declined", 4100: "not allowed", 4902: "unknown chain" };
const wallets = new Map(); // by the id of an announcement

const says = document.getElementById("wallet-says");
const words = JSON.parse(says?.dataset.words ?? "{}");
const say = (text) => (says.textContent = text);
const inWords = (key, blank = "", value = "") => words[key].replace(`{${blank}}`, value);
const provider = () => wallets.get(document.getElementById("wallet-choice").value)?.provider ?? window.ethereum;
const ask = (method, params = []) => provider().request({ method, params });

// What a wallet answers is a stranger's text: only addresses, numbers of chains and hashes are taken from it.
function asHex(value, pattern, what) {
  if (typeof value !== "string" || !pattern.test(value)) throw new Error(`the wallet answered no ${what}`);
  return value.toLowerCase();
}

async function accountsOf() {
  const found = await ask("eth_requestAccounts");
  if (!Array.isArray(found) || !found.length) throw new Error("the wallet offers no account");
  return found.map((each) => asHex(each, /^0x[0-9a-fA-F]{40}$/, "address"));
}

const chainOf = async () => asHex(await ask("eth_chainId"), /^0x[0-9a-fA-F]{1,16}$/, "number of a chain");

async function connect() {
  const [account] = await accountsOf();
  const chain = String(BigInt(await chainOf()));
  document.getElementById("address").value = account;
  const list = document.getElementById("chain");
  if (![...list.options].some((option) => option.value === chain)) {
    return say(inWords("chain not read", "chain", chain));
  }
  list.value = chain;
  document.getElementById("wallet-form").requestSubmit();
}

async function sign(button) {
  const { wallet, chain, request } = button.dataset;
  if (!(await accountsOf()).includes(wallet)) return say(inWords("another account", "account", wallet));
  if ((await chainOf()) !== chain) {
    await ask("wallet_switchEthereumChain", [{ chainId: chain }]);
    if ((await chainOf()) !== chain) return say(inWords("stayed"));
  }
  const { method, params } = JSON.parse(request);
  const hash = asHex(await ask(method, params), /^0x[0-9a-fA-F]{64}$/, "hash of a transaction");
  say(inWords("sent", "hash", hash));
}

// Runs one thing at a time; what goes wrong is said.
function offer(button, act) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    say(inWords("see"));
    try {
      await act(button);
    } catch (error) {
      const why = String(error?.message ?? error).slice(0, saysAtMost);
      const known = errorWords[error?.code];
      say(known ? inWords(known) : inWords("not done", "why", why));
    }
    button.disabled = false;
  });
}

function offerWallet() {
  if (!wallets.size && typeof window.ethereum?.request !== "function") return;
  const connecting = document.getElementById("connect");
  const signing = document.getElementById("sign");
  if (connecting?.hidden) offer(connecting, connect);
  if (signing?.hidden) offer(signing, sign);
}

// An announcement of a wallet: its name is a stranger's text and stands in a list; its icon is left out.
function announced(event) {
  const { info, provider: found } = event.detail ?? {};
  if (typeof info?.uuid !== "string" || typeof found?.request !== "function") return;
  const isNew = !wallets.has(info.uuid);
  if (isNew && wallets.size >= walletsAtMost) return;
  wallets.set(info.uuid, { provider: found });
  if (isNew) {
    const list = document.getElementById("wallet-choice");
    list.append(new Option(String(info.name ?? "").slice(0, nameAtMost) || `${wallets.size}`, info.uuid));
    document.getElementById("wallet-choice-field").hidden = wallets.size < 2;
  }
  offerWallet();
}

addEventListener("eip6963:announceProvider", announced);
dispatchEvent(new Event("eip6963:requestProvider"));
offerWallet();
addEventListener("ethereum#initialized", offerWallet, { once: true }); // some wallets come after the page
