/* machine_size.h - vcpu and memory of a rented machine, told by how its maker names it.
 *
 * Only series that follow the rule without exception are told; the rest has no size here rather than a wrong one. The
 * rules stand in docs/prices.md.
 */
#ifndef RECKON_PRICE_MACHINE_SIZE_H
#define RECKON_PRICE_MACHINE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

typedef struct {
    uint32_t vcpu, memory_gib;
} rk_machine_size;

bool rk_machine_size_aws(rk_slice name, rk_machine_size *out);   /* "c7g.xlarge" */
bool rk_machine_size_azure(rk_slice name, rk_machine_size *out); /* "Standard_D8s_v5" */

#endif
