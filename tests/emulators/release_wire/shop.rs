//! A project whose prompts passed, and the program run in it against an address.

use std::process::{Child, Command, Stdio};

use prompt_assay_test_support::on_disk::{Project, Ran};

use crate::emulator::environment;

/// A project of plain prompts, answered by rules.
pub struct Shop(pub Project);

impl Shop {
    /// One that passed, released to these environments: name and everything it says.
    pub fn new(prompts: &[(&str, &str)], environments: &[(String, String)]) -> Self {
        let mut config = "models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}\n\
                          provider: {scripted: rules.yaml}\nrelease:\n  release_on_scripted: true\n  environments:\n"
            .to_owned();
        for (name, says) in environments {
            config.push_str(&format!("    {name}: {says}\n"));
        }
        let catalog: String = prompts.iter().map(|(name, text)| format!("{name}: \"{text}\"\n")).collect();
        let project = Project::nowhere();
        project.git(&["init", "--quiet", "--initial-branch", "main"]);
        project.write("prompt-assay.yaml", config);
        project.write("prompts.yaml", catalog);
        project.write("rules.yaml", "default: {text: \"Hello Ada\"}\n");
        project.write(".gitignore", ".prompt-assay/\n");
        for (name, _) in prompts {
            project.write(
                &format!("golden/{name}.yaml"),
                "cases:\n  - {id: a, input: Hi, checks: [{contains: Ada}]}\n",
            );
        }
        let shop = Self(project);
        shop.passed("base", "none");
        shop
    }

    /// Commits, and evaluates with the full model; returns the commit.
    pub fn passed(&self, message: &str, base: &str) -> String {
        let commit = self.0.commit(message);
        let ran = self.0.run(&["eval", "--tier", "main", "--base", base]);
        assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
        commit
    }

    /// The program with AWS at an address.
    pub fn command(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = self.0.command(arguments);
        command.envs(environment(url));
        command
    }

    /// Runs it to its end.
    pub fn run(&self, url: &str, arguments: &[&str]) -> Ran {
        self.0.ran(&mut self.command(url, arguments))
    }

    /// Starts it.
    pub fn start(&self, url: &str, arguments: &[&str]) -> Child {
        let mut command = self.command(url, arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// Waits for its end.
    pub fn ended(&self, child: Child) -> Ran {
        Ran::new(child.wait_with_output().expect("an exit status"), &self.0.root())
    }
}
