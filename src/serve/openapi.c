/* openapi.c - the OpenAPI 3.1 description, written from the table of routes, so that it cannot disagree with it. */
#include <stdio.h>
#include <string.h>

#include "serve/routes.h"
#include "serve/serve.h"

static void write_schema(rk_json *json, const rk_param *param)
{
    rk_json_object(json, "schema");
    if (param->kind == RK_PARAM_COUNT) {
        rk_json_cstring(json, "type", "integer");
        rk_json_u64(json, "minimum", param->min);
        rk_json_u64(json, "maximum", param->max);
        rk_json_u64(json, "default", param->fallback);
    } else if (param->kind == RK_PARAM_LIST) {
        rk_json_cstring(json, "type", "array");
        rk_json_u64(json, "maxItems", RK_LIST_VALUES_MAX);
        rk_json_raw(json, "items", "{\"type\":\"string\"}");
    } else {
        rk_json_cstring(json, "type", "string");
        rk_json_u64(json, "minLength", 1);
        rk_json_u64(json, "maxLength", RK_VALUE_BYTES_MAX);
    }
    rk_json_end_object(json);
}

static void write_param(rk_json *json, const rk_param *param)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "name", param->name);
    rk_json_cstring(json, "in", param->kind == RK_PARAM_PATH ? "path" : "query");
    rk_json_cstring(json, "description", param->help);
    rk_json_bool(json, "required", param->is_required);
    if (param->kind == RK_PARAM_LIST) {
        rk_json_cstring(json, "style", "form");
        rk_json_bool(json, "explode", false);
    }
    write_schema(json, param);
    rk_json_end_object(json);
}

static const char *media_type(const rk_route *route)
{
    return strcmp(route->name, "metrics") == 0 ? "text/plain" : "application/json";
}

static void write_reference(rk_json *json, const char *key, const char *schema)
{
    char at[96];
    snprintf(at, sizeof at, "#/components/schemas/%s", schema);
    rk_json_object(json, key);
    rk_json_cstring(json, "$ref", at);
    rk_json_end_object(json);
}

static void write_one_body(rk_json *json, const rk_route *route)
{
    rk_json_object(json, "requestBody");
    rk_json_bool(json, "required", true);
    rk_json_object(json, "content");
    rk_json_object(json, "application/json");
    write_reference(json, "schema", route->takes_one);
    rk_json_end_object(json);
    rk_json_end_object(json);
    rk_json_end_object(json);
}

/* One of them or an array as JSON, or one after the other. */
static void write_body(rk_json *json, const rk_route *route)
{
    rk_json_object(json, "requestBody");
    rk_json_bool(json, "required", true);
    rk_json_object(json, "content");
    rk_json_object(json, "application/json");
    rk_json_object(json, "schema");
    rk_json_array(json, "oneOf");
    write_reference(json, NULL, route->takes);
    rk_json_object(json, NULL);
    rk_json_cstring(json, "type", "array");
    rk_json_u64(json, "maxItems", RK_EVENTS_MAX);
    write_reference(json, "items", route->takes);
    rk_json_end_object(json);
    rk_json_end_array(json);
    rk_json_end_object(json);
    rk_json_end_object(json);
    rk_json_object(json, "application/x-ndjson");
    write_reference(json, "schema", route->takes);
    rk_json_end_object(json);
    rk_json_end_object(json);
    rk_json_end_object(json);
}

static void write_answers(rk_json *json, const rk_route *route)
{
    rk_json_object(json, "responses");
    rk_json_object(json, "200");
    rk_json_cstring(json, "description", "the answer");
    rk_json_object(json, "content");
    rk_json_object(json, media_type(route));
    if (route->gives || route->n_params > 0) {
        write_reference(json, "schema", route->gives ? route->gives : "Listing");
    }
    rk_json_end_object(json);
    rk_json_end_object(json);
    rk_json_end_object(json);
    rk_json_raw(json, "default", "{\"$ref\":\"#/components/responses/Problem\"}");
    rk_json_end_object(json);
}

/* OpenAPI 3.1 lets a bearer's requirement name roles. */
static void write_security(rk_json *json, const char *role)
{
    rk_json_array(json, "security");
    rk_json_object(json, NULL);
    rk_json_array(json, "key");
    rk_json_cstring(json, NULL, role);
    rk_json_end_array(json);
    rk_json_end_object(json);
    rk_json_end_array(json);
}

