//! AWS in memory, with the rules that SSM, S3 and AppConfig really have (emulators leave many of them
//! out), calls that are numbered, and faults or other people's work at any call.

#![allow(dead_code)] // each test binary uses a part

mod configurations;
mod objects;
mod parameters;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prompt_assay::release::outside::{Failure, FailureClass};

pub use configurations::Environment;
pub use parameters::Stored;

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It fails before anything happened.
    Before,
    /// The effect happens, the answer is lost.
    After,
    /// Too many requests.
    Throttle,
    /// No answer within the time limit, and nothing happened.
    TimeOut,
    /// The identity may not do this.
    Deny,
}

impl Fault {
    /// Every fault that a release must survive.
    pub const PASSING: [Fault; 4] = [Fault::Before, Fault::After, Fault::Throttle, Fault::TimeOut];
}

/// A call as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The IAM action.
    pub action: &'static str,
    /// What it was done to.
    pub resource: String,
}

/// Something that happens just before a call: another release, a person at the console.
type Meanwhile = Box<dyn FnOnce(&Aws) + Send>;

/// The whole of it; clones are the same.
#[derive(Clone, Default)]
pub struct Aws {
    world: Arc<Mutex<World>>,
    script: Arc<Mutex<Script>>,
}

/// What there is.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct World {
    /// Parameters by name.
    pub parameters: BTreeMap<String, Stored>,
    /// Objects of the one bucket by key, each with its versions, oldest first.
    pub objects: BTreeMap<String, Vec<Vec<u8>>>,
    /// AppConfig's environments by application and environment.
    pub environments: BTreeMap<(String, String), Environment>,
    /// Seconds since 1970; every write is a second later than the one before.
    pub clock: i64,
}

#[derive(Default)]
struct Script {
    calls: Vec<Called>,
    faults: BTreeMap<usize, Fault>,
    always: Option<(&'static str, Fault)>,
    meanwhile: BTreeMap<usize, Meanwhile>,
}

impl Aws {
    /// Nothing in it; writes are dated from this second on.
    pub fn starting_at(second: i64) -> Self {
        let aws = Self::default();
        aws.world().clock = second;
        aws
    }

    /// What there is, to look at or to tamper with.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<Called> {
        self.script().calls.clone()
    }

    /// How many calls of an action there were.
    pub fn count(&self, action: &str) -> usize {
        self.script().calls.iter().filter(|call| call.action == action).count()
    }

    /// Forgets calls and faults, and counts calls from 0 again.
    pub fn forget_calls(&self) {
        *self.script() = Script::default();
    }

    /// The call with this number, from 0, fails so.
    pub fn fail(&self, call: usize, fault: Fault) {
        self.script().faults.insert(call, fault);
    }

    /// Every call of this action fails so.
    pub fn fail_always(&self, action: &'static str, fault: Fault) {
        self.script().always = Some((action, fault));
    }

    /// This happens before the call with this number, from 0.
    pub fn meanwhile(&self, call: usize, happens: impl FnOnce(&Aws) + Send + 'static) {
        self.script().meanwhile.insert(call, Box::new(happens));
    }

    /// One call: numbered, disturbed as scripted, else done.
    fn call<T>(
        &self,
        action: &'static str,
        resource: &str,
        effect: impl FnOnce(&mut World) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let (fault, meanwhile) = {
            let mut script = self.script();
            let number = script.calls.len();
            script.calls.push(Called { action, resource: resource.to_owned() });
            let always = script.always.filter(|(failing, _)| *failing == action).map(|(_, fault)| fault);
            (script.faults.remove(&number).or(always), script.meanwhile.remove(&number))
        };
        if let Some(happens) = meanwhile {
            // Its calls are not numbered: what is disturbed keeps its numbers.
            let apart = Aws { world: Arc::clone(&self.world), script: Arc::default() };
            happens(&apart);
        }
        let failure = |class, code: Option<&str>, message: &str| {
            Err(Failure {
                class,
                action,
                resource: resource.to_owned(),
                code: code.map(str::to_owned),
                message: message.to_owned(),
                cure: None,
            })
        };
        match fault {
            None => effect(&mut self.world()),
            Some(Fault::After) => match effect(&mut self.world()) {
                Ok(_) => failure(FailureClass::Unclear, None, "the answer broke off"),
                refused => refused,
            },
            Some(Fault::Before) => {
                failure(FailureClass::Unclear, Some("InternalServerError"), "an internal error")
            }
            Some(Fault::TimeOut) => failure(FailureClass::Unclear, None, "no answer within 10s"),
            Some(Fault::Throttle) => {
                failure(FailureClass::Throttled, Some("ThrottlingException"), "Rate exceeded")
            }
            Some(Fault::Deny) => {
                failure(FailureClass::Denied, Some("AccessDeniedException"), "not authorized")
            }
        }
    }
}

impl World {
    fn tick(&mut self) -> i64 {
        self.clock += 1;
        self.clock
    }
}

/// A refusal of the service.
fn refused<T>(
    class: FailureClass,
    action: &'static str,
    resource: &str,
    code: &str,
    message: &str,
) -> Result<T, Failure> {
    Err(Failure {
        class,
        action,
        resource: resource.to_owned(),
        code: Some(code.to_owned()),
        message: message.to_owned(),
        cure: None,
    })
}
