//! A build of CodeBuild: its variables, and the commands of a buildspec run as CodeBuild runs them. By default a shell of
//! this machine runs them, with this program in place of the published image. Where `PROMPT_ASSAY_TEST_IMAGE` names an
//! image, a container runs them, which takes the program out of that image; `.ci/container` does so.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prompt_assay::document::{Format, parse};
use prompt_assay_test_support::on_disk::Project;
use serde_json::Value;
use tempfile::TempDir;

/// What CodeBuild sets for a build that a pipeline started.
pub fn of_pipeline(project: &Project) -> Vec<(&'static str, String)> {
    let commit = project.git(&["rev-parse", "HEAD"]).trim().to_owned();
    of_commit(&project.root(), &commit)
}

/// The same, wherever the files lie.
pub fn of_commit(root: &Path, commit: &str) -> Vec<(&'static str, String)> {
    vec![
        ("CODEBUILD_BUILD_ID", "shop-evaluate:5f0e".to_owned()),
        (
            "CODEBUILD_BUILD_ARN",
            "arn:aws:codebuild:us-east-1:123456789012:build/shop-evaluate:5f0e".to_owned(),
        ),
        ("CODEBUILD_BUILD_NUMBER", "42".to_owned()),
        ("CODEBUILD_INITIATOR", "codepipeline/shop".to_owned()),
        ("CODEBUILD_SRC_DIR", root.display().to_string()),
        // In a pipeline it is where the artifact lies.
        ("CODEBUILD_SOURCE_VERSION", "arn:aws:s3:::artifacts/shop/Source/a1b2c3".to_owned()),
        ("CODEBUILD_RESOLVED_SOURCE_VERSION", commit.to_owned()),
    ]
}

/// The program in place of the published image, and what takes it out of there.
pub struct Machine(TempDir);

/// Docker, as far as the buildspecs use it.
const DOCKER: &str = r#"#!/bin/sh
case "$*" in
  "create --name prompt-assay ghcr.io/acme/prompt-assay@sha256:0") ;;
  "cp prompt-assay:/prompt-assay /usr/local/bin/prompt-assay") ln -s "$PROGRAM" "$MACHINE/prompt-assay" ;;
  "rm prompt-assay") ;;
  *) echo "docker $*: not expected" >&2; exit 64 ;;
esac
"#;

/// AWS's CLI, as far as the buildspecs use it: the place in S3 is a file.
const AWS: &str = r#"#!/bin/sh
case "$*" in
  "s3 cp --only-show-errors --content-type text/html .prompt-assay/report.html s3://artifacts/reports/5f0e.html")
    cp .prompt-assay/report.html "$(dirname "$0")/uploaded.html" ;;
  *) echo "aws $*: not expected" >&2; exit 64 ;;
esac
"#;

/// Docker in the container of a build: `create`, `cp` and `rm` of podman are the same.
const PODMAN: &str = "#!/bin/sh\nexec podman \"$@\"\n";

/// An image without anything, in which a build runs with this machine's own programs.
const EMPTY_IMAGE: &str = "localhost/build-machine:test";

/// The image that holds the program, where builds run in containers.
fn image() -> Option<String> {
    std::env::var("PROMPT_ASSAY_TEST_IMAGE").ok().filter(|image| !image.is_empty())
}

impl Machine {
    pub fn new() -> Self {
        let machine = tempfile::tempdir().expect("a directory");
        let docker = machine.path().join("docker");
        fs::write(&docker, if image().is_some() { PODMAN } else { DOCKER }).expect("a file");
        for folder in ["bin", "tmp"] {
            fs::create_dir(machine.path().join(folder)).expect("a directory");
        }
        let aws = machine.path().join("aws");
        fs::write(&aws, AWS).expect("a file");
        let executable = Command::new("chmod").arg("+x").args([&docker, &aws]).status();
        assert!(executable.is_ok_and(|status| status.success()));
        Self(machine)
    }

