"""Runs the console blocks of pages and compares; see run_console.sh. Prints TAP, one claim a page."""
import glob
import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


def commands(block):
    """[(command, shown output)], in order; a command goes on behind a backslash and to the end of its quotes."""
    found = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append([line[2:].rstrip("\n"), ""])
        elif found and (found[-1][0].endswith("\\") or found[-1][0].count("'") % 2):
            found[-1][0] += "\n" + line.rstrip("\n")
        elif found:
            found[-1][1] += line
        else:
            raise ValueError("a console block begins with '$ '")
    return found


def run(command, folder, path):
    done = subprocess.run(["sh", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=dict(os.environ, PATH=path), timeout=300)
    return done.stdout.decode()


def is_shown(shown, printed):
    if "...\n" not in shown.splitlines(keepends=True):
        return shown == printed
    parts = re.split(r"^\.\.\.\n", shown, flags=re.M)
    pattern = "(?:.*\n)*?".join(re.escape(part) for part in parts)
    return re.fullmatch(pattern, printed) is not None


def check(page, path):
    """The page with what is printed now, and the differences in words."""
    wrong = []

    def again(match):
        text = "```console\n"
        for command, shown in commands(match[1]):
            printed = run(command, os.path.dirname(page) if page.startswith("examples") else ".", path)
            if not is_shown(shown, printed):
                wrong.append(f"$ {command}\nshown:\n{shown}printed:\n{printed}")
                shown = printed
            text += f"$ {command}\n{shown}"
        return text + "```"

    with open(page) as file:
        before = file.read()
    return BLOCK.sub(again, before), wrong


def main():
    pages = sys.argv[1:] or sorted(p for p in glob.glob("examples/*/README.md") + glob.glob("docs/*.md")
                                   if BLOCK.search(open(p).read()))
    print(f"1..{len(pages)}")
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.environ["RECKON"], os.path.join(folder, "reckon"))
        for number, page in enumerate(pages, 1):
            text, wrong = check(page, folder + ":" + os.environ["PATH"])
            if wrong and os.environ.get("ACCEPT"):
                with open(page, "w") as file:
                    file.write(text)
                wrong = []
            print(f"{'not ' if wrong else ''}ok {number} - {page}")
            for words in wrong:
                print("".join(f"# {line}\n" for line in words.splitlines()[:60]), end="")


main()
