//! The files of a commit that no clone has: one listing, then only the blobs that are requested and
//! not known locally.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use serde::Deserialize;
use tokio::runtime::Handle;

use super::commits::PERMISSION;
use super::exchange::{Ask, Verb};
use super::{GitHub, GitHubError};
use crate::tree::{EntryKind, MAX_FILE_BYTES, Tree, TreeError, directory, names_below, resolve};

/// Looks for a blob's bytes by its id in the clone, where no request is needed.
pub type Local = Box<dyn Fn(&str) -> Option<Vec<u8>>>;

/// The maximum total of downloaded blobs of a commit, because they are kept in memory.
const MOST_DOWNLOADED: u64 = 64 << 20;

/// How many links a path may pass through.
const MAX_LINKS: usize = 8;

/// The files of a commit, through the API. Reads block: not for use inside a runtime's tasks.
pub struct ApiTree {
    github: GitHub,
    runtime: Handle,
    commit: String,
    local: Local,
    listing: RefCell<Listing>,
    blobs: RefCell<BTreeMap<String, Vec<u8>>>,
    /// Bytes that may still be downloaded.
    room: Cell<u64>,
    failure: RefCell<Option<GitHubError>>,
}

/// What is known of the tree's entries, by path.
#[derive(Default)]
struct Listing {
    entries: BTreeMap<String, Entry>,
    /// Directories listed so far; `None`: all are.
    listed: Option<BTreeSet<String>>,
}

#[derive(Clone, Deserialize)]
struct Entry {
    path: String,
    mode: String,
    sha: String,
    #[serde(default)]
    size: Option<u64>,
}

impl Entry {
    fn is_directory(&self) -> bool {
        self.mode == "040000"
    }

    fn is_link(&self) -> bool {
        self.mode == "120000"
    }

    fn is_submodule(&self) -> bool {
        self.mode == "160000"
    }

    fn kind(&self) -> EntryKind {
        match self.mode.as_str() {
            "040000" => EntryKind::Directory,
            "120000" => EntryKind::Link,
            "160000" => EntryKind::Submodule,
            _ => EntryKind::File,
        }
    }
}

#[derive(Deserialize)]
struct Listed {
    tree: Vec<Entry>,
    truncated: bool,
}

#[derive(Deserialize)]
struct Blob {
    content: String,
    encoding: String,
}

impl ApiTree {
    /// Lists a commit's tree. `runtime` makes the requests; must be called outside of it.
    ///
    /// # Errors
    /// When the commit is gone or may not be read.
    pub fn open(github: &GitHub, runtime: &Handle, commit: &str, local: Local) -> Result<Self, GitHubError> {
        let tree = Self {
            github: github.clone(),
            runtime: runtime.clone(),
            commit: commit.to_owned(),
            local,
            listing: RefCell::default(),
            blobs: RefCell::default(),
            room: Cell::new(MOST_DOWNLOADED),
            failure: RefCell::default(),
        };
        let whole = tree.fetch(commit, true)?;
        let mut listing = Listing::default();
        if whole.truncated {
            // More than 100,000 entries: directories are listed one by one, when they are needed.
            listing.listed = Some(BTreeSet::from([String::new()]));
            listing.add("", tree.fetch(commit, false)?.tree);
        } else {
            listing.add("", whole.tree);
        }
        tree.listing.replace(listing);
        Ok(tree)
    }

    /// The full commit id.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The first object that could not be read because of GitHub, not because of the files. If
    /// there is one, the data is not a basis for a verdict.
    pub fn failure(&self) -> Option<GitHubError> {
        self.failure.borrow().clone()
    }

    fn fetch(&self, id: &str, recursive: bool) -> Result<Listed, GitHubError> {
        let what = format!("read the tree of {}", self.name());
        self.github.take_request(&what)?;
        let query = if recursive { "?recursive=1" } else { "" };
        let route = self.github.route(&format!("git/trees/{id}{query}"));
        let ask = Ask { what: &what, permission: PERMISSION };
        self.runtime.block_on(self.github.persist(Verb::Get, &route, &ask))?.parsed(&what)
    }

