#!/usr/bin/env python3
"""Records a first verdict in a terminal: docs/picture/record.py

It copies the sample repository in tests/program/samples/python, runs the commands of first-verdict.sh in it, each in a real
terminal, and writes docs/images/first-verdict.cast (asciinema v2) and docs/images/first-verdict.svg. The bytes are those of the
run; the time between them is that of a person who types and reads. It needs cargo, Git, and nothing from the network.
"""

import codecs
import html
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "docs/picture/first-verdict.sh"
SAMPLE = ROOT / "tests/program/samples/python"
IMAGES = ROOT / "docs/images"
TITLE = "prompt-assay: from prompts in code to a first verdict"

COLUMNS, ROWS = 100, 30
# Seconds.
KEY, ENTER, LOOK, PER_LINE, END = 0.03, 0.4, 0.9, 0.13, 7.0
# Pixels.
CELL, LINE, SIZE, MARGIN, BAR = 8.4, 19, 14, 16, 34

COLOURS = {31: "r", 32: "g", 33: "y", 34: "b", 35: "m", 36: "c", 90: "d", 91: "r", 92: "g", 93: "y", 94: "b"}
SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b[()][A-Z0-9]|\x1b[=>]|[\r\n\b]|[^\x1b\r\n\b]+")


def commands():
    """The commands of the scenario, each with all of its lines."""
    blocks = re.split(r"\n\s*\n", SCENARIO.read_text().strip())
    return [block for block in blocks if not block.startswith("#")]


def program():
    """The folder of the program as built from this checkout."""
    subprocess.run(["cargo", "build", "--quiet", "--locked"], cwd=ROOT, check=True)
    told = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, check=True, capture_output=True
    )
    return pathlib.Path(json.loads(told.stdout)["target_directory"]) / "debug"


def environment(home, binaries):
    """Nothing of the person who records, and the same commits each time."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (
        ("NAME", "Ada"), ("EMAIL", "ada@example.invalid"), ("DATE", "2026-01-31T12:00:00Z"))}
    return {
        "PATH": f"{binaries}:{os.environ['PATH']}", "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8",
        "COLUMNS": str(COLUMNS), "LINES": str(ROWS), "GIT_CONFIG_NOSYSTEM": "1", **who,
    }


def ran(command, place, variables):
    """What a command writes to a terminal, and its exit status."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(place)
        os.execvpe("bash", ["bash", "-c", f"stty cols {COLUMNS} rows {ROWS}; {command}"], variables)
    written = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other side is closed.
            part = b""
        if not part:
            break
        written += part
    os.close(terminal)
    return codecs.decode(written, "utf-8"), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def screen(text):
    """The lines that stay on the terminal: lists of characters with their style."""
    lines, row, column, style = [[]], 0, 0, ""
    for found in SEQUENCE.finditer(text):
        piece, (numbers, letter) = found.group(0), found.groups()
        count = int(numbers) if numbers and numbers.isdigit() else 1
        if piece == "\n":
            row += 1
        elif piece == "\r":
            column = 0
        elif piece == "\b":
            column = max(0, column - 1)
        elif letter == "A":
            row = max(0, row - count)
        elif letter == "B":
            row += count
        elif letter == "K":
            lines[row] = [] if numbers == "2" else lines[row][:column]
        elif letter == "J":
            lines[row:] = [lines[row][:column]]
        elif letter == "m":
            for number in (int(part or 0) for part in numbers.split(";")):
                if number in (0, 22, 39):
                    style = ""
                else:
                    style += " " + {1: "w", 2: "d"}.get(number, COLOURS.get(number, ""))
        elif not piece.startswith("\x1b"):
            for character in piece:
                if column == COLUMNS:
                    row, column = row + 1, 0
                while len(lines) <= row:
                    lines.append([])
                line = lines[row]
                line.extend([(" ", "")] * (column + 1 - len(line)))
                line[column] = (character, " ".join(sorted(set(style.split()))))
                column += 1
        while len(lines) <= row:
            lines.append([])
    while lines and not lines[-1]:
        lines.pop()
    return lines


