# An index of a small catalogue, and what shoppers type.
cat >products.csv <<'CSV'
id,title,text,supplier,category,price,colour,size_cm
1,Red Tea Pot,A pot for tea of 1.5 litres,Acme,kitchen > pots,20,red,15
2,Blue tea pot,Holds tea,Bolt,kitchen > pots,15,blue,18
3,Tea towel,"For pots, red stripes",Acme,kitchen > linen,5,red,50
4,Garden pot 30 cm,"Terracotta, red",Core,garden,12,red,30
5,iPhone6s case,"For the iphone 6s",Core,phones,9,black,14
6,Wi-Fi router dv7-1211ea,,Acme,computers,49.90,white,20
CSV
"$RECKON" ingest --catalogue products.csv -o d.rk --map 'item=id,title=title,text=text,brand=supplier,category=category,price=price,attributes=colour,attributes=size_cm' >/dev/null
"$RECKON" index d.rk -o s.rk | sed 's/ in [0-9.]* [mun]*s$/ in TIME/'
ask() {
    echo "? $1"
    "$RECKON" search s.rk "$@" -n 4 || echo "exit $?"
}
ask 'tea pot'
ask '"tea pot"' --facets brand,colour
ask 'pot -tea'
ask '+red pot'
ask 'pot price<15'
ask 'price:9..12'
ask 'tea brand:acme'
ask 'category:kitchen pot' --facets category
ask 'pot colour:red size_cm>=20'
ask 'pots -brand:Acme'
ask 'wifi'
ask 'dv71211ea'
ask 'iphone 6s'
ask 'IPHONE6S'
ask '30cm'
ask 'unicorn tea'
ask 'gaden pto ifone6s'
ask 'towl -brand:Acme'
ask '+unicorn tea'
ask '"red pot'
ask 'note:this <>'
ask ''
"$RECKON" search d.rk 'tea' -n 1 --json | sed 's/search-[0-9a-f]*/search-HASH/'
ask 'tea' --facets nothing
# What a shopper narrows by, in which order it stands, and what is said when nothing fits.
cat >more.csv <<'CSV'
id,title,text,brand,category,price,colour,size_cm,stock,released
1,Red Tea Pot,A pot for tea of 1.5 litres,Acme,kitchen > pots,20,red,15,3,2024-05-01
2,Blue tea pot,Holds tea,Bolt,kitchen > pots,15,blue,18,0,2023-01-10
3,Tea towel,"For pots, red stripes",Acme,kitchen > linen,5,red,50,1,2024-06-30
4,Garden pot 30 cm,"Terracotta & red",Core,garden,12,red,30,,2020-02-02
5,iPhone6s case,"For the iphone 6s",Core,phones,9,black,14,no,
6,Wi-Fi router dv7-1211ea,,Acme,computers,49.90,white,20,yes,2022-08-08
CSV
"$RECKON" ingest --catalogue more.csv -o more.rk >/dev/null
"$RECKON" index more.rk -o s.rk >/dev/null
ask 'pot' --sort price
ask 'pot' --sort=-price --from 1
ask 'in:stock' --sort newness --facets brand,price,colour
ask 'pot brand:(acme,bolt)' --facets brand --facet-values 2
ask 'size_cm>=18 released<2023-02-01' --sort size_cm
ask 'tea pot' --explain
ask '+tea +router price<10'
ask '"pot tea" brand:acme'
ask 'towl brand:acme'
ask 'tea price<2 brand:acme'
ask 'tea price<2 brand:acme' --literal
ask 'unicorn brand:core'
ask 'wifi pots 30cm' --marks '[,]'
"$RECKON" search s.rk 'terracotta 30cm' -n 1 --marks '<em>,</em>' --html --json | sed 's/search-[0-9a-f]*/search-HASH/'
"$RECKON" search s.rk 'towl price<1' -n 1 --json --facets brand,price | sed 's/search-[0-9a-f]*/search-HASH/'
ask 'pot' --sort popularity
ask 'pot' --sort colour
ask 'pot' --from 9999
ask 'pot' --marks em
"$RECKON" index d.rk -o s.rk >/dev/null
printf 'query,docid,rating\ntea pot,1,3\ntea pot,2,2\ntea pot,3,0\nrouter,6,1\ntowel,9,2\n' >ratings.csv
"$RECKON" judge s.rk ratings.csv
printf 'query,docid,rating\ntea,1,good\n' >bad.csv
"$RECKON" judge s.rk bad.csv || echo "exit $?"
printf 'query,docid\ntea,1\n' >bad.csv
"$RECKON" judge s.rk bad.csv || echo "exit $?"
"$RECKON" judge s.rk || echo "exit $?"
printf '<DOC>\n<DOCNO> 7 </DOCNO>\nWhich tea\npots?\n</DOC>\n' >topics
printf '7 0 1 1\n7 0 2 1\n' >qrels
"$RECKON" judge s.rk --topics topics --qrels qrels --json | sed 's/"seconds":[0-9.e-]*/"seconds":0/'
printf '8 0 1 1\n' >qrels
"$RECKON" judge s.rk --topics topics --qrels qrels || echo "exit $?"
printf '7 0 1\n' >qrels
"$RECKON" judge s.rk --topics topics --qrels qrels || echo "exit $?"
"$RECKON" index nothing.rk -o x.rk || echo "exit $?"
"$RECKON" index d.rk || echo "exit $?"
"$RECKON" index d.rk -o x.rk --stemmer klingon || echo "exit $?"
