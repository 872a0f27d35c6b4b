//! Little memory: 256 MiB of it, and an address space that is smaller than the program likes.

use std::process::Stdio;

use prompt_assay_test_support::on_disk::{GREETING, Project};
use prompt_assay_test_support::shell;

/// The most memory that a process has had so far, in KiB.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// A project with so many cases, whose prompt is edited.
fn large(cases: usize) -> Project {
    let project = Project::new(GREETING);
    let text = "Where is my parcel? ".repeat(40);
    let case = |n| {
        format!(
            "  - {{id: case-{n:05}, input: \"{n} {text}\", vars: {{name: Ada}}, checks: [{{contains: Ada}}]}}\n"
        )
    };
    project.write("golden/greet.yaml", format!("cases:\n{}", (0..cases).map(case).collect::<String>()));
    project.commit("many cases");
    project.edit("prompts.yaml", "warmly", "kindly");
    project
}

#[test]
fn two_thousand_cases_need_less_than_256_mib() {
    let project = large(2_000);
    let arguments = ["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--html", "page.html", "--quiet"];
    let mut process = project.command(&arguments).stdout(Stdio::null()).spawn().expect("it starts");
    let mut most = 0;
    let status = loop {
        most = most.max(peak(process.id()).unwrap_or(0));
        if let Some(status) = process.try_wait().expect("a child") {
            break status;
        }
        std::thread::yield_now();
    };
    assert_eq!(status.code(), Some(0));
    let peak = most;
    println!("{peak} KiB");
    assert!(peak < 256 << 10, "{peak} KiB");
}

#[test]
fn a_small_address_space_ends_with_a_result_or_a_refusal_and_never_with_another_verdict() {
    let mut told = Vec::new();
    for mebibytes in [64, 128, 256, 512, 1024] {
        let evaluation = super::Evaluation::new();
        // This build's allocator reserves 64 MiB of addresses for each thread, which the image's does not.
        let lines = format!("export MALLOC_ARENA_MAX=1; ulimit -v {}; exec", mebibytes << 10);
        let output = shell::after(&lines, &evaluation.command()).output().expect("sh");
        let status = output.status.code();
        // Whoever gets no memory may be ended by the system: never with the status of a pass.
        assert_ne!(status, Some(0), "{mebibytes} MiB");
        if status == Some(1) {
            let report = serde_json::from_slice(&output.stdout).expect("a report");
            assert_eq!(prompt_assay::report::json::stable(&report), super::undisturbed(), "{mebibytes} MiB");
        }
        told.push(format!("{mebibytes} MiB: {status:?}, {}", String::from_utf8_lossy(&output.stderr)));
        evaluation.ends_as_if_undisturbed(super::IN_FLIGHT, &format!("{mebibytes} MiB"));
    }
    println!("{}", told.join("\n"));
    assert!(told[2].contains("256 MiB: Some(1)"), "{}", told[2]);
}
