/* The matching book of Tarazy alone, for C programs.
 *
 * Build: cargo build --release --features c-api in core/ makes target/release/libtarazy_core.so.
 * Guide: docs/guides/drive-the-book.md
 *
 * One market, limit orders in price-time priority, no accounts. One book per process. Calls come from one thread at a
 * time; every message is matched and all its reports are pushed before its call returns. Names and layouts follow the
 * public interface of matching benchmarks, so that their harnesses load the library as it is.
 *
 * Prices are whole ticks and may be negative; INT64_MIN is not a price. Order numbers are any 64 bits, and free again
 * once their order is filled or cancelled.
 */
#ifndef TARAZY_BOOK_H
#define TARAZY_BOOK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { TARAZY_BUY = 0, TARAZY_SELL = 1 };

typedef struct {
    uint64_t order_id;
    uint64_t sequence_number; /* comes back in every report that the message causes */
    int64_t price_ticks;
    uint32_t quantity;
    uint8_t side;
    uint8_t immediate; /* not 0: what does not trade at once is cancelled */
    uint8_t reserved[2];
} tarazy_new_order;

typedef struct {
    uint64_t order_id;
    uint64_t sequence_number;
} tarazy_cancel;

typedef struct {
    uint64_t order_id;
    uint64_t sequence_number;
    int64_t price_ticks;
    uint32_t quantity; /* the new open quantity */
    uint8_t side;      /* not read: an order keeps its side */
    uint8_t reserved[3];
} tarazy_modify;

enum {
    TARAZY_ORDER_ACCEPTED = 0, /* side, order_id, price_ticks, quantity; its trades follow */
    TARAZY_TRADE = 1,          /* price_ticks of the maker, quantity, maker_order_id, taker_order_id */
    TARAZY_CANCELLED = 2,      /* side, order_id, price_ticks, quantity that was left */
    TARAZY_MODIFIED = 3,       /* side, order_id, new price_ticks and quantity; its trades came before */
    TARAZY_CANCEL_REFUSED = 4, /* order_id does not rest */
    TARAZY_MODIFY_REFUSED = 5, /* order_id does not rest, or quantity 0, or not a price; nothing changes */
    TARAZY_ORDER_REFUSED = 6   /* order_id rests already, or quantity 0, or not a price; nothing changes */
};

typedef struct {
    uint8_t kind;
    uint8_t side;
    uint8_t reserved[6];
    uint64_t sequence_number;
    uint64_t order_id;
    int64_t price_ticks;
    uint32_t quantity;
    uint32_t reserved_2;
    uint64_t maker_order_id;
    uint64_t taker_order_id;
    uint64_t reserved_3;
} tarazy_report; /* 64 bytes; what a kind does not name is 0 */

/* The queue that takes the reports. The book calls push alone: 1 = taken, 0 = full, then it tries again. */
typedef struct {
    void *(*create)(uint32_t capacity);
    int (*push)(void *sink, const tarazy_report *report);
    uint32_t (*drain)(void *sink, tarazy_report *reports, uint32_t count_max);
    void (*flush)(void *sink);
    void (*destroy)(void *sink);
} tarazy_transport;

/* Open an empty book that reports into sink, and close the one before. The seed is not used. */
void engine_init(uint64_t seed, const tarazy_transport *transport, void *sink);
void engine_shutdown(void);

void engine_on_new_order(const tarazy_new_order *order);
void engine_on_cancel(const tarazy_cancel *cancel);
/* Cancel and enter anew: the order loses its place, may trade, and its leaves quantity rests. */
void engine_on_modify(const tarazy_modify *modify);
/* Does nothing, because nothing is ever pending. */
void engine_flush(void);

/* INT64_MIN when there is no bid, INT64_MAX when there is no ask. */
int64_t engine_query_best_bid(void);
int64_t engine_query_best_ask(void);
/* The open quantity at a price; UINT64_MAX when the sum is larger. */
uint64_t engine_query_depth_at(int64_t price_ticks, uint8_t side);

#ifdef __cplusplus
}
#endif

#endif
