//! Every request the action makes is accepted by GitHub's own OpenAPI description.
//!
//! The first run in a target directory installs the description and Prism, pinned, there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use prompt_assay_test_support::github::{BOT, GitHub, REPOSITORY, Seen};
use prompt_assay_test_support::repository::{Origin, edited, shop};
use prompt_assay_test_support::step::{Step, queued};
use serde_json::{Map, Value, json};

const PACKAGES: [&str; 2] = ["@octokit/openapi@23.0.2", "@stoplight/prism-cli@5.14.2"];

const PATHS: [&str; 12] = [
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    "/repos/{owner}/{repo}/collaborators/{username}/permission",
    "/repos/{owner}/{repo}/git/trees/{tree_sha}",
    "/repos/{owner}/{repo}/git/blobs/{file_sha}",
    "/repos/{owner}/{repo}/compare/{basehead}",
    "/repos/{owner}/{repo}/commits/{ref}",
    "/repos/{owner}/{repo}/commits",
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls",
    "/repos/{owner}/{repo}/contents/{path}",
    "/repos/{owner}/{repo}/issues/{issue_number}/events",
    "/repos/{owner}/{repo}/pulls/{pull_number}",
];

/// The folder with both packages and the part of the description that matters.
fn installed() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("github-openapi");
    let ready = root.join("installed.txt");
    if !fs::read_to_string(&ready).is_ok_and(|installed| installed == PACKAGES.join("\n")) {
        fs::create_dir_all(&root).expect("a writable target directory");
        let output = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .args(PACKAGES)
            .current_dir(&root)
            .output()
            .expect("npm is installed (Node.js 20 or newer)");
        assert!(
            output.status.success(),
            "cannot install {PACKAGES:?} (reach an npm registry)\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        fs::write(&ready, PACKAGES.join("\n")).expect("a writable target directory");
    }
    let whole = root.join("node_modules/@octokit/openapi/generated/api.github.com.json");
    let whole: Value = serde_json::from_slice(&fs::read(whole).expect("the description")).expect("JSON");
    fs::write(root.join("trimmed.json"), trimmed(&whole).to_string()).expect("a writable target directory");
    root
}

/// The description with our paths and what they refer to: the whole takes a minute to load.
fn trimmed(whole: &Value) -> Value {
    let mut paths: Map<String, Value> =
        PATHS.iter().map(|path| ((*path).to_owned(), whole["paths"][*path].clone())).collect();
    for (path, description) in &paths {
        assert!(description.is_object(), "the description has no {path}");
    }
    // Prism cannot write this kind of JSON, and we do not ask for it.
    let content = &mut paths["/repos/{owner}/{repo}/contents/{path}"]["get"]["responses"]["200"]["content"];
    content.as_object_mut().expect("kinds of content").remove("application/vnd.github.object");
    let mut kept: BTreeMap<String, Value> = BTreeMap::new();
    let mut waiting = references(&Value::Object(paths.clone()));
    while let Some(reference) = waiting.pop_first() {
        if kept.contains_key(&reference) {
            continue;
        }
        let value = whole.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference}")).clone();
        waiting.extend(references(&value));
        kept.insert(reference, value);
    }
    let mut components = json!({});
    for (reference, value) in kept {
        let parts: Vec<&str> = reference.trim_start_matches("#/components/").split('/').collect();
        components[parts[0]][parts[1]] = value;
    }
    json!({"openapi": whole["openapi"], "info": whole["info"], "paths": paths, "components": components})
}

fn references(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(reference) if name == "$ref" => BTreeSet::from([reference.clone()]),
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => BTreeSet::new(),
    }
}

/// Prism on a free port; ends with its owner.
struct Prism {
    child: Child,
    port: u16,
}

