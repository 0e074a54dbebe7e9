/* page_style.c - how the page looks.
 *
 * Colours are named once, in light and in dark, and used by name everywhere: a chart knows classes only. The five
 * series colours differ in lightness as well as in hue, so that they survive a grey printer and the common forms of
 * colour blindness. Body text keeps a contrast of at least 7:1, muted text 4.5:1, in both schemes.
 */
#include "report/page_style.h"

#include <stddef.h>

static const char colors[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#18212f;--muted:#5a6678;--line:#e1e6ec;--soft:#f5f7fa;"
    "--accent:#1f5fbf;--heat:31 95 191;--c1:#2b6cc4;--c2:#12908a;--c3:#d08b1d;--c4:#8a63c4;--c5:#c9485b;"
    "--good:#0d7a5f}\n"
    "@media (prefers-color-scheme:dark){:root{--paper:#12161d;--ink:#e8ecf2;--muted:#9aa6b6;--line:#2a323d;"
    "--soft:#1a2029;--accent:#7fb0ff;--heat:98 156 245;--c1:#6ba4f5;--c2:#3dbdb2;--c3:#e8b04f;--c4:#b596ea;"
    "--c5:#ee7f8e;--good:#4fd1a8}}\n"
    "@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--muted:#444;--line:#ccc;--soft:#f5f7fa;"
    "--accent:#1f5fbf;--heat:31 95 191;--c1:#2b6cc4;--c2:#12908a;--c3:#d08b1d;--c4:#8a63c4;--c5:#c9485b}}\n";

static const char words[] =
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%;print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;"
    "font-variant-numeric:tabular-nums}\n"
    "main,footer{max-width:1080px;margin:0 auto;padding:0 28px}\n"
    "header{padding:44px 0 22px}\n"
    ".brand{font-size:13px;font-weight:600;letter-spacing:.08em;text-transform:uppercase;color:var(--accent);margin:0}"
    "\n"
    "h1{font-size:30px;line-height:1.2;letter-spacing:-.015em;margin:6px 0 8px;font-weight:650}\n"
    "h2{font-size:21px;line-height:1.3;letter-spacing:-.01em;margin:0 0 4px;font-weight:650}\n"
    "p{margin:0 0 10px}\n"
    "a{color:var(--accent)}\n"
    ".about,.lead,figcaption,footer{color:var(--muted)}\n"
    ".about{font-size:14px;margin:0}\n"
    ".lead{max-width:68ch;margin-bottom:18px}\n"
    "section{padding:34px 0 6px;border-top:1px solid var(--line);margin-top:30px}\n"
    "footer{font-size:13px;padding-top:18px;padding-bottom:44px}\n"
    ".advice{background:var(--soft);border:1px solid var(--line);border-left:4px solid var(--accent);border-radius:6px;"
    "padding:18px 22px}\n"
    ".advice h2{font-size:13px;font-weight:600;letter-spacing:.06em;text-transform:uppercase;color:var(--muted);"
    "margin:0 0 6px}\n"
    ".advice p{font-size:19px;line-height:1.45;margin:0;max-width:74ch}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px;margin:16px 0 0;padding:0}\n"
    ".tiles div{border:1px solid var(--line);border-radius:6px;padding:13px 18px}\n"
    ".tiles dt{font-size:13px;color:var(--muted)}\n"
    ".tiles dd{margin:1px 0 0;font-size:25px;font-weight:600;letter-spacing:-.01em;line-height:1.25}\n"
    ".tiles dd small{display:block;font-size:13px;font-weight:400;letter-spacing:0;color:var(--muted)}\n";

static const char tables[] =
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4}\n"
    "caption{text-align:left;font-size:13px;font-weight:600;padding:0 0 5px}\n"
    "th,td{text-align:left;padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:baseline;"
    "font-weight:400}\n"
    "th:last-child,td:last-child{padding-right:4px}\n"
    "thead th{font-size:12.5px;color:var(--muted);border-bottom-color:var(--muted);vertical-align:bottom}\n"
    ".n{text-align:right;white-space:nowrap}\n"
    "tr.total th,tr.total td{font-weight:600;border-top:1px solid var(--muted);border-bottom:0}\n"
    "tr.strong th,tr.strong td{font-weight:600;background:var(--soft)}\n"
    "tr.strong th:first-child{box-shadow:inset 3px 0 var(--accent);padding-left:10px}\n"
    "table.heat td{text-align:right;padding:9px 12px;border:2px solid var(--paper);"
    "background:rgb(var(--heat) / calc(var(--w,0) * .5))}\n"
    "table.heat small{font-size:.82em;color:var(--muted);font-weight:400}\n"
    "table.heat th{padding:9px 12px;border:0}\n"
    "table.heat th:first-child{padding-left:0}\n"
    "table.heat td.sum{background:none;font-weight:600}\n"
    "details{margin-top:10px;font-size:14px}\n"
    "summary{cursor:pointer;color:var(--accent);margin-bottom:8px}\n"
    ".notes{padding-left:22px;font-size:14px;color:var(--muted)}\n"
    ".notes li{margin-bottom:6px;max-width:95ch}\n"
    ".notes li:target,sup a:target{color:var(--ink);background:var(--soft)}\n"
    ".plain{padding-left:20px;font-size:14px;margin:0}\n"
    "sup{line-height:0;margin-left:3px}\n"
    "sup a{text-decoration:none;font-size:12px}\n";

