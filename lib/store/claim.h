/* Keeps a recording that is being written from being replaced or recovered. The claim
 * is a lock of the operating system: it ends with the process. Private to the store
 * layer. SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CLAIM_H
#define STORE_CLAIM_H

#include <stdbool.h>

/* Claims the file for this process; *claim is ended by tt_claim_end(). A file system
 * without locks is no failure: there, *claim protects nothing. */
void tt_claim(const char *path, int *claim);
void tt_claim_end(int *claim);

/* Whether a process has the file claimed. */
bool tt_is_claimed(const char *path);

#endif
