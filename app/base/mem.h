/* What the process holds of the machine's memory. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

/*
 * For a program that is up and will run for long: the pages of its own code
 * and its libraries' that were read so far leave its memory.  Linking and
 * setting up some fifty libraries touches twice what running needs; those
 * pages stay in the system's cache, and what is used comes back from there
 * without a read of the disk.  Any thread, at any time.
 */
void mem_trim(void);

#endif
