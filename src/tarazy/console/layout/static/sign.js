// Sign an instruction with an officer's key file. The key is read, used and forgotten here; the form carries the
// signature alone, because the fields of file and passphrase have no name.
"use strict";

const PBES2 = "2a864886f70d01050d";
const PBKDF2 = "2a864886f70d01050c";
const AES_256_CBC = "60864801650304012a";
const PRFS = { "": "SHA-1", "2a864886f70d0207": "SHA-1", "2a864886f70d0209": "SHA-256", "2a864886f70d020b": "SHA-512" };

const toHex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

class Told extends Error {}

// Returns the parts of a DER sequence as {tag, body}, one level deep.
function parts(der) {
  const found = [];
  for (let at = 0; at < der.length; ) {
    const tag = der[at++];
    let size = der[at++];
    if (size & 0x80) {
      let more = size & 0x7f;
      for (size = 0; more; more--) size = size * 256 + der[at++];
    }
    if (!(at + size <= der.length)) throw new Told("This is no key file: it ends too early.");
    found.push({ tag, body: der.subarray(at, at + size) });
    at += size;
  }
  return found;
}

const inside = (der) => parts(der).map((part) => part.body);

// Returns the PKCS 8 key in an encrypted one, as the officers' key files are: PBES2 with PBKDF2 and AES-256.
async function decrypted(der, passphrase) {
  const other = new Told("This key is encrypted in a way that browsers do not know. Sign with: tarazy instruct sign");
  const [algorithm, secret] = inside(inside(der)[0]);
  const [scheme, how] = inside(algorithm);
  if (toHex(scheme) !== PBES2) throw other;
  const [derivation, cipher] = inside(how);
  const [kdf, settings] = inside(derivation);
  const [cipherName, iv] = inside(cipher);
  if (toHex(kdf) !== PBKDF2 || toHex(cipherName) !== AES_256_CBC) throw other;
  const [salt, rounds, ...rest] = parts(settings);
  const prf = rest.find((part) => part.tag === 0x30);
  const hash = PRFS[prf ? toHex(inside(prf.body)[0]) : ""];
  if (!hash) throw other;
  const words = await crypto.subtle.importKey("raw", new TextEncoder().encode(passphrase), "PBKDF2", false, ["deriveKey"]);
  const iterations = parseInt(toHex(rounds.body), 16);
  const key = await crypto.subtle.deriveKey(
    { name: "PBKDF2", salt: salt.body, iterations, hash }, words, { name: "AES-CBC", length: 256 }, false, ["decrypt"]);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, key, secret));
  } catch {
    throw new Told("The passphrase is not that of this key.");
  }
}

// Returns the key in a key file and its public half in hexadecimal digits.
async function readKey(text, passphrase) {
  const found = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text);
  if (!found) throw new Told("This is no officer's key file: expected a private key in PEM, as tarazy officer new writes.");
  let der = fromBase64(found[2].replace(/\s/g, ""));
  if (found[1] && !passphrase) throw new Told("This key has a passphrase: expected it, found none.");
  if (found[1]) der = await decrypted(der, passphrase);
  try {
    const key = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", key);
    return { key, publicKey: toHex(fromBase64(x.replace(/-/g, "+").replace(/_/g, "/"))) };
  } catch (error) {
    if (error.name === "NotSupportedError") throw new Told("This browser knows no Ed25519. Sign with: tarazy instruct sign");
    throw new Told(found[1] ? "The passphrase is not that of this key." : "This is no Ed25519 key in PKCS 8.");
  }
}

async function signed(form) {
  const message = fromHex(form.dataset.message);
  const digest = toHex(await crypto.subtle.digest("SHA-256", message));
  if (digest !== form.elements.digest.value) throw new Told("The bytes of this page do not have its digest. Nothing was signed.");
  const file = document.getElementById("key").files[0];
  if (!file || file.size > 16384) throw new Told("Expected a key file of at most 16 KiB.");
  const { key, publicKey } = await readKey(await file.text(), document.getElementById("passphrase").value);
  if (!form.dataset.keys.split(" ").includes(publicKey))
    throw new Told(`This is the key ${publicKey.slice(0, 16)}..., of none of the officers who are still to sign.`);
  return toHex(await crypto.subtle.sign("Ed25519", key, message));
}

function offerSigning() {
  const form = document.getElementById("sign");
  const wrong = document.getElementById("sign-wrong");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    try {
      form.elements.signature.value = await signed(form);
      form.submit();
    } catch (error) {
      wrong.textContent = error instanceof Told ? error.message : `The key could not be read (${error.name}).`;
      wrong.hidden = false;
    }
  });
}

offerSigning();
