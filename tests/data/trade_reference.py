"""Reference (plain Python) of what trades and marginal cases add to the gate: the net change over the fresh pairs of the
confirmed cases, the evidence of cases that bet a share of their stake, which cases are marginal, and which are stable or wavering over several contents.
`python3 tests/data/trade_reference.py > tests/data/trade_vectors.json` writes the vectors."""
import json, math, random

Z95 = 1.959963984540054


def net_change(cases):
    """cases: (baseline passed, of, candidate passed, of). Agresti and Caffo: one pass and one failure more on each side."""
    estimate = variance = 0.0
    for bp, bn, cp, cn in cases:
        b, c = (bp + 1) / (bn + 2), (cp + 1) / (cn + 2)
        estimate += c - b
        variance += b * (1 - b) / (bn + 2) + c * (1 - c) / (cn + 2)
    reach = Z95 * math.sqrt(variance)
    return estimate, max(-len(cases), estimate - reach), min(len(cases), estimate + reach)


def evidence(wealth, weights, all_screened, gammas=(0.25, 0.5, 0.75)):
    """Each case bets the share `weight` of its stake; the rest stays as it is."""
    v = [1 - weight + weight * w for w, weight in zip(wealth, weights)]
    mixture = sum(math.prod(1 - g + g * x for x in v) for g in gammas) / len(gammas)
    return 0.5 * mixture + 0.5 * (sum(v) / len(v) if all_screened else 0.0)


def marginal(contents):
    """contents, oldest first: (passed, of). At least five answers, two turns, one in ten of the rarer kind."""
    passed, of = sum(p for p, _ in contents), sum(n for _, n in contents)
    turns = sum(min(p, n - p, 2) for p, n in contents)
    turns += sum((2 * a[0] >= a[1]) != (2 * b[0] >= b[1]) for a, b in zip(contents, contents[1:]))
    return of >= 5 and turns >= 2 and 10 * min(passed, of - passed) >= of


def steadiness(contents):
    """Marginal before stable before wavering: all ten answers or more over five contents passed, or two turns over five."""
    passed, of = sum(p for p, _ in contents), sum(n for _, n in contents)
    turns = sum(min(p, n - p, 2) for p, n in contents)
    turns += sum((2 * a[0] >= a[1]) != (2 * b[0] >= b[1]) for a, b in zip(contents, contents[1:]))
    if marginal(contents):
        return "marginal"
    if len(contents) >= 5 and of >= 10 and passed == of:
        return "stable"
    return "wavering" if len(contents) >= 5 and turns >= 2 else "unknown"


def histories(dice):
    """One answer a content, of cases that pass always, nearly always, or as it comes."""
    for _ in range(80):
        rate = dice.choice([1, 1, 0.95, 0.9, 0.6])
        yield [[int(dice.random() < rate), 1] for _ in range(dice.randint(1, 40))]


def main():
    dice = random.Random(14)
    pairs = lambda: (lambda n: (dice.randint(0, n), n))(dice.randint(1, 12))
    nets, weighted, cases = [], [], []
    for _ in range(40):
        played = [[*pairs(), *pairs()] for _ in range(dice.randint(1, 6))]
        estimate, low, high = net_change(played)
        nets.append({"cases": played, "estimate": estimate, "low": low, "high": high})
    for _ in range(40):
        n = dice.randint(1, 6)
        wealth = [dice.choice([0.04, 0.36, 1, 3.24, 10.4976, 34.012224]) for _ in range(n)]
        weights = [dice.choice([1, 0.125]) for _ in range(n)]
        weighted.append({"wealth": wealth, "weights": weights, "screening": evidence(wealth, weights, False),
                         "all_screened": evidence(wealth, weights, True)})
    for _ in range(60):
        contents = [list(pairs()) for _ in range(dice.randint(1, 5))]
        if dice.random() < 0.4:
            contents = [[n if dice.random() < 0.8 else 0, n] for _, n in contents]
        cases.append({"contents": contents, "marginal": marginal(contents)})
    steady = [{"answers": "".join(str(p) for p, _ in contents), "steadiness": steadiness(contents)}
              for contents in histories(dice)]
    print(json.dumps({"net_change": nets, "weighted_evidence": weighted, "marginal": cases,
                      "steadiness": steady}, indent=1))


main()
