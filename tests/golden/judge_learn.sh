# Weights of the second look: learned from judgements, kept in a file, used by search and judge.
cat >products.csv <<'CSV'
id,title,text,supplier,category,price
1,Phone case red,A case for phones,Acme,cases,9
2,Phone,A phone,Bolt,phones,300
3,Case for phone and keys,,Core,cases,12
4,Camera,Camera with lens,Acme,cameras,400
5,Camera case,Case for cameras,Core,cases,15
6,Laptop sleeve,"Sleeve, for a laptop",Acme,cases,20
7,Laptop,Laptop computer,Bolt,computers,900
CSV
"$RECKON" ingest --catalogue products.csv -o d.rk --map 'item=id,title=title,text=text,brand=supplier,category=category,price=price' >/dev/null
{
    echo query,docid,rating
    for query in phone camera laptop 'a phone' 'a camera' 'a laptop' 'phone bolt' 'camera acme' 'laptop bolt' acme 'acme camera' 'acme phone'; do
        for id in 1 2 3 4 5 6 7; do echo "$query,$id,$((id == 2 || id == 4 || id == 7 ? 0 : 3))"; done
    done
} >ratings.csv
"$RECKON" judge d.rk ratings.csv --rank words
"$RECKON" judge d.rk ratings.csv
"$RECKON" judge d.rk ratings.csv --learn --folds 3 -o r.rk
"$RECKON" judge d.rk ratings.csv --learn --folds 3 --json --threads 1 | sed 's/"seconds":[0-9.e-]*/"seconds":0/'
"$RECKON" judge d.rk ratings.csv --rank r.rk --json | sed 's/"seconds":[0-9.e-]*/"seconds":0/'
"$RECKON" search d.rk 'phone case' --rank words
"$RECKON" search d.rk 'phone case' --rank r.rk
"$RECKON" inspect r.rk | sed -n 's/: ranker,.*/: ranker/p; /^ *\(weights\|learned\|queries\|folds\)/p'
"$RECKON" search d.rk phone --rank d.rk || echo "exit $?"
"$RECKON" search d.rk phone --rank none.rk || echo "exit $?"
"$RECKON" judge d.rk ratings.csv --learn --rank r.rk || echo "exit $?"
"$RECKON" judge d.rk ratings.csv -o r.rk || echo "exit $?"
"$RECKON" judge d.rk ratings.csv --learn --folds 50 || echo "exit $?"
# Clicks in the place of ratings: twice as many at the place that is looked at less.
printf 'query,docid,position,impressions,clicks\nphone,2,1,1000,100\nphone,1,5,1000,200\ncamera,4,1,500,0\ncamera,5,2,500,90\n' >clicks.csv
"$RECKON" judge d.rk clicks.csv
printf 'query,docid,position,clicks\nphone,2,1,7\n' >clicks.csv
"$RECKON" judge d.rk clicks.csv || echo "exit $?"
"$RECKON" judge d.rk ratings.csv --features f.csv >/dev/null
head -1 f.csv | cut -d, -f1-5
grep -c '^0,' f.csv
"$RECKON" search d.rk 'phone case' --rank fused -n 2
