/* arm.h - what an answer is counted under that was given in an experiment. */
#ifndef RECKON_SERVE_ARM_H
#define RECKON_SERVE_ARM_H

typedef struct {
    const char *experiment, *variant; /* of both variants in one list: "interleave" */
} rk_arm;

#endif
