//! Directories that live as long as a test.

use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::{StatVfsMountFlags, statvfs};
use tempfile::{Builder, TempDir};

/// Bytes that must be free before tests use the memory's file system: containers have 64 MB there.
const ROOM: u64 = 2 << 30;

/// An empty directory; in memory where the system keeps a file system for that. A suite writes a hundred thousand small
/// files, and a disk's journal takes a third of its time.
///
/// # Panics
/// If no directory can be made.
pub fn directory() -> TempDir {
    let builder = Builder::new();
    let made = if in_memory() { builder.tempdir_in(MEMORY) } else { builder.tempdir() };
    made.expect("a temporary directory")
}

const MEMORY: &str = "/dev/shm";

/// Whether programs can be written to the memory's file system, and run.
fn in_memory() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        statvfs(Path::new(MEMORY)).is_ok_and(|found| {
            let unfit = StatVfsMountFlags::NOEXEC | StatVfsMountFlags::RDONLY;
            !found.f_flag.intersects(unfit) && found.f_bavail * found.f_frsize >= ROOM
        })
    })
}
