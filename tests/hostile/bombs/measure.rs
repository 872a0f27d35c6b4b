//! A process run to its end, with the memory and time it took.

use std::fmt;
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use prompt_assay_test_support::shell;

/// Mebibytes that a bomb may take.
pub const MOST_MEMORY: u64 = 300;

/// Names a program to measure instead of the one that was built for the tests: an optimized one.
const PROGRAM: &str = "PROMPT_ASSAY_BIN";

/// Seconds of the processor that a bomb may take: what a loaded machine adds is not counted. Builds
/// for tests leave the dependencies unoptimized, which is ten times slower and more.
fn most_seconds() -> f64 {
    if cfg!(debug_assertions) && std::env::var_os(PROGRAM).is_none() { 40.0 } else { 5.0 }
}

/// Bytes of a log that a person may be asked to read.
const MOST_SAID: u64 = 4 << 20;

/// When a process is given up.
const GIVEN_UP: Duration = Duration::from_secs(600);

/// Kibibytes of address space that no process gets beyond, so that a bomb that works harms no machine.
const ADDRESS_SPACE: &str = "4000000";

/// What a process left.
pub struct Measured {
    /// `None`: a signal ended it, or it was given up.
    pub status: Option<i32>,
    /// The beginning of everything it said.
    pub told: String,
    /// Mebibytes at most.
    pub memory: u64,
    /// Of the processor.
    pub seconds: f64,
    said: u64,
}

impl Measured {
    /// Whether it kept the limits of this family.
    pub fn is_within_limits(&self) -> bool {
        self.memory <= MOST_MEMORY && self.seconds <= most_seconds() && self.said <= MOST_SAID
    }
}

/// Its figures; without `#`, what it said, too.
impl fmt::Display for Measured {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.map_or("none".to_owned(), |status| status.to_string());
        write!(out, "status {status}, {} MiB, {:.1} s, {} bytes said", self.memory, self.seconds, self.said)?;
        match out.alternate() {
            true => Ok(()),
            false => write!(out, "\n{}", self.told.lines().take(12).collect::<Vec<_>>().join("\n")),
        }
    }
}

/// Runs a command to its end.
pub fn measured(command: &Command) -> Measured {
    measured_after(command, "")
}

/// Runs a command to its end, with so many seconds of the processor at most. Renderings may take an eighth of them
/// (`docs/limits.md`), so that many attempts to exceed that share cost a test little.
pub fn measured_within(command: &Command, seconds: u32) -> Measured {
    measured_after(command, &format!("ulimit -t {seconds}; "))
}

fn measured_after(command: &Command, lines: &str) -> Measured {
    let directory = prompt_assay_test_support::temporary::directory();
    let log = directory.path().join("log");
    let mut child = limited(command, lines)
        .stdin(Stdio::null())
        .stdout(File::create(&log).expect("a file"))
        .stderr(File::options().append(true).open(&log).expect("a file"))
        .spawn()
        .expect("the shell starts");
    let started = Instant::now();
    let (mut memory, mut seconds) = (0, 0.0_f64);
    let status = loop {
        memory = memory.max(peak(child.id()).unwrap_or(0));
        seconds = seconds.max(processor(child.id()).unwrap_or(0.0));
        if let Some(status) = child.try_wait().expect("a child") {
            break status.code();
        }
        if started.elapsed() > GIVEN_UP {
            child.kill().expect("a child");
            child.wait().expect("a child");
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let told = fs::read(&log).expect("a log");
    let shown = &told[..told.len().min(20_000)];
    Measured {
        status,
        told: String::from_utf8_lossy(shown).into_owned(),
        memory,
        seconds,
        said: told.len() as u64,
    }
}

/// The same command after lines of `sh`, within an address space.
fn limited(command: &Command, lines: &str) -> Command {
    let mut measured =
        Command::new(std::env::var_os(PROGRAM).unwrap_or_else(|| command.get_program().to_owned()));
    measured.args(command.get_args()).current_dir(command.get_current_dir().expect("a directory"));
    for (name, value) in command.get_envs() {
        measured.envs(value.map(|value| (name, value)));
    }
    shell::after(&format!("{lines}ulimit -v {ADDRESS_SPACE}; exec"), &measured)
}

/// The most memory a process has had so far, in mebibytes.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()?.div_ceil(1024))
}

/// Seconds of the processor that a process has had so far.
fn processor(process: u32) -> Option<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let after_name = stat.rsplit_once(") ")?.1;
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}
