use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::per_call::{BudgetPerCall, Limit, Percentile, Quantity};
use crate::problem::Problems;
use crate::tree::MemoryTree;

fn from(text: &str) -> Result<Config, Problems> {
    read(&MemoryTree::new([("prompt-assay.yaml", text)]), None)
}

fn complaints(text: &str) -> String {
    from(text).unwrap_err().to_string()
}

#[test]
fn no_file_and_an_empty_file_mean_all_defaults() {
    assert_eq!(read(&MemoryTree::default(), None).unwrap(), Config::default());
    let path = Some("prompt-assay.yaml".to_owned());
    assert_eq!(from("# nothing yet\n").unwrap(), Config { path, ..Config::default() });
}

/// The YAML blocks of the documentation: two catalogs, a golden set and the configuration.
fn documented() -> Vec<&'static str> {
    let page = include_str!("../../docs/configuration.md");
    page.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next()).collect()
}

#[test]
fn the_documented_configuration_is_the_default_one() {
    let blocks = documented();
    let path = Some("prompt-assay.yaml".to_owned());
    assert_eq!(from(blocks[3]).unwrap(), Config { path, ..Config::default() });
    let keys = ["min_score", "prompt", "release"];
    assert!(keys.iter().all(|key| blocks[3].contains(&format!("# {key}:"))), "the keys without a default");
    let mut problems = Problems::new();
    let mut names = |block: &str| -> Vec<String> {
        let prompts = crate::catalog::read_one(
            &MemoryTree::default(),
            ("prompts.yaml", block.as_bytes()),
            Engine::Jinja,
            &mut problems,
        );
        prompts.into_iter().map(|prompt| prompt.id).collect()
    };
    assert_eq!(names(blocks[0]), ["support", "summarize"]);
    assert_eq!(names(blocks[1]), ["agents.review.critic", "agents.writer", "legal.summary"]);
    assert_eq!(problems, Problems::new());
}

fn latency(limits: &[(Percentile, f64)]) -> BudgetPerCall {
    let mut budget = BudgetPerCall::default();
    for (percentile, at_most) in limits {
        budget.set(Limit { quantity: Quantity::LatencyMs, percentile: *percentile, at_most: *at_most });
    }
    budget
}

