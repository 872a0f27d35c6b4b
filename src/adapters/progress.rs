//! The output on standard error: single lines, and progress as a bar on a terminal, a few lines elsewhere, nothing
//! when quiet. If the reader closes the stream, the program continues.

use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::wording::{count, money};
use crate::runner::{Counters, Event, Label};
use crate::trial::{Lane, Phase};

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
    state: State,
    screen: Screen,
    began: Instant,
}

#[derive(Debug)]
enum Screen {
    Bar(ProgressBar),
    Lines,
    Quiet,
}

impl Progress {
    /// Progress towards about `expected` answers (the plan's estimate: the real number is only
    /// known at the end). `is_paid`: the answers cost money.
    pub fn new(display: Display, expected: u64, is_paid: bool) -> Self {
        let screen = match display {
            Display::Bar => Screen::Bar(bar(expected)),
            Display::Lines => Screen::Lines,
            Display::Quiet => Screen::Quiet,
        };
        Self { state: State::new(expected, is_paid), screen, began: Instant::now() }
    }

    /// Shows an event, if it is important.
    pub fn show(&mut self, event: Event<'_>) {
        let line = self.state.line(event, self.began.elapsed());
        match (&self.screen, event) {
            (Screen::Bar(bar), Event::Progress(counters)) => {
                bar.set_length(self.state.expected);
                bar.set_position(done(&counters));
                bar.set_message(self.state.status(self.began.elapsed()));
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
            Screen::Lines if done(&self.state.seen) > 0 => say(&self.state.end()),
            Screen::Lines | Screen::Quiet => {}
        }
    }
}

/// The columns of the terminal that standard output is.
pub fn columns() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0))
}

/// Writes a line. A failure to write must not stop a paid run, or a release midway.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// # Panics
/// Never: the template is a constant that a test draws.
fn bar(expected: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:20} {pos} of ~{len}  {msg}").expect("a valid template");
    let bar = ProgressBar::with_draw_target(Some(expected), ProgressDrawTarget::stderr());
    bar.set_style(style.progress_chars("█▌░"));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// What a call is made for, in the words of a person who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Screening,
    AskingAgain,
    Judging,
    Embedding,
}

impl Stage {
    fn of(trial: &Label<'_>) -> Self {
        match (trial.lane, trial.phase) {
            (Lane::Judge, _) => Self::Judging,
            (Lane::Embedding, _) => Self::Embedding,
            (Lane::Prompt, Phase::Screen) => Self::Screening,
            (Lane::Prompt, Phase::Confirm | Phase::Fresh | Phase::Must) => Self::AskingAgain,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Screening => "screening",
            Self::AskingAgain => "asking again",
            Self::Judging => "judging",
            Self::Embedding => "embedding",
        }
    }
}

/// Answers of a run that is long enough for lines in a log.
const FEWEST: u64 = 20;

/// How far a run is, from its events; decides which of them deserve a line in a log.
#[derive(Debug)]
struct State {
    /// Answers of the whole run: the estimate, until more are asked for.
    expected: u64,
    is_paid: bool,
    quarters: u64,
    seen: Counters,
    /// Calls under way, by what they are for, and the stage shown last.
    under_way: [u64; 4],
    stage: Stage,
}

impl State {
    fn new(expected: u64, is_paid: bool) -> Self {
        let (seen, stage) = (Counters::default(), Stage::Screening);
        Self { expected, is_paid, quarters: 0, seen, under_way: [0; 4], stage }
    }

    fn line(&mut self, event: Event<'_>, elapsed: Duration) -> Option<String> {
        match event {
            Event::Progress(counters) => self.advance(counters, elapsed),
            Event::Throttled(lane) => Some(throttled(lane)),
            Event::Started(trial) => {
                self.under_way[Stage::of(&trial) as usize] += 1;
                None
            }
            Event::Answered { trial, cached: false }
            | Event::Retried { trial, .. }
            | Event::Failed { trial, .. } => {
                let under_way = &mut self.under_way[Stage::of(&trial) as usize];
                *under_way = under_way.saturating_sub(1);
                None
            }
            Event::Answered { cached: true, .. } => None,
        }
    }

    fn advance(&mut self, counters: Counters, elapsed: Duration) -> Option<String> {
        self.seen = counters;
        // What is asked for beyond the estimate is expected from then on.
        let known = done(&counters) + counters.in_flight as u64 + counters.waiting as u64;
        self.expected = self.expected.max(known);
        let stages = [Stage::Screening, Stage::AskingAgain, Stage::Judging, Stage::Embedding];
        if let Some(stage) = stages.into_iter().find(|stage| self.under_way[*stage as usize] > 0) {
            self.stage = stage;
        }
        let quarters = (4 * done(&counters)).checked_div(self.expected)?;
        if quarters <= self.quarters || quarters >= 4 || self.expected < FEWEST {
            return None;
        }
        self.quarters = quarters;
        Some(format!("{} of about {}: {}", done(&counters), self.expected, self.status(elapsed)))
    }

