//! The shared store: paid answers of several machines and branches, in S3. A run never depends on
//! it: every failure here is a warning, and the run continues with its own store.
//!
//! Objects are below an *area*. Runs on trusted commits (the default branch, its merge queue) read
//! and write only `main/`; pull requests may write to `branch/`, which trusted runs never read. If
//! trusted runs have a store key, objects that are not sealed with it are treated as absent here,
//! too.

mod layered;
mod object_store;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::sync::Semaphore;

pub use self::layered::{Handle, Layered};
use self::object_store::{Bucket, ObjectStore};
use super::models::Models;
use super::session::Session;
use crate::cli::CallArgs;
use crate::cloud::{Failure, FailureClass};
use crate::config::Config;
use crate::evidence::Evidence;
use crate::fingerprint::Fingerprint;
use crate::s3_location::S3Location;
use crate::seal::Seals;
use crate::store::entry::Entry;
use crate::store::remote::Area;
use crate::trial::AnswerKey;

/// Lookups, and writes, in parallel.
const AT_ONCE: usize = 64;
/// After this number of transient failures, the shared store is not used for the rest of the run.
const STRIKES: u32 = 3;
/// How long one lookup or write may take: a model answers faster than that.
const PATIENCE: Duration = Duration::from_secs(6);
/// How long the end of a run waits for what is not yet written.
const FAREWELL: Duration = Duration::from_secs(20);

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    In,
    Out,
}

/// The shared store of a run, if it has one: not for rules in a file, nor where no network or no
/// store is wanted.
pub fn of(config: &Config, args: &CallArgs, models: &Models, session: &Session) -> Option<Arc<Shared>> {
    let is_used = models.kind().is_language_model() && !args.offline && !args.no_cache;
    at(config, args, session).filter(|_| is_used)
}

/// The shared store that is named.
pub fn at(config: &Config, args: &CallArgs, session: &Session) -> Option<Arc<Shared>> {
    let place = args.shared_store.as_ref().or(config.shared_store.as_ref());
    place.map(|place| Shared::new(place.clone(), args.shared_area, session))
}

/// A shared store, as one run uses it.
pub struct Shared {
    objects: Box<dyn ObjectStore>,
    place: S3Location,
    area: Area,
    runtime: Runtime,
    seals: Arc<Seals>,
    slots: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Names that were not found.
    absent: BTreeSet<String>,
    /// Keys of objects that are not used: what is written there replaces them.
    useless: BTreeSet<String>,
    writing: Vec<tokio::task::JoinHandle<()>>,
    strikes: BTreeMap<Way, u32>,
    warnings: BTreeSet<String>,
}

impl Shared {
    /// Connects to nothing yet.
    pub fn new(place: S3Location, area: Area, session: &Session) -> Arc<Self> {
        let objects = Box::new(Bucket::new(&place.bucket));
        let (runtime, seals) = (session.runtime.handle().clone(), Arc::clone(&session.seals));
        Arc::new(Self {
            objects,
            place,
            area,
            runtime,
            seals,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            state: Mutex::default(),
        })
    }

