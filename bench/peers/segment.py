# Chinese words as bench_segment cuts them beside jieba's, on texts: those of the files named, else the Chinese messages
# of the programs installed here (/usr/share/locale/zh_CN). Wants python3-jieba.
# python3 bench/peers/segment.py BENCH_SEGMENT [FILE...]
import gettext, glob, logging, re, subprocess, sys, time
import jieba
jieba.setLogLevel(logging.ERROR)
HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")

def texts(files):
    if files:
        return [line.strip() for name in files for line in open(name, encoding="utf-8") if HAN.search(line)]
    found = {}
    for name in sorted(glob.glob("/usr/share/locale/zh_CN/LC_MESSAGES/*.mo")):
        for text in gettext.GNUTranslations(open(name, "rb"))._catalog.values():
            text = " ".join(text.split())
            if len(HAN.findall(text)) and len(text) < 1000:
                found[text] = True
    return list(found)

def spans(words):
    at, out = 0, set()
    for word in words:
        out.add((at, at + len(word)))
        at += len(word)
    return out

def of_jieba(text, hmm):
    words = []
    for word in jieba.cut(text, HMM=hmm):
        words += HAN.findall(word)
    return words

lines = texts(sys.argv[2:])
ran = subprocess.run([sys.argv[1]], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
ours = [line.split() for line in ran.stdout.split("\n")][: len(lines)]
print(len(lines), "texts,", sum(len("".join(w)) for w in ours), "letters;", ran.stderr.strip())
list(jieba.cut("预热"))
for hmm in (False, True):
    begin = time.process_time()
    theirs = [of_jieba(text, hmm) for text in lines]
    seconds = time.process_time() - begin
    both = n_ours = n_theirs = same = 0
    for a, b in zip(ours, theirs):
        x, y = spans(a), spans(b)
        both, n_ours, n_theirs, same = both + len(x & y), n_ours + len(x), n_theirs + len(y), same + (x == y)
    p, r = both / n_ours, both / n_theirs
    print(f"jieba {'with' if hmm else 'without'} its hidden Markov model: F1 {2 * p * r / (p + r):.4f}, "
          f"{same / len(lines):.1%} of texts the same; {sum(len(''.join(w)) for w in theirs) / seconds / 1e6:.2f} million letters/s")