    /// Stage, time left, cost and failures: only what there is.
    fn status(&self, elapsed: Duration) -> String {
        let mut status = vec![self.stage.words().to_owned()];
        status.extend(self.time_left(elapsed));
        status.extend(self.cost());
        let others = [(self.seen.waiting as u64, "waiting to try again"), (self.seen.failed, "failed")];
        status.extend(others.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
        status.join(", ")
    }

    /// From the speed of the calls so far; answers from the store take no time.
    fn time_left(&self, elapsed: Duration) -> Option<String> {
        let bought = done(&self.seen).checked_sub(self.seen.cached).filter(|bought| *bought > 0)?;
        let left = self.expected - done(&self.seen);
        let seconds = elapsed.as_secs_f64() / bought as f64 * left as f64;
        (left > 0 && seconds >= 1.0).then(|| match seconds.round() as u64 {
            seconds if seconds < 90 => format!("about {seconds} s left"),
            seconds => format!("about {} min left", (seconds + 30) / 60),
        })
    }

    fn cost(&self) -> Option<String> {
        let usd = self.seen.spent.usd();
        (self.is_paid && usd > 0.0).then(|| money(Some(usd)))
    }

    fn end(&self) -> String {
        let mut end = format!(
            "done: {} ({} from the store)",
            count(self.seen.answered as usize, "answer"),
            self.seen.cached
        );
        for part in self
            .cost()
            .into_iter()
            .chain((self.seen.failed > 0).then(|| format!("{} failed", self.seen.failed)))
        {
            end.push_str(&format!(", {part}"));
        }
        end
    }
}

fn throttled(lane: Lane) -> String {
    let whose = match lane {
        Lane::Prompt => "the model under test",
        Lane::Judge => "the judge",
        Lane::Embedding => "the model for embeddings",
    };
    format!("the quota of {whose} is exhausted; calls wait and continue automatically")
}

fn done(counters: &Counters) -> u64 {
    counters.answered + counters.failed
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::price::Money;
    use crate::trial::Side;

    fn at(answered: u64, failed: u64) -> Event<'static> {
        let spent = Money::from_usd(answered as f64 * 0.0001);
        Event::Progress(Counters { answered, failed, cached: 10, spent, ..Counters::default() })
    }

    fn label(lane: Lane, phase: Phase) -> Label<'static> {
        Label { prompt: "p", case: "c", side: Side::Candidate, lane, phase }
    }

    /// A log of events, the first of which are a second apart.
    fn log(expected: u64, events: &[Event<'_>]) -> String {
        let mut state = State::new(expected, true);
        let timed = events.iter().zip(1..);
        timed
            .filter_map(|(event, second)| state.line(*event, Duration::from_secs(second)))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn a_log_has_a_line_per_quarter_and_per_throttling_episode() {
        let mut events: Vec<Event<'_>> = (10..60).map(|n| at(n, 0)).collect();
        events.push(Event::Throttled(Lane::Prompt));
        events.push(Event::Started(label(Lane::Prompt, Phase::Confirm)));
        events.extend((60..130).map(|n| at(n, 1)));
        events.push(Event::Throttled(Lane::Judge));
        assert_snapshot!(log(120, &events), @"
        30 of about 120: screening, about 2 min left, 0.0030 USD
        the quota of the model under test is exhausted; calls wait and continue automatically
        61 of about 120: asking again, about 61 s left, 0.0060 USD, 1 failed
        90 of about 120: asking again, about 31 s left, 0.0089 USD, 1 failed
        the quota of the judge is exhausted; calls wait and continue automatically
        ");
    }

    #[test]
    fn quarters_that_pass_at_once_get_one_line() {
        assert_snapshot!(log(100, &[at(10, 0), at(80, 0), at(100, 0)]), @"80 of about 100: screening, 0.0080 USD");
    }

    #[test]
    fn nothing_expected_means_no_quarters() {
        assert_eq!(log(0, &[at(0, 0)]), "");
    }

    #[test]
    fn what_is_done_never_exceeds_what_is_expected() {
        let mut state = State::new(50, true);
        for answered in 0..200 {
            let counters = Counters { answered, in_flight: 8, waiting: 2, ..Counters::default() };
            state.line(Event::Progress(counters), Duration::from_secs(answered));
            assert!(state.expected >= answered + 10);
        }
    }

    #[test]
    fn the_stage_is_that_of_the_calls_under_way() {
        let mut state = State::new(50, true);
        let mut said = Vec::new();
        let (screen, again, judge) = (
            label(Lane::Prompt, Phase::Screen),
            label(Lane::Prompt, Phase::Fresh),
            label(Lane::Judge, Phase::Screen),
        );
        let ended = |trial| Event::Answered { trial, cached: false };
        for event in [
            Event::Started(screen),
            Event::Started(judge),
            ended(screen),
            Event::Started(again),
            ended(judge),
            ended(again),
        ] {
            state.line(event, Duration::ZERO);
            state.line(at(20, 0), Duration::ZERO);
            said.push(state.stage.words());
        }
        assert_eq!(
            said,
            ["screening", "screening", "judging", "asking again", "asking again", "asking again"]
        );
    }

    #[test]
    fn the_status_names_only_what_there_is() {
        let mut state = State::new(150, true);
        assert_snapshot!(state.status(Duration::ZERO), @"screening");
        let seen = Counters {
            answered: 42,
            cached: 30,
            failed: 1,
            in_flight: 8,
            waiting: 2,
            spent: Money::from_usd(0.0123),
        };
        state.line(Event::Progress(seen), Duration::from_secs(13));
        assert_snapshot!(state.status(Duration::from_secs(13)), @"screening, about 2 min left, 0.0123 USD, 2 waiting to try again, 1 failed");
        assert_snapshot!(state.end(), @"done: 42 answers (30 from the store), 0.0123 USD, 1 failed");
        state.is_paid = false;
        assert_snapshot!(state.status(Duration::from_secs(2)), @"screening, about 16 s left, 2 waiting to try again, 1 failed");
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
            let mut progress = Progress::new(display, 2, true);
            progress.show(Event::Throttled(Lane::Prompt));
            progress.show(at(3, 0));
            progress.finish();
        }
    }
}
