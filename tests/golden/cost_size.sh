# Sizing before buying: an answer, one that does not fit, a reranker, and what wrong questions are told.
exec 2>&1
size() {
    echo "# cost size $*"
    "$RECKON" cost size "$@" || echo "exit $?"
}
size --model llama-3.1-70b --accelerator h100 --tp 4 --isl 2000 --osl 200 --rate 50
size --model llama-3.1-8b --accelerator l40s --precision fp8 --isl 500 --osl 100 --token-ms 30 --api-price 0.05/0.08 --rate 10
size --model llama-3.1-405b --accelerator h100 --tp 8
size --model llama-3.1-405b --accelerator l4
size --model bge-reranker-v2-m3 --accelerator l4 --isl 200 --osl 0 --candidates 50
size --model mpt-7b --accelerator a100-40gb --train-tokens 1e12 --train-devices 440
size --model lama-3.1-70b --accelerator h100
size --model llama-3.1-70b --accelerator z80
size --model llama-3.1-70b
size --model llama-3.1-70b --accelerator h100 --tp 3
size --model llama-3.1-70b --accelerator h100 --pp 4 --set layers=3
size --model bge-reranker-v2-m3 --accelerator l4 --isl 200 --osl 0 --json
size --model custom --accelerator h100 --set layers=2
size --model custom --accelerator custom --set layers=2 --set hidden=8
size --model llama-3.1-70b --accelerator h100 --set layer=2
size --model llama-3.1-70b --accelerator h100 --set mfu=2
size --model llama-3.1-70b --accelerator h100 --price 1,5
size --model llama-3.1-70b --accelerator h100 --api-price 1
printf 'a,b\n1,2\n' >bad.csv
size --calibrate bad.csv
printf 'model,hardware,gpus,precision,isl,osl,concurrency,metric,value\n"x,y\n' >bad.csv
size --calibrate bad.csv
printf 'model,hardware,gpus,precision,isl,osl,concurrency,metric,value\nx,y,1,fp8,1,1,1,output_tok_s,1\n' >bad.csv
size --calibrate bad.csv
size --calibrate bad.csv --save-factors ./bad.csv
size --calibrate none.csv
printf '# mine\nmfu = 0.5\nmbu 0.5\n' >bad.txt
size --model llama-3.1-8b --accelerator h100 --factors bad.txt
size --list
