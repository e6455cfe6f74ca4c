// What the fields of the order entry are in the words of the gateway: which act sends them, with which parameters.
"use strict";

const BASIS_POINTS_PLACES = 2; // a percent has a hundred of them

const OrderTerms = {
  // Return { act, values } of the fields; a value that is "" is missing still.
  of(fields) {
    const make = { OCO: OrderTerms.oneCancelsOther, OTO: OrderTerms.oneTriggersOther, TRAILING_STOP: OrderTerms.trailing }[fields.type];
    if (make) return make(fields);
    return { act: "order", values: { ...fields, type: fields.type === "POST_ONLY" ? "LIMIT_MAKER" : fields.type } };
  },

  trailing({ side, quantity, trailing }) {
    const isNumber = Decimals.isDecimal(trailing) && Decimals.places(Decimals.trimmed(trailing)) <= BASIS_POINTS_PLACES;
    const trailingDelta = isNumber ? String(Decimals.units(trailing, BASIS_POINTS_PLACES)) : "";
    return { act: "order", values: { side, type: "STOP_LOSS", quantity, trailingDelta } };
  },

  // Of a sale the limit is above and the stop below; of a purchase the other way round.
  oneCancelsOther({ side, quantity, price, stopPrice }) {
    const [limit, stop] = side === "SELL" ? ["above", "below"] : ["below", "above"];
    const legs = { [`${limit}Type`]: "LIMIT_MAKER", [`${limit}Price`]: price, [`${stop}Type`]: "STOP_LOSS", [`${stop}StopPrice`]: stopPrice };
    return { act: "oco", values: { side, quantity, ...legs } };
  },

  oneTriggersOther({ side, quantity, price, pendingType, pendingPrice }) {
    const working = { workingType: "LIMIT", workingSide: side, workingPrice: price, workingQuantity: quantity, workingTimeInForce: "GTC" };
    const pending = { pendingType, pendingSide: side === "BUY" ? "SELL" : "BUY", pendingQuantity: quantity };
    const then = pendingType === "LIMIT" ? { pendingPrice, pendingTimeInForce: "GTC" } : { pendingStopPrice: pendingPrice };
    return { act: "oto", values: { ...working, ...pending, ...then } };
  },

  preview(act) { return act === "order" ? "preview" : `preview-${act}`; },

  // The parameter that carries the client's name for what an act places, and the act that asks by it.
  nameField(act) { return act === "order" ? "newClientOrderId" : "listClientOrderId"; },
  find(act) { return act === "order" ? "find" : "find-list"; },
};
