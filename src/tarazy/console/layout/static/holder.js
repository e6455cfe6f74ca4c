// A wallet in the browser (EIP-1193) fills in its address and signs what was prepared. It is asked for an account and a
// signature alone; without one, or without scripts, address and call data are copied by hand.
"use strict";

const saysAtMost = 200;
const errorWords = {
  4001: "You declined it in the wallet. Nothing was sent.",
  4100: "The wallet does not let this page ask. Allow it there, then try again.",
  4902: "The wallet does not know this chain. Add it there, then try again.",
};

const say = (text) => (document.getElementById("wallet-says").textContent = text);
const ask = (method, params = []) => window.ethereum.request({ method, params });

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
    return say(`The wallet is on chain ${chain}, which is not read here. Choose a chain of the list.`);
  }
  list.value = chain;
  document.getElementById("wallet-form").requestSubmit();
}

async function sign(button) {
  const { wallet, chain, request } = button.dataset;
  if (!(await accountsOf()).includes(wallet)) {
    return say(`The wallet offers another account than ${wallet}. Choose that one in the wallet, then try again.`);
  }
  if ((await chainOf()) !== chain) {
    await ask("wallet_switchEthereumChain", [{ chainId: chain }]);
    if ((await chainOf()) !== chain) return say("The wallet stayed on another chain. Nothing was sent.");
  }
  const { method, params } = JSON.parse(request);
  const hash = asHex(await ask(method, params), /^0x[0-9a-fA-F]{64}$/, "hash of a transaction");
  say(`Sent: ${hash}. Once it is in a block, load the wallet's page again: the approval is gone there.`);
}

// Runs one thing at a time; what goes wrong is said.
function offer(button, act) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    say("See your wallet.");
    try {
      await act(button);
    } catch (error) {
      const words = String(error?.message ?? error).slice(0, saysAtMost);
      say(errorWords[error?.code] ?? `Not done: ${words}`);
    }
    button.disabled = false;
  });
}

function offerWallet() {
  if (typeof window.ethereum?.request !== "function") return;
  const connecting = document.getElementById("connect");
  const signing = document.getElementById("sign");
  if (connecting?.hidden) offer(connecting, connect);
  if (signing?.hidden) offer(signing, sign);
}

offerWallet();
addEventListener("ethereum#initialized", offerWallet, { once: true }); // some wallets come after the page
