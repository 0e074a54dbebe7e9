/* inquiry_parts.h - what a searcher is made of; for the files of this room only. */
#ifndef RECKON_RANK_INQUIRY_PARTS_H
#define RECKON_RANK_INQUIRY_PARTS_H

#include "rank/inquiry.h"

struct rk_inquirer {
    const rk_corpus *corpus;
    rk_asker *asker;
    rk_looker *looker;
    rk_speller *speller;
};

#endif
