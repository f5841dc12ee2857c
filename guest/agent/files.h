/*
 * Files of the guest, for the host: each operation is a process of its own, under the name `ramet-files`, so that a file system that
 * hangs holds up nobody else. guest/protocol/README.md, section 4, is the contract.
 */
#ifndef FILES_H
#define FILES_H

#include <limits.h>
#include <stdbool.h>

struct file_request {
  char path[PATH_MAX];
  bool follow_links;
  unsigned mode;      /* permission bits; 0: the default of what is made */
  long long mtime;    /* seconds since 1970; -1: now */
  long long uid, gid; /* -1: as the file that is replaced, or root's */
};

/** Performs the request (a JSON object) on the standard streams. Returns the exit code: 0, or 1 when it failed and has said so. */
int files_command(const char *request);

/** Sends the file, link or tree at the path, then the result. False when it failed, and has said so. */
bool files_read(const struct file_request *request);

/** Receives the file's content and puts it at the path, whole or not at all. False when it failed, or the sender left. */
bool files_write(const struct file_request *request);

/** Makes the directory and those above it. One that is there stays as it is. */
bool files_make_directory(const struct file_request *request);

#endif
