//! One process's connection to AWS through a proxy, and its calls: the library's own steps with the
//! real adapters, and a clock that takes no time.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prompt_assay::adapters::aws::{Connection, Options};
use prompt_assay::adapters::s3::{BlockingBucket, S3Bucket};
use prompt_assay::adapters::ssm::Ssm;
use prompt_assay::evidence::Origin;
use prompt_assay::fingerprint::Fingerprint;
use prompt_assay::release::audit::{Action, Audit};
use prompt_assay::release::client::{Account, Clock, PATIENCE_MS, StoreClient, WRITE_GAP_MS};
use prompt_assay::release::execute::{Done, run};
use prompt_assay::release::names::release_label;
use prompt_assay::release::ports::{NewVersion, Objects, ParameterKind, ParameterVersion, Parameters};
use prompt_assay::release::rollback::{Asked, NoRollback, rollback};
use prompt_assay::release::step::{Carried, Circumstances, Step, Wanted, step};
use prompt_assay::release::value::{self, Held};
use prompt_assay::release::{archive, tags};
use tokio::runtime::{Handle, Runtime};

use crate::emulator::{boto3_says, options, tags_of};
use crate::fault_proxy::FaultProxy;

/// The bucket of all tests here.
pub const BUCKET: &str = "prompts-of-the-test";

/// The runtime that makes the calls; the tests themselves wait.
pub fn runtime() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime")).handle()
}

/// Makes the bucket, which keeps versions.
pub fn make_bucket(url: &str) {
    boto3_says(
        url,
        &format!(
            "import boto3\ns3 = boto3.client('s3')\ns3.create_bucket(Bucket='{BUCKET}')\ns3.put_bucket_versioning(Bucket='{BUCKET}', VersioningConfiguration={{'Status': 'Enabled'}})\n"
        ),
    );
}

/// A clock that moves when somebody sleeps, and further where `leap` says so: whoever waits for
/// what never comes has waited long enough at once.
#[derive(Default)]
pub struct Unhurried {
    now: AtomicU64,
    /// Milliseconds that every sleep takes in addition.
    pub leap: AtomicU64,
}

