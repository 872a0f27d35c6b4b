//! Our Node client with the packages that it is tested with, and the scripts that drive a browser with theirs, below
//! the target directory: installed, as their lock files say, on first use.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The client's `index.js`.
pub fn client() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/node");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node-client");
    fs::create_dir_all(root.join("src/sources")).expect("a writable target directory");
    // Several test binaries may come here at once; the lock goes with the file.
    let lock = File::create(root.join("lock")).expect("a writable target directory");
    lock.lock().expect("a lock");
    for folder in ["src", "src/sources"] {
        for entry in fs::read_dir(source.join(folder)).expect("the client's sources") {
            let path = entry.expect("a file").path();
            if path.is_file() {
                let name = path.file_name().expect("a name");
                fs::copy(&path, root.join(folder).join(name)).expect("a writable target directory");
            }
        }
    }
    install(&root, &source);
    root.join("src/index.js")
}

/// Installs into a folder what the lock file of another one says, once. The caller holds a lock.
fn install(root: &Path, source: &Path) {
    let (wanted, ready) = (source.join("package-lock.json"), root.join("installed.json"));
    let wanted = fs::read_to_string(wanted).expect("a lock file");
    if fs::read_to_string(&ready).is_ok_and(|installed| installed == wanted) {
        return;
    }
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), root.join(file)).expect("a writable target directory");
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved"]);
    let output = npm.current_dir(root).output().expect("npm (install Node 20 or newer)");
    assert!(output.status.success(), "npm ci: {}", String::from_utf8_lossy(&output.stderr));
    fs::write(ready, wanted).expect("a writable target directory");
}

/// A script of `tests/emulators/browser`, with the packages that it needs beside it.
pub fn browser_script(name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulators/browser");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    fs::create_dir_all(&root).expect("a writable target directory");
    let lock = File::create(root.join("lock")).expect("a writable target directory");
    lock.lock().expect("a lock");
    install(&root, &source);
    fs::copy(source.join(name), root.join(name)).expect("a writable target directory");
    root.join(name)
}