#[test]
fn everything_may_be_said() {
    let config = from("catalogs: [prompts.yaml, \"llm/**/*.json\"]
golden: tests/golden
template: python
models: {branch: amazon.nova-micro-v1:0, main: amazon.nova-pro-v1:0, judge: amazon.nova-lite-v1:0}
parameters: {max_tokens: 500, temperature: 0}
provider: {scripted: demo/rules.yaml}
gate: {alpha: 0.1, delta: 0.1, drop_pairs: 0, trigger: 0.5, trigger_graded: 0.3, fail_fast: false, min_score: 0.9,
  on_inconclusive: fail, on_mixed: fail, net: 2, protect: [money], uncovered: fail, enforce: false, jitter: none, seed: 7,
  budget_per_call: {latency_ms: {p50: 900, p95: 2000}}}
budget: {max_cost: 1.5, max_calls: 1000, max_tokens: 2000000}
calls: {concurrency: 4, attempt_timeout_s: 30, trial_timeout_s: 60}
judge: {prompt: judge, threshold: 0.8, max_tokens: 300}
prices:
  amazon.nova-micro-v1:0: {input: 0.035, output: 0.14, cache_read: 0.00875}
accepted_breaks:
  - {prompt: support, case: late, reason: the policy changed, until: 2028-02-29}
redact: ['\\d{16}', '[\\w.]+@example\\.com']
database: .cache/assay.db
release: {ssm: {region: eu-central-1}}
")
    .unwrap();
    assert_eq!(config.provider, Provider::Scripted("demo/rules.yaml".to_owned()));
    assert_eq!(
        config.gate,
        GatePolicy {
            alpha: 0.1,
            delta: 0.1,
            drop_pairs: 0.0,
            trigger: 0.5,
            trigger_graded: 0.3,
            fail_fast: false,
            min_score: Some(0.9),
            budget_per_call: latency(&[(Percentile::P50, 900.0), (Percentile::P95, 2000.0)]),
            on_inconclusive: VerdictEffect::Fail,
            on_mixed: VerdictEffect::Fail,
            net: 2,
            protect: ProtectedCases::Tagged(["money".to_owned()].into()),
            uncovered: OnUncovered::Fail,
            enforce: false,
            jitter: Jitter::None,
            seed: "7".to_owned(),
        }
    );
    assert_eq!(
        config.budget,
        Budget { max_cost: Some(1.5), max_calls: Some(1000), max_tokens: Some(2_000_000) }
    );
    assert_eq!(
        config.calls,
        CallPolicy { concurrency: 4, attempt_timeout_s: 30, trial_timeout_s: 60, ..CallPolicy::default() }
    );
    assert_eq!(
        config.judge,
        JudgePolicy {
            prompts: [(JudgeKind::Rubric, "judge".to_owned())].into(),
            threshold: 0.8,
            max_tokens: 300,
            ..JudgePolicy::default()
        }
    );
    assert_eq!(config.prices["amazon.nova-micro-v1:0"].cache_read, Some(0.00875));
    assert_eq!(config.accepted_breaks[0].until.as_deref(), Some("2028-02-29"));
    assert_eq!(config.redact.len(), 2);
    assert_eq!(
        config.release.map(|release| release.value()),
        Some(json!({"ssm": {"region": "eu-central-1"}}))
    );
    assert_eq!((config.database.as_str(), config.template), (".cache/assay.db", Engine::Python));
}

#[test]
fn unknown_keys_name_the_nearest() {
    assert_snapshot!(complaints("gates: {alpha: 0.1}\ngate: {alfa: 0.1}\ncolour: red\n"), @"
    error: unknown key `gates` in the configuration
      --> prompt-assay.yaml:1:1
       | gates: {alpha: 0.1}
       = did you mean `gate`?

    error: unknown key `alfa` in `gate`
      --> prompt-assay.yaml:2:8
       | gate: {alfa: 0.1}
       = did you mean `alpha`?

    error: unknown key `colour` in the configuration
      --> prompt-assay.yaml:3:1
       | colour: red
       = its keys are `catalogs`, `golden`, `template`, `models`, `parameters`, `provider`, `gate`, `budget`, `calls`, `judge`, `prices`, `accepted_breaks`, `redact`, `database`, `shared_store`, `release`, `protect`
    ");
}

#[test]
fn numbers_stay_in_their_ranges() {
    let text =
        "gate: {alpha: 0.6, delta: 0, drop_pairs: -1, trigger: 2, min_score: 80, seed: -1, enforce: 'no'}
budget: {max_cost: -1, max_calls: 1.5}
calls: {concurrency: 0, attempt_timeout_s: 100, trial_timeout_s: 10}
judge: {threshold: 7, max_tokens: 0}
prices: {m: {input: 1}, n: {input: -1, output: free}}
parameters: {max_tokens: 0, temperature: 1.5}
";
    assert_snapshot!(complaints(text), @r"
    error: `alpha` must be a number, more than 0 and at most 0.5, found 0.6
      --> prompt-assay.yaml:1:15
       | gate: {alpha: 0.6, delta: 0, drop_pairs: -1, trigger: 2, min_score: 80, seed: -1, enforce: 'no'}

    error: `delta` must be a number, more than 0 and at most 1, found 0
      --> prompt-assay.yaml:1:27
       | gate: {alpha: 0.6, delta: 0, drop_pairs: -1, trigger: 2, min_score: 80, seed: -1, enforce: 'no'}

    error: `drop_pairs` must be a number, at least 0 and at most 100, found -1
      --> prompt-assay.yaml:1:42
       | gate: {alpha: 0.6, delta: 0, drop_pairs: -1, trigger: 2, min_score: 80, seed: -1, enforce: 'no'}

    error: `trigger` must be a number, more than 0 and at most 1, found 2
      --> prompt-assay.yaml:1:55
       | gate: {alpha: 0.6, delta: 0, drop_pairs: -1, trigger: 2, min_score: 80, seed: -1, enforce: 'no'}

    error: `min_score` must be a number, at least 0 and at most 1, found 80
      --> prompt-assay.yaml:1:69
       | gate: {alpha: 0.6, delta: 0, drop_pairs: -1, trigger: 2, min_score: 80, seed: -1, enforce: 'no'}

    error: `seed` must be a whole number, at least 0, found -1
      --> prompt-assay.yaml:1:79
       | gate: {alpha: 0.6, delta: 0, drop_pairs: -1, trigger: 2, min_score: 80, seed: -1, enforce: 'no'}

    error: `enforce` must be true or false, found the text `no`
      --> prompt-assay.yaml:1:92
       | gate: {alpha: 0.6, delta: 0, drop_pairs: -1, trigger: 2, min_score: 80, seed: -1, enforce: 'no'}

    error: `max_cost` must be a number, at least 0, found -1
      --> prompt-assay.yaml:2:20
       | budget: {max_cost: -1, max_calls: 1.5}

    error: `max_calls` must be a whole number, at least 0, found 1.5
      --> prompt-assay.yaml:2:35
       | budget: {max_cost: -1, max_calls: 1.5}

    error: `concurrency` must be a whole number, at least 1 and at most 1000, found 0
      --> prompt-assay.yaml:3:22
       | calls: {concurrency: 0, attempt_timeout_s: 100, trial_timeout_s: 10}

    error: one trial may take 10 s, less than one of its attempts (100 s)
      --> prompt-assay.yaml:3:66
       | calls: {concurrency: 0, attempt_timeout_s: 100, trial_timeout_s: 10}
       = make `trial_timeout_s` the larger of the two

    error: `threshold` must be a number, at least 0 and at most 1, found 7
      --> prompt-assay.yaml:4:20
       | judge: {threshold: 7, max_tokens: 0}

    error: a price needs `output`
      --> prompt-assay.yaml:5:13
       | prices: {m: {input: 1}, n: {input: -1, output: free}}
       = write US dollars per million tokens

    error: `input` must be a number, at least 0, found -1
      --> prompt-assay.yaml:5:36
       | prices: {m: {input: 1}, n: {input: -1, output: free}}

    error: `output` must be a number, at least 0, found the text `free`
      --> prompt-assay.yaml:5:48
       | prices: {m: {input: 1}, n: {input: -1, output: free}}

    error: `max_tokens` must be a whole number, at least 1 and at most 4294967295, found 0
      --> prompt-assay.yaml:6:26 (also in line 4)
       | parameters: {max_tokens: 0, temperature: 1.5}

    error: `temperature` must be a number, at least 0 and at most 1, found 1.5
      --> prompt-assay.yaml:6:42
       | parameters: {max_tokens: 0, temperature: 1.5}
    ");
}

#[test]
fn a_budget_per_call_limits_percentiles() {
    let said = |budget: &str| complaints(&format!("gate: {{budget_per_call: {budget}}}\n"));
    let all = [
        "2000",
        "{}",
        "{latency: {p95: 2}}",
        "{latency_ms: 2000}",
        "{latency_ms: {}}",
        "{latency_ms: {max: 9}}",
    ];
    let values = [
        "{cost_usd: {p95: 0}}",
        "{cost_usd: {p95: 1e300}}",
        "{latency_ms: {p99: 3600001}}",
        "{latency_ms: {p50: 900, p95: 200}}",
        "{latency_ms: {p95: 2s}}",
    ];
    let told: String = all.iter().chain(&values).map(|budget| format!("{}\n", said(budget))).collect();
    assert_snapshot!(told, @"
    error: `budget_per_call` must be a mapping, found a number
      --> prompt-assay.yaml:1:25
       | gate: {budget_per_call: 2000}
       = its keys are `latency_ms`, `cost_usd`
    error: `budget_per_call` limits nothing
      --> prompt-assay.yaml:1:25
       | gate: {budget_per_call: {}}
       = write for example budget_per_call: {latency_ms: {p95: 2000}}
    error: unknown key `latency` in `budget_per_call`
      --> prompt-assay.yaml:1:26
       | gate: {budget_per_call: {latency: {p95: 2}}}
       = did you mean `latency_ms`?
    error: `latency_ms` must be a mapping, found a number
      --> prompt-assay.yaml:1:38
       | gate: {budget_per_call: {latency_ms: 2000}}
       = its keys are `p50`, `p90`, `p95`, `p99`
    error: `latency_ms` limits no percentile
      --> prompt-assay.yaml:1:38
       | gate: {budget_per_call: {latency_ms: {}}}
       = write for example latency_ms: {p95: 2000}
    error: unknown key `max` in `latency_ms`
      --> prompt-assay.yaml:1:39
       | gate: {budget_per_call: {latency_ms: {max: 9}}}
       = its keys are `p50`, `p90`, `p95`, `p99`
    error: `p95` must be a number, more than 0 and at most 1000, found 0
      --> prompt-assay.yaml:1:42
       | gate: {budget_per_call: {cost_usd: {p95: 0}}}
    error: `p95` must be a number, more than 0 and at most 1000, found 1e+300
      --> prompt-assay.yaml:1:42
       | gate: {budget_per_call: {cost_usd: {p95: 1e300}}}
    error: `p99` must be a number, more than 0 and at most 3600000, found 3600001
      --> prompt-assay.yaml:1:44
       | gate: {budget_per_call: {latency_ms: {p99: 3600001}}}
    error: `p95` of `latency_ms` is below `p50`, so `p50` limits nothing
      --> prompt-assay.yaml:1:54
       | gate: {budget_per_call: {latency_ms: {p50: 900, p95: 200}}}
       = raise `p95`, or remove `p50`
    error: `p95` must be a number, more than 0 and at most 3600000, found the text `2s`
      --> prompt-assay.yaml:1:44
       | gate: {budget_per_call: {latency_ms: {p95: 2s}}}
    ");
}

#[test]
fn accepted_breaks_need_a_reason_and_a_real_day() {
    let text = "accepted_breaks:
  - {prompt: a, case: b}
  - {prompt: a, case: b, reason: ' ', until: 2026-02-29}
  - {prompt: a, case: b, reason: x, until: soon}
  - {prompt: a, case: b, reason: x, until: 2026-12-31, by: me}
";
    assert_snapshot!(complaints(text), @r"
    error: an accepted break needs `reason`
      --> prompt-assay.yaml:2:5
       |   - {prompt: a, case: b}
       = say in one sentence why it is accepted

    error: `reason` is empty
      --> prompt-assay.yaml:3:34
       |   - {prompt: a, case: b, reason: ' ', until: 2026-02-29}

    error: `until` must be a day of the calendar
      --> prompt-assay.yaml:3:46 (also in line 4)
       |   - {prompt: a, case: b, reason: ' ', until: 2026-02-29}
       = write it as YYYY-MM-DD, or leave it out to accept without an end

    error: unknown key `by` in an accepted break
      --> prompt-assay.yaml:5:56
       |   - {prompt: a, case: b, reason: x, until: 2026-12-31, by: me}
       = its keys are `prompt`, `case`, `reason`, `until`
    ");
}

#[test]
fn patterns_paths_and_providers_are_checked() {
    let text = "catalogs: []
golden: ../golden
provider: openai
redact: ['a(b', '[']
database: ''
template: mustache
models: {branch: 'a b'}
";
    assert_snapshot!(complaints(text), @r"
    error: `catalogs` is empty
      --> prompt-assay.yaml:1:11
       | catalogs: []
       = name at least one file or glob

    error: `../golden` is outside the repository
      --> prompt-assay.yaml:2:9
       | golden: ../golden
       = write a path inside the repository

    error: this provider is not known
      --> prompt-assay.yaml:3:11
       | provider: openai
       = write `provider: bedrock`, `provider: {openai: {base_url: …}}` or `provider: {scripted: rules.yaml}`

    error: the regular expression `a(b` does not compile: unclosed group
      --> prompt-assay.yaml:4:9
       | redact: ['a(b', '[']

    error: the regular expression `[` does not compile: unclosed character class
      --> prompt-assay.yaml:4:9
       | redact: ['a(b', '[']

    error: `database` is empty
      --> prompt-assay.yaml:5:11
       | database: ''
       = write a path, or leave it out

    error: `template` must be one of `jinja`, `python`, `braces`, `none`, found `mustache`
      --> prompt-assay.yaml:6:11
       | template: mustache

    error: `branch` must be a name without spaces
      --> prompt-assay.yaml:7:18
       | models: {branch: 'a b'}
       = for a model: a Bedrock model id, inference profile id or ARN
    ");
    assert_snapshot!(complaints("provider: {script: a.yaml}\n"), @r"
    error: `provider` needs `scripted: path` or `openai: {base_url: …}`
      --> prompt-assay.yaml:1:11
       | provider: {script: a.yaml}

    error: unknown key `script` in `provider`
      --> prompt-assay.yaml:1:12
       | provider: {script: a.yaml}
       = did you mean `scripted`?
    ");
}

#[test]
fn two_configurations_or_a_missing_one_are_errors() {
    let both = MemoryTree::new([("prompt-assay.yaml", ""), ("prompt-assay.yml", "")]);
    assert_snapshot!(read(&both, None).unwrap_err(), @r"
    error: both `prompt-assay.yaml` and `prompt-assay.yml` exist
      --> prompt-assay.yaml
       = keep one of the two
    ");
    assert_snapshot!(read(&both, Some("other.yaml")).unwrap_err(), @r"
    error: the configuration `other.yaml` does not exist
       = name another file, or leave the option out to use prompt-assay.yaml
    ");
    assert_eq!(read(&both, Some("./prompt-assay.yml")).unwrap().path.as_deref(), Some("prompt-assay.yml"));
}

proptest! {
    #[test]
    fn any_text_gives_a_configuration_or_problems(
        key in prop::sample::select(vec!["gate", "budget", "calls", "judge", "prices", "accepted_breaks", "redact", "provider", "catalogs"]),
        value in "[-a-c0-9.:{}\\[\\], '\n]{0,40}",
    ) {
        match from(&format!("{key}: {value}\n")) {
            Ok(config) => prop_assert!(config.gate.alpha > 0.0 && config.gate.alpha <= 0.5),
            Err(problems) => prop_assert!(problems.has_errors()),
        }
    }
}

#[test]
fn batch_jobs_need_a_role_and_a_place_and_keep_to_what_bedrock_allows() {
    let config = from("calls: {batch: {role_arn: 'arn:aws:iam::1:role/b', s3: s3://jobs/x}}\n").unwrap();
    let (role_arn, s3) = ("arn:aws:iam::1:role/b".to_owned(), "s3://jobs/x".parse().unwrap());
    let expected = BatchPolicy { role_arn, s3, min_records: 100, poll_s: 30, timeout_hours: 24 };
    assert_eq!(config.calls.batch, Some(expected));
    assert_snapshot!(complaints("calls: {batch: {s3: bucket, timeout_hours: 200}}\n"), @r#"
    error: `calls.batch` needs `role_arn`
      --> prompt-assay.yaml:1:16
       | calls: {batch: {s3: bucket, timeout_hours: 200}}
       = add `role_arn: arn:aws:iam::123456789012:role/prompt-assay-batch`

    error: "bucket" is not a location in S3; write s3://bucket/prefix
      --> prompt-assay.yaml:1:21
       | calls: {batch: {s3: bucket, timeout_hours: 200}}

    error: `timeout_hours` must be a whole number, at least 24 and at most 168, found 200
      --> prompt-assay.yaml:1:44
       | calls: {batch: {s3: bucket, timeout_hours: 200}}
    "#);
    assert_snapshot!(complaints("calls: {batch: {role_arn: batch, s3: s3://jobs, every: night}}\n"), @r"
    error: `role_arn` is not the ARN of a role
      --> prompt-assay.yaml:1:27
       | calls: {batch: {role_arn: batch, s3: s3://jobs, every: night}}
       = write the ARN of the role that Bedrock assumes: arn:aws:iam::ACCOUNT:role/NAME

    error: unknown key `every` in `calls.batch`
      --> prompt-assay.yaml:1:49
       | calls: {batch: {role_arn: batch, s3: s3://jobs, every: night}}
       = its keys are `role_arn`, `s3`, `min_records`, `poll_s`, `timeout_hours`
    ");
}

#[test]
fn a_panel_is_a_number_of_votes_or_an_odd_number_of_different_models() {
    let panel = |text: &str| from(text).unwrap().judge.panel;
    assert_eq!(panel("judge: {panel: 5}\n"), Some(JudgePanel::Votes(5)));
    let models = ["a", "b", "c"].map(str::to_owned).into_iter().collect();
    assert_eq!(panel("judge: {panel: [a, b, c]}\n"), Some(JudgePanel::Models(models)));
    assert_snapshot!(complaints("judge: {panel: 4}\n"), @"
    error: a panel of 4 can be divided in halves
      --> prompt-assay.yaml:1:16
       | judge: {panel: 4}
       = write 3 or 5
    ");
    assert_snapshot!(complaints("judge: {panel: [a]}\n"), @"
    error: a panel has several models
      --> prompt-assay.yaml:1:16
       | judge: {panel: [a]}
       = name a single judge under `models: {judge: ...}`
    ");
    assert_snapshot!(complaints("judge: {panel: [a, b]}\n"), @"
    error: a panel of 2 can be divided in halves
      --> prompt-assay.yaml:1:16
       | judge: {panel: [a, b]}
       = add one, or name a single judge under `models: {judge: ...}`
    ");
    assert_snapshot!(complaints("judge: {panel: [us.amazon.nova-pro-v1:0, b, amazon.nova-pro-v1:0]}\n"), @"
    error: `us.amazon.nova-pro-v1:0` and `amazon.nova-pro-v1:0` are one model, and would vote twice
      --> prompt-assay.yaml:1:16
       | judge: {panel: [us.amazon.nova-pro-v1:0, b, amazon.nova-pro-v1:0]}
       = leave one out; for several votes of one model, write their number
    ");
    assert_snapshot!(complaints("models: {judge: a}\njudge: {panel: [a, b, c]}\n"), @"
    error: the judges are named here, and `a` under `models: {judge: ...}`
      --> prompt-assay.yaml:2:16
       | judge: {panel: [a, b, c]}
       = leave it out there; if it is to vote, list it here
    ");
    assert_snapshot!(complaints("judge: {panel: [a, 'b c', d]}\n"), @"
    error: `panel` must be a name without spaces
      --> prompt-assay.yaml:1:16
       | judge: {panel: [a, 'b c', d]}
       = for a model: a Bedrock model id, inference profile id or ARN
    ");
    assert_snapshot!(complaints("judge: {panel: many}\n"), @"
    error: `panel` must be a whole number, at least 1 and at most 15, found the text `many`
      --> prompt-assay.yaml:1:16
       | judge: {panel: many}
    ");
}
