/*
 * The files of /etc that say who this VM is. A child gets them anew before its mail, and must not wait for a disk meanwhile: they lie in
 * memory, mounted over those of the disk, as container runtimes do it.
 *
 *     boot ──► written to the disk ──► copied to /run/ramet/etc/ and mounted over ──(forks write them there)──► power-off ──► copied back
 */
#ifndef ETC_FILES_H
#define ETC_FILES_H

#include <sys/types.h>

/** Writes one of them, in memory or, before they are mounted, on the disk: see file_update. NULL, or what failed. */
const char *etc_hostname_write(const char *name);
const char *etc_machine_id_write(const char id[33]);
/** The line of the VM's own name in /etc/hosts; the one of the old name goes, every other line stays. NULL, or what failed. */
const char *etc_hosts_write(const char *old_name, const char *new_name);

/** What the file /etc/hostname says, without its end of line; empty when there is none. */
void etc_hostname_read(char *into, size_t capacity);

/** From here on writes go to memory. A file that cannot be mounted over stays on the disk, which is noted on the console. */
void etc_files_mount(void);

/** Before the VM goes off: the disk has what its owner changed in them. */
void etc_files_save(void);

#endif
