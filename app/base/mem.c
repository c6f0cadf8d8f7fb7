#include "base/mem.h"

#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of /proc/self/pagemap, a number a page. */
#define MEM_PRESENT (1ULL << 63)
#define MEM_SWAPPED (1ULL << 62)
#define MEM_OF_FILE (1ULL << 61)
#define MEM_PAGES 512 /* looked at at once */

struct mem {
	uintptr_t page;
	int map;
};

/*
 * Do these pages hold what their file does?  Those that have been written to
 * would be lost: breakpoints, relocated code, what hooks into a function,
 * code that was moved to large pages.
 */
static bool
mem_is_file(const struct mem *m, uintptr_t from, uintptr_t to)
{
	uint64_t v[MEM_PAGES];
	size_t i, n;

	for (; from < to; from += n * m->page) {
		n = (to - from + m->page - 1) / m->page;
		n = n < MEM_PAGES ? n : MEM_PAGES;
		if (pread(m->map, v, n * sizeof *v,
			(off_t)(from / m->page * sizeof *v)) !=
		    (ssize_t)(n * sizeof *v))
			return false;
		for (i = 0; i < n; i++)
			if ((v[i] & (MEM_PRESENT | MEM_SWAPPED)) != 0 &&
			    (v[i] & MEM_OF_FILE) == 0)
				return false;
	}
	return true;
}

static int
mem_object(struct dl_phdr_info *o, size_t size, void *arg)
{
	const struct mem *m = arg;
	const ElfW(Phdr) * h;
	uintptr_t from, to;

	(void)size;
	for (h = o->dlpi_phdr; h < o->dlpi_phdr + o->dlpi_phnum; h++) {
		if (h->p_type != PT_LOAD || (h->p_flags & PF_W))
			continue;
		from = (o->dlpi_addr + h->p_vaddr) & ~(m->page - 1);
		to = o->dlpi_addr + h->p_vaddr + h->p_filesz;
		if (mem_is_file(m, from, to))
			madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void
mem_trim(void)
{
	struct mem m = {.page = (uintptr_t)sysconf(_SC_PAGESIZE),
	    .map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)};

	if (m.map == -1)
		return;
	dl_iterate_phdr(mem_object, &m);
	close(m.map);
}