    fn noted<T>(&self, path: &str, outcome: Result<T, GitHubError>) -> Result<T, TreeError> {
        outcome.map_err(|error| {
            let reason = error.to_string();
            self.failure.borrow_mut().get_or_insert(error);
            TreeError::Unreadable { path: path.to_owned(), reason }
        })
    }

    /// The entry exactly at a path, its directories listed on the way.
    fn at(&self, path: &str) -> Result<Option<Entry>, TreeError> {
        for (end, _) in path.match_indices('/') {
            let Some(entry) = self.listing.borrow().entries.get(&path[..end]).cloned() else {
                return Ok(None);
            };
            if entry.is_directory() {
                self.list_one(&path[..end], &entry.sha)?;
            }
        }
        Ok(self.listing.borrow().entries.get(path).cloned())
    }

    fn list_one(&self, path: &str, id: &str) -> Result<(), TreeError> {
        let is_listed = self.listing.borrow().listed.as_ref().is_none_or(|listed| listed.contains(path));
        if !is_listed {
            let found = self.noted(path, self.fetch(id, false))?;
            let mut listing = self.listing.borrow_mut();
            listing.add(path, found.tree);
            if let Some(listed) = &mut listing.listed {
                listed.insert(path.to_owned());
            }
        }
        Ok(())
    }

    /// Lists a directory and all below it.
    fn list_all(&self, start: &str) -> Result<(), TreeError> {
        let mut waiting = vec![start.to_owned()];
        while self.listing.borrow().listed.is_some() {
            let Some(folder) = waiting.pop() else { break };
            if let Some(entry) = self.at(&folder)? {
                self.list_one(&folder, &entry.sha)?;
            }
            let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            let listing = self.listing.borrow();
            let below = listing
                .entries
                .range(prefix.clone()..)
                .map_while(|(path, entry)| Some((path.strip_prefix(&prefix)?, path, entry)));
            let folders = below.filter(|(rest, _, entry)| entry.is_directory() && !rest.contains('/'));
            waiting.extend(folders.map(|(_, path, _)| path.clone()));
        }
        Ok(())
    }

    /// The entry at a path, links followed. Unusual names such as `a:b` are allowed: a clone reads
    /// them, too.
    fn entry(&self, path: &str) -> Result<Option<(String, Entry)>, TreeError> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            match self.first_link(&path)? {
                Some(target) => path = target,
                None => return Ok(self.at(&path)?.map(|entry| (path, entry))),
            }
        }
        Err(TreeError::Unreadable { path, reason: "too many links".to_owned() })
    }

    /// Where a path leads when one of its parts is a link.
    fn first_link(&self, path: &str) -> Result<Option<String>, TreeError> {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for end in ends {
            let part = &path[..end];
            let Some(entry) = self.at(part)? else { return Ok(None) };
            if entry.is_submodule() && end < path.len() {
                return Err(TreeError::InSubmodule(path.to_owned()));
            }
            if entry.is_link() {
                let written = String::from_utf8_lossy(&self.bytes(part, &entry)?).into_owned();
                let target = resolve(directory(part), &written)
                    .map_err(|_| TreeError::Outside(format!("{path} (a link to {written})")))?;
                let rest = path[end..].trim_start_matches('/');
                return Ok(Some(if rest.is_empty() { target } else { format!("{target}/{rest}") }));
            }
        }
        Ok(None)
    }

    fn file(&self, path: &str) -> Result<Option<Entry>, TreeError> {
        match self.entry(path)? {
            Some((_, entry)) if entry.is_directory() || entry.is_submodule() => {
                Err(TreeError::NotAFile(path.to_owned()))
            }
            found => Ok(found.map(|(_, entry)| entry)),
        }
    }

    fn bytes(&self, path: &str, entry: &Entry) -> Result<Vec<u8>, TreeError> {
        if let Some(known) = self.blobs.borrow().get(&entry.sha) {
            return Ok(known.clone());
        }
        let bytes = match (self.local)(&entry.sha) {
            Some(bytes) => bytes,
            None => {
                self.noted(path, self.take_room(path, entry.size.unwrap_or(MAX_FILE_BYTES)))?;
                self.noted(path, self.download(path, &entry.sha))?
            }
        };
        self.blobs.borrow_mut().insert(entry.sha.clone(), bytes.clone());
        Ok(bytes)
    }

    fn take_room(&self, path: &str, bytes: u64) -> Result<(), GitHubError> {
        let left = self.room.get().checked_sub(bytes);
        self.room.set(left.unwrap_or(0));
        let limit = || format!("more than {} MiB of files would be downloaded", MOST_DOWNLOADED >> 20);
        left.map(|_| ())
            .ok_or_else(|| GitHubError::too_much(&format!("read `{path}` of {}", self.name()), limit()))
    }

    fn download(&self, path: &str, id: &str) -> Result<Vec<u8>, GitHubError> {
        let what = format!("read `{path}` of {}", self.name());
        self.github.take_request(&what)?;
        let route = self.github.route(&format!("git/blobs/{id}"));
        let ask = Ask { what: &what, permission: PERMISSION };
        let blob: Blob =
            self.runtime.block_on(self.github.persist(Verb::Get, &route, &ask))?.parsed(&what)?;
        let unreadable = |reason: String| GitHubError::Unavailable { what: what.clone(), reason };
        match blob.encoding.as_str() {
            "base64" => {
                let digits: String = blob.content.split_ascii_whitespace().collect();
                base64::engine::general_purpose::STANDARD
                    .decode(digits)
                    .map_err(|error| unreadable(error.to_string()))
            }
            "utf-8" => Ok(blob.content.into_bytes()),
            other => Err(unreadable(format!("unknown encoding `{other}`"))),
        }
    }
}

