/* hire.c - see hire.h. */
#include "cost/hire.h"

#include <math.h>

#include "cost/element.h"
#include "math/rational.h"

rk_status rk_hire_check(rk_plan *plan, const rk_element *element, const char *key, rk_hire *hire, rk_error *err)
{
    rk_place at = rk_element_place(element, key);
    rk_status status = rk_plan_price(plan, hire->machine, RK_PRICE_MACHINE, at, &hire->price, err);
    return status ? status
                  : rk_price_option(hire->price, hire->option ? hire->option : "on_demand",
                                    hire->option ? rk_element_place(element, "option") : at, &hire->hour, err);
}

rk_status rk_hire_check_made(rk_plan *plan, const rk_element *element, const rk_hire *hire, const rk_made *made,
                             rk_error *err)
{
    const rk_machine_price *machine = &hire->price->as.machine;
    double gib = rk_decimal_real(machine->memory_gib.value);
    double needed = rk_decimal_real(made->peak_bytes.value) / 1073741824.0;
    if (machine->memory_gib.is_set && needed > gib) {
        return rk_fail_at(err, made->bytes.at,
                          "making %.200s was measured to need %.2f GiB of memory, %.60s has %.2f GiB", made->path,
                          needed, hire->machine, gib);
    }
    double vcpu = rk_decimal_real(machine->vcpu.value);
    if (!machine->vcpu.is_set || made->cores == 0 || fabs(vcpu - made->cores) < 0.01) {
        return RK_OK;
    }
    return rk_plan_note(
        plan, err,
        "%s:%zu: '%s' of '%s' was made on %.0f cores, %s has %.0f: its times are taken as they are, not "
        "scaled",
        made->bytes.at.path, made->bytes.at.line, made->path, element->name, made->cores, hire->machine, vcpu);
}

rk_status rk_hire_need_vcpu(const rk_element *element, const rk_hire *hire, const char *what_for, rk_error *err)
{
    return hire->price->as.machine.vcpu.is_set
               ? RK_OK
               : rk_fail_at(err, element->at, "%s of element '%.60s' needs the key 'vcpu' of '%.60s' (%s:%zu)",
                            what_for, element->name, hire->machine, hire->price->at.path, hire->price->at.line);
}

void rk_hire_price(const rk_hire *hire, rk_account *account, rk_vec *inputs, mpq_t out)
{
    rk_rational_set(out, hire->hour->hour.value);
    rk_account_input_price(account, inputs, hire->hour->option, &hire->hour->hour, "machine-hour", hire->price);
    rk_account_convert(account, inputs, hire->price, out);
}
