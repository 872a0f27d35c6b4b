"""Three tasks with checks that need no judge, and edits of their prompts: without meaning, and meant to be worse."""

import re

MOOD = """\
You read one review of a hotel and say how the guest felt.

# Rules
- Answer with one word in lower case.
- The word is positive or negative.
- Write nothing after the word.
- Judge the whole stay, not a single detail.

# Examples
Review: The bed was soft and the breakfast was great.
Answer: positive
Review: Rude staff, and the shower was cold.
Answer: negative
"""

DESK = """\
You sort messages of customers of a shop into queues.

# Rules
- Answer with the name of one queue in lower case.
- The queues are billing, shipping, account and returns.
- Write nothing after the name.
- If two queues fit, take the one that is named first in the message.

# Examples
Message: You charged my card twice.
Answer: billing
Message: My parcel has not arrived.
Answer: shipping
Message: I cannot log in.
Answer: account
Message: I want to send the shoes back.
Answer: returns
"""

ORDER = """\
You read one order and write it as JSON.

# Rules
- Answer with one JSON object with the keys item and count.
- The item is in the singular and in lower case.
- The count is a number.
- Write nothing before or after the object.

# Examples
Order: Two lamps, please.
Answer: {"item": "lamp", "count": 2}
Order: I need 5 chairs.
Answer: {"item": "chair", "count": 5}
"""

GOOD = (
    "Lovely room with a view of the sea|The staff helped us with everything|Best breakfast we ever had|We will come back "
    "next year|Quiet, clean and cosy|The pool was wonderful|Our children loved it|Great value for the money|A warm welcome "
    "after a long drive|The bed was so comfortable that we slept until noon|Friendly people and fresh towels every day|"
    "Everything worked, nothing was missing|The garden is a dream|They gave us a better room for free|Perfect location, "
    "close to the station|Delicious dinner and good wine|The spa made our weekend|Not a single thing to complain about|Small "
    "room, but charming and spotless|It rained all week and we still enjoyed every hour"
).split("|")
BAD = (
    "The room smelled of smoke|Nobody answered at the desk|There was mould in the bathroom|We left after one night|Far too "
    "loud to sleep|The pool was closed all week|They lost our booking|Overpriced and dirty|The heating did not work|Breakfast "
    "was cold and late|Stains on the sheets|The lift was broken and we had to carry our bags|I asked for help three times in "
    "vain|Never again|The photos have nothing to do with the place|They charged us for water we did not drink|Insects in the "
    "kitchen|The staff laughed at us|A nice lobby, but the room was a cellar|Good location, and that is all that was good"
).split("|")
QUEUES = {
    "billing": "Why is my invoice higher than the offer?|You charged me for two months|I need a receipt for March|My discount "
    "is missing on the bill|The payment failed, but the money is gone|Please correct the address on the invoice|Is tax "
    "included in the price?|I was billed after I cancelled|Can I pay by bank transfer?|What is this fee of four euros?",
    "shipping": "Where is my parcel?|The tracking number does not work|When will my order be delivered?|The courier left it at "
    "a wrong door|Do you deliver on Saturdays?|My package has been in customs for a week|Can you send it to my office?|It says "
    "delivered, but nothing is here|How long does delivery to Norway take?|Please hold the delivery until Monday",
    "account": "I forgot my password|How do I change my email address?|Please delete my profile|I never got the code to log in|"
    "Someone else is using my login|How do I turn on two-factor login?|My user name is spelled wrong|The site says that my "
    "account is locked|Merge my two profiles, please|I cannot sign in on my phone",
    "returns": "I want to send this jacket back|The size is wrong, how do I return it?|Where is the label for the return?|My "
    "refund for the returned lamp is missing|The vase arrived broken, I want to give it back|Can I exchange the shoes?|How many "
    "days do I have to return it?|You rejected my return, why?|I sent the parcel back last week|Is the return free?",
}
ITEMS = {
    "table": "tables", "lamp": "lamps", "mug": "mugs", "book": "books", "pen": "pens", "bag": "bags", "clock": "clocks",
    "plate": "plates", "towel": "towels", "candle": "candles",
}
ORDERS = [("I would like {n} {i}.", 3), ("Please send {n} {i} to my home.", 7), ("{n} {i}, as soon as you can.", 12), ("Could we get {n} {i}?", 4)]


def case(number, label, text, checks):
    """A golden case."""
    return {"id": f"{label}-{number:02}", "input": text, "checks": checks}


def word(label):
    """The answer is this word and nothing else."""
    return [{"regex": rf"^\s*{label}\s*$"}]


def mood_cases():
    """Reviews with their mood."""
    texts = [("positive", text) for text in GOOD] + [("negative", text) for text in BAD]
    return [case(n, label, f"Review: {text}.", word(label)) for n, (label, text) in enumerate(texts, 1)]


def desk_cases():
    """Messages with their queue."""
    texts = [(queue, text) for queue, all_texts in QUEUES.items() for text in all_texts.split("|")]
    return [case(n, queue, f"Message: {text}", word(queue)) for n, (queue, text) in enumerate(texts, 1)]


