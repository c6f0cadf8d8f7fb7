#include "base/mem.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

#define MEM_STATUS_MAX 65536

/* A debugger's breakpoints are pages of our own that would be lost. */
static bool
mem_traced(void)
{
	struct err e = ERR_INIT;
	size_t len;
	char *s = file_read("/proc/self/status", MEM_STATUS_MAX, &len, &e);
	bool traced = s == NULL || strstr(s, "\nTracerPid:\t0\n") == NULL;

	free(s);
	return traced;
}

/* Was its code changed when it was loaded?  Then its pages are our own. */
static bool
mem_relocated(const struct dl_phdr_info *o, const ElfW(Phdr) * h)
{
	const ElfW(Dyn) *d = (const void *)(o->dlpi_addr + h->p_vaddr);

	for (; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_TEXTREL ||
		    (d->d_tag == DT_FLAGS && (d->d_un.d_val & DF_TEXTREL)))
			return true;
	return false;
}

static int
mem_object(struct dl_phdr_info *o, size_t size, void *arg)
{
	uintptr_t page = *(uintptr_t *)arg, from, to;
	const ElfW(Phdr) * h;

	(void)size;
	for (h = o->dlpi_phdr; h < o->dlpi_phdr + o->dlpi_phnum; h++)
		if (h->p_type == PT_DYNAMIC && mem_relocated(o, h))
			return 0;
	for (h = o->dlpi_phdr; h < o->dlpi_phdr + o->dlpi_phnum; h++) {
		if (h->p_type != PT_LOAD || (h->p_flags & PF_W))
			continue;
		from = (o->dlpi_addr + h->p_vaddr) & ~(page - 1);
		to = o->dlpi_addr + h->p_vaddr + h->p_filesz;
		madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void
mem_trim(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	if (!mem_traced())
		dl_iterate_phdr(mem_object, &page);
}
