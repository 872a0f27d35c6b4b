"""Every answer of the model that a gate could ask for: each case of each task, under the prompt and each of its edits, as
written and with neutral white space.

The answers lie in `target/realmodel/answers.jsonl`, one a line, so a collection that was interrupted continues. `passed`
repeats the tasks' two kinds of checks; `cargo bench --bench operating` plays the gate on what passed.
"""

import json
import random
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor

WHITE = [" ", "\n", "\t"]
PLACES = ["beginning", "end", "system"]


def variations(task, case, most):
    """The text as written, then draws from the program's family of white space: the same for every prompt."""
    draw = random.Random(f"{task}:{case}")
    places = draw.sample(PLACES, len(PLACES))
    seen = [("", "")]
    while len(seen) < most:
        place = places[len(seen) % len(PLACES)]
        white = "".join(draw.choice(WHITE) for _ in range(draw.randint(1, 3)))
        if (place, white) not in seen:
            seen.append((place, white))
    return seen


def messages(prompt, text, place, white):
    """The conversation as the program sends it."""
    system = prompt + white if place == "system" else prompt
    user = {"beginning": white + text, "end": text + white}.get(place, text)
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def passed(case, answer):
    """Whether an answer passes all checks of a case."""
    for check in case["checks"]:
        if "regex" in check and not re.search(check["regex"].replace("$", r"\Z"), answer):
            return False
        if "json_path" in check:
            try:
                found = json.loads(answer)
            except ValueError:
                return False
            wanted = check["json_path"]
            value = found.get(wanted["path"]) if isinstance(found, dict) else None
            if isinstance(value, bool) or value != wanted["equals"]:
                return False
    return True


def ask(url, model, conversation):
    """One answer of the server."""
    body = {"model": model, "messages": conversation, "temperature": 0, "max_tokens": 24}
    request = urllib.request.Request(
        f"{url}/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=3600) as response:
        return json.load(response)["choices"][0]["message"]["content"]


def collect(server, all_tasks, model, path, most):
    """Asks for all that is missing, one variation of everything after the other."""
    known = set()
    if path.exists():
        for line in path.read_text().splitlines():
            row = json.loads(line)
            known.add((row["task"], row["prompt"], row["case"], row["variation"]))
    work = []
    for number in range(most):
        for task in all_tasks:
            prompts = [("base", task["prompt"])] + [(f"{kind}/{name}", text) for kind, name, text in task["edits"]]
            for prompt, text in prompts:
                for case in task["cases"]:
                    key = (task["name"], prompt, case["id"], number)
                    if key not in known:
                        work.append((key, text, case))
    print(f"{len(known)} answers are stored, {len(work)} are missing", flush=True)

    def answered(item):
        (task, prompt, name, number), text, case = item
        place, white = variations(task, name, most)[number]
        answer = ask(server.url, model, messages(text, case["input"], place, white))
        row = {"task": task, "prompt": prompt, "case": name, "variation": number, "answer": answer}
        return row | {"passed": passed(case, answer)}

    with open(path, "a") as out, ThreadPoolExecutor(4) as workers:
        for done, row in enumerate(workers.map(answered, work), 1):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            if done % 100 == 0:
                out.flush()
                print(f"{done} of {len(work)}", flush=True)


def write_pool(all_tasks, path, out, most):
    """Writes what passed: task, prompt, case, as written, varied; only cases with all their answers."""
    rows = {}
    for line in path.read_text().splitlines():
        row = json.loads(line)
        rows[row["task"], row["prompt"], row["case"], row["variation"]] = row["passed"]
    with open(out, "w") as pool:
        for task in all_tasks:
            for kind, name in [("base", "")] + [(kind, name) for kind, name, _ in task["edits"]]:
                prompt = f"{kind}/{name}" if name else kind
                for case in task["cases"]:
                    answers = [rows[task["name"], prompt, case["id"], number] for number in range(most)]
                    bits = "".join(str(int(answer)) for answer in answers)
                    pool.write(f"{task['name']}\t{prompt}\t{case['id']}\t{bits[0]}\t{bits[1:]}\n")
