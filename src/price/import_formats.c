/* import_formats.c - the lists that can be imported, one row each: which column of which head means what. */
#include "price/import_parts.h"

/* clang-format off: a row is read as a whole */
const rk_list_format rk_list_formats[] = {
    {.name = "aws-ec2",
     .head = "region,instance_type,usd_per_hour",
     .source = "AWS EC2 on-demand list, Linux",
     .machine = "instance_type",
     .region = "region",
     .currency = "USD",
     .prices = {{"usd_per_hour", "on_demand", NULL}},
     .size = rk_machine_size_aws},
    {.name = "aws-cn",
     .head = "region,instance_type,price_per_hour",
     .source = "AWS China EC2 on-demand list, Linux",
     .machine = "instance_type",
     .region = "region",
     .currency = "CNY",
     .prices = {{"price_per_hour", "on_demand", NULL}},
     .size = rk_machine_size_aws},
    {.name = "aws-currency",
     .head = "region,instance_type,ondemand_per_hour,currency",
     .source = "AWS EC2 on-demand list, Linux",
     .machine = "instance_type",
     .region = "region",
     .currency_column = "currency",
     .prices = {{"ondemand_per_hour", "on_demand", NULL}},
     .size = rk_machine_size_aws},
    {.name = "aws-nodes",
     .head = "instance_type,vcpu,memory_gib,region,engine,ondemand,res_1y_noupfront,res_3y_allupfront",
     .source = "AWS list of managed search and cache nodes",
     .machine = "instance_type",
     .region = "region",
     .engine = "engine",
     .vcpu = "vcpu",
     .memory = "memory_gib",
     .currency = "USD",
     .prices = {{"ondemand", "on_demand", NULL},
                {"res_1y_noupfront", "reserved_1y", NULL},
                {"res_3y_allupfront", "reserved_3y", NULL}}},
    {.name = "azure",
     .head = "region,vm_size,usd_per_hour",
     .source = "Azure virtual machine list, Linux",
     .machine = "vm_size",
     .region = "region",
     .currency = "USD",
     .prices = {{"usd_per_hour", "on_demand", NULL}},
     .size = rk_machine_size_azure},
    {.name = "azure-sku",
     .head = "region,sku,ondemand_per_hour_usd",
     .source = "Azure virtual machine list, Linux",
     .machine = "sku",
     .region = "region",
     .currency = "USD",
     .prices = {{"ondemand_per_hour_usd", "on_demand", NULL}},
     .size = rk_machine_size_azure},
    {.name = "gcp",
     .head = "table,key,value",
     .source = "Google Compute Engine list",
     .machine = "key",
     .table = "table",
     .currency = "USD",
     .only_region = "us-central1",
     .prices = {{"value", "on_demand", "instancePrices"}, {"value", "spot", "preemptiblePrices"}}},
    {.name = "nebius",
     .head = "InstanceType,Accel,Count,vCPUs,MemGiB,OnDemandUSDh,Region,SpotUSDh",
     .source = "Nebius list",
     .machine = "InstanceType",
     .region = "Region",
     .vcpu = "vCPUs",
     .memory = "MemGiB",
     .currency = "USD",
     .prices = {{"OnDemandUSDh", "on_demand", NULL}, {"SpotUSDh", "spot", NULL}}},
    {.name = "gcp-sizes",
     .head = "NAME;CPUS;SHARED_CPU;MEMORY_GB;DEPRECATED;ZONE",
     .machine = "NAME",
     .vcpu = "CPUS",
     .memory = "MEMORY_GB"},
    {.name = "gpu-sizes",
     .head = "Cloud,GPU Type,GPU Arch,GPUs,GPU RAM,vCPUs,RAM,On-demand,Per-GPU,Spot,Name",
     .machine = "Name",
     .vcpu = "vCPUs",
     .memory = "RAM"},
};
/* clang-format on */

const size_t rk_n_list_formats = RK_COUNT_OF(rk_list_formats);

bool rk_import_format_at(size_t i, const char **name, const char **head)
{
    if (i >= rk_n_list_formats) {
        return false;
    }
    *name = rk_list_formats[i].name;
    *head = rk_list_formats[i].head;
    return true;
}
