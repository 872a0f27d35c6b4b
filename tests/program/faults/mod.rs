//! Faults of the machine, the disk, the network and the clock, met by the whole program. docs/reliability.md has a row
//! for each, with what was observed and the name of its test.

mod clock;
mod database;
mod full_disk;
mod memory;
mod network;
mod read_only;
mod signals;
mod streams;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use prompt_assay::report::json;
use prompt_assay_standin::{Recorded, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::{rules_over_http, sixty_cases};
use serde_json::Value;

/// Calls in flight at most: four for each of the two models.
const IN_FLIGHT: usize = 8;

/// An evaluation of 60 cases whose edit breaks six, on a machine of its own, and the model that answers.
struct Evaluation {
    project: Project,
    model: Standin,
}

impl Evaluation {
    fn new() -> Self {
        Self { project: sixty_cases::briefer(), model: rules_over_http::start(sixty_cases::RULES) }
    }

    fn command(&self) -> Command {
        let mut command =
            self.project.command(&["eval", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"]);
        rules_over_http::at(&mut command, &self.model).stdin(Stdio::null());
        command
    }

    fn run(&self) -> Ran {
        self.project.ran(&mut self.command())
    }

    /// Evaluates once more with nothing in its way: the verdict must be that of an undisturbed evaluation, and at
    /// most `lost` answers of those bought so far may be bought again.
    fn ends_as_if_undisturbed(&self, lost: usize, after: &str) {
        let before = self.model.requests().len();
        let ran = self.run();
        assert_eq!(ran.status, 1, "{after}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(json::stable(&ran.json()), undisturbed(), "{after}");
        let again = bought_again(&self.model.requests(), before);
        assert!(again <= lost, "{after}: {again} answers were bought again, {lost} may be");
    }
}

/// The part of the report that every evaluation of this change must agree on.
fn undisturbed() -> Value {
    static EXPECTED: std::sync::LazyLock<Value> =
        std::sync::LazyLock::new(|| json::stable(&Evaluation::new().run().json()));
    EXPECTED.clone()
}

/// How many answers that the model gave before a request were bought again after it.
fn bought_again(requests: &[Recorded], before: usize) -> usize {
    let key = |request: &Recorded| format!("{} {}", request.call.model, request.call.body);
    let mut given: BTreeMap<String, bool> = BTreeMap::new();
    for request in requests[..before].iter().filter(|request| request.status == Some(200)) {
        given.insert(key(request), false);
    }
    for request in &requests[before..] {
        given.entry(key(request)).and_modify(|again| *again = true);
    }
    given.values().filter(|again| **again).count()
}
