//! Prompt Management of Bedrock (`bedrock-agent`): prompts with a draft, whose versions never change, by the rules of the
//! service: names are unique, a prompt has so many versions and no more, a page is short.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::Method;
use serde_json::{Value, json};

use crate::fault::{ErrorReply, Fault};
use crate::request::percent_decoded;

/// The account and region of all ARNs.
const PLACE: &str = "us-east-1:123456789012";
const DATE: &str = "2026-11-27T12:00:00Z";
/// Entries of a page, at most.
const PAGE: usize = 10;

/// The prompts of a stand-in's account.
#[derive(Clone)]
pub struct Library(Arc<Mutex<Shelves>>);

struct Shelves {
    /// In order of creation.
    prompts: Vec<Prompt>,
    created: usize,
    most_versions: usize,
    faults: BTreeMap<String, VecDeque<Strike>>,
    calls: Vec<String>,
}

struct Prompt {
    id: String,
    draft: Value,
    versions: BTreeMap<u32, Value>,
    newest: u32,
}

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub enum Strike {
    /// Nothing happens, and the answer is this error.
    Instead(Fault),
    /// It happens, and the answer is lost.
    AfterIt,
}

/// An answer: its status and its body, an error, or none at all.
pub(crate) enum Answered {
    Body(u16, Value),
    Error(ErrorReply),
    Lost,
}

