/* Problems of the moment; see board.h. */
#include "bot/board.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/stat.h"

struct board {
	pthread_mutex_t lock;
	char text[BOARD_COUNT][400];
};

struct board *
board_new(void)
{
	struct board *b = calloc(1, sizeof *b);

	if (b != NULL)
		pthread_mutex_init(&b->lock, NULL);
	return b;
}

void
board_free(struct board *b)
{
	if (b != NULL)
		pthread_mutex_destroy(&b->lock);
	free(b);
}

/* The length of a problem without its remedy, which is in brackets. */
static int
board_fact(const char *text)
{
	const char *remedy = strstr(text, " (webexbot ");

	return (int)(remedy == NULL ? strlen(text) : (size_t)(remedy - text));
}

void
board_set(struct board *b, enum board_code code, const char *fmt, ...)
{
	char text[sizeof b->text[0]] = "", old[sizeof text];
	int n = 0, i;
	va_list ap;

	if (fmt != NULL) {
		va_start(ap, fmt);
		vsnprintf(text, sizeof text, fmt, ap);
		va_end(ap);
	}
	pthread_mutex_lock(&b->lock);
	memcpy(old, b->text[code], sizeof old);
	memcpy(b->text[code], text, sizeof text);
	for (i = 0; i < BOARD_COUNT; i++)
		n += b->text[i][0] != '\0';
	stat_set(STAT_problems, n);
	pthread_mutex_unlock(&b->lock);
	if (strcmp(old, text) == 0)
		return;
	if (text[0] != '\0')
		log_warn("%s", text);
	else /* without what to do about it */
		log_info("over: %.*s", board_fact(old), old);
}

bool
board_has(struct board *b, enum board_code code)
{
	bool has;

	pthread_mutex_lock(&b->lock);
	has = b->text[code][0] != '\0';
	pthread_mutex_unlock(&b->lock);
	return has;
}

struct json *
board_list(struct board *b)
{
	struct json *list = json_list();
	int i;

	pthread_mutex_lock(&b->lock);
	for (i = 0; i < BOARD_COUNT; i++)
		if (b->text[i][0] != '\0')
			json_add(list, json_new_str(b->text[i]));
	pthread_mutex_unlock(&b->lock);
	return list;
}
