//! Golden sets that are read on all processors shortly before they are needed, because reading them takes most of the time
//! of a large plan. What is read, and what is said about it, is the same as without.
//!
//! Nothing else runs meanwhile: the processor time and the memory of renderings are limited by what the process uses.

use std::collections::{BTreeSet, VecDeque};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{GoldenSet, References, read, references};
use crate::problem::Problems;
use crate::tree::{MemoryTree, Tree};

/// Bytes of the files that are read together. What is made of them takes several times as much, and may never be needed.
const TOGETHER: usize = 1 << 20;

/// Stack of a thread: there is room for documents and checks as deep as their limits allow, in unoptimized builds, too.
const STACK_BYTES: usize = 16 << 20;

/// The golden sets of one tree that will be needed.
#[derive(Debug, Default)]
pub struct Ahead {
    /// The paths of those that are not read yet, in the order in which they are needed.
    coming: VecDeque<String>,
    read: VecDeque<(String, Outcome)>,
}

/// A golden set, and the problems of its file.
type Outcome = (Option<GoldenSet>, Problems);

/// A golden set's path, and the files of which it is read.
type File = (String, MemoryTree);

impl Ahead {
    /// For sets that will be read in this order; some of them may be left out.
    pub fn new<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        Self { coming: paths.into_iter().map(str::to_owned).collect(), read: VecDeque::new() }
    }

    /// Reads a golden set of the tree, as [`read()`] does, and some of those that come after it.
    pub fn read(&mut self, tree: &dyn Tree, path: &str, problems: &mut Problems) -> Option<GoldenSet> {
        if !self.read.iter().any(|(known, _)| known == path) {
            self.read = together(&self.next(tree, path));
        }
        while let Some((known, (set, found))) = self.read.pop_front() {
            if known == path {
                problems.extend(found);
                return set;
            }
        }
        read(tree, path, &mut BTreeSet::new(), problems)
    }

    /// The files from `path` on that can be read together; none if it must be read alone.
    fn next(&mut self, tree: &dyn Tree, path: &str) -> Vec<File> {
        let (mut files, mut bytes) = (Vec::new(), 0);
        let Some(skipped) = self.coming.iter().position(|coming| coming == path) else { return files };
        self.coming.drain(..skipped);
        while bytes < TOGETHER
            && let Some(next) = self.coming.front()
            && let Some(own) = own_files(tree, next)
        {
            bytes += own.files().map(|(_, bytes)| bytes.len()).sum::<usize>();
            files.extend(self.coming.pop_front().map(|path| (path, own)));
        }
        files
    }
}

/// All that a golden set is read of, if that is known beforehand and small.
fn own_files(tree: &dyn Tree, path: &str) -> Option<MemoryTree> {
    let bytes = tree.read(path).ok()??;
    // Of a few bytes, aliases make as much as a file may hold.
    let has_aliases = bytes.contains(&b'&') && bytes.contains(&b'*');
    if has_aliases || bytes.len() > TOGETHER {
        return None;
    }
    let paths = match references(&bytes, path) {
        References::None => Vec::new(),
        References::Listed(paths) => paths,
        References::Unknown => return None,
    };
    let mut own = MemoryTree::default();
    for path in paths {
        if let Some(bytes) = tree.read(&path).ok()? {
            own.insert(path, bytes);
        }
    }
    own.insert(path, bytes);
    Some(own)
}

/// Reads files on as many threads as there are processors; where the system gives none, on this one.
fn together(files: &[File]) -> VecDeque<(String, Outcome)> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done: Vec<(usize, Outcome)> = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((path, own)) = files.get(at) else { return done };
            let mut problems = Problems::new();
            let set = read(own, path, &mut BTreeSet::new(), &mut problems);
            done.push((at, (set, problems)));
        }
    };
    let mut done = thread::scope(|scope| {
        let spawned = (1..processors.min(files.len())).map_while(|_| {
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            thread.spawn_scoped(scope, work).ok()
        });
        let threads: Vec<_> = spawned.collect();
        let mut done = work();
        for thread in threads {
            done.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(at, outcome)| (files[at].0.clone(), outcome)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "- {id: a, input: x, checks: [{contains: y}]}\n- {id: b, input: 'no', checks: [{regex: z}]}\n";

    fn tree() -> MemoryTree {
        let schema = "- {id: a, input: x, checks: [{json_schema: reply.json}]}\n";
        let mut tree = MemoryTree::new([
            ("g/warned.yaml", "- {id: a, input: x #y\n  , checks: [{contains: y}]}\n"),
            ("g/wrong.yaml", "- {id: a, input: 1, checks: []}\n- {id: a, inptu: x}\n"),
            ("g/broken.yaml", "- {"),
            ("g/alias.yaml", "- &a {id: a, input: x, checks: [{contains: y}]}\n- {<<: *a, id: b}\n"),
            ("g/schema.yaml", schema),
            ("g/reply.json", "{\"type\": \"object\"}"),
            ("h/schema.yaml", schema),
            (
                "g/inline.json",
                "[{\"input\": \"x\", \"checks\": [{\"json_schema\": {\"type\": \"object\"}}]}]",
            ),
            ("g/rows.csv", "input,equals\nx,y\n"),
        ]);
        (0..20).for_each(|n| tree.insert(format!("g/good{n:02}.yaml"), GOOD));
        tree
    }

    #[test]
    fn every_set_and_every_problem_is_that_of_reading_them_one_by_one() {
        let tree = tree();
        let mut paths: Vec<String> = tree.files().map(|(path, _)| path.to_owned()).collect();
        paths.extend(["g/absent.yaml", "../out.yaml", "g/good01.yaml", "g/wrong.yaml"].map(str::to_owned));
        for step in [1, 2, 3] {
            let mut ahead = Ahead::new(paths.iter().map(String::as_str));
            for path in paths.iter().step_by(step).chain([&"g/good00.yaml".to_owned()]) {
                let (mut found, mut expected) = (Problems::new(), Problems::new());
                let set = ahead.read(&tree, path, &mut found);
                assert_eq!(set, read(&tree, path, &mut BTreeSet::new(), &mut expected), "{path}");
                assert_eq!(found, expected, "{path}");
            }
        }
    }

    #[test]
    fn what_takes_little_is_read_together_and_what_may_take_much_alone() {
        let mut tree = tree();
        tree.insert("g/long.yaml", format!("{GOOD}#{}", "x".repeat(TOGETHER)));
        let rest = |paths: &[&str]| {
            let mut ahead = Ahead::new(paths.iter().copied());
            assert!(ahead.read(&tree, paths[0], &mut Problems::new()).is_some(), "{paths:?}");
            ahead.read.len()
        };
        assert_eq!(rest(&["g/good00.yaml", "g/schema.yaml", "g/broken.yaml", "g/rows.csv"]), 3);
        for alone in ["g/alias.yaml", "g/inline.json", "g/long.yaml"] {
            assert_eq!(rest(&[alone, "g/good00.yaml"]), 0, "{alone}");
            assert_eq!(rest(&["g/good00.yaml", "g/good01.yaml", alone, "g/good02.yaml"]), 1, "{alone}");
        }
    }
}