def run():
    """Every command with what it wrote."""
    with tempfile.TemporaryDirectory() as scratch:
        place, home = pathlib.Path(scratch) / "shop", pathlib.Path(scratch) / "home"
        shutil.copytree(SAMPLE, place)
        home.mkdir()
        variables = environment(home, program())
        for command in ("init --quiet --initial-branch main", "add --all", "commit --quiet --message Shop"):
            subprocess.run(["git", *command.split()], cwd=place, env=variables, check=True)
        typed = commands()
        recorded = []
        for at, command in enumerate(typed):
            output, status = ran(command, place, variables)
            wanted = 1 if at == len(typed) - 1 else 0
            if status != wanted or scratch in output:
                sys.exit(f"`{command}` ended with exit status {status}, not {wanted}, or names its folder:\n{output}")
            recorded.append((command, output))
            print(f"$ {command}\n{len(output.splitlines())} lines")
        return recorded


def cast(recorded):
    """The recording in the format of asciinema."""
    now, events = 0.5, []

    def show(text, after):
        nonlocal now
        events.append([round(now, 3), "o", text])
        now += after

    for command, output in recorded:
        show("\r\n" * (len(events) > 0) + "\x1b[1;32m$\x1b[0m ", 0.5)
        for character in command:
            show(character if character != "\n" else "\r\n> ", KEY)
        now += ENTER
        show("\r\n", 0.1)
        show(output, LOOK + PER_LINE * min(len(output.splitlines()), ROWS - 4))
    now += END - LOOK
    show("\r\n\x1b[1;32m$\x1b[0m ", 0)
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": TITLE, "env": {"TERM": "xterm-256color"}}
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [header, *events])


