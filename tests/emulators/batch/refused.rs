//! Jobs that are refused or fail: the messages, and what the next run does.

use super::bedrock::{Bedrock, Played};
use super::{BATCH, ONE_JOB, sixty_cases};
use crate::fault_proxy::FaultProxy;

#[test]
fn a_role_that_bedrock_cannot_take_is_said_with_what_it_needs() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(ONE_JOB);
    bedrock.refuse(("ValidationException", 400), "The provided role cannot be assumed by Amazon Bedrock");
    let ran = bedrock.run(&project, &BATCH);
    assert_eq!((ran.stdout.as_str(), bedrock.jobs().len(), bedrock.asked_singly()), ("", 0, 0));
    insta::assert_snapshot!(without_names(&bedrock, &ran.told()), @r"
    exit status 3
    error: bedrock:CreateModelInvocationJob on `[job]`: The provided role cannot be assumed by Amazon Bedrock (let `bedrock.amazonaws.com` take `arn:aws:iam::123456789012:role/batch` (its trust policy), and let the role read and write the bucket: both policies are in docs/batch.md)
    ");
    // Mended, the next run submits it.
    let running = bedrock.begin(&project, &BATCH);
    bedrock.answer(&bedrock.wait_for(1)[0], Played::All);
    assert_eq!(running.ended().status, 1);
}