impl Library {
    pub(crate) fn new(most_versions: usize) -> Self {
        let (prompts, faults, calls) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self(Arc::new(Mutex::new(Shelves { prompts, created: 0, most_versions, faults, calls })))
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next call of an operation goes wrong; several in their order.
    pub fn strike(&self, operation: &str, strike: Strike) {
        self.shelves().faults.entry(operation.to_owned()).or_default().push_back(strike);
    }

    /// The operations that were called so far, in their order.
    pub fn calls(&self) -> Vec<String> {
        self.shelves().calls.clone()
    }

    /// The numbers of a prompt's versions.
    pub fn versions(&self, name: &str) -> Vec<u32> {
        let shelves = self.shelves();
        let found = shelves.prompts.iter().find(|prompt| prompt.draft["name"] == name);
        found.map(|prompt| prompt.versions.keys().copied().collect()).unwrap_or_default()
    }

    /// Somebody edits the draft of a prompt in the console; makes it, if there is none.
    pub fn edit(&self, name: &str, edit: impl FnOnce(&mut Value)) {
        let mut shelves = self.shelves();
        if shelves.prompts.iter().all(|prompt| prompt.draft["name"] != name) {
            shelves.add(json!({"name": name, "variants": []}));
        }
        let found = shelves.prompts.iter_mut().find(|prompt| prompt.draft["name"] == name);
        edit(&mut found.expect("it is there").draft);
    }

    /// Somebody deletes a version of a prompt.
    pub fn delete(&self, name: &str, version: u32) {
        let mut shelves = self.shelves();
        let found = shelves.prompts.iter_mut().find(|prompt| prompt.draft["name"] == name);
        found.and_then(|prompt| prompt.versions.remove(&version)).expect("there is such a version");
    }

    /// What a call of `Converse` by a version's ARN means: the model of the version and the call with the version's texts,
    /// variables filled in, before the messages of the call.
    pub(crate) fn rendered(&self, arn: &str, body: &[u8]) -> Result<(String, Vec<u8>), ErrorReply> {
        let mut body: Value = serde_json::from_slice(body).unwrap_or_default();
        for key in ["additionalModelRequestFields", "inferenceConfig", "system", "toolConfig"] {
            if !body[key].is_null() {
                let message = format!("The {key} field is not allowed with a prompt from Prompt management.");
                return Err(ErrorReply::validation(message));
            }
        }
        let told = {
            let mut shelves = self.shelves();
            let resource = arn.rsplit('/').next().unwrap_or_default();
            let (id, version) =
                resource.split_once(':').map_or((resource, None), |(id, version)| (id, Some(version)));
            let prompt = shelves.prompt(id)?;
            let version = match version.map(str::parse) {
                None => None,
                Some(Ok(version)) if prompt.versions.contains_key(&version) => Some(version),
                Some(_) => return Err(missing("prompt version")),
            };
            prompt.told(version)
        };
        let variant = &told["variants"][0];
        let chat = &variant["templateConfiguration"]["chat"];
        let given = body["promptVariables"].take();
        let mut texts = json!({"system": chat["system"], "messages": chat["messages"]});
        for variable in chat["inputVariables"].as_array().into_iter().flatten() {
            let name = variable["name"].as_str().unwrap_or_default();
            let Some(value) = given[name]["text"].as_str() else {
                return Err(ErrorReply::validation(format!("Missing value for the prompt variable {name}.")));
            };
            fill_in(&mut texts, &format!("{{{{{name}}}}}"), value);
        }
        let more = body["messages"].as_array().cloned().unwrap_or_default();
        let mut messages = texts["messages"].as_array().cloned().unwrap_or_default();
        messages.extend(more);
        let mut call = body.as_object().cloned().unwrap_or_default();
        call.remove("promptVariables");
        call.insert("messages".to_owned(), messages.into());
        for (key, value) in [
            ("system", &texts["system"]),
            ("inferenceConfig", &variant["inferenceConfiguration"]["text"]),
            ("toolConfig", &chat["toolConfiguration"]),
            ("additionalModelRequestFields", &variant["additionalModelRequestFields"]),
        ] {
            if !value.is_null() {
                call.insert(key.to_owned(), value.clone());
            }
        }
        let model = variant["modelId"].as_str().unwrap_or_default().to_owned();
        Ok((model, Value::Object(call).to_string().into_bytes()))
    }

    /// Answers a request below `/prompts/`.
    pub(crate) fn answer(&self, method: &Method, path: &str, query: &str, body: &[u8]) -> Answered {
        let mut shelves = self.shelves();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let asked = Asked::of(query, body);
        let operation = match (method.as_str(), &parts[..]) {
            ("GET", ["prompts"]) => "ListPrompts",
            ("POST", ["prompts"]) => "CreatePrompt",
            ("GET", ["prompts", _]) => "GetPrompt",
            ("PUT", ["prompts", _]) => "UpdatePrompt",
            ("DELETE", ["prompts", _]) => "DeletePrompt",
            ("POST", ["prompts", _, "versions"]) => "CreatePromptVersion",
            _ => {
                let message = format!("no operation at {method} {path}");
                return Answered::Error(ErrorReply::new(404, "UnknownOperationException", message));
            }
        };
        shelves.calls.push(operation.to_owned());
        let strike = shelves.faults.get_mut(operation).and_then(VecDeque::pop_front);
        if let Some(Strike::Instead(fault)) = &strike {
            return fault.error("a prompt").map_or(Answered::Lost, Answered::Error);
        }
        let id = parts.get(1).and_then(|id| percent_decoded(id)).unwrap_or_default();
        let done = match operation {
            "ListPrompts" => shelves.list(&asked),
            "CreatePrompt" => shelves.create(&asked),
            "GetPrompt" => shelves.get(&id, &asked),
            "UpdatePrompt" => shelves.update(&id, &asked),
            "DeletePrompt" => shelves.remove(&id, &asked),
            _ => shelves.publish(&id, &asked),
        };
        match (strike, done) {
            (Some(Strike::AfterIt), _) => Answered::Lost,
            (_, Ok((status, body))) => Answered::Body(status, body),
            (_, Err(error)) => Answered::Error(error),
        }
    }
}

/// The query and the body of a request.
struct Asked {
    query: BTreeMap<String, String>,
    body: Value,
}

impl Asked {
    fn of(query: &str, body: &[u8]) -> Self {
        let pair = |pair: &str| {
            let (key, value) = pair.split_once('=')?;
            Some((key.to_owned(), percent_decoded(value)?))
        };
        let query = query.split('&').filter_map(pair).collect();
        Self { query, body: serde_json::from_slice(body).unwrap_or_default() }
    }
}

type Done = Result<(u16, Value), ErrorReply>;

fn missing(what: &str) -> ErrorReply {
    ErrorReply::new(404, "ResourceNotFoundException", format!("The specified {what} does not exist."))
}

impl Shelves {
    fn prompt(&mut self, id: &str) -> Result<&mut Prompt, ErrorReply> {
        self.prompts.iter_mut().find(|prompt| prompt.id == id).ok_or_else(|| missing("prompt"))
    }

    fn add(&mut self, draft: Value) -> &Prompt {
        self.created += 1;
        let id = format!("PROMPT{:04}", self.created);
        self.prompts.push(Prompt { id, draft, versions: BTreeMap::new(), newest: 0 });
        self.prompts.last().expect("just pushed")
    }

    fn list(&mut self, asked: &Asked) -> Done {
        let all: Vec<Value> = match asked.query.get("promptIdentifier") {
            None => self.prompts.iter().map(|prompt| summary(&prompt.told(None))).collect(),
            Some(id) => {
                let prompt = self.prompt(id)?;
                let versions = prompt.versions.keys().rev().map(|version| Some(*version));
                versions.chain([None]).map(|version| summary(&prompt.told(version))).collect()
            }
        };
        let from = asked.query.get("nextToken").and_then(|token| token.parse().ok()).unwrap_or(0);
        let page: Vec<&Value> = all.iter().skip(from).take(PAGE).collect();
        let mut body = json!({"promptSummaries": page});
        if from + PAGE < all.len() {
            body["nextToken"] = (from + PAGE).to_string().into();
        }
        Ok((200, body))
    }

