/* charge.c - see charge.h. */
#include "serve/charge.h"

#include <inttypes.h>
#include <stdio.h>

static rk_outcome outcome_of(const rk_connection *connection)
{
    unsigned status = connection->problem.status;
    return status == 500 ? RK_FAILED : status ? RK_REFUSED : connection->is_repeated ? RK_REPEATED : RK_ANSWERED;
}

/* Processor time of the thread that brought it to the disk. */
static uint64_t clerk_ns_of(const rk_connection *connection)
{
    if (!connection->is_over) {
        return 0;
    }
    return connection->wait == RK_WAIT_EVENTS    ? connection->batch.cpu_ns
           : connection->wait == RK_WAIT_PRODUCT ? connection->delivery.cpu_ns
                                                 : 0;
}

void rk_charge_answer(rk_server *server, rk_connection *connection, struct MHD_Response *response)
{
    enum { FEMTOS_PER_NANO = 1000000 };
    uint64_t clerk_ns = clerk_ns_of(connection);
    uint64_t femtos = rk_meter_charge(server->meter, &(rk_charge){.route = connection->route,
                                                                  .arm = connection->arm,
                                                                  .outcome = outcome_of(connection),
                                                                  .laps = &connection->laps,
                                                                  .clerk_ns = clerk_ns,
                                                                  .held_ns = connection->held_ns,
                                                                  .bytes = connection->body.n});
    connection->is_charged = true;
    connection->cost_femtos = femtos;
    connection->laps.ns[RK_STAGE_LOG] = (int64_t)clerk_ns;
    if (rk_meter_rates(server->meter)) {
        char cost[40];
        snprintf(cost, sizeof cost, "%" PRIu64 ".%06" PRIu64, femtos / FEMTOS_PER_NANO, femtos % FEMTOS_PER_NANO);
        MHD_add_response_header(response, "X-Reckon-Cost", cost);
    }
}

void rk_charge_end(rk_server *server, rk_connection *connection)
{
    if (!connection->is_charged) {
        rk_meter_charge(server->meter, &(rk_charge){
                                           .route = rk_route_count(),
                                           .outcome = RK_BROKEN,
                                           .held_ns = connection->held_ns,
                                       });
        connection->is_charged = true;
    }
}