class Picture:
    """One long sheet of lines of which a window shows a part; times are in seconds."""

    def __init__(self):
        self.sheet, self.rules, self.frames, self.scroll = [], [], [], [(0.0, 0)]
        self.rows, self.now = 0, 0.5

    def line(self, cells):
        """One line of the sheet, in runs of the same style without wide gaps."""
        runs, column = [], 0
        while column < len(cells):
            style, text, start = cells[column][1], "", column
            while column < len(cells) and cells[column][1] == style:
                text += cells[column][0]
                column += 1
            for word in re.finditer(r"\S+(?: \S+)*", text):
                x, length = (start + word.start()) * CELL, len(word.group(0)) * CELL
                kind = f' class="{style}"' if style else ""
                runs.append(
                    f'<text{kind} x="{x:.1f}" y="{self.rows * LINE + SIZE}" textLength="{length:.1f}">'
                    f"{html.escape(word.group(0), quote=False)}</text>"
                )
        self.rows += 1
        return "".join(runs)

    def appear(self, content):
        """Content that is there from now on."""
        name = f"t{len(self.frames)}"
        self.frames.append((name, self.now))
        self.sheet.append(f'<g class="{name}">{content}</g>')

    def follow(self, steps=1):
        """The window moves to the last line, through long output in steps."""
        before, after = self.scroll[-1][1], max(0, self.rows + 1 - ROWS)
        for step in range(1, steps + 1):
            to = before + (after - before) * step // steps
            if to != self.scroll[-1][1]:
                self.scroll.append((self.now + 0.06 * (step - 1), to))

    def type(self, command):
        """A command, letter by letter: a cover with a cursor at its left moves away."""
        self.rows += 1 if self.rows else 0
        for number, text in enumerate(command.split("\n")):
            y, name = self.rows * LINE, f"k{len(self.rules)}"
            sign = "$" if number == 0 else ">"
            cells = [(sign, "g w" if number == 0 else "d"), (" ", ""), *((letter, "w") for letter in text)]
            self.appear(self.line(cells))
            self.follow()
            width, begin = len(text) * CELL, self.now + (0.5 if number == 0 else 0)
            end = begin + KEY * len(text)
            self.sheet.append(
                f'<g class="{name}"><rect class="bg" x="{2 * CELL:.1f}" y="{y}" width="{width + CELL:.1f}" height="{LINE}"/>'
                f'<rect class="cursor" x="{2 * CELL:.1f}" y="{y + 1}" width="{CELL}" height="{LINE - 3}"/></g>'
            )
            self.rules.append((name, begin, end, width, max(1, len(text))))
            self.now = end
        self.now += ENTER

    def output(self, lines):
        """What a command wrote, and time to read it."""
        if lines:
            self.appear("".join(self.line(cells) for cells in lines))
            self.follow(max(1, len(lines) // 10))
        self.now += LOOK + PER_LINE * min(len(lines), ROWS - 4)

    def svg(self):
        """The picture. Without animation it shows its end."""
        total = self.now + END
        percent = lambda moment: f"{100 * moment / total:.3f}%"
        css = []
        for name, moment in self.frames:
            css.append(f"@keyframes {name}{{0%{{visibility:hidden}}{percent(moment)}{{visibility:visible}}}}")
            css.append(f".{name}{{animation:{name} {total:.2f}s step-end infinite}}")
        for name, begin, end, width, letters in self.rules:
            css.append(
                f"@keyframes {name}{{0%{{transform:none;visibility:hidden}}{percent(begin - 0.01)}"
                f"{{transform:none;visibility:visible;animation-timing-function:steps({letters})}}"
                f"{percent(end)}{{transform:translateX({width:.1f}px);visibility:visible}}"
                f"{percent(end + ENTER)}{{visibility:hidden}}100%{{visibility:hidden}}}}"
            )
            css.append(f".{name}{{visibility:hidden;animation:{name} {total:.2f}s step-end infinite}}")
        moves = "".join(f"{percent(at)}{{transform:translateY(-{row * LINE}px)}}" for at, row in self.scroll)
        last = self.scroll[-1][1] * LINE
        css.append(f"@keyframes s{{{moves}}}.s{{transform:translateY(-{last}px);animation:s {total:.2f}s step-end infinite}}")
        css.append("@media(prefers-reduced-motion:reduce){.s,.s *{animation:none}}")
        width, height = COLUMNS * CELL + 2 * MARGIN, ROWS * LINE + BAR + MARGIN
        dots = "".join(f'<circle cx="{18 + 18 * at}" cy="17" r="5.5" fill="{colour}"/>'
                       for at, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")))
        return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}">
<title>{TITLE}</title>
<style>
text{{font:{SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;fill:#e6edf3}}
.bg{{fill:#0d1117}}.cursor{{fill:#8b949e}}.w{{font-weight:600}}.d{{fill:#9198a1}}.r{{fill:#ff7b72}}.g{{fill:#7ee787}}
.y{{fill:#e3b341}}.b{{fill:#79c0ff}}.m{{fill:#d2a8ff}}.c{{fill:#76e3ea}}
{chr(10).join(css)}
</style>
<rect x=".5" y=".5" width="{width - 1:.0f}" height="{height - 1}" rx="8" class="bg" stroke="#6e7681"/>
{dots}
<svg x="{MARGIN}" y="{BAR}" width="{COLUMNS * CELL:.1f}" height="{ROWS * LINE}"><g class="s">
{chr(10).join(self.sheet)}
</g></svg>
</svg>
"""


def picture(recorded):
    """The recording as an SVG."""
    drawn = Picture()
    for command, output in recorded:
        drawn.type(command)
        drawn.output(screen(output))
    return drawn.svg()


def main():
    recorded = run()
    for name, text in (("first-verdict.cast", cast(recorded)), ("first-verdict.svg", picture(recorded))):
        (IMAGES / name).write_text(text)
        print(f"docs/images/{name}: {len(text.encode()) // 1000} kB")


if __name__ == "__main__":
    main()