    fn create(&mut self, asked: &Asked) -> Done {
        let name = valid(&asked.body)?;
        if self.prompts.iter().any(|prompt| prompt.draft["name"] == name) {
            let message =
                format!("Could not create Prompt because a Prompt with the name {name} already exists.");
            return Err(ErrorReply::new(409, "ConflictException", message));
        }
        let draft = asked.body.clone();
        Ok((201, self.add(draft).told(None)))
    }

    fn get(&mut self, id: &str, asked: &Asked) -> Done {
        let prompt = self.prompt(id)?;
        match asked.query.get("promptVersion").map(|version| version.parse::<u32>()) {
            None => Ok((200, prompt.told(None))),
            Some(Ok(version)) if prompt.versions.contains_key(&version) => {
                Ok((200, prompt.told(Some(version))))
            }
            Some(_) => Err(missing("prompt version")),
        }
    }

    fn update(&mut self, id: &str, asked: &Asked) -> Done {
        valid(&asked.body)?;
        let prompt = self.prompt(id)?;
        prompt.draft = asked.body.clone();
        Ok((200, prompt.told(None)))
    }

    fn publish(&mut self, id: &str, asked: &Asked) -> Done {
        let most = self.most_versions;
        let prompt = self.prompt(id)?;
        if prompt.versions.len() >= most {
            let message = format!("The number of versions of a prompt must be at most {most}.");
            return Err(ErrorReply::new(402, "ServiceQuotaExceededException", message));
        }
        prompt.newest += 1;
        let mut version = prompt.draft.clone();
        version["description"] = asked.body["description"].clone();
        prompt.versions.insert(prompt.newest, version);
        Ok((201, prompt.told(Some(prompt.newest))))
    }

    fn remove(&mut self, id: &str, asked: &Asked) -> Done {
        let prompt = self.prompt(id)?;
        let Some(version) = asked.query.get("promptVersion") else {
            self.prompts.retain(|prompt| prompt.id != id);
            return Ok((200, json!({"id": id})));
        };
        let removed = version.parse().ok().and_then(|version: u32| prompt.versions.remove(&version));
        removed.map(|_| (200, json!({"id": id, "version": version}))).ok_or_else(|| missing("prompt version"))
    }
}

impl Prompt {
    /// The draft, or a version that there is.
    fn told(&self, version: Option<u32>) -> Value {
        let kept = version.map_or(&self.draft, |version| &self.versions[&version]);
        let mut told = kept.as_object().cloned().unwrap_or_default();
        told.retain(|key, value| !value.is_null() && key != "clientToken");
        let arn = format!("arn:aws:bedrock:{PLACE}:prompt/{}", self.id);
        let (arn, version) = match version {
            None => (arn, "DRAFT".to_owned()),
            Some(version) => (format!("{arn}:{version}"), version.to_string()),
        };
        for (key, value) in [
            ("id", self.id.as_str()),
            ("arn", &arn),
            ("version", &version),
            ("createdAt", DATE),
            ("updatedAt", DATE),
        ] {
            told.insert(key.to_owned(), value.into());
        }
        Value::Object(told)
    }
}

/// Replaces a variable in every text.
fn fill_in(value: &mut Value, variable: &str, text: &str) {
    match value {
        Value::String(all) => *all = all.replace(variable, text),
        Value::Array(list) => list.iter_mut().for_each(|one| fill_in(one, variable, text)),
        Value::Object(members) => members.values_mut().for_each(|one| fill_in(one, variable, text)),
        _ => {}
    }
}

fn summary(told: &Value) -> Value {
    let mut told = told.clone();
    if let Some(members) = told.as_object_mut() {
        const LISTED: [&str; 7] = ["name", "description", "id", "arn", "version", "createdAt", "updatedAt"];
        members.retain(|key, _| LISTED.contains(&key.as_str()));
    }
    told
}

/// The name of a prompt that the service takes.
fn valid(body: &Value) -> Result<&str, ErrorReply> {
    let name = body["name"].as_str().unwrap_or_default();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric();
    let doubled = name.as_bytes().windows(2).any(|pair| !is_letter(pair[0]) && !is_letter(pair[1]));
    let allowed = name.bytes().all(|byte| is_letter(byte) || byte == b'-' || byte == b'_');
    if !allowed || doubled || !name.bytes().next().is_some_and(is_letter) {
        let message = "Value at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: \
                       ([0-9a-zA-Z][_-]?){1,100}";
        return Err(ErrorReply::validation(message));
    }
    if body["variants"].as_array().is_some_and(|variants| variants.len() > 1) {
        return Err(ErrorReply::validation("Value at 'variants' must have length less than or equal to 1"));
    }
    Ok(name)
}
