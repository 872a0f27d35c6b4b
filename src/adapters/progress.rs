//! The output on standard error: single lines, and progress as a bar on a terminal, a few lines elsewhere, nothing
//! when quiet. If the reader closes the stream, the program continues.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::runner::{Counters, Event};
use crate::trial::Lane;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// A bar that is drawn over and over, for terminals.
    Bar,
    /// A line at every quarter and whenever a quota is exhausted, for logs.
    Lines,
    /// Nothing.
    Quiet,
}

impl Display {
    /// The form that fits standard error.
    pub fn choose(quiet: bool, is_terminal: bool) -> Self {
        match (quiet, is_terminal) {
            (true, _) => Display::Quiet,
            (false, true) => Display::Bar,
            (false, false) => Display::Lines,
        }
    }
}

/// Shows the progress of a run from the runner's events.
#[derive(Debug)]
pub struct Progress {
    milestones: Milestones,
    screen: Screen,
}

#[derive(Debug)]
enum Screen {
    Bar(ProgressBar),
    Lines,
    Quiet,
}

impl Progress {
    /// Progress towards about `expected` answers (the plan's estimate: the real number is only
    /// known at the end).
    pub fn new(display: Display, expected: u64) -> Self {
        let screen = match display {
            Display::Bar => Screen::Bar(bar(expected)),
            Display::Lines => Screen::Lines,
            Display::Quiet => Screen::Quiet,
        };
        Self { milestones: Milestones::new(expected), screen }
    }

    /// Shows an event, if it is important.
    pub fn show(&mut self, event: Event<'_>) {
        let line = self.milestones.line(event);
        match (&self.screen, event) {
            (Screen::Bar(bar), Event::Progress(counters)) => {
                bar.set_length(self.milestones.expected.max(done(&counters)));
                bar.set_position(done(&counters));
                bar.set_message(status(&counters));
            }
            (Screen::Bar(bar), Event::Throttled(_)) => bar.println(line.unwrap_or_default()),
            (Screen::Lines, _) => line.iter().for_each(|line| say(line)),
            (Screen::Bar(_) | Screen::Quiet, _) => {}
        }
    }

    /// Removes the bar, or writes the last line.
    pub fn finish(self) {
        match &self.screen {
            Screen::Bar(bar) => bar.finish_and_clear(),
            Screen::Lines if done(&self.milestones.seen) > 0 => {
                say(&format!("done: {}", status(&self.milestones.seen)));
            }
            Screen::Lines | Screen::Quiet => {}
        }
    }
}

/// Writes a line. A failure to write must not stop a paid run, or a release midway.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// # Panics
/// Never: the template is a constant that a test draws.
fn bar(expected: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {pos}/~{len}  {msg}").expect("a valid template");
    let bar = ProgressBar::with_draw_target(Some(expected), ProgressDrawTarget::stderr());
    bar.set_style(style.progress_chars("=> "));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Decides which events deserve a line in a log.
#[derive(Debug)]
struct Milestones {
    expected: u64,
    quarters: u64,
    seen: Counters,
}

impl Milestones {
    fn new(expected: u64) -> Self {
        Self { expected, quarters: 0, seen: Counters::default() }
    }

    fn line(&mut self, event: Event<'_>) -> Option<String> {
        match event {
            Event::Progress(counters) => {
                self.seen = counters;
                let quarters = (4 * done(&counters)).checked_div(self.expected)?;
                if quarters <= self.quarters || quarters >= 4 {
                    return None;
                }
                self.quarters = quarters;
                Some(format!("{} % of about {}: {}", 25 * quarters, self.expected, status(&counters)))
            }
            Event::Throttled(lane) => Some(throttled(lane)),
            Event::Started(_) | Event::Answered { .. } | Event::Retried { .. } | Event::Failed { .. } => None,
        }
    }
}

fn throttled(lane: Lane) -> String {
    let whose = match lane {
        Lane::Prompt => "the model under test",
        Lane::Judge => "the judge",
    };
    format!("the quota of {whose} is exhausted; calls wait and continue automatically")
}

fn done(counters: &Counters) -> u64 {
    counters.answered + counters.failed
}

fn status(counters: &Counters) -> String {
    let mut status = format!("{} answered ({} free)", counters.answered, counters.cached);
    let others = [
        (counters.in_flight as u64, "in flight"),
        (counters.waiting as u64, "waiting to try again"),
        (counters.failed, "failed"),
    ];
    for (n, what) in others.into_iter().filter(|(n, _)| *n > 0) {
        status.push_str(&format!(", {n} {what}"));
    }
    status
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn at(answered: u64, failed: u64) -> Event<'static> {
        Event::Progress(Counters { answered, failed, cached: 10, in_flight: 0, waiting: 0 })
    }

    fn log(expected: u64, events: &[Event<'_>]) -> String {
        let mut milestones = Milestones::new(expected);
        events.iter().filter_map(|event| milestones.line(*event)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_log_has_a_line_per_quarter_and_per_throttling_episode() {
        let mut events: Vec<Event<'_>> = (10..60).map(|n| at(n, 0)).collect();
        events.push(Event::Throttled(Lane::Prompt));
        events.extend((60..130).map(|n| at(n, 1)));
        events.push(Event::Throttled(Lane::Judge));
        assert_snapshot!(log(120, &events), @r"
        25 % of about 120: 30 answered (10 free)
        the quota of the model under test is exhausted; calls wait and continue automatically
        50 % of about 120: 60 answered (10 free), 1 failed
        75 % of about 120: 89 answered (10 free), 1 failed
        the quota of the judge is exhausted; calls wait and continue automatically
        ");
    }

    #[test]
    fn quarters_that_pass_at_once_get_one_line() {
        assert_snapshot!(log(100, &[at(10, 0), at(80, 0), at(100, 0)]), @"75 % of about 100: 80 answered (10 free)");
    }

    #[test]
    fn nothing_expected_means_no_quarters() {
        assert_eq!(log(0, &[at(5, 0)]), "");
    }

    #[test]
    fn the_status_names_only_what_there_is() {
        let counters = Counters { answered: 42, cached: 30, failed: 1, in_flight: 8, waiting: 2 };
        assert_snapshot!(status(&counters), @"42 answered (30 free), 8 in flight, 2 waiting to try again, 1 failed");
        assert_snapshot!(status(&Counters::default()), @"0 answered (0 free)");
    }

    #[test]
    fn a_display_suits_its_place() {
        assert_eq!(Display::choose(true, true), Display::Quiet);
        assert_eq!(Display::choose(false, true), Display::Bar);
        assert_eq!(Display::choose(false, false), Display::Lines);
    }

    #[test]
    fn every_display_takes_a_whole_run() {
        for display in [Display::Bar, Display::Lines, Display::Quiet] {
            let mut progress = Progress::new(display, 2);
            progress.show(Event::Throttled(Lane::Prompt));
            progress.show(at(3, 0));
            progress.finish();
        }
    }
}
