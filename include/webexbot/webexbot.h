/*
 * webexbot: write a Webex bot in C.  This header is all there is to read;
 * libwebexbot(3) says the same at length, with examples.
 *
 *   cc ping.c $(pkg-config --cflags --libs webexbot)
 *
 * A bot registers handlers and calls wb_bot_main, which is the whole program
 * of webexbot(1) with these handlers in it: `./ping demo`, `./ping run`,
 * `./ping match "ping"`.  Handlers come before the rules of bot.json.
 *
 * Threads.  Handlers run on WEBEXBOT_WORKERS threads, several at once, the
 * events of one room one after the other.  They may block.  A turn and what
 * is got from it belong to the handler until it returns; no other thread may
 * use them, except the token of wb_later, once copied.  wb_answer may be
 * called by any thread while wb_bot_main runs; everything else before it,
 * by one thread.
 *
 * What a handler collects (replies, triggers, memory, a question) takes effect
 * when it has returned 0, all of it in one transaction that also settles the
 * event. After a crash or WB_RETRY it is called again for the same event: what
 * it does besides must bear that.
 *
 * Texts are UTF-8.  Those got from a turn are never NULL unless it says so,
 * and are lent until the handler returns.  Functions that return int give 0,
 * or -1 with the reason kept in the turn: `return wb_reply_text(...)` ends
 * the event as it should, and a handler that goes on after a -1 and returns 0
 * has dealt with it.  In a reply a byte that is not UTF-8 becomes U+FFFD.
 */
#ifndef WEBEXBOT_H
#define WEBEXBOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows with additions; a change that breaks is a new soname. */
#define WB_ABI 1

#if defined(__GNUC__)
#define WB_API __attribute__((visibility("default")))
#define WB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define WB_API
#define WB_PRINTF(fmt, args)
#endif

struct wb_bot;
struct wb_turn; /* one event and what is answered to it */

/*
 * 0: done.  WB_RETRY: again later, the time between doubling, and dead after
 * WEBEXBOT_ATTEMPTS.  -1: dead, for `webexbot events`; but like WB_RETRY when
 * what failed last may pass (memory, wb_file).
 */
typedef int wb_handler(struct wb_turn *turn, void *arg);
#define WB_RETRY 1

/* -- the program -- */

/* The WB_ABI of the library that runs. */
WB_API int wb_abi(void);
/* NULL: out of memory, which wb_on_... and wb_bot_main can take. */
WB_API struct wb_bot *wb_bot_new(void);
/*
 * All commands of webexbot(1).  Returns the exit status and frees the bot.
 * Wrong registrations are reported here, with status 2.
 */
WB_API int wb_bot_main(struct wb_bot *bot, int argc, char **argv);

/* -- handlers; `help` (may be NULL) is for the list that `help` gives -- */

/* The first word, any case; the rest is wb_args. */
WB_API int wb_on_word(struct wb_bot *bot, const char *word, const char *help,
    wb_handler *fn, void *arg);
/* The whole text, any case. */
WB_API int wb_on_phrase(struct wb_bot *bot, const char *phrase,
    const char *help, wb_handler *fn, void *arg);
/* The whole text (PCRE2); named groups: wb_match. */
WB_API int wb_on_regex(struct wb_bot *bot, const char *pattern,
    const char *help, wb_handler *fn, void *arg);
/* A submit of this card (its name), or of any with "". */
WB_API int wb_on_action(
    struct wb_bot *bot, const char *card, wb_handler *fn, void *arg);
/*
 * Any other event by its kind: "memberships.created", "rooms.updated", ...,
 * "inbound.ID" and "event.ID" of what bot.json lets other programs send.
 */
WB_API int wb_on_event(
    struct wb_bot *bot, const char *kind, wb_handler *fn, void *arg);
/* What nothing else answers. */
WB_API int wb_on_fallback(struct wb_bot *bot, wb_handler *fn, void *arg);
/* The answer to a question asked by wb_ask under this name. */
WB_API int wb_on_answer(
    struct wb_bot *bot, const char *name, wb_handler *fn, void *arg);
/*
 * Let handlers see all of the person (displayName) or the room (title),
 * which costs a call of Webex every ten minutes for each.
 */
WB_API void wb_bot_fetch(struct wb_bot *bot, bool person, bool room);

/* -- reading a turn -- */

WB_API const char *wb_text(struct wb_turn *turn); /* without the mention */
WB_API const char *wb_args(struct wb_turn *turn);
WB_API const char *wb_sender(struct wb_turn *turn);    /* address */
WB_API const char *wb_sender_id(struct wb_turn *turn); /* person id */
WB_API const char *wb_room(struct wb_turn *turn);      /* room id */
WB_API bool wb_is_direct(struct wb_turn *turn);
/* The message, or the one with the submitted card. */
WB_API const char *wb_message(struct wb_turn *turn);
/* "messages.created", "inbound.ID": as wb_on_event takes it */
WB_API const char *wb_kind(struct wb_turn *turn);
WB_API const char *wb_event(struct wb_turn *turn); /* the event as JSON */
/* Of a regex; NULL: no such group, or it took no part. */
WB_API const char *wb_match(struct wb_turn *turn, const char *group);
/* The submitted card's name; NULL: none, or one we do not know. */
WB_API const char *wb_card(struct wb_turn *turn);
/* One input of the card, others than texts as JSON; NULL: not there. */
WB_API const char *wb_input(struct wb_turn *turn, const char *id);
WB_API const char *wb_inputs(struct wb_turn *turn); /* all, as JSON */
/*
 * What a template sees, along "message.personEmail": texts as they are,
 * others as JSON; NULL: not there.
 */