static void write_method(rk_json *json, const rk_route *route)
{
    static const struct {
        const char *upper, *lower;
    } methods[] = {{"GET", "get"}, {"POST", "post"}, {"PUT", "put"}, {"DELETE", "delete"}};
    size_t m = 0;
    while (m + 1 < RK_COUNT_OF(methods) && strcmp(methods[m].upper, route->method) != 0) {
        m++;
    }
    rk_json_object(json, methods[m].lower);
    rk_json_cstring(json, "operationId", route->name);
    rk_json_cstring(json, "summary", route->summary);
    rk_json_array(json, "parameters");
    for (size_t p = 0; p < route->n_params; p++) {
        write_param(json, &route->params[p]);
    }
    rk_json_end_array(json);
    if (route->needs == RK_ACCESS_ANYONE) {
        rk_json_raw(json, "security", "[]");
    } else {
        write_security(json, rk_access_name(route->needs));
    }
    if (route->takes) {
        write_body(json, route);
    } else if (route->takes_one) {
        write_one_body(json, route);
    }
    write_answers(json, route);
    rk_json_end_object(json);
}

/* Rows of one path stand together in the table. */
static void write_paths(rk_json *json)
{
    rk_json_object(json, "paths");
    for (size_t i = 0; rk_route_at(i); i++) {
        const rk_route *route = rk_route_at(i), *before = i ? rk_route_at(i - 1) : NULL;
        const rk_route *next = rk_route_at(i + 1);
        if (!before || strcmp(before->pattern, route->pattern) != 0) {
            rk_json_object(json, route->pattern);
        }
        write_method(json, route);
        if (!next || strcmp(next->pattern, route->pattern) != 0) {
            rk_json_end_object(json);
        }
    }
    rk_json_end_object(json);
}

static const char components[] =
    "{\"securitySchemes\":{\"key\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":"
    "\"of reckon keys, where the server asks for one; a role includes those below it: admin, write, read\"}},"
    "\"schemas\":{"
    "\"Reason\":{\"type\":\"object\",\"required\":[\"kind\"],\"properties\":{"
    "\"kind\":{\"type\":\"string\",\"enum\":[\"bought\",\"popular\",\"similar\",\"new\",\"listed\",\"taken\","
    "\"recommended\","
    "\"found\",\"rule\",\"diversity\"]},\"item\":{\"type\":\"string\"},\"model\":{\"type\":\"string\"},"
    "\"rule\":{\"type\":\"string\"},\"effect\":{\"type\":\"string\",\"enum\":[\"pin\",\"boost\",\"bury\"]},"
    "\"place_by_value\":{\"type\":\"integer\"}}},"
    "\"Item\":{\"type\":\"object\",\"required\":[\"id\",\"score\"],\"properties\":{"
    "\"id\":{\"type\":\"string\"},\"score\":{\"type\":\"number\"},\"title\":{\"type\":\"string\"},"
    "\"reasons\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Reason\"}},"
    "\"team\":{\"type\":\"string\"},\"place_by_value\":{\"type\":\"integer\"},\"shares\":{\"type\":\"array\",\"items\":"
    "{\"type\":\"object\","
    "\"required\":[\"from\",\"source\",\"value\"],\"properties\":{\"from\":{\"type\":\"string\"},"
    "\"source\":{\"type\":\"integer\"},\"value\":{\"type\":\"number\"}}}}}},"
    "\"Listing\":{\"type\":\"object\",\"required\":[\"request_id\",\"model\",\"items\",\"total\"],\"properties\":{"
    "\"request_id\":{\"type\":\"string\"},\"model\":{\"type\":\"string\"},\"scene\":{\"type\":\"string\"},"
    "\"experiment\":{\"type\":\"object\",\"required\":[\"name\"],\"properties\":{\"name\":{\"type\":\"string\"},"
    "\"variant\":{\"type\":\"string\"},\"kind\":{\"type\":\"string\"}}},"
    "\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Item\"}},"
    "\"total\":{\"type\":\"integer\"}}},";
