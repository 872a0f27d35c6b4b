//! Objects of a shared store that no trusted run wrote: a person who may write to the bucket can let
//! a broken prompt pass, unless trusted runs have a store key. Against moto, through the real SDK.

use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, git, shop, shop_of_the_main_line};
use prompt_assay_test_support::rules_over_http;
use prompt_assay_test_support::step::{Left, Step, queued};
use serde_json::json;

use crate::emulator::{Emulator, boto3_says};

/// What trusted runs have.
const KEY: &str = "trusted-0123456789abcdef0123456789abcdef";
/// What an attacker can make for himself.
const OTHER: &str = "another-fedcba9876543210fedcba9876543210";

const BY_BEDROCK: &str = "models: {branch: small, main: large}\ngate: {fail_fast: false}\n";

fn calls(left: &Left) -> u32 {
    left.outputs["calls"].parse().unwrap_or_else(|_| panic!("{}", left.log))
}

#[test]
fn forged_objects_of_the_bucket_do_not_clear_a_broken_prompt() {
    let rules = shop_of_the_main_line().into_iter().find(|(path, _)| path == "rules.yaml").unwrap().1;
    let honest = rules_over_http::start(&rules);
    // The attacker's model says yes to everything.
    let liar = rules_over_http::start("default: {text: \"yes\"}\n");
    let s3 = Emulator::shared_moto().url();
    let origin = Origin::of(&[("prompt-assay.yaml", BY_BEDROCK)]);
    let github = GitHub::start(Some(origin.path()));
    let root = origin.path();
    git(root, &["checkout", "--quiet", "--detach", &origin.merge]).unwrap();
    let text = "reply: \"Answer the customer. A broken version.\"\nother: \"Unchanged.\"\n";
    std::fs::write(root.join("prompts.yaml"), text).unwrap();
    git(root, &["commit", "--quiet", "--all", "--message", "Edit"]).unwrap();
    let broken = git(root, &["rev-parse", "HEAD"]).unwrap().trim().to_owned();

    let run = |bucket: &str, endpoint: &str, key: &str| {
        let payload =
            json!({"before": origin.merge, "after": broken, "repository": {"default_branch": "main"}});
        Step::new(&origin, &github, ("push", payload), &broken)
            .set("GITHUB_REF_NAME", "main")
            .input("shared-store", &format!("s3://{bucket}/assay"))
            .input("branch-baselines", "false")
            .input("store-key", key)
            .set("AWS_ENDPOINT_URL_S3", &s3)
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", endpoint)
            .set("AWS_REGION", "us-east-1")
            .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .set("AWS_SECRET_ACCESS_KEY", "secret")
            .run()
    };
    let bucket = |name: &str| {
        boto3_says(&s3, &format!("import boto3; boto3.client('s3').create_bucket(Bucket='{name}')"));
    };
    for (attempt, name, attacker) in
        [("not sealed", "forged-plain", ""), ("sealed by another key", "forged-other", OTHER)]
    {
        bucket(name);
        assert_eq!(run(name, &liar.url(), attacker).status, 0, "{attempt}: the attacker's own run");
        let control = run(name, &honest.url(), "");
        assert_eq!((control.status, calls(&control)), (0, 0), "{attempt}: control: {}", control.log);
        let left = run(name, &honest.url(), KEY);
        assert_eq!(left.status, 1, "{attempt}: {}", left.log);
        assert!(calls(&left) >= 30, "{attempt}: {}", left.log);
        assert!(left.log.contains("not sealed with the store key of this run"), "{attempt}: {}", left.log);
        // The bought object replaces the forged one, and is paid for once.
        let again = run(name, &honest.url(), KEY);
        assert_eq!((again.status, calls(&again)), (1, 0), "{attempt}: {}", again.log);
    }
    // An honest store, in which the bodies of its objects are moved, edited or relieved of their seal.
    for (attempt, name, each) in [
        (
            "a good answer under the names of bad ones",
            "forged-copied",
            "good = next(b for b in bodies.values() if b'\"text\":\"yes\"' in b)\n\
             for key in keys: put(key, good)",
        ),
        (
            "edited, the digest made anew, the seal kept",
            "forged-edited",
            "for key in keys: put(key, redone(entry(key).replace('\"text\":\"no\"', '\"text\":\"yes\"')))",
        ),
        (
            "edited, the seal taken off",
            "forged-bare",
            "for key in keys: put(key, redone(re.sub(',\"seal\":\"[0-9a-f]{64}\"', '', \
             entry(key).replace('\"text\":\"no\"', '\"text\":\"yes\"'))))",
        ),
    ] {
        bucket(name);
        let first = run(name, &honest.url(), KEY);
        assert_eq!((first.status, calls(&first) > 0), (1, true), "{attempt}: {}", first.log);
        let tamper = format!(
            "import boto3, hashlib, re\ns3 = boto3.client('s3')\n\
             keys = [o['Key'] for o in s3.list_objects_v2(Bucket='{name}', Prefix='assay/main/v1/answers/')['Contents']]\n\
             bodies = {{key: s3.get_object(Bucket='{name}', Key=key)['Body'].read() for key in keys}}\n\
             put = lambda key, body: s3.put_object(Bucket='{name}', Key=key, Body=body)\n\
             entry = lambda key: bodies[key].decode().strip()[len('{{\"v\":1,\"digest\":\"') + 64 + len('\",\"entry\":'):-1]\n\
             redone = lambda text: ('{{\"v\":1,\"digest\":\"' + hashlib.sha256(text.encode()).hexdigest() + '\",\"entry\":' + text + '}}').encode()\n\
             for o in s3.list_objects_v2(Bucket='{name}', Prefix='assay/main/v1/evidence/').get('Contents', []): s3.delete_object(Bucket='{name}', Key=o['Key'])\n\
             {each}"
        );
        boto3_says(&s3, &tamper);
        let left = run(name, &honest.url(), KEY);
        assert_eq!(left.status, 1, "{attempt}: {}", left.log);
        assert!(calls(&left) > 0, "{attempt}: bought again: {}", left.log);
    }
}