static const char figures[] =
    "figure{margin:0 0 30px}\n"
    "figcaption{font-size:14px;margin-top:10px;max-width:95ch}\n"
    ".pair{display:grid;grid-template-columns:minmax(0,520px) minmax(0,1fr);gap:20px 36px;align-items:start}\n"
    ".twins>.pictures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:20px 36px}\n"
    ".panels>.pictures{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:20px 12px}\n"
    ".twins>.scroll,.panels>.scroll{margin-top:16px}\n"
    "svg{display:block;width:100%;max-width:560px;height:auto;overflow:visible;font-family:inherit}\n"
    "svg text{fill:var(--ink);font-size:13px;font-variant-numeric:tabular-nums}\n"
    "svg .title{font-weight:600;font-size:14px}\n"
    "svg .tick,svg .note{fill:var(--muted);font-size:11px}\n"
    "svg .note{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}\n"
    "svg .legend{font-size:12px}\n"
    "svg .value{font-weight:600}\n"
    "svg .taken,svg .limit-words{fill:var(--c5)}\n"
    "svg .taken{font-weight:400}\n"
    "svg line{stroke:var(--muted);stroke-width:1}\n"
    "svg .grid{stroke:var(--line)}\n"
    "svg .mark{stroke-dasharray:3 3}\n"
    "svg .limit{stroke:var(--c5);stroke-dasharray:6 3}\n"
    "svg .whisker{stroke:var(--ink);stroke-width:1.4}\n"
    "svg polyline{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}\n"
    "svg .thin{stroke-width:1.4;opacity:.6}\n"
    "svg .c0{fill:var(--muted);opacity:.55}svg .c1{fill:var(--c1)}svg .c2{fill:var(--c2)}svg .c3{fill:var(--c3)}svg "
    ".c4{fill:var(--c4)}"
    "svg .c5{fill:var(--c5)}\n"
    "svg .l1{stroke:var(--c1)}svg .l2{stroke:var(--c2)}svg .l3{stroke:var(--c3)}svg .l4{stroke:var(--c4)}"
    "svg .l5{stroke:var(--c5)}\n"
    "svg .pale{opacity:.6}\n"
    "@media (max-width:860px){.pair,.panels>.pictures,.twins>.pictures{grid-template-columns:minmax(0,1fr)}"
    "main,footer{padding:0 18px}h1{font-size:26px}.advice p{font-size:17px}}\n"
    "@media print{body{font-size:11pt}main,footer{max-width:none;padding:0}header{padding-top:0}"
    "figure,tr,.advice{break-inside:avoid}h2{break-after:avoid}section{padding-top:18px;margin-top:14px}"
    "details::details-content{content-visibility:visible;display:block}summary{display:none}"
    ".pair{grid-template-columns:1fr 1fr}@page{margin:16mm}}\n";

const char *const rk_page_style[] = {colors, words, tables, figures, NULL};
