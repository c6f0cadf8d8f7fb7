/*
 * Adaptive Cards without the bot: templates rendered with data, cards checked
 * against schema 1.3 and what Webex draws.  Texts are UTF-8 JSON.
 *
 * Functions that return char * give memory for free().  Where `error` is not
 * NULL, *error becomes a sentence for free() on failure and NULL otherwise.
 * A compiled template may be used by several threads at once.
 */
#ifndef WEBEXBOT_CARDS_H
#define WEBEXBOT_CARDS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef WB_API
#if defined(__GNUC__)
#define WB_API __attribute__((visibility("default")))
#else
#define WB_API
#endif
#endif

struct wb_card;

/*
 * Compile a template: any JSON value.  NULL: it is wrong, *error names all
 * faults, a line each: "/body/0/text:12: unknown function ...".
 */
WB_API struct wb_card *wb_card_compile(const char *json, char **error);
WB_API void wb_card_free(struct wb_card *card);

/* May rendering read this member of the data?  1 or 0. */
WB_API int wb_card_uses(const struct wb_card *card, const char *name);

/*
 * Render with data (JSON, or NULL for none).  `now_ms` is the time that
 * utcNow() and its like tell, in milliseconds since 1970; 0: now.
 */
WB_API char *wb_card_render(
    const struct wb_card *card, const char *data, int64_t now_ms, char **error);

/*
 * Check an expanded card.  Returns the number of errors, -1 when it is no
 * JSON; *report (if asked for) is a JSON list of
 * {"level","code","path","message"}.
 */
WB_API int wb_cards_check(const char *json, char **report);

/* Text to send beside a card, for clients that cannot draw it. */
WB_API char *wb_cards_fallback(const char *json, char **error);

/*
 * Check what a submit sent (a JSON object of texts) against the card.
 * Results as wb_cards_check.
 */
WB_API int wb_cards_check_submit(
    const char *card, const char *inputs, char **report);

#ifdef __cplusplus
}
#endif
#endif
