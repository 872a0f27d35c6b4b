//! A pull request that names another server: it would get the key, and could answer as its author likes.

use std::sync::{Arc, Mutex};

use prompt_assay_standin::{ChatCall, ChatReply, ChatStandin};
use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::repository::{Origin, edited, shop};
use prompt_assay_test_support::step::{Left, Step};

const KEY: &str = "sk-shop-0123456789abcdef0123456789abcdef";

/// A server, and the keys that it was given, one for each request.
struct Server {
    standin: ChatStandin,
    keys: Arc<Mutex<Vec<Option<String>>>>,
}

impl Server {
    fn start() -> Self {
        let keys = Arc::<Mutex<Vec<Option<String>>>>::default();
        let noted = Arc::clone(&keys);
        let answer = move |call: &ChatCall| {
            noted.lock().unwrap().push(call.authorization.clone());
            ChatReply::text("yes")
        };
        Self { standin: ChatStandin::start(&["small"], answer).unwrap(), keys }
    }

    fn provider(&self, variable: &str) -> String {
        format!(
            "provider: {{openai: {{base_url: \"{}\", key_variable: {variable}}}}}",
            self.standin.base_url()
        )
    }

    /// How many requests of any kind reached it.
    fn requests(&self) -> u64 {
        self.standin.counters().total
    }
}

/// A pull request that edits the prompt, between these two providers.
fn run(base: &str, head: &str, inputs: &[(&str, &str)]) -> Left {
    let config = |provider: &str| format!("{provider}\nmodels: {{branch: small}}\n");
    let mut files = shop();
    for (_, text) in files.iter_mut().filter(|(path, _)| path == "prompt-assay.yaml") {
        *text = config(base);
    }
    let (prompt, head) = (edited("Second version."), config(head));
    let origin = Origin::between(&files, &[("prompts.yaml", &prompt), ("prompt-assay.yaml", &head)]);
    let github = GitHub::start(Some(origin.path()));
    let step =
        Step::pull_request(&origin, &github).set("SHOP_KEY", KEY).set("AWS_EC2_METADATA_DISABLED", "true");
    inputs.iter().fold(step, |step, (name, value)| step.input(name, value)).run()
}

#[test]
fn no_server_that_only_the_change_names_gets_a_request_or_a_key() {
    let (ours, mallorys) = (Server::start(), Server::start());
    let honest = ours.provider("SHOP_KEY");
    let control = run(&honest, &honest, &[]);
    assert_eq!(control.status, 0, "control: {}", control.log);
    let bearer = format!("Bearer {KEY}");
    let keys = ours.keys.lock().unwrap().clone();
    assert!(keys.len() > 30 && keys.iter().all(|key| key.as_deref() == Some(&bearer)), "control");

    for (attempt, base, head) in [
        ("another server", honest.clone(), mallorys.provider("SHOP_KEY")),
        ("another server without a key", honest.clone(), mallorys.provider("none")),
        ("another variable", honest.clone(), mallorys.provider("INPUT_GITHUB_TOKEN")),
        ("the first server of all", "provider: bedrock".to_owned(), mallorys.provider("SHOP_KEY")),
        ("instead of rules", "provider: {scripted: rules.yaml}".to_owned(), mallorys.provider("SHOP_KEY")),
    ] {
        for inputs in [&[][..], &[("golden-changes", "allow"), ("fail-on", "never"), ("on-fork", "skip")]] {
            let left = run(&base, &head, inputs);
            assert_eq!(mallorys.requests(), 0, "{attempt}: {}", left.log);
            assert!(left.log.contains("`provider` comes from the base"), "{attempt}: {}", left.log);
            // Without an account there is no report.
            let has_report = attempt != "the first server of all";
            assert_eq!(
                left.summary.contains("<code>provider</code>: "),
                has_report,
                "{attempt}: {}",
                left.summary
            );
            let is_adoption = attempt == "instead of rules";
            assert_eq!(left.status == 0, is_adoption, "{attempt}: {}: {}", left.status, left.log);
            assert!(!format!("{}{}", left.log, left.summary).contains(KEY), "{attempt}");
        }
    }
}

/// A variable of another secret, for the server that is trusted.
#[test]
fn no_other_variable_is_sent_to_the_server_of_the_base() {
    let ours = Server::start();
    let left = run(&ours.provider("SHOP_KEY"), &ours.provider("GITHUB_REPOSITORY"), &[]);
    assert_eq!(left.status, 1, "a protected bar moved: {}", left.log);
    let keys = ours.keys.lock().unwrap().clone();
    assert!(!keys.is_empty() && keys.iter().all(|key| key.as_deref() == Some(&format!("Bearer {KEY}"))));
}

/// A stranger's branch on one's own machine, with a key in the environment.
#[test]
fn no_key_goes_to_a_server_that_only_a_checked_out_branch_names() {
    let (ours, mallorys) = (Server::start(), Server::start());
    let files = shop();
    let config = |server: &Server| format!("{}\nmodels: {{branch: small}}\n", server.provider("SHOP_KEY"));
    let mut files: Vec<(&str, String)> =
        files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    for (_, text) in files.iter_mut().filter(|(path, _)| *path == "prompt-assay.yaml") {
        *text = config(&ours);
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let project = Project::new(&files);
    let run = |arguments: &[&str], agreed: Option<String>| {
        let mut command = project.command(&[&["eval"], arguments].concat());
        let agreed = agreed.map(|url| ("PROMPT_ASSAY_SERVER", url));
        project.ran(command.env("SHOP_KEY", KEY).envs(agreed))
    };
    project.git(&["checkout", "--quiet", "-b", "edit"]);
    project.write("prompts.yaml", edited("Second version."));
    project.commit("An edit");
    let control = run(&[], None);
    assert_eq!(control.status, 0, "control: {}", control.stderr);
    assert!(ours.requests() > 30, "control");

    project.write("prompt-assay.yaml", config(&mallorys));
    project.commit("Another server");
    for arguments in [&[][..], &["--base", "HEAD~1"], &["--base", "none"], &["--head", "HEAD"]] {
        let ran = run(arguments, None);
        assert_eq!((ran.status, mallorys.requests()), (2, 0), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("nothing was sent"), "{arguments:?}: {}", ran.stderr);
    }
    let elsewhere = run(&[], Some(ours.standin.base_url()));
    assert_eq!((elsewhere.status, mallorys.requests()), (2, 0), "another server: {}", elsewhere.stderr);
    let agreed = run(&[], Some(mallorys.standin.base_url()));
    assert_eq!(agreed.status, 0, "control: whoever agrees: {}", agreed.stderr);
    // What a person writes and does not commit is the person's own.
    let own = Server::start();
    project.write("prompt-assay.yaml", config(&own));
    let ran = run(&[], None);
    assert_eq!(ran.status, 0, "control: one's own edit: {}", ran.stderr);
    assert!(own.requests() > 0, "control");
}
