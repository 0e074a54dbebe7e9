/* yaml_parts.h - the inside of a tree, for the files that build and change it. */
#ifndef RECKON_BASE_YAML_PARTS_H
#define RECKON_BASE_YAML_PARTS_H

#include "base/arena.h"
#include "base/vec.h"
#include "base/yaml.h"

struct rk_yaml {
    rk_arena arena; /* owns the nodes and the records of uncertain numbers */
    const char *path;
    rk_yaml_node *root;
    rk_vec uncertain; /* rk_uncertain *, in order of their places */
};

/* Parses one more document into the arena of yaml; name, which must live as long as yaml, stands in its places. */
RK_MUST_CHECK rk_status rk_yaml_parse_into(rk_yaml *yaml, rk_slice text, const char *name, rk_yaml_node **root,
                                           rk_error *err);

#endif
