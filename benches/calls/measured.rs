//! A process, measured from outside: time, processor time and memory.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Clock ticks a second in `/proc`, the same on every Linux.
const TICKS: f64 = 100.0;

/// What a process took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// From start to end.
    pub wall: Duration,
    /// Processor time of all its threads.
    pub cpu_s: f64,
    /// The most memory that was resident, in MB (2^20 bytes).
    pub peak_mb: f64,
}

/// Runs a command to its end; standard output goes to `output`.
pub fn run(command: &mut Command, output: &std::path::Path) -> Measured {
    let file = fs::File::create(output).expect("a file");
    let errors = fs::File::create(output.with_extension("err")).expect("a file");
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(file).stderr(errors).spawn().expect("it starts");
    let place = format!("/proc/{}", child.id());
    let (mut peak_mb, mut cpu_s): (f64, f64) = (0.0, 0.0);
    // A process that has ended keeps its times until it is waited for, but not its memory.
    loop {
        let (ended, ticks) = stat(&place);
        cpu_s = cpu_s.max(ticks / TICKS);
        if ended {
            break;
        }
        peak_mb = peak_mb.max(high_water(&place));
        std::thread::sleep(Duration::from_millis(1));
    }
    let wall = start.elapsed();
    child.wait().expect("it ends");
    Measured { wall, cpu_s, peak_mb }
}

/// Whether it has ended, and the ticks it took.
fn stat(place: &str) -> (bool, f64) {
    let text = fs::read_to_string(format!("{place}/stat")).unwrap_or_default();
    let Some((_, fields)) = text.rsplit_once(") ") else { return (true, 0.0) };
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |index: usize| fields.get(index).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    (matches!(fields[0], "Z" | "X"), ticks(11) + ticks(12))
}

fn high_water(place: &str) -> f64 {
    let status = fs::read_to_string(format!("{place}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}
