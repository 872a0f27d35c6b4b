//! The protocol: read, decide, make one call, read again; first all values, then all labels.

use std::collections::{BTreeMap, BTreeSet};

use super::archive;
use super::audit::{Action, Audit, MOST_OVER};
use super::client::{Stage, StoreClient};
use super::decide::{self, Next, Rival, Wish};
use super::names;
use super::ports::{NewVersion, Object, ParameterTier, ParameterVersion, Written};
use super::step::{Item, Payload};
use super::tags;
use super::value::{self, Pointer, PromptPointer};
use crate::cloud::{Failure, FailureClass};
use crate::fingerprint::Fingerprint;

/// The content type, for a browser.
const TEXT: &str = "text/plain; charset=utf-8";
/// The maximum number of readings of one parameter in one pass; more mean that others write
/// continuously.
const ROUNDS: u32 = 24;

/// Why a release stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// A store failed.
    #[error("{0}")]
    Failure(#[from] Failure),
    /// Another release, or another program.
    #[error("`{name}`: {rival}")]
    Rival {
        /// The parameter.
        name: String,
        /// Who.
        rival: Rival,
    },
    /// It does not fit.
    #[error(
        "`{name}` needs {bytes} bytes, more than a parameter of its tier takes, and there is no bucket for it: add `s3: {{bucket: NAME}}` to the environment"
    )]
    NoRoom {
        /// The parameter.
        name: String,
        /// Its length.
        bytes: usize,
    },
    /// There is no other place for it.
    #[error(
        "`{name}` has {bytes} bytes, and AppConfig takes {most}: shorten it, or release it to SSM with a bucket"
    )]
    TooLong {
        /// The profile.
        name: String,
        /// Its length.
        bytes: usize,
        /// The maximum.
        most: usize,
    },
    /// The object that a pointer names is not the content.
    #[error("the object `{0}` does not hold the content it is named after")]
    Object(String),
    /// It did not reach a stable state.
    #[error("`{0}` is written by others all the time; run it again when they are done")]
    Restless(String),
}

/// What was done, and what stopped the rest.
#[derive(Debug)]
pub struct Done {
    /// Prompts that are live now, with their versions, in the order of the items.
    pub live: Vec<(String, u64)>,
    /// Why it ended early.
    pub stop: Option<Stop>,
}

/// What this run knows about the parameters, in addition to the store.
struct Known {
    /// The runs whose versions are replaced.
    over: BTreeSet<String>,
    /// The newest version that this run wrote, by parameter. Parameter Store is eventually consistent: a
    /// reading or a label directly after the write may not find it yet.
    written: BTreeMap<String, u64>,
}

impl Known {
    /// Whether the store does not yet show this run's write.
    fn is_ahead_of(&self, name: &str, history: &[ParameterVersion]) -> bool {
        let newest = history.last().map_or(0, |newest| newest.version);
        self.written.get(name).is_some_and(|written| *written > newest)
    }
}

/// Writes all items, then makes them live. After an interruption, another run can complete it: no
/// label moves before every value is written and read back.
pub fn run(client: &StoreClient<'_>, items: &[Item]) -> Done {
    let mut done = Done { live: Vec::new(), stop: None };
    if items.is_empty() {
        return done;
    }
    // The same order in every run: the first contested parameter decides between two.
    let mut sorted: Vec<&Item> = items.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    // Every prompt's record names the replaced runs: the other run may reach this prompt first.
    let over = items.iter().flat_map(|item| item.over.iter().cloned()).collect();
    let mut known = Known { over, written: BTreeMap::new() };
    if let Err(stop) = check(client, items) {
        done.stop = Some(stop);
        return done;
    }
    // The second pass checks whether the values of the first pass are unchanged.
    for (pass, stage) in [(false, Some(Stage::Written)), (false, None), (true, Some(Stage::Live))] {
        for (index, item) in sorted.iter().enumerate() {
            match advance(client, item, &mut known, pass) {
                Ok(version) if pass => done.live.push((item.prompt.clone(), version)),
                Ok(_) => {}
                Err(stop) => {
                    done.stop = Some(stop);
                    return done;
                }
            }
            if let Some(stage) = stage {
                client.progress(stage, index + 1, sorted.len());
            }
        }
    }
    done
}

