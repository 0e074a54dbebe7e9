/* page_script.c - see page_script.h. Figures sort by what they mean: units and thousands are read. */
#include "report/page_script.h"

static const char script[] =
    "const unit={B:1,kB:1e3,MB:1e6,GB:1e9,TB:1e12,us:1e-6,'\xc2\xb5s':1e-6,ms:1e-3,s:1,min:60,h:3600};\n"
    "const worth=t=>{const m=/^(-?[\\d,.]+)\\s*([A-Za-z\xc2\xb5]*)/.exec(t.trim());"
    "return m?parseFloat(m[1].replace(/,/g,''))*(unit[m[2]]||1):null};\n"
    "const byCell=(c,up)=>(a,b)=>{const x=a.cells[c].textContent,y=b.cells[c].textContent,p=worth(x),q=worth(y);"
    "const d=p!==null&&q!==null?p-q:p!==null?-1:q!==null?1:x.localeCompare(y);return up?d:-d};\n"
    "document.querySelectorAll('main table').forEach(t=>{if(t.tBodies[0].querySelector('.total'))return;"
    "[...t.tHead.rows[0].cells].forEach((h,c)=>{h.tabIndex=0;h.classList.add('sorts');h.title='sort';"
    "const sort=()=>{const up=h.ariaSort!=='ascending';[...t.tHead.rows[0].cells].forEach(o=>o.removeAttribute("
    "'aria-sort'));h.ariaSort=up?'ascending':'descending';"
    "t.tBodies[0].append(...[...t.tBodies[0].rows].sort(byCell(c,up)))};"
    "h.onclick=sort;h.onkeydown=e=>{if(e.key==='Enter'||e.key===' '){e.preventDefault();sort()}}})});\n"
    "document.querySelectorAll('main tbody tr').forEach(r=>{const i=names.indexOf(r.cells[0].textContent);"
    "if(i>=0)r.classList.add('v','v'+i)});\n"
    "let held='';const light=k=>{document.querySelectorAll('.lit').forEach(e=>e.classList.remove('lit'));"
    "document.body.classList.toggle('choosing',!!k);"
    "if(k)document.querySelectorAll('.'+k).forEach(e=>e.classList.add('lit'))};\n"
    "const key=e=>{const v=e.target.closest&&e.target.closest('.v');"
    "return v?[...v.classList].find(c=>/^v\\d+$/.test(c)):''};\n"
    "document.addEventListener('mouseover',e=>light(key(e)||held));\n"
    "document.addEventListener('click',e=>{const k=key(e);if(k){held=held===k?'':k;light(held)}});\n";

void rk_page_script(const char *const *names, size_t n, rk_text *out)
{
    rk_text list = {0};
    rk_json json = {.text = &list};
    rk_text_add(out, "<script>\n(()=>{const names=");
    rk_json_array(&json, NULL);
    for (size_t i = 0; i < n; i++) {
        rk_json_cstring(&json, NULL, names[i]);
    }
    rk_json_end_array(&json);
    for (size_t i = 0; i < list.n; i++) { /* no name ends the script, or begins another */
        rk_text_add_slice(out, list.at[i] == '<' ? rk_slice_of("\\u003c") : (rk_slice){list.at + i, 1});
    }
    out->failed |= list.failed;
    rk_text_release(&list);
    rk_text_add(out, ";\n");
    rk_text_add(out, script);
    rk_text_add(out, "})()\n</script>\n");
}