/// A proposed change names a bucket of the attacker's own, filled before a model that says yes.
#[test]
fn a_shared_store_that_only_the_change_names_is_not_asked() {
    let rules = shop_of_the_main_line().into_iter().find(|(path, _)| path == "rules.yaml").unwrap().1;
    let honest = rules_over_http::start(&rules);
    let liar = rules_over_http::start("default: {text: \"yes\"}\n");
    let s3 = Emulator::shared_moto().url();
    boto3_says(&s3, "import boto3; boto3.client('s3').create_bucket(Bucket='mallory')");
    let mut base = shop();
    base.iter_mut().find(|(path, _)| path == "prompt-assay.yaml").unwrap().1 = BY_BEDROCK.to_owned();
    let broken = "reply: \"Answer the customer. A broken version.\"\nother: \"Unchanged.\"\n";
    let names_it = format!("{BY_BEDROCK}shared_store: s3://mallory/assay\n");
    let origin = Origin::between(&base, &[("prompts.yaml", broken), ("prompt-assay.yaml", &names_it)]);
    let github = GitHub::start(Some(origin.path()));
    let step = |moment: &str| match moment {
        "queue" => {
            Step::new(&origin, &github, ("merge_group", queued(&origin.merge, &origin.base)), &origin.merge)
        }
        _ => Step::pull_request(&origin, &github),
    };
    let run = |step: Step<'_>, endpoint: &str| {
        step.set("AWS_ENDPOINT_URL_S3", &s3)
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", endpoint)
            .set("AWS_REGION", "us-east-1")
            .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .set("AWS_SECRET_ACCESS_KEY", "secret")
            .input("branch-baselines", "false")
            .run()
    };
    for moment in ["pull request", "queue"] {
        let named = || step(moment).input("shared-store", "s3://mallory/assay");
        let filled = run(named().input("shared-area", "main"), &liar.url());
        assert_eq!(filled.status, 0, "{moment}: the attacker's own run: {}", filled.log);
        let control = run(named(), &honest.url());
        assert_eq!((control.status, calls(&control)), (0, 0), "{moment}: control: {}", control.log);
        let left = run(step(moment), &honest.url());
        assert_eq!(left.status, 1, "{moment}: {}", left.log);
        assert!(calls(&left) >= 30, "{moment}: {}", left.log);
        assert!(
            left.log.contains("those of this change take effect when it is merged"),
            "{moment}: {}",
            left.log
        );
    }
}
