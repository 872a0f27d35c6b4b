//! Runs that end while a job continues: the next run finds the job, and nothing is paid twice.

use prompt_assay_test_support::on_disk::Project;

use super::bedrock::{Bedrock, Played};
use super::{BATCH, EVAL, ONE_JOB, SCREENED, content, paid, warnings};
use crate::fault_proxy::Fault;

#[test]
fn kill_9_between_any_two_calls_leaves_one_job_and_one_verdict() {
    let (alone, bedrock) = (Bedrock::start(), Bedrock::start());
    let project = bedrock.project(ONE_JOB);
    let expected = alone.run(&project.cloned(&[]), &EVAL);
    // Look for earlier jobs, write the file, submit, look, look again.
    for number in 0..5 {
        let machine = project.cloned(&[]);
        bedrock.proxy.hold_from(number);
        let running = bedrock.begin(&machine, &BATCH);
        bedrock.proxy.wait_for(number + 1);
        running.kill();
        bedrock.proxy.disarm();
        let running = bedrock.begin(&machine, &BATCH);
        let job = bedrock.wait_for(1).remove(0);
        bedrock.answer(&job, Played::All);
        let ran = running.ended();
        assert_eq!(content(&ran), content(&expected), "killed before call {number}: {}", ran.told());
        assert_eq!(bedrock.jobs().len(), 1, "killed before call {number}");
        // The next machine is another project in another account.
        bedrock.forget();
    }
}

#[test]
fn a_run_that_was_killed_takes_the_answers_from_where_they_lie() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(ONE_JOB);
    let running = bedrock.begin(&project, &BATCH);
    let job = bedrock.wait_for(1).remove(0);
    running.kill();
    bedrock.answer(&job, Played::All);
    let ran = bedrock.run(&project, &BATCH);
    assert_eq!((ran.status, bedrock.jobs().len()), (1, 1), "{}", ran.told());
    assert_eq!(paid(&ran), SCREENED + bedrock.asked_singly(), "paid where it is taken");
    assert_eq!(ran.json()["prompts"][0]["paid"], true, "as it was when the comparison began");
    // Another machine, which remembers nothing, finds the job by its name.
    let found = bedrock.run(&project.cloned(&[]), &BATCH);
    assert_eq!(bedrock.jobs().len(), 1);
    assert_eq!(content(&found), content(&ran));
}

#[test]
fn a_job_whose_files_were_tidied_up_is_submitted_again() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(ONE_JOB);
    let running = bedrock.begin(&project, &BATCH);
    let first = bedrock.wait_for(1).remove(0);
    running.kill();
    bedrock.answer(&first, Played::Nothing);
    let running = bedrock.begin(&project, &BATCH);
    let second = bedrock.wait_for(2).into_iter().find(|job| job.arn != first.arn).expect("a second job");
    assert_eq!(
        (first.name.strip_suffix("-1"), second.name.strip_suffix("-2")).0,
        second.name.strip_suffix("-2")
    );
    bedrock.answer(&second, Played::All);
    let ran = running.ended();
    assert_eq!((ran.status, bedrock.jobs().len()), (1, 2), "{}", ran.told());
}

#[test]
fn sigterm_ends_the_waiting_and_the_job_goes_on() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(ONE_JOB);
    let running = bedrock.begin(&project, &BATCH);
    let job = bedrock.wait_for(1).remove(0);
    running.terminate();
    let ended = running.ended();
    assert_eq!(ended.status, 3, "{}", ended.told());
    assert_eq!(ended.json()["prompts"][0]["reason"], "interrupted");
    assert!(warnings(&ended).contains("continues: the next run with `--batch`"), "{}", warnings(&ended));
    assert_eq!(paid(&ended), 0);
    bedrock.answer(&job, Played::All);
    let ran = bedrock.run(&project, &BATCH);
    assert_eq!((ran.status, bedrock.jobs().len()), (1, 1), "{}", ran.told());
}

#[test]
fn an_answer_that_is_lost_submits_no_second_job() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(ONE_JOB);
    // The third call submits.
    bedrock.proxy.arm(2, Fault::AnswerLost);
    let running = bedrock.begin(&project, &BATCH);
    let job = bedrock.wait_for(1).remove(0);
    bedrock.answer(&job, Played::All);
    let ran = running.ended();
    assert_eq!((ran.status, bedrock.jobs().len()), (1, 1), "{}{:?}", ran.told(), bedrock.proxy.calls());
    let submissions =
        bedrock.proxy.calls().iter().filter(|call| *call == "POST /model-invocation-job").count();
    assert_eq!(submissions, 1, "{:?}", bedrock.proxy.calls());
}

/// How many answers each comparison bought.
fn bought(project: &Project) -> Vec<u64> {
    let store = project.root().join(".prompt-assay/assay.db");
    let store = rusqlite::Connection::open(store).expect("the database");
    let mut counts = store.prepare("SELECT count(*) FROM answers GROUP BY bought_by").expect("a query");
    let counts = counts.query_map([], |row| row.get::<_, u32>(0).map(u64::from)).expect("rows");
    counts.map(|count| count.expect("a count")).collect()
}

#[test]
fn what_the_plan_gained_meanwhile_is_asked_by_another_job() {
    let bedrock = Bedrock::start();
    let project = bedrock.project("min_records: 50");
    let running = bedrock.begin(&project, &BATCH);
    let first = bedrock.wait_for(1).remove(0);
    running.kill();
    // The prompt is edited again while the job continues: the baseline is the same.
    project.edit("prompts.yaml", "Be brief", "Be very brief");
    project.commit("Another edit");
    let head = ["eval", "--base", "HEAD~2", "--head", "HEAD", "--format", "json", "--batch"];
    let running = bedrock.begin(&project, &head);
    let second = bedrock.wait_for(2).into_iter().find(|job| job.arn != first.arn).expect("a second job");
    let ids = |job| bedrock.records(job).iter().map(|r| r["recordId"].to_string()).collect::<Vec<_>>();
    let (old, new) = (ids(&first), ids(&second));
    assert_eq!(new.len(), 60);
    assert!(new.iter().all(|id| !old.contains(id)), "nothing is asked by both");
    bedrock.answer(&first, Played::All);
    bedrock.answer(&second, Played::All);
    let ran = running.ended();
    assert!(matches!(ran.status, 0 | 1), "{}", ran.told());
    assert_eq!(bedrock.jobs().len(), 2);
    // The answers of the first job were bought for the first edit, whoever takes them.
    assert!(bought(&project).contains(&SCREENED), "{:?}", bought(&project));
    // What the first edit needed was paid and is stored: going back to it asks for no job.
    let back = bedrock
        .run(&project, &["eval", "--base", "HEAD~2", "--head", "HEAD~1", "--format", "json", "--batch"]);
    assert_eq!((back.status, bedrock.jobs().len()), (1, 2), "{}", back.told());
}