def order_cases():
    """Orders with their object."""
    cases = []
    for item, plural in ITEMS.items():
        for form, count in ORDERS:
            text = "Order: " + form.format(n=count, i=plural)
            checks = [{"json_path": {"path": "item", "equals": item}}, {"json_path": {"path": "count", "equals": count}}]
            cases.append(case(len(cases) + 1, item, text, checks))
    return cases


def blocks(prompt):
    """The prompt in its parts: introduction, rules, examples."""
    intro, rest = prompt.split("\n# Rules\n")
    rules, examples = rest.split("\n# Examples\n")
    lines = examples.strip().split("\n")
    return intro.strip(), rules.strip().split("\n"), [lines[at : at + 2] for at in range(0, len(lines), 2)]


def joined(intro, rules, examples, rules_head="# Rules", examples_head="# Examples", gap="\n"):
    """The parts as one prompt."""
    pairs = "\n".join(line for pair in examples for line in pair)
    return f"{intro}\n{gap}{rules_head}\n" + "\n".join(rules) + f"\n{gap}{examples_head}\n{pairs}\n"


def harmless(prompt):
    """Thirty edits that mean the same."""
    intro, rules, pairs = blocks(prompt)
    made = {f"rules {a} and {b} swapped": joined(intro, swapped(rules, a, b), pairs) for a in range(4) for b in range(a + 1, 4)}
    made["rules reversed"] = joined(intro, rules[::-1], pairs)
    made["examples reversed"] = joined(intro, rules, pairs[::-1])
    made["first examples swapped"] = joined(intro, rules, swapped(pairs, 0, 1))
    made["no blank lines"] = joined(intro, rules, pairs, gap="")
    made["more blank lines"] = joined(intro, rules, pairs, gap="\n\n")
    heads = [("# RULES", "# EXAMPLES"), ("## Rules", "## Examples"), ("Rules:", "Examples:"), ("**Rules**", "**Examples**"), ("# Rules:", "# Examples:")]
    made |= {f"headings {one}": joined(intro, rules, pairs, one, two) for one, two in heads}
    for mark in ("* ", "+ ", "\u2022 ", "  - ", ""):
        made[f"bullets '{mark}'"] = joined(intro, [mark + rule[2:] for rule in rules], pairs)
    made["numbered rules"] = joined(intro, [f"{n}. {rule[2:]}" for n, rule in enumerate(rules, 1)], pairs)
    made["rules without full stop"] = joined(intro, [rule.rstrip(".") for rule in rules], pairs)
    made["please"] = joined(intro, ["- Please answer" + rule[8:] if rule.startswith("- Answer") else rule for rule in rules], pairs)
    made["must"] = joined(intro, ["- You must answer" + rule[8:] if rule.startswith("- Answer") else rule for rule in rules], pairs)
    made["do not"] = joined(intro, [rule.replace("Write nothing", "Do not write anything") for rule in rules], pairs)
    made["your task"] = joined("Your task: " + intro[0].lower() + intro[1:], rules, pairs)
    made["no full stop in the introduction"] = joined(intro.rstrip("."), rules, pairs)
    made["blank lines between examples"] = joined(intro, rules, [[one, two + "\n"] for one, two in pairs])
    made["a space at the ends of lines"] = prompt.replace("\n", " \n")
    return dict(list(made.items())[:30])


def worse(prompt):
    """Twelve edits that are meant to be worse."""
    intro, rules, pairs = blocks(prompt)
    made = {f"rule {n} removed": joined(intro, rules[:n] + rules[n + 1 :], pairs) for n in range(3)}
    made["no examples"] = joined(intro, rules, []).replace("# Examples\n", "")
    made["one example"] = joined(intro, rules, pairs[:1])
    made["no rules"] = joined(intro, [], pairs).replace("# Rules\n", "")
    made["only the introduction"] = intro + "\n"
    made["explain first"] = joined(intro, rules + ["- First explain your answer in a sentence."], pairs)
    made["in capitals"] = joined(intro, rules + ["- Write the answer in capital letters."], pairs)
    made["a full sentence"] = joined(intro, rules + ["- Answer in a full and friendly sentence."], pairs)
    made["wrong examples"] = joined(intro, rules, [[one, pairs[n - 1][1]] for n, (one, _) in enumerate(pairs)])
    made["in German"] = joined(intro, rules + ["- Answer in German."], pairs)
    return made


def swapped(items, a, b):
    """The list with two items in each other's place."""
    items = list(items)
    items[a], items[b] = items[b], items[a]
    return items


def task(name, prompt, cases):
    """A task with all its edits; those that change nothing are left out."""
    edits = [("meaning-free", edit, text) for edit, text in harmless(prompt).items()]
    edits += [("regression", edit, text) for edit, text in worse(prompt).items()]
    plain = re.compile(r"\s+$")
    edits = [edit for edit in edits if plain.sub("", edit[2]) != plain.sub("", prompt)]
    return {"name": name, "prompt": prompt, "cases": cases, "edits": edits}


def tasks():
    """All tasks."""
    return [task("mood", MOOD, mood_cases()), task("desk", DESK, desk_cases()), task("order", ORDER, order_cases())]
