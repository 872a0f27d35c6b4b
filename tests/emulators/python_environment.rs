//! Python with third-party packages, in a virtual environment below the target directory: the first test binary
//! installs them, pinned, on first use.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The `python` of the environment with this name, which has exactly these packages; `what` they are, for whoever must
/// mend it when they cannot be had.
pub fn python(name: &str, packages: &[&str], what: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&root).expect("a writable target directory");
    // Several test binaries may come here at once; the lock goes with the file.
    let lock = File::create(root.join("lock")).expect("a writable target directory");
    lock.lock().expect("a lock");
    let python = root.join("venv/bin/python");
    let ready = root.join("installed.txt");
    let is_installed = fs::read_to_string(&ready).is_ok_and(|installed| installed == packages.join("\n"));
    if is_installed && python.exists() {
        return python;
    }
    run(
        Command::new("python3").args(["-m", "venv", "--clear"]).arg(root.join("venv")),
        "make a virtual environment (install python3 with venv)",
    );
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    let purpose = format!("install {what} (reach a package index)");
    run(Command::new(&python).args(pip).args(packages), &purpose);
    fs::write(&ready, packages.join("\n")).expect("a writable target directory");
    python
}

fn run(command: &mut Command, purpose: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("cannot {purpose}: {command:?}: {error}"));
    assert!(
        output.status.success(),
        "cannot {purpose}: {command:?}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
