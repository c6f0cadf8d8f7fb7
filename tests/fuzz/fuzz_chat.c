/* Chat scripts: whatever is read stands where the script has it. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/chat.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT;
	struct chat_script s;
	char path[32];
	size_t i, lines = 1;
	int fd = memfd_create("script", MFD_CLOEXEC), end = 0, rc;

	MUST(fd != -1);
	MUST(write(fd, p, n) == (ssize_t)n);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	for (i = 0; i < n; i++)
		lines += p[i] == '\n';
	rc = chat_read(&s, path, &e);
	MUST(rc == 0 || strncmp(e.text, path, strlen(path)) == 0);
	for (i = 0; rc == 0 && i < s.n; i++) {
		const struct chat_line *l = &s.v[i];

		MUST(l->line > end && l->lines > 0);
		end = l->line + l->lines - 1;
		MUST((size_t)end <= lines);
		MUST(
		    l->verb != CHAT_SAY || (l->who != NULL && l->text != NULL));
		MUST(l->ncontains <= CHAT_CONTAINS_MAX);
	}
	chat_done(&s);
	close(fd);
	return 0;
}