    // No operation is left incomplete under this lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_off(&self, way: Way) -> bool {
        self.state().strikes.get(&way).is_some_and(|strikes| *strikes >= STRIKES)
    }

    fn key(&self, area: &str, name: &str) -> String {
        self.place.key(&format!("{area}/v1/{name}"))
    }

    /// The entry under a name, if `fits` accepts it.
    async fn find<T>(&self, name: &str, fits: impl Fn(Entry) -> Option<T>) -> Option<T> {
        if self.state().absent.contains(name) {
            return None;
        }
        for area in self.area.reads() {
            let key = self.key(area, name);
            let Some(bytes) = self.get(&key).await else { continue };
            let found = self.read(&key, &bytes, "does not hold what its name says", &fits);
            if found.is_some() {
                return found;
            }
        }
        self.state().absent.insert(name.to_owned());
        None
    }

    /// The content of an object, if it is intact, counts in this run and `fits` accepts it; otherwise
    /// `misfit` says what is wrong. Everything from the shared store passes through here.
    fn read<T>(&self, key: &str, bytes: &[u8], misfit: &str, fits: impl Fn(Entry) -> Option<T>) -> Option<T> {
        let entry = match std::str::from_utf8(bytes) {
            Ok(text) => Entry::of_line(text.trim_end()).map_err(|error| error.to_string()),
            Err(_) => Err("is no text".to_owned()),
        };
        let found = match entry {
            // Reported together with the rows of the run's own store that do not count.
            Ok(entry) if !entry.counts(&self.seals) => None,
            Ok(entry) => {
                let found = fits(entry);
                if found.is_none() {
                    self.warn(format!("{} {misfit}", self.called(key)));
                }
                found
            }
            Err(error) => {
                self.warn(format!("{} {error}", self.called(key)));
                None
            }
        };
        if found.is_none() {
            self.state().useless.insert(key.to_owned());
        }
        found
    }

    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let _slot = self.slots.acquire().await.ok()?;
        if self.is_off(Way::In) {
            return None;
        }
        match tokio::time::timeout(PATIENCE, self.objects.get(key)).await {
            Ok(Ok(found)) => found,
            Ok(Err(failure)) => {
                self.failed(Way::In, &failure);
                None
            }
            Err(_) => {
                self.strike(Way::In, 1, &format!("no answer within {} s", PATIENCE.as_secs()));
                None
            }
        }
    }

    /// Seals an entry, and writes it in the background.
    fn share(self: &Arc<Self>, name: String, entry: Entry, replaces: bool) {
        let Some(area) = self.area.writes().filter(|_| !self.is_off(Way::Out)) else { return };
        let (shared, key) = (Arc::clone(self), self.key(area, &name));
        let replaces = replaces || self.state().useless.contains(&key);
        let bytes = format!("{}\n", entry.sealed(&self.seals).to_line()).into_bytes();
        let writing = self.runtime.spawn(async move {
            let Ok(_slot) = shared.slots.acquire().await else { return };
            if shared.is_off(Way::Out) {
                return;
            }
            match tokio::time::timeout(PATIENCE, shared.objects.put(&key, bytes, replaces)).await {
                // Another run is writing the same object.
                Ok(Err(failure)) if failure.class == FailureClass::Conflict => {}
                Ok(Err(failure)) => shared.failed(Way::Out, &failure),
                Ok(Ok(())) => {}
                Err(_) => {
                    shared.strike(Way::Out, 1, &format!("no answer within {} s", PATIENCE.as_secs()));
                }
            }
        });
        let mut state = self.state();
        state.writing.retain(|writing| !writing.is_finished());
        state.writing.push(writing);
    }

    /// Whether a name was not found, so that an entry under it is new.
    fn is_absent(&self, name: &str) -> bool {
        self.state().absent.contains(name)
    }

    fn failed(&self, way: Way, failure: &Failure) {
        self.strike(way, if failure.class.is_passing() { 1 } else { STRIKES }, &failure.to_string());
    }

    fn strike(&self, way: Way, strikes: u32, reason: &str) {
        *self.state().strikes.entry(way).or_default() += strikes;
        // Once for each direction: hundreds of objects fail for one reason.
        let said = match way {
            Way::In => "could not be read, so the answers were bought",
            Way::Out => "could not be written, so other runs will buy the same answers again",
        };
        let head = format!("The shared store {said}: ");
        let mut state = self.state();
        if !state.warnings.iter().any(|warning| warning.starts_with(&head)) {
            state.warnings.insert(format!("{head}{reason}"));
        }
    }

    fn warn(&self, what: String) {
        let head = "An object of the shared store was not used: ";
        let mut state = self.state();
        if !state.warnings.iter().any(|warning| warning.starts_with(head)) {
            state.warnings.insert(format!("{head}{what}"));
        }
    }

    fn called(&self, key: &str) -> String {
        format!("`s3://{}/{key}`", self.place.bucket)
    }

    /// Waits until everything is written, or long enough; returns what the reader must know.
    pub async fn finish(&self) -> Vec<String> {
        let writing = std::mem::take(&mut self.state().writing);
        let count = writing.len();
        let all = async {
            for write in writing {
                let _ = write.await;
            }
        };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            let late = format!("some of {count} writes took longer than {} s", FAREWELL.as_secs());
            self.strike(Way::Out, STRIKES, &late);
        }
        self.state().warnings.iter().cloned().collect()
    }

    /// Commits that were evaluated on the main tier.
    pub async fn evaluated(&self) -> BTreeSet<String> {
        let prefix = self.key("main", "evaluated/");
        let keys = self.list(&prefix).await;
        let name = |key: &String| Some(key.strip_prefix(&prefix)?.strip_suffix(".json")?.to_owned());
        keys.iter().filter_map(name).collect()
    }

    /// The evidence of these contents, oldest first; only from trusted commits, and intact.
    pub async fn evidence(self: &Arc<Self>, contents: BTreeSet<Fingerprint>) -> Vec<Evidence> {
        let mut looks = tokio::task::JoinSet::new();
        for content in contents {
            let shared = Arc::clone(self);
            looks.spawn(async move { shared.evidence_of(content).await });
        }
        let mut found: Vec<(u64, Evidence)> = Vec::new();
        while let Some(joined) = looks.join_next().await {
            found.extend(joined.unwrap_or_default());
        }
        found.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        found.into_iter().map(|(_, evidence)| evidence).collect()
    }

    async fn evidence_of(&self, content: Fingerprint) -> Vec<(u64, Evidence)> {
        let mut found = Vec::new();
        for key in self.list(&self.key("main", &format!("evidence/{content}/"))).await {
            let Some(bytes) = self.get(&key).await else { continue };
            let fits = |entry| match entry {
                Entry::Evidence { record, at, .. }
                    if record.is_intact() && record.claim.content == content =>
                {
                    Some((at, *record))
                }
                _ => None,
            };
            found.extend(self.read(&key, &bytes, "is no intact evidence", fits));
        }
        found
    }

    async fn list(&self, prefix: &str) -> Vec<String> {
        let Ok(_slot) = self.slots.acquire().await else { return Vec::new() };
        if self.is_off(Way::In) {
            return Vec::new();
        }
        match tokio::time::timeout(2 * PATIENCE, self.objects.list(prefix)).await {
            Ok(Ok(keys)) => return keys,
            Ok(Err(failure)) => self.failed(Way::In, &failure),
            Err(_) => self.strike(Way::In, 1, &format!("no listing within {} s", 2 * PATIENCE.as_secs())),
        }
        Vec::new()
    }
}

fn answer_name(key: AnswerKey) -> String {
    format!("answers/{}/{}.json", key.0.short(2), key.0)
}

fn comparison_name(key: Fingerprint) -> String {
    format!("comparisons/{key}.json")
}

fn evaluated_name(commit: &str) -> String {
    format!("evaluated/{commit}.json")
}

fn evidence_name(evidence: &Evidence) -> String {
    format!("evidence/{}/{}.json", evidence.claim.content, evidence.id)
}