    /// Runs the commands of a buildspec in a directory.
    pub fn run(&self, buildspec: &str, root: &Path, environment: &[(&'static str, String)]) -> Built {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(buildspec);
        let bytes = fs::read(&path).expect("the buildspec");
        let document = parse(buildspec, &bytes, Format::Yaml).unwrap_or_else(|problem| panic!("{problem}"));
        let spec = document.root.to_value();
        let log = self.0.path().join("log");
        let script = script(&spec);
        let mut command = match image() {
            None => self.on_this_machine(&script, root, environment),
            Some(image) => self.in_container(&image, &script, root, environment),
        };
        let output = command.output().expect("bash, or podman");
        fs::write(&log, &output.stderr).expect("a file");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let exported = stdout.lines().filter_map(|line| line.strip_prefix("EXPORTED "));
        let exported = exported.filter_map(|line| line.split_once('='));
        let exported = exported.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let artifacts = artifacts(&spec, root);
        let uploaded = fs::read_to_string(self.0.path().join("uploaded.html")).ok();
        let status = output.status.code().expect("an exit status");
        Built { status, stdout, stderr, exported, artifacts, uploaded }
    }
}

impl Machine {
    fn on_this_machine(&self, script: &str, root: &Path, environment: &[(&'static str, String)]) -> Command {
        let path = format!("{}:{}", self.0.path().display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("bash");
        command
            .args(["-c", script])
            .current_dir(root)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.0.path())
            .env("MACHINE", self.0.path())
            .env("PROGRAM", prompt_assay_test_support::program())
            .env("PROMPT_ASSAY_IMAGE", "ghcr.io/acme/prompt-assay@sha256:0")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(environment.iter().map(|(name, value)| (*name, value)));
        command
    }

    /// CodeBuild's own image comes from a registry; the programs that the buildspecs use are those of this machine. It
    /// has privileges, as the projects of `pipeline.yaml` do, so that containers can be made in it.
    fn in_container(
        &self,
        image: &str,
        script: &str,
        root: &Path,
        environment: &[(&'static str, String)],
    ) -> Command {
        let here = self.0.path().display();
        let settings = ["CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF"]
            .map(|name| (name, std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))));
        let storage = Path::new(&settings[1].1).parent().expect("a folder").display().to_string();
        let mut command = Command::new("podman");
        command.args(["run", "--rm", "--privileged", "--workdir"]).arg(root);
        let system = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc"];
        for folder in system.iter().filter(|folder| Path::new(folder).exists()) {
            command.args(["-v", &format!("{folder}:{folder}:ro")]);
        }
        let temporary = std::env::temp_dir().display().to_string();
        // The repository may be in memory, where a container has a file system of its own.
        for folder in [&temporary, &storage, &root.display().to_string()] {
            command.args(["-v", &format!("{folder}:{folder}")]);
        }
        command.args(["-v", &format!("{here}/bin:/usr/local/bin"), "-v", &format!("{here}/tmp:/var/tmp")]);
        let fixed = [
            ("PATH", format!("{here}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")),
            ("HOME", here.to_string()),
            ("PROMPT_ASSAY_IMAGE", image.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        for (name, value) in fixed.iter().chain(&settings).chain(environment) {
            command.args(["-e", &format!("{name}={value}")]);
        }
        command.args([EMPTY_IMAGE, "bash", "-c", script]);
        command
    }
}

/// A build that ended.
#[derive(Debug)]
pub struct Built {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    /// The variables that the buildspec hands on.
    pub exported: BTreeMap<String, String>,
    /// The files of the artifact, by name.
    pub artifacts: BTreeMap<String, PathBuf>,
    /// The page that the approval links to.
    pub uploaded: Option<String>,
}

impl Built {
    pub fn told(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// One shell for all commands; after one that fails the rest of its phase is left out, and `post_build` still runs
/// after `build`. The build fails if any did.
fn script(spec: &Value) -> String {
    let mut script = "failed=0\n".to_owned();
    for phase in ["install", "build", "post_build"] {
        let commands = spec["phases"][phase]["commands"].as_array().into_iter().flatten();
        if phase == "post_build" {
            script.push_str("ended=$failed; failed=0\n");
        }
        for command in commands {
            let command = command.as_str().expect("a command").replace('\'', "'\\''");
            script.push_str(&format!("[ $failed = 1 ] || eval '{command}' || failed=1\n"));
        }
    }
    for name in spec["env"]["exported-variables"].as_array().into_iter().flatten() {
        let name = name.as_str().expect("a name");
        script.push_str(&format!("echo \"EXPORTED {name}=${name}\"\n"));
    }
    script + "[ $ended = 0 ] && [ $failed = 0 ]\n"
}

fn artifacts(spec: &Value, root: &Path) -> BTreeMap<String, PathBuf> {
    let base = root.join(spec["artifacts"]["base-directory"].as_str().unwrap_or_default());
    let files = spec["artifacts"]["files"].as_array().into_iter().flatten().filter_map(Value::as_str);
    files.map(|file| (file.to_owned(), base.join(file))).filter(|(_, path)| path.is_file()).collect()
}