impl Clock for Unhurried {
    fn now_ms(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    fn sleep_ms(&self, ms: u64) {
        self.now.fetch_add(ms + self.leap.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// The line.
pub struct Line {
    pub proxy: FaultProxy,
    connection: Connection,
    pub parameters: Ssm,
    pub objects: BlockingBucket,
    pub clock: Unhurried,
}

impl Line {
    /// A line to the service at an address; a call without an answer is given up after a second.
    pub fn to(url: &str) -> Self {
        let proxy = FaultProxy::before(url);
        let impatient = Options { attempt_timeout: Duration::from_secs(1), ..options(proxy.url()) };
        let connection = runtime().block_on(Connection::open(impatient)).expect("a region");
        Self {
            parameters: Ssm::connect(&connection, runtime()),
            objects: S3Bucket::connect(&connection, BUCKET).blocking(runtime()),
            clock: Unhurried::default(),
            connection,
            proxy,
        }
    }

    /// How a run speaks over it.
    pub fn client<'a>(&'a self, run: &'a str, bucket: bool) -> StoreClient<'a> {
        StoreClient {
            parameters: &self.parameters,
            objects: bucket.then_some(&self.objects as &dyn Objects),
            managed: None,
            prefix: "prompts/",
            clock: &self.clock,
            label: "live",
            run,
            advanced: true,
            tags: true,
            gap_ms: WRITE_GAP_MS,
            patience_ms: PATIENCE_MS,
            account: Account::default(),
        }
    }

    /// One whole run: looks, decides, writes. `None`: it could not even look.
    pub fn release(&self, run_name: &str, wishes: &[Wanted], bucket: bool) -> Option<Done> {
        let client = self.client(run_name, bucket);
        let mut items = Vec::new();
        for wanted in wishes {
            let history = client.again(|| client.parameters.history(&wanted.name)).ok()?;
            if let Step::Put(item) = step(&history, wanted, &around(run_name)) {
                items.push(*item);
            }
        }
        Some(run(&client, &items))
    }

    /// The state after releases, made from another prefix's with a few calls.
    pub fn copy(&self, from: &BTreeMap<String, Vec<ParameterVersion>>, to: &[Wanted]) {
        for (versions, wanted) in from.values().zip(to) {
            for version in versions {
                let version = NewVersion {
                    name: wanted.name.clone(),
                    value: version.value.clone(),
                    kind: version.kind,
                    key_id: None,
                    tier: version.tier,
                    description: version.description.clone(),
                    create: version.version == 1,
                };
                self.parameters.put(&version).expect("a version");
            }
            let newest = versions.len() as u64;
            let labels = ["live".to_owned(), release_label("live")];
            self.parameters.label(&wanted.name, newest, &labels).expect("labels");
        }
    }

    /// A rollback to the version before, looked at first. `None`: it could not even look.
    pub fn roll_back(&self, run_name: &str, wanted: &Wanted) -> Option<Result<Done, NoRollback>> {
        let client = self.client(run_name, true);
        let history = client.again(|| client.parameters.history(&wanted.name)).ok()?;
        let asked = Asked { prompt: &wanted.prompt, name: &wanted.name, to: None, reason: "it broke" };
        let item = rollback(asked, &history, &around(run_name));
        Some(item.map(|item| run(&client, &[item])))
    }

    /// A parameter's tags.
    pub fn tags(&self, name: &str) -> BTreeMap<String, String> {
        runtime().block_on(tags_of(&self.connection, name))
    }

    /// All versions of what is wanted, by name.
    pub fn look(&self, wishes: &[Wanted]) -> BTreeMap<String, Vec<ParameterVersion>> {
        let history = |wanted: &Wanted| {
            (wanted.name.clone(), self.parameters.history(&wanted.name).expect("an answer"))
        };
        wishes.iter().map(history).collect()
    }

    /// What must hold whatever went wrong: every version has its record, every value is what its
    /// record says, every object is its pointer's content.
    pub fn assert_sound(&self, found: &BTreeMap<String, Vec<ParameterVersion>>, when: &str) {
        for (name, versions) in found {
            for version in versions {
                let audit = Audit::read(&version.description);
                let audit =
                    audit.unwrap_or_else(|| panic!("{when}: {name}:{} has no record", version.version));
                assert_eq!(
                    Ok(audit.sha),
                    value::digest_of(&version.value),
                    "{when}: {name}:{}",
                    version.version
                );
                if let Ok(Held::Object(pointer)) = value::decode(&version.value) {
                    let object = self.objects.get(&pointer.key, pointer.version_id.as_deref());
                    let object = object.expect("an answer").expect("the object of a pointer");
                    assert_eq!(Fingerprint::of_bytes(&object.bytes), pointer.sha256, "{when}: {name}");
                }
            }
        }
    }

    /// Everything is as wanted: readers by label and without one get it, and the tags say so.
    pub fn assert_released(
        &self,
        found: &BTreeMap<String, Vec<ParameterVersion>>,
        wishes: &[Wanted],
        when: &str,
    ) {
        for wanted in wishes {
            let versions = &found[&wanted.name];
            let sha = Ok(value::digest(&wanted.content));
            let live = live(versions).unwrap_or_else(|| panic!("{when}: nothing of {} is live", wanted.name));
            assert_eq!(value::digest_of(&live.value), sha, "{when}: {}", wanted.name);
            assert_eq!(versions.last().map(|newest| value::digest_of(&newest.value)), Some(sha), "{when}");
            let step = step(versions, wanted, &around("again"));
            assert!(matches!(step, Step::Unchanged { .. }), "{when}: {step:?}");
            let audit = Audit::read(&live.description).expect("a record");
            let tags = tags::of(&wanted.prompt, live.version, &audit);
            assert_eq!(self.tags(&wanted.name), tags, "{when}");
        }
    }

    /// Whether a rollback holds what is wanted.
    pub fn assert_held(&self, found: &BTreeMap<String, Vec<ParameterVersion>>, wanted: &Wanted, when: &str) {
        let step = step(&found[&wanted.name], wanted, &around("again"));
        assert!(matches!(step, Step::Held { .. }), "{when}: {step:?}");
    }
}

/// The version that is live.
pub fn live(versions: &[ParameterVersion]) -> Option<&ParameterVersion> {
    versions.iter().find(|seen| seen.carries("live"))
}

fn around(run: &str) -> Circumstances {
    Circumstances {
        run: run.to_owned(),
        label: "live".to_owned(),
        origin: Origin { commit: Some("c0ffee".to_owned()), ..Origin::default() },
        action: Action::Release,
        lift_hold: None,
        overwrite: None,
    }
}

/// A prompt's content at a name.
pub fn wanted(prefix: &str, prompt: &str, content: &str) -> Wanted {
    Wanted {
        prompt: prompt.to_owned(),
        name: format!("{prefix}/{prompt}"),
        kind: ParameterKind::Plain,
        key_id: None,
        content: content.to_owned(),
        fingerprint: Fingerprint::of_bytes(content.as_bytes()),
        carried: Carried::Without("a test".to_owned()),
        broken: false,
    }
}

/// Three prompts: plain, in an envelope, in S3.
pub fn three(prefix: &str, version: &str) -> Vec<Wanted> {
    assert!(!archive::is_companion(prefix));
    vec![
        wanted(prefix, "a", &format!("Be kind {version}")),
        wanted(prefix, "b", &format!("Hi {{{{ name }}}} {version}")),
        wanted(prefix, "c", &format!("{version} {}", "long ".repeat(1700))),
    ]
}
