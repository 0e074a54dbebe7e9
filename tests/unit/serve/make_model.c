/* make_model.c - DATA MODEL USERS ITEMS DIM SEEN SEED: a random dataset and its model, to try the server by hand. */
#include <stdlib.h>

#include "support/test.h"
#include "unit/serve/shop_model.h"

int main(int argc, char **argv)
{
    if (argc != 8) {
        return 2;
    }
    uint32_t n[5];
    for (int i = 0; i < 5; i++) {
        n[i] = (uint32_t)strtoul(argv[i + 3], NULL, 10);
    }
    shop_model_write(&(shop_model){n[0], n[1], n[2], n[3], n[4]}, argv[1], argv[2]);
    return 0;
}
