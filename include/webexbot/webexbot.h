/* webexbot: write a Webex bot in C.  (grows with the project) */
#ifndef WEBEXBOT_H
#define WEBEXBOT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WB_API __attribute__((visibility("default")))
#else
#define WB_API
#endif

struct wb_bot;

WB_API struct wb_bot *wb_bot_new(void);
WB_API int wb_bot_main(struct wb_bot *bot, int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
