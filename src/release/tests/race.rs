//! Two releases at once, in every order in which one may interrupt the other twice.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex};

use super::memory::Aws;
use super::*;
use crate::cloud::Failure;
use crate::release::ports::*;

/// Whose turn it is: so many calls of one, then so many of the other.
pub struct Turns {
    segments: Mutex<VecDeque<(usize, usize)>>,
    changed: Condvar,
}

impl Turns {
    pub fn new(segments: &[(usize, usize)]) -> Self {
        Self { segments: Mutex::new(segments.iter().copied().collect()), changed: Condvar::new() }
    }

    /// Waits for a call's turn.
    pub fn take(&self, who: usize) {
        let mut segments = self.segments.lock().unwrap();
        loop {
            while segments.front().is_some_and(|(_, calls)| *calls == 0) {
                segments.pop_front();
                self.changed.notify_all();
            }
            match segments.front_mut() {
                Some((turn, calls)) if *turn == who => {
                    *calls -= 1;
                    return;
                }
                None => return,
                Some(_) => segments = self.changed.wait(segments).unwrap(),
            }
        }
    }

    pub fn leave(&self, who: usize) {
        self.segments.lock().unwrap().retain(|(turn, _)| *turn != who);
        self.changed.notify_all();
    }
}

/// One process's connection.
struct Seat<'a> {
    aws: &'a Aws,
    turns: &'a Turns,
    who: usize,
}

impl Parameters for Seat<'_> {
    fn get(&self, name: &str, which: &Selector) -> Result<Option<ParameterVersion>, Failure> {
        self.turns.take(self.who);
        Parameters::get(self.aws, name, which)
    }
    fn history(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.turns.take(self.who);
        self.aws.history(name)
    }
    fn recent(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.turns.take(self.who);
        self.aws.recent(name)
    }
    fn remembered(&self, name: &str) -> Result<Option<Vec<ParameterVersion>>, Failure> {
        self.aws.remembered(name)
    }
    fn most_bytes(&self) -> Option<usize> {
        self.aws.most_bytes()
    }
    fn ready(&self, names: &[String]) -> Result<(), Failure> {
        self.aws.ready(names)
    }
    fn below(&self, path: &str) -> Result<Vec<String>, Failure> {
        self.aws.below(path)
    }
    fn put(&self, version: &NewVersion) -> Result<u64, Failure> {
        self.turns.take(self.who);
        Parameters::put(self.aws, version)
    }
    fn label(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        self.turns.take(self.who);
        self.aws.label(name, version, labels)
    }
    fn tag(&self, name: &str, tags: &BTreeMap<String, String>) -> Result<(), Failure> {
        self.turns.take(self.who);
        self.aws.tag(name, tags)
    }
}

/// Runs two releases of the same prompts; returns what each said.
fn race(aws: &Aws, wishes: [&[Wanted]; 2], segments: &[(usize, usize)]) -> [Option<Done>; 2] {
    let turns = Turns::new(segments);
    let process = |who: usize| {
        let seat = Seat { aws, turns: &turns, who };
        let run_name = ["ra", "rb"][who];
        let client =
            StoreClient { parameters: &seat, account: Account::default(), ..client(aws, run_name, false) };
        let mut items = Vec::new();
        for wanted in wishes[who] {
            let history = client.parameters.history(&wanted.name).unwrap();
            if let Step::Put(item) = step(&history, wanted, &around(run_name)) {
                items.push(*item);
            }
        }
        let done = run(&client, &items);
        turns.leave(who);
        Some(done)
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| process(0));
        let second = scope.spawn(|| process(1));
        [first.join().unwrap(), second.join().unwrap()]
    })
}

#[test]
fn of_two_releases_at_once_live_is_one_of_the_two_wholly() {
    let two = |text: &str| [wanted("a", &format!("{text} a")), wanted("b", &format!("{text} b"))];
    let (old, ours, theirs) = (two("old"), two("ours"), two("theirs"));
    const CALLS: usize = 20;
    let mut stopped = 0;
    // The third turn: to the end, or, among the calls of the last pass, two (tags and label).
    const LAST_PASS: usize = 9;
    let turns = [(1000, 0), (2, LAST_PASS)].into_iter().flat_map(|(third, from)| {
        let both = (0..2).flat_map(move |first| (from..CALLS).map(move |i| (third, first, i)));
        both.flat_map(move |(third, first, i)| (from..CALLS).map(move |j| (third, first, i, j)))
    });
    for (third, first, i, j) in turns {
        let aws = Aws::default();
        assert!(is_complete(&release(&aws, "r0", &old, &around("r0"))));
        let segments = [(first, i), (1 - first, j), (first, third), (1 - first, 1000), (first, 1000)];
        let done = race(&aws, [&ours, &theirs], &segments);
        let when = format!("{segments:?}: {done:?}\n{:#?}", aws.world().parameters);
        assert_sound(&aws, &when);
        let live = readers(&aws);
        let wholly = live == shas(&ours) || live == shas(&theirs);
        assert_tagged(&aws, &when);
        let complete = done.iter().filter(|done| is_complete(done)).count();
        assert!(wholly, "{live:?} is neither {:?} nor {:?}: {when}", shas(&ours), shas(&theirs));
        assert!(complete > 0, "nobody won: {when}");
        stopped += 2 - complete;
    }
    assert!(stopped > 0, "no interleaving was a race");
}
