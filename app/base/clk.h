/*
 * The clocks.  Everything that asks for the time or waits for it asks here,
 * so that a chat script can move time on by hand (clk_advance).  Any thread.
 */
#ifndef BASE_CLK_H
#define BASE_CLK_H

#include <pthread.h>
#include <stdint.h>

/* Milliseconds since 1970, and since some moment (never goes back). */
int64_t clk_wall_ms(void);
int64_t clk_mono_ms(void);
int64_t clk_mono_us(void);

/* For tests: both clocks jump by `ms` from now on. */
void clk_advance(int64_t ms);

/* A condition variable for clk_cond_wait. */
int clk_cond_init(pthread_cond_t *c);
/*
 * Wait for the condition at most until clk_mono_ms() reaches `deadline`
 * (-1: for ever).  0, or ETIMEDOUT.
 */
int clk_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t deadline);

#define CLK_TEXT 32
/* "2026-05-04T09:15:02.417Z"; returns out. */
char *clk_text(int64_t wall_ms, char out[CLK_TEXT]);
/* Read that form, or one with +00:00, or without milliseconds; 0 or -1. */
int clk_parse(const char *s, int64_t *wall_ms);

#endif