impl Prism {
    fn start() -> Self {
        let root = installed();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut child = Command::new("node")
            .args([
                "node_modules/.bin/prism",
                "mock",
                "-h",
                "127.0.0.1",
                "-p",
                &port.to_string(),
                "trimmed.json",
            ])
            .current_dir(&root)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is installed");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_ready = lines.any(|line| line.is_ok_and(|line| line.contains("Prism is listening")));
        assert!(is_ready, "Prism ended before it listened");
        // If the output is not read, Prism stops.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }

    /// The status and body of an answer to the same request.
    fn answer(&self, seen: &Seen) -> (u16, String) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        let accept = seen.accept.as_ref().map_or(String::new(), |accept| format!("accept: {accept}\r\n"));
        let content = match seen.body.is_empty() {
            true => String::new(),
            false => format!("content-type: application/json\r\ncontent-length: {}\r\n", seen.body.len()),
        };
        write!(
            stream,
            "{} {} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer x\r\nconnection: close\r\n{accept}{content}\r\n{}",
            seen.method, seen.target, seen.body
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, text)
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs that together make every kind of request.
fn every_request() -> Vec<Seen> {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    Step::pull_request(&origin, &github).run();
    let copy = github.comment();
    github.state().add(BOT, &copy);
    Step::pull_request(&origin, &github).checkout(&origin.head).run();
    let dispatch = ("workflow_dispatch", json!({"repository": {"default_branch": "main"}}));
    Step::new(&origin, &github, dispatch, &origin.merge).input("base", "main").run();
    let queue = ("merge_group", queued(&origin.merge, &origin.base));
    let step = Step::new(&origin, &github, queue, &origin.merge);
    step.run();
    step.run();
    let mut seen = github.state().requests.clone();
    seen.extend(overriding());
    seen
}

/// Asks who put a label on, who accepted a break, who may write, and which pull request brought a
/// commit.
fn overriding() -> Vec<Seen> {
    let config = shop().into_iter().find(|(path, _)| path == "prompt-assay.yaml").unwrap().1;
    let accepted = "accepted_breaks: [{prompt: reply, case: case-01, reason: \"the new policy\"}]\n";
    let origin = Origin::of(&[
        ("prompts.yaml", &edited("A broken version.")),
        ("prompt-assay.yaml", &format!("{config}{accepted}")),
    ]);
    let github = GitHub::start(Some(origin.path()));
    Step::pull_request(&origin, &github).input("break-glass-label", "break-glass").run();
    Step::pull_request(&origin, &github)
        .event("/pull_request/head/repo", json!({"full_name": "mallory/prompts"}))
        .event("/pull_request/user", json!({"login": "mallory"}))
        .run();
    let payload =
        json!({"before": origin.base, "after": origin.merge, "repository": {"default_branch": "main"}});
    let push = Step::new(&origin, &github, ("push", payload), &origin.merge).set("GITHUB_REF_NAME", "main");
    push.run();
    // The second run knows of the first, and looks for what came before it.
    push.run();
    github.state().requests.clone()
}

#[test]
fn github_s_own_description_accepts_every_request() {
    let seen = every_request();
    let kinds: BTreeSet<String> = seen.iter().map(kind).collect();
    insta::assert_snapshot!(kinds.into_iter().collect::<Vec<_>>().join("\n"), @r#"
    DELETE /repos/shop/prompts/issues/comments/…
    GET /repos/shop/prompts/collaborators/mallory/permission
    GET /repos/shop/prompts/commits sha,path,per_page
    GET /repos/shop/prompts/commits sha,per_page
    GET /repos/shop/prompts/commits/main
    GET /repos/shop/prompts/commits/…/pulls per_page
    GET /repos/shop/prompts/compare/… per_page
    GET /repos/shop/prompts/contents/prompt-assay.yaml ref
    GET /repos/shop/prompts/git/blobs/…
    GET /repos/shop/prompts/git/trees/… recursive
    GET /repos/shop/prompts/issues/…/comments per_page,page
    GET /repos/shop/prompts/issues/…/events per_page,page
    GET /repos/shop/prompts/pulls/…
    PATCH /repos/shop/prompts/issues/comments/…
    POST /repos/shop/prompts/issues/…/comments
    "#);
    let prism = Prism::start();
    let mut told: BTreeSet<String> = BTreeSet::new();
    for request in seen.iter().filter(|request| told.insert(kind(request))) {
        let (status, text) = prism.answer(request);
        assert!((200..300).contains(&status), "{} {}\n{text}", request.method, request.target);
    }
    // A description that accepts everything would prove nothing.
    let wrong = Seen {
        method: "POST".to_owned(),
        target: format!("/repos/{REPOSITORY}/issues/1/comments"),
        accept: None,
        body: "{\"body\": 5}".to_owned(),
    };
    assert_eq!(prism.answer(&wrong).0, 422);
}

/// Method and path without ids.
fn kind(seen: &Seen) -> String {
    let (path, query) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
    let is_id = |part: &str| part.len() >= 40 || part.parse::<u64>().is_ok();
    let parts: Vec<&str> = path.split('/').map(|part| if is_id(part) { "…" } else { part }).collect();
    let names: Vec<&str> = query.split('&').filter_map(|pair| Some(pair.split_once('=')?.0)).collect();
    format!("{} {} {}", seen.method, parts.join("/"), names.join(",")).trim_end().to_owned()
}