impl Listing {
    fn add(&mut self, directory: &str, entries: Vec<Entry>) {
        for entry in entries {
            let path = match directory {
                "" => entry.path.clone(),
                _ => format!("{directory}/{}", entry.path),
            };
            self.entries.insert(path, entry);
        }
    }
}

impl Tree for ApiTree {
    fn name(&self) -> String {
        self.commit.chars().take(7).collect()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TreeError> {
        let Some(entry) = self.file(path)? else { return Ok(None) };
        match entry.size {
            Some(bytes) if bytes > MAX_FILE_BYTES => {
                Err(TreeError::TooLarge { path: path.to_owned(), bytes })
            }
            _ => self.bytes(path, &entry).map(Some),
        }
    }

    fn blob(&self, path: &str) -> Result<Option<String>, TreeError> {
        Ok(self.file(path)?.map(|entry| entry.sha))
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, TreeError> {
        let start = match directory {
            "" => String::new(),
            _ => match self.entry(directory)? {
                Some((path, entry)) if entry.is_directory() => path,
                Some((_, entry)) if entry.is_submodule() => {
                    return Err(TreeError::InSubmodule(directory.to_owned()));
                }
                _ => return Ok(Vec::new()),
            },
        };
        self.list_all(&start)?;
        let prefix = if start.is_empty() { String::new() } else { format!("{start}/") };
        let listing = self.listing.borrow();
        let below = listing.entries.range(prefix.clone()..).map_while(|(path, entry)| {
            let rest = path.strip_prefix(&prefix)?;
            let named = if directory.is_empty() { rest.to_owned() } else { format!("{directory}/{rest}") };
            Some((named, entry))
        });
        let mut files: Vec<String> = below
            .filter(|(_, entry)| !entry.is_directory() && !entry.is_submodule())
            .map(|(path, _)| path)
            .collect();
        files.sort();
        Ok(files)
    }

    fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        if !directory.is_empty() {
            match self.at(directory)? {
                Some(entry) if entry.is_directory() => self.list_one(directory, &entry.sha)?,
                _ => return Ok(Vec::new()),
            }
        }
        let listing = self.listing.borrow();
        Ok(names_below(directory, listing.entries.iter().map(|(path, entry)| (path.as_str(), entry.kind()))))
    }
}
