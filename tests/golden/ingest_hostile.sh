# Files that are not what they claim to be: each is refused with its place, and nothing is left behind.
try() { # words, file, options
    printf '%s: ' "$1" >&2
    file=$2
    shift 2
    "$RECKON" ingest "$file" -o out.rk "$@" >/dev/null
    echo "  exit $?" >&2
}
: >empty
printf 'user,item\n' >header
printf 'user,item\na,b\nc,\0d\n' >nul
printf 'user,item\na,b\nc,"d\ne,f\n"g",h\ni,"j\n' >open
printf 'user,item\na,b\n' | gzip -c | head -c 30 >cut.gz
{ printf 'user,item\na,'; head -c 20000000 /dev/zero | tr '\0' x; } >long
{ printf 'user,item\na,"'; head -c 20000000 /dev/zero | tr '\0' x; } >long_quoted
head -c 3000000 /dev/zero | tr '\0' x >no_line
printf '\377\376u\0' >utf16
printf 'PK\003\004rest' >zip
printf '\177ELF\002\001\001\000' >binary
printf '1\t2\t3\t4\n5\t6\t7\t8\n' >u.data
printf 'CustomerID,StockCode,when\n1,2,3\n' >shop
printf 'what,who\na,b\n' >strange
printf '{"user":1,"item":2}\n{"user":1,"item":2,"user":3}\n' >twice.jsonl
printf '{"user":1,"item":2}\n\n{"user":1 "item":2}\n' >comma.jsonl
printf '{"user":1,"item":9223372036854775808}\n' >big.jsonl
printf '{"user":1,"item":"\\ud800"}\n' >half.jsonl
printf '{"user":"caf\351","item":2}\n' >latin.jsonl
printf 'user,item\ncaf\351,x\n' >latin
printf 'user,item,price\na,b,1e999\n' >huge
printf 'user,item\n,b\n' >nothing
printf 'justoneword\nanother\n' >word
mkdir folder
try 'an empty file' empty
try 'a header alone' header
try 'a NUL byte' nul
try 'an open quote' open
try 'a truncated gzip file' cut.gz
try 'a row without end' long
try 'a quoted cell without end' long_quoted
try 'a first line without end' no_line
try 'UTF-16' utf16
try 'a spreadsheet' zip
try 'a program' binary
try 'no header' u.data
try 'too few names' u.data --columns user,item
try 'a number too large' u.data --map user=1,item=9
try 'a missing column' shop --map user=CustomerId,item=StockCode
try 'an unknown role' shop --map usr=CustomerID,item=StockCode
try 'a role twice' shop --map user=CustomerID,user=when
try 'attributes' shop --map 'item=StockCode,attributes=attr_*'
try 'names nobody knows' strange
try 'a key twice' twice.jsonl
try 'a comma forgotten' comma.jsonl
try 'an integer beyond 64 bits' big.jsonl
try 'half a character' half.jsonl
try 'JSONL in Latin-1' latin.jsonl
try 'Latin-1 where UTF-8 is asked for' latin --encoding utf-8
try 'a price beyond all numbers' huge
try 'nothing left' nothing
try 'one word a line' word
try 'a folder' folder
try 'no file' missing
printf 'user,item\na,b\n' >good
try 'a log' good
mv out.rk model.rk
try 'an artefact as a log' model.rk --format csv
try 'a catalogue' good --catalogue products.csv
try 'both ways to name columns' u.data --columns user,item,-,- --map user=1
ls | tr '\n' ' ' >&2