static const char user_components[] =
    "\"User\":{\"type\":\"object\",\"required\":[\"request_id\",\"user\",\"model\",\"recent\",\"events\"],"
    "\"properties\":{"
    "\"request_id\":{\"type\":\"string\"},\"user\":{\"type\":\"string\"},\"erased\":{\"type\":\"string\"},"
    "\"model\":{\"type\":\"object\"},\"recent\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"events\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},\"next\":{\"type\":\"integer\"},"
    "\"exposures\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},\"exposures_next\":{\"type\":\"integer\"}}},"
    "\"Erased\":{\"type\":\"object\",\"required\":[\"request_id\",\"erased\",\"memory\",\"log\",\"model\"],"
    "\"properties\":{"
    "\"request_id\":{\"type\":\"string\"},\"erased\":{\"type\":\"string\"},\"memory\":{\"type\":\"object\"},"
    "\"log\":{\"type\":\"object\"},\"model\":{\"type\":\"object\"}}},";
static const char item_components[] =
    "\"Product\":{\"type\":\"object\",\"required\":[\"title\"],\"properties\":{\"id\":{\"type\":\"string\"},"
    "\"title\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"},\"brand\":{\"type\":\"string\"},"
    "\"category\":{\"type\":\"string\",\"description\":\"levels between >\"},"
    "\"price\":{\"type\":\"number\",\"minimum\":0},\"stock\":{\"type\":[\"number\",\"boolean\",\"string\"],"
    "\"description\":\"pieces; 0 and false: not to be had, and neither found nor recommended\"},"
    "\"attributes\":{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"string\",\"number\",\"boolean\","
    "\"array\"]}},\"in_stock\":{\"type\":\"boolean\",\"readOnly\":true}}},"
    "\"Put\":{\"type\":\"object\",\"required\":[\"request_id\",\"id\"],\"properties\":{"
    "\"request_id\":{\"type\":\"string\"},\"id\":{\"type\":\"string\"},\"put\":{\"type\":\"boolean\"},"
    "\"deleted\":{\"type\":\"boolean\"}}},";
static const char cost_components[] =
    "\"Interval\":{\"type\":\"object\",\"required\":[\"seconds\",\"answers\",\"repeated_share\",\"nanos\",\"per_1000_"
    "answers\",\"by_stage\",\"by_category\",\"by_route\",\"by_outcome\",\"by_experiment\"],\"properties\":{"
    "\"seconds\":{\"type\":\"number\"},\"answers\":{\"type\":\"integer\"},\"repeated_share\":{\"type\":\"number\","
    "\"description\":\"of the answers that were no refusals, those that were kept and given again\"},"
    "\"nanos\":{\"type\":\"integer\",\"description\":\"10^-9 of the currency: answers, other and idle together\"},"
    "\"per_1000_answers\":{\"type\":\"object\"},\"by_stage\":{\"type\":\"object\"},\"by_category\":{\"type\":"
    "\"object\"},"
    "\"by_route\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Bill\"}},"
    "\"by_outcome\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Bill\"}},"
    "\"by_experiment\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Bill\"}}}},"
    "\"Bill\":{\"type\":\"object\",\"required\":[\"answers\",\"nanos\",\"per_1000_answers\"],\"additionalProperties\":"
    "false,\"properties\":{\"route\":{\"type\":\"string\"},\"outcome\":{\"type\":\"string\",\"enum\":[\"answered\","
    "\"repeated\",\"refused\",\"failed\",\"broken\"]},\"experiment\":{\"type\":\"string\"},\"variant\":{\"type\":"
    "\"string\",\"description\":\"empty outside of experiments\"},\"answers\":{\"type\":\"integer\"},"
    "\"nanos\":{\"type\":\"integer\"},\"per_1000_answers\":{\"type\":\"number\"}}},"
    "\"Cost\":{\"type\":\"object\",\"required\":[\"service\",\"variant\",\"machine\",\"currency\",\"machine_hour_"
    "nanos\","
    "\"processors\",\"since_start\",\"last_hour\"],\"properties\":{\"service\":{\"type\":\"string\"},"
    "\"variant\":{\"type\":[\"string\",\"null\"]},\"machine\":{\"type\":\"string\"},\"currency\":{\"type\":\"string\"},"
    "\"machine_hour_nanos\":{\"type\":\"integer\"},\"processors\":{\"type\":\"integer\"},"
    "\"since_start\":{\"$ref\":\"#/components/schemas/Interval\"},"
    "\"last_hour\":{\"$ref\":\"#/components/schemas/Interval\"}}},";

