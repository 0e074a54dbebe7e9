/* route_recommend.h - GET /v1/recommend and /v1/explain: rows of the table of routes. */
#ifndef RECKON_SERVE_ROUTE_RECOMMEND_H
#define RECKON_SERVE_ROUTE_RECOMMEND_H

#include "serve/routes.h"

enum {
    RK_RECOMMEND_USER,
    RK_RECOMMEND_N,
    RK_RECOMMEND_EXCLUDE,
    RK_RECOMMEND_CATEGORY,
    RK_RECOMMEND_SCENE,
    RK_RECOMMEND_ITEM,
    RK_RECOMMEND_BASKET,
    RK_RECOMMEND_Q,
    RK_RECOMMEND_EXPLAIN,
    RK_N_RECOMMEND_PARAMS
};
extern const rk_param rk_recommend_params[RK_N_RECOMMEND_PARAMS];
rk_handler rk_handle_recommend;

enum { RK_EXPLAIN_USER, RK_EXPLAIN_ITEM, RK_EXPLAIN_N, RK_N_EXPLAIN_PARAMS };
extern const rk_param rk_explain_params[RK_N_EXPLAIN_PARAMS];
rk_handler rk_handle_explain;

#endif
