/* Keeps a recording that is being written from being replaced or recovered.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/claim.h"

#include <fcntl.h>
#include <unistd.h>

/* Locks of open file descriptions: HDF5's own ones, of the other kind, do not see them.
 * A read lock, because over NFS both kinds are one, and readers must get theirs. */
void tt_claim(const char *path, int *claim)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

    *claim = open(path, O_RDONLY | O_CLOEXEC);
    if (*claim >= 0)
        fcntl(*claim, F_OFD_SETLK, &lock);
}

void tt_claim_end(int *claim)
{
    if (*claim >= 0)
        close(*claim);
    *claim = -1;
}

bool tt_is_claimed(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    bool is_claimed = false;

    if (file < 0)
        return false;
    if (fcntl(file, F_OFD_GETLK, &lock) == 0)
        is_claimed = lock.l_type != F_UNLCK;
    close(file);
    return is_claimed;
}