/// Whether there is a place for all of them, known before the first write.
///
/// # Errors
/// What is in the way.
pub fn check(client: &StoreClient<'_>, items: &[Item]) -> Result<(), Stop> {
    let names: Vec<String> = items.iter().map(|item| item.name.clone()).collect();
    client.again(|| client.parameters.ready(&names))?;
    items.iter().try_for_each(|item| fits(client, item))
}

fn fits(client: &StoreClient<'_>, item: &Item) -> Result<(), Stop> {
    let Payload::Content(content) = &item.payload else { return Ok(()) };
    if client.managed.is_some() {
        return Ok(());
    }
    if let Some(most) = client.parameters.most_bytes() {
        let (name, bytes) = (item.name.clone(), content.len());
        return if bytes <= most { Ok(()) } else { Err(Stop::TooLong { name, bytes, most }) };
    }
    let inline = value::encode(content);
    if client.objects.is_some() || value::tier(&inline, item.tier, client.advanced).is_some() {
        return Ok(());
    }
    Err(Stop::NoRoom { name: item.name.clone(), bytes: inline.len() })
}

/// Works on one item until its value is written, or (`commit`) until it is live; returns the
/// version.
fn advance(client: &StoreClient<'_>, item: &Item, known: &mut Known, commit: bool) -> Result<u64, Stop> {
    let mut tagged = None;
    for round in 0..ROUNDS {
        let history = client.again(|| client.parameters.recent(&item.name))?;
        if known.is_ahead_of(&item.name, &history) {
            client.rest(round);
            continue;
        }
        let found = decide::read(&history, client.label);
        let over = &known.over;
        let wish = Wish { sha: item.audit.sha, run: client.run, over, adopts: item.adopts, live: item.live };
        let next = decide::decide(&found, wish);
        if let (Some(tagged), Next::Done(_) | Next::Stop(_)) = (tagged, &next)
            && let Some(live) = found.iter().find(|seen| seen.live && seen.version != tagged)
        {
            // Another release made its version live meanwhile, and its tags came before these.
            tag(client, item, &history, live.version)?;
        }
        let called = match next {
            Next::Done(version) => return Ok(version),
            Next::Label(version) if !commit => return Ok(version),
            Next::Label(version) => {
                // The tags come first, so that a run that is interrupted in between does not count
                // as done. The label follows without another reading: errors are corrected after
                // both.
                let labelled = tag(client, item, &history, version).and_then(|()| {
                    tagged = Some(version);
                    let labels = [client.label.to_owned(), names::release_label(client.label)];
                    client.once(|| client.parameters.label(&item.name, version, &labels))
                });
                match labelled {
                    Err(failure)
                        if failure.class == FailureClass::Missing
                            && known.written.contains_key(&item.name) =>
                    {
                        client.rest(round);
                        continue;
                    }
                    other => other.map(|()| None),
                }
            }
            Next::Put { after } => {
                let others = decide::unfinished(&found).filter(|run| *run != client.run).map(str::to_owned);
                known.over.extend(others);
                put(client, item, &history, after, &known.over)?.map(Some)
            }
            Next::Restore { of } => restore(client, item, &history, of),
            Next::Stop(rival) => return Err(Stop::Rival { name: item.name.clone(), rival }),
        };
        match called {
            Ok(Some(version)) => {
                known.written.insert(item.name.clone(), version);
            }
            Ok(None) => {}
            // The next round reads what happened. An existing name is another version.
            Err(failure) if failure.class == FailureClass::Unclear => client.rest(round),
            Err(failure) if failure.class == FailureClass::Conflict => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(Stop::Restless(item.name.clone()))
}

/// Writes a version's record into the parameter's tags; repeated writes have no further effect. It
/// needs no rate limit: after each one, a label moves, which is rate-limited.
fn tag(
    client: &StoreClient<'_>,
    item: &Item,
    history: &[ParameterVersion],
    version: u64,
) -> Result<(), Failure> {
    let kept = history.iter().find(|kept| kept.version == version).filter(|_| client.tags);
    let Some(audit) = kept.and_then(|kept| Audit::read(&kept.description)) else { return Ok(()) };
    let tags = tags::of(&item.prompt, version, &audit);
    client.again(|| client.parameters.tag(&item.name, &tags)).map_err(|mut failure| {
        if matches!(failure.class, FailureClass::Denied | FailureClass::Refused) {
            let help = failure.help.map(|help| help + "; ").unwrap_or_default();
            failure.help = Some(format!("{help}or release without tags: `tags: false` in the environment"));
        }
        failure
    })
}

/// The call that writes an item; the outer error is one that comes before it.
fn put(
    client: &StoreClient<'_>,
    item: &Item,
    history: &[ParameterVersion],
    after: u64,
    over: &BTreeSet<String>,
) -> Result<Result<u64, Failure>, Stop> {
    archive::keep(client, &item.name, history)?;
    let now = history.last().map_or(ParameterTier::Standard, |newest| newest.tier);
    let (value, tier) = match &item.payload {
        Payload::Value(value) => (value.clone(), value::tier(value, now, true).unwrap_or(now)),
        Payload::Content(content) if let Some(managed) = client.managed => {
            let version = managed.publish(client, (&item.name, content), history)?;
            let sha256 = value::digest(content);
            (value::point_to_version(&PromptPointer { version, sha256 }), now)
        }
        Payload::Content(content) => {
            let inline = value::encode(content);
            let tier = match client.parameters.most_bytes() {
                Some(_) => Some(now),
                None => value::tier(&inline, now, client.advanced),
            };
            match tier {
                Some(tier) => (inline, tier),
                None => (value::point(&upload(client, item, content)?), now),
            }
        }
    };
    let mut audit = item.audit.clone();
    (audit.run, audit.after) = (client.run.to_owned(), after);
    audit.over = over.iter().take(MOST_OVER).cloned().collect();
    let version = NewVersion {
        name: item.name.clone(),
        value,
        kind: item.kind,
        key_id: item.key_id.clone(),
        tier,
        description: audit.write(),
        create: history.is_empty(),
    };
    Ok(client.once(|| client.parameters.put(&version)))
}

/// Writes another run's version again, its record included, so that readers without a label get it. Returns the
/// version's number.
fn restore(
    client: &StoreClient<'_>,
    item: &Item,
    history: &[ParameterVersion],
    of: u64,
) -> Result<Option<u64>, Failure> {
    let (Some(theirs), Some(newest)) = (history.iter().find(|seen| seen.version == of), history.last())
    else {
        return Ok(None);
    };
    let Some(mut audit) = Audit::read(&theirs.description) else { return Ok(None) };
    audit.after = newest.version;
    let version = NewVersion {
        name: item.name.clone(),
        value: theirs.value.clone(),
        kind: theirs.kind,
        key_id: item.key_id.clone(),
        tier: newest.tier.max(theirs.tier),
        description: audit.write(),
        create: false,
    };
    client.once(|| client.parameters.put(&version)).map(Some)
}

/// Writes the object, unless it exists, and reads it back: even after lost responses, the pointer's
/// object is the content.
fn upload(client: &StoreClient<'_>, item: &Item, content: &str) -> Result<Pointer, Stop> {
    let sha256 = value::digest(content);
    let Some(objects) = client.objects else {
        return Err(Stop::NoRoom { name: item.name.clone(), bytes: content.len() });
    };
    let key = format!("{}{}/sha256/{sha256}", client.prefix, item.name.trim_start_matches('/'));
    let put = || objects.put_new(&key, content.as_bytes(), TEXT);
    let _: Written = client.again(put)?;
    let is_content = |object: &Object| Fingerprint::of_bytes(&object.bytes) == sha256;
    let mut object = client.again(|| objects.get(&key, None))?;
    if item.audit.action == Action::Heal && !object.as_ref().is_some_and(is_content) {
        // Only this content belongs under this key.
        client.again(|| objects.put(&key, content.as_bytes(), TEXT))?;
        object = client.again(|| objects.get(&key, None))?;
    }
    match object {
        Some(object) if is_content(&object) => Ok(Pointer {
            bucket: objects.bucket().to_owned(),
            key,
            version_id: object.version_id,
            sha256,
            bytes: content.len(),
        }),
        _ => Err(Stop::Object(format!("s3://{}/{key}", objects.bucket()))),
    }
}
