"""A million titles like those of a catalogue, and questions to them: titles.py CATALOGUE.jsonl[.gz] KEY N TITLES.csv QUESTIONS.txt

A word follows another as often as it does in the catalogue's titles (a Markov chain of words), so common and rare words, and words
that go together, are as in the original; a title ends at about 120 bytes. Questions are 2 or 3 different words of one
title, drawn at random: "any red shoes" or "all red shoes" a line. The same seed gives the same files.
"""
import gzip
import json
import random
import re
import sys

QUESTIONS, BYTES = 2000, 120


def main():
    path, key, n, titles_path, questions_path = sys.argv[1:]
    follows, starts = {}, []
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            words = re.findall(r"[A-Za-z0-9]+", json.loads(line).get(key) or "")
            starts += words[:1]
            for word, after in zip(words, words[1:]):
                follows.setdefault(word, []).append(after)
    chance = random.Random(1)
    drawn = []
    with open(titles_path, "w", encoding="utf-8") as out:
        out.write("id,title\n")
        for i in range(int(n)):
            word, words, size = chance.choice(starts), [], 0
            while size < BYTES:
                words.append(word)
                size += len(word) + 1
                word = chance.choice(follows.get(word) or starts)
            out.write(f"{i},{' '.join(words)}\n")
            if chance.random() < 8 * QUESTIONS / int(n):
                drawn.append(words)
    with open(questions_path, "w", encoding="utf-8") as out:
        for how in "any", "all":
            for size in 2, 3:
                some = [chance.sample(sorted(set(map(str.lower, words))), size) for words in chance.sample(drawn, QUESTIONS)]
                out.writelines(f"{how} {' '.join(words)}\n" for words in some)


main()