#[test]
fn a_permission_that_is_missing_is_named() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(ONE_JOB);
    bedrock.refuse(
        ("AccessDeniedException", 403),
        "User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: iam:PassRole on resource: \
         arn:aws:iam::123456789012:role/batch because no identity-based policy allows the iam:PassRole action",
    );
    let ran = bedrock.run(&project, &BATCH);
    assert_eq!((bedrock.jobs().len(), bedrock.asked_singly()), (0, 0));
    insta::assert_snapshot!(without_names(&bedrock, &ran.told()), @r"
    exit status 3
    error: bedrock:CreateModelInvocationJob on `[job]`: User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/batch because no identity-based policy allows the iam:PassRole action (allow `iam:PassRole` on `arn:aws:iam::123456789012:role/batch` in the policy of the role)
    ");
    bedrock.refuse(("AccessDeniedException", 403), "not authorized");
    let ran = bedrock.run(&project, &BATCH);
    insta::assert_snapshot!(without_names(&bedrock, &ran.told()), @r"
    exit status 3
    error: bedrock:CreateModelInvocationJob on `[job]`: not authorized (allow `bedrock:CreateModelInvocationJob` on `arn:aws:bedrock:us-east-1:*:model-invocation-job/*` in the policy of the role)
    ");
}

#[test]
fn who_may_look_for_no_jobs_or_write_no_file_is_told_what_to_allow() {
    let (bedrock, denying) = (Bedrock::start(), FaultProxy::denying());
    let project = bedrock.project(ONE_JOB);
    for (service, allow) in [
        ("AWS_ENDPOINT_URL_BEDROCK", "allow `bedrock:ListModelInvocationJobs` on `*`"),
        ("AWS_ENDPOINT_URL_S3", "allow `s3:PutObject` on `arn:aws:s3:::jobs/"),
    ] {
        let ran = project.ran(bedrock.command(&project, &BATCH).env(service, denying.url()));
        assert_eq!((ran.status, bedrock.jobs().len(), bedrock.asked_singly()), (3, 0, 0), "{}", ran.told());
        assert!(ran.stderr.contains(allow), "{}", ran.told());
    }
}

#[test]
fn a_bucket_that_is_not_there_is_said_before_anything_is_submitted() {
    let bedrock = Bedrock::start();
    let project = bedrock.project("min_records: 100, timeout_hours: 48");
    project.edit("prompt-assay.yaml", "s3://jobs/", "s3://no-such-bucket/");
    project.commit("Another bucket");
    let head = ["eval", "--base", "HEAD~2", "--head", "HEAD", "--batch"];
    let ran = bedrock.run(&project, &head);
    assert_eq!((ran.stdout.as_str(), bedrock.jobs().len()), ("", 0));
    insta::assert_snapshot!(without_names(&bedrock, &ran.told()), @r"
    exit status 3
    error: s3:PutObject on `s3://no-such-bucket/[place]/[job]/input.jsonl`: The specified bucket does not exist (create the bucket `no-such-bucket`, or check its name and that AWS_REGION (us-east-1) is the bucket's region)
    ");
}

#[test]
fn a_job_that_fails_is_not_measured_and_the_next_run_submits_another() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(ONE_JOB);
    let running = bedrock.begin(&project, &BATCH);
    let first = bedrock.wait_for(1).remove(0);
    bedrock.end(&first, "Failed", "The role may not read the input");
    let ran = running.ended();
    insta::assert_snapshot!(without_names(&bedrock, &ran.told()), @r"
    exit status 3
    the batch job `[job]` asks 120 answers of amazon.nova-lite-v1:0; looking every 1 s (a submitted job continues without this process)
    the batch job `[job]` is Failed
    error: the batch job `[job]` ended as Failed: The role may not read the input; 0 of its 120 answers came and are stored
       = fix the cause that the reason names (the role's access to the bucket, a model that has no batch inference here, fewer records than the model's quota asks for) and run it again: another job is submitted
    ");
    assert_eq!(bedrock.asked_singly(), 0, "nothing is bought at the full price instead");
    let running = bedrock.begin(&project, &BATCH);
    let second = bedrock.wait_for(2).into_iter().find(|job| job.arn != first.arn).expect("a second job");
    let stem = first.name.strip_suffix("-1").expect("the first attempt");
    assert_eq!(second.name, format!("{stem}-2"));
    bedrock.answer(&second, Played::All);
    assert_eq!(running.ended().status, 1);
}

#[test]
fn a_job_that_was_stopped_leaves_what_it_answered() {
    let bedrock = Bedrock::start();
    let project = bedrock.project("min_records: 50");
    let running = bedrock.begin(&project, &BATCH);
    let first = bedrock.wait_for(1).remove(0);
    bedrock.answer(&first, Played::HalfThen("Stopped"));
    let ran = running.ended();
    assert_eq!(ran.status, 3, "{}", ran.told());
    assert!(
        ran.stderr.contains("ended as Stopped; 60 of its 120 answers came and are stored"),
        "{}",
        ran.told()
    );
    // This machine has the answers; another one finds them with the job that was stopped.
    for machine in [&project, &project.cloned(&[])] {
        let running = bedrock.begin(machine, &BATCH);
        let second = bedrock.wait_for(2).into_iter().find(|job| job.arn != first.arn).expect("a second job");
        assert_eq!(bedrock.records(&second).len(), 60, "only the rest is asked again");
        bedrock.answer(&second, Played::All);
        let ran = running.ended();
        assert_eq!((ran.status, bedrock.jobs().len()), (1, 2), "{}", ran.told());
    }
}

#[test]
fn what_is_missing_for_a_batch_is_said_at_once() {
    let bedrock = Bedrock::start();
    let plain = sixty_cases::briefer();
    insta::assert_snapshot!(plain.run(&BATCH).told(), @r"
    exit status 2
    error: `--batch` needs to know where jobs run: add to prompt-assay.yaml
       = calls:
           batch:
             role_arn: arn:aws:iam::123456789012:role/prompt-assay-batch
             s3: s3://my-bucket/prompt-assay-batch
    ");
    let project = bedrock.project(ONE_JOB);
    let rules = [&BATCH[..], &["--scripted", "rules.yaml"]].concat();
    insta::assert_snapshot!(project.run(&rules).told(), @r"
    exit status 2
    error: `--batch` needs a provider with batch jobs, such as `bedrock`; `scripted`, which answers here, has none: leave one of them out
    ");
    bedrock.configure(&project, "timeout_hours: 2, every_night: true");
    insta::assert_snapshot!(without_names(&bedrock, &project.run(&BATCH).told()), @r#"
    exit status 2
    error: `timeout_hours` must be a whole number, at least 24 and at most 168, found 2
      --> prompt-assay.yaml:4:112
       |   batch: {role_arn: "arn:aws:iam::123456789012:role/batch", s3: "s3://jobs/[place]", poll_s: 1, timeout_hours: 2, every_night: true}

    error: unknown key `every_night` in `calls.batch`
      --> prompt-assay.yaml:4:115
       |   batch: {role_arn: "arn:aws:iam::123456789012:role/batch", s3: "s3://jobs/[place]", poll_s: 1, timeout_hours: 2, every_night: true}
       = its keys are `role_arn`, `s3`, `min_records`, `poll_s`, `timeout_hours`

    2 errors; nothing was evaluated
    "#);
}

/// Names of jobs follow from what they ask and from the test's place, and with them what is said.
fn without_names(bedrock: &Bedrock, told: &str) -> String {
    let place = bedrock.place.trim_start_matches("s3://jobs/");
    // Whether a job is seen on its way is a matter of the hour.
    let stays = |line: &&str| !line.ends_with(" is InProgress");
    let told: String = told.lines().filter(stays).map(|line| format!("{line}\n")).collect();
    let mut text = told.replace(place, "[place]");
    while let Some(at) = text.find("prompt-assay-") {
        let end =
            text[at..].find(|c: char| !c.is_ascii_alphanumeric() && c != '-').map_or(text.len(), |n| at + n);
        text.replace_range(at..end, "[job]");
    }
    text
}