WB_API const char *wb_get(struct wb_turn *turn, const char *path);
/*
 * The i-th file of the message, from 0: fetched now into a temporary file of
 * at most `max` bytes, to be read from its start and closed with fclose (then
 * it is gone).  Waits while Webex scans it, for a short time.  NULL: there is
 * none, it is larger, or Webex refuses it; let the handler return -1, and what
 * may pass is tried again.  Names, types and sizes: wb_get(turn, "files").
 */
WB_API FILE *wb_file(struct wb_turn *turn, size_t i, size_t max);

/*
 * -- replying --
 *
 * At most 100 replies of at most 256 KiB; a text that is longer than Webex
 * takes is sent in parts, 10 at most.
 */

WB_API int wb_reply_text(struct wb_turn *turn, const char *fmt, ...)
    WB_PRINTF(2, 3);
WB_API int wb_reply_markdown(struct wb_turn *turn, const char *fmt, ...)
    WB_PRINTF(2, 3);
/*
 * NAME.card.json with JSON data; NULL: what a template sees, of the person and
 * the room as much as wb_bot_fetch asked for.
 */
WB_API int wb_reply_card(
    struct wb_turn *turn, const char *name, const char *data);
/*
 * A card as JSON, and the text for clients that cannot draw it.  -1 with what
 * is wrong with the card, too.  Its submits come to a handler of "".
 */
WB_API int wb_reply_card_json(
    struct wb_turn *turn, const char *card, const char *text);
/*
 * A file: its name in the cards folder, where it is read when the reply is
 * sent, or a public https address, which Webex fetches; text may be NULL.
 */
WB_API int wb_reply_file(
    struct wb_turn *turn, const char *file, const char *text);
/* Delete a message of the bot in this room, with wb_in later. */
WB_API int wb_delete(struct wb_turn *turn, const char *message);
/*
 * Start an event or an inbound webhook of Webex Connect, besides the replies
 * and as durable: `trigger` is JSON as in bot.json, {"event": {...}} or
 * {"inbound": {...}}, filled from JSON data (NULL: what a template sees).
 * The host of its url and the names of its secrets ("env:NAME") are written
 * out there; what people say belongs into `data`.
 */
WB_API int wb_trigger(
    struct wb_turn *turn, const char *trigger, const char *data);

/* Where the replies that follow go; wb_to_here is how a turn begins. */
WB_API void wb_to_here(struct wb_turn *turn);   /* room, thread if in one */
WB_API void wb_to_thread(struct wb_turn *turn); /* of the message */
WB_API int wb_to_room(struct wb_turn *turn, const char *room);
WB_API int wb_to_email(struct wb_turn *turn, const char *email);
/* The replies that follow are sent so many seconds from now; 0: at once. */
WB_API void wb_in(struct wb_turn *turn, int seconds);
/* The next reply changes this message of the bot instead of a new one. */
WB_API int wb_edit(struct wb_turn *turn, const char *message);

/* -- conversations -- */

/*
 * The next message of this person in this room goes to the handler that
 * wb_on_answer knows by `name`, for so many seconds, through restarts too.
 * -1: none knows it, or there is nobody to ask.
 */
WB_API int wb_ask(struct wb_turn *turn, const char *name, int seconds);

enum wb_scope { WB_OF_ROOM, WB_OF_PERSON };
/*
 * What is remembered, by handlers and by `remember` of bot.json alike; NULL:
 * nothing.  Sees what this turn has set.
 */
WB_API const char *wb_memory_get(
    struct wb_turn *turn, enum wb_scope scope, const char *key);
/*
 * value NULL: forget.  -1: there is no such room or person, it is not UTF-8,
 * or all that is remembered of one comes to more than 64 KiB.
 */
WB_API int wb_memory_set(struct wb_turn *turn, enum wb_scope scope,
    const char *key, const char *value);

/* -- work that takes longer -- */

/*
 * A token to answer later with, even after a restart: copy it.  The handler
 * returns 0, and the event is done.  NULL: out of memory.  Where the event
 * has no room (inbound.ID, event.ID), the answer says wb_to_room or
 * wb_to_email.
 */
WB_API const char *wb_later(struct wb_turn *turn);
/*
 * Answer: `fn` is called at once, by this thread, with a turn of that person
 * and room, and what it collects is durable when 0 is returned.  -1: no such
 * token, the bot does not run (any more), `fn` said so, or what the log says.
 * A stop waits for `fn` as long as for handlers (WEBEXBOT_STOP_TIMEOUT).
 */
WB_API int wb_answer(
    struct wb_bot *bot, const char *token, wb_handler *fn, void *arg);

/*
 * -- failing: `return wb_fail(turn, "no such %s", x)`.  The text is for the
 * log and `webexbot events`: leave out what people have said. --
 */

WB_API int wb_fail(struct wb_turn *turn, const char *fmt, ...) WB_PRINTF(2, 3);
WB_API int wb_fail_retry(struct wb_turn *turn, const char *fmt, ...)
    WB_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