static const char more_components[] = /* a literal has its longest length */
    "\"Why\":{\"type\":\"object\",\"required\":[\"request_id\",\"model\",\"user\",\"item\",\"score\",\"rank\","
    "\"total\",\"taken\",\"reasons\"],\"properties\":{\"request_id\":{\"type\":\"string\"},"
    "\"model\":{\"type\":\"string\"},\"user\":{\"type\":\"string\"},\"item\":{\"type\":\"string\"},"
    "\"title\":{\"type\":\"string\"},\"score\":{\"type\":\"number\"},\"rank\":{\"type\":\"integer\"},"
    "\"total\":{\"type\":\"integer\"},\"taken\":{\"type\":\"boolean\"},\"shares\":{\"type\":\"number\"},"
    "\"reasons\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"kind\"],\"properties\":{"
    "\"kind\":{\"type\":\"string\"},\"item\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"share\":{\"type\":\"number\"}}}}}},"
    "\"Found\":{\"type\":\"object\",\"required\":[\"request_id\",\"model\",\"items\",\"total\",\"facets\"],"
    "\"properties\":{"
    "\"request_id\":{\"type\":\"string\"},\"model\":{\"type\":\"string\"},"
    "\"items\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"id\",\"score\",\"reasons\"],"
    "\"properties\":{"
    "\"id\":{\"type\":\"string\"},\"score\":{\"type\":\"number\"},\"title\":{\"type\":\"string\"},"
    "\"price\":{\"type\":\"number\"},\"marked\":{\"type\":\"object\"},\"reasons\":{\"type\":\"array\"}}}},"
    "\"total\":{\"type\":\"integer\"},\"facets\":{\"type\":\"object\",\"description\":\"by field, pairs of a value and "
    "how often it "
    "stands there\"},\"corrected\":{\"type\":\"string\",\"description\":\"what was searched in the place of q\"},"
    "\"relaxed\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"kind\",\"text\"],\"properties\":{"
    "\"kind\":{\"type\":"
    "\"string\",\"enum\":[\"word\",\"required\",\"phrase\",\"filter\"]},\"text\":{\"type\":\"string\"}}}},"
    "\"did_you_mean\":{\"type\":\"string\"},\"unknown\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}},"
    "\"Suggestions\":{\"type\":\"object\",\"required\":[\"request_id\",\"suggestions\"],\"properties\":{"
    "\"request_id\":{\"type\":\"string\"},\"suggestions\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
    "\"required\":[\"text\","
    "\"score\"],\"properties\":{\"text\":{\"type\":\"string\"},\"score\":{\"type\":\"number\"}}}}}},"
    "\"Event\":{\"type\":\"object\",\"required\":[\"user\",\"item\"],\"additionalProperties\":false,\"properties\":{"
    "\"event_id\":{\"type\":\"string\",\"maxLength\":512,\"description\":\"makes it safe to send the event again\"},"
    "\"user\":{\"type\":\"string\",\"maxLength\":512},\"item\":{\"type\":\"string\",\"maxLength\":512},"
    "\"type\":{\"type\":\"string\",\"maxLength\":512},\"time\":{\"type\":[\"string\",\"number\"]},"
    "\"quantity\":{\"type\":\"number\"},\"price\":{\"type\":\"number\"},\"value\":{\"type\":\"number\"}}},"
    "\"Kept\":{\"type\":\"object\",\"required\":[\"request_id\",\"accepted\",\"duplicates\"],\"properties\":{"
    "\"request_id\":{\"type\":\"string\"},\"accepted\":{\"type\":\"integer\"},\"duplicates\":{\"type\":\"integer\"}}},"
    "\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\"],\"properties\":{"
    "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
    "\"detail\":{\"type\":\"string\"},\"field\":{\"type\":\"string\"}}}},"
    "\"responses\":{\"Problem\":{\"description\":\"why not (RFC 9457)\",\"content\":{"
    "\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}}";

void rk_openapi_format(rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "openapi", "3.1.0");
    rk_json_object(&json, "info");
    rk_json_cstring(&json, "title", "reckon");
    rk_json_cstring(&json, "version", RECKON_VERSION);
    rk_json_end_object(&json);
    write_paths(&json);
    rk_json_raw(&json, "components", components);
    rk_text_add(out, user_components);
    rk_text_add(out, item_components);
    rk_text_add(out, cost_components);
    rk_text_add(out, more_components);
    rk_json_end_object(&json);
}
