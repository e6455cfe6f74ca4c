// Decimal numbers as text, exactly: prices and quantities are compared, added and stepped as whole numbers.
"use strict";

const Decimals = {
  places(text) { const at = text.indexOf("."); return at < 0 ? 0 : text.length - at - 1; },
  trimmed(text) { return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text; },
  isDecimal(text) { return /^[0-9]{1,20}(\.[0-9]{1,20})?$/.test(text); },
  // Units of 10^-places; more places than that are cut.
  units(text, places) {
    const [whole, part = ""] = text.split(".");
    return BigInt(whole + part.slice(0, places).padEnd(places, "0"));
  },
  text(units, places) {
    const digits = units.toString().padStart(places + 1, "0");
    return places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
  },
  // As many places as the step of the market has: columns of numbers line up.
  shown(text, step) {
    const places = Decimals.places(Decimals.trimmed(step));
    return Decimals.text(Decimals.units(text, places), places);
  },
  // A quantity with at most five places, as columns have room for; one that is smaller keeps all of them.
  brief(text, step) {
    const places = Math.min(Decimals.places(Decimals.trimmed(step)), 5);
    const units = Decimals.units(text, places);
    return units === 0n ? Decimals.trimmed(text) : Decimals.text(units, places);
  },
  // The next multiple of the step, up or down, never below one step.
  stepped(text, step, direction) {
    const places = Decimals.places(step);
    const one = Decimals.units(step, places);
    const now = Decimals.isDecimal(text) ? Decimals.units(text, places) : 0n;
    const next = direction > 0 ? (now / one + 1n) * one : ((now + one - 1n) / one - 1n) * one;
    return Decimals.trimmed(Decimals.text(next < one ? one : next, places));
  },
};
