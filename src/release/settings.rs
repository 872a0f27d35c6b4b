//! Where prompts are released to: `release:` of prompt-assay.yaml and of a prompt.

use std::collections::BTreeMap;

use super::environment::{Environment, NAME};
use super::names::{parameter_fault, profile_fault};
use super::prompt_management;
use super::prompt_target::{Own, OwnTarget, of_prompt};
use crate::catalog::placed;
use crate::config::Config;
use crate::document::{Fields, Node, Shape, Source, read_text};
use crate::problem::{Problem, Problems};
use crate::prompt::Prompt;
use crate::tree::Tree;

const RELEASE: Shape = Shape {
    name: "`release`",
    keys: &["environments", "default", "release_on_inconclusive", "release_on_mixed", "release_on_scripted"],
};
/// Where one prompt goes in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The prompt.
    pub prompt: String,
    /// The parameter, or AppConfig's configuration profile.
    pub name: String,
    /// Whether the catalog says so itself, rather than the environment's pattern.
    pub is_own: bool,
}

/// Everything that `release:` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// By name.
    pub environments: BTreeMap<String, Environment>,
    /// The one that is meant when none is named.
    pub default: Option<String>,
    /// Whether INCONCLUSIVE releases.
    pub release_on_inconclusive: bool,
    /// Whether MIXED releases.
    pub release_on_mixed: bool,
    /// Whether answers by rules release, in a project that is evaluated by rules.
    pub release_on_scripted: bool,
    /// The prompts' own settings, by prompt.
    own: BTreeMap<String, Vec<Own>>,
}

/// Reads all of it.
pub fn read(tree: &dyn Tree, config: &Config, prompts: &[Prompt], problems: &mut Problems) -> Settings {
    let mut settings = Settings::default();
    if let (Some(path), Some(release)) = (&config.path, &config.release) {
        of_config(&source(tree, path), &release.node, &mut settings, problems);
    }
    let mut catalogs: BTreeMap<&str, Source> = BTreeMap::new();
    for prompt in prompts {
        let Some(release) = &prompt.release else { continue };
        let catalog = catalogs.entry(&prompt.catalog).or_insert_with(|| source(tree, &prompt.catalog));
        let own = of_prompt(catalog, release, &settings.environments, problems);
        settings.own.insert(prompt.id.clone(), own);
    }
    clashes(tree, prompts, &settings, problems);
    settings
}

/// A file that was read before, for the lines that messages show.
fn source(tree: &dyn Tree, path: &str) -> Source {
    let bytes = tree.read(path).ok().flatten().unwrap_or_default();
    read_text(path, &bytes).unwrap_or_else(|_| Source::new(path, ""))
}

fn of_config(source: &Source, node: &Node, settings: &mut Settings, problems: &mut Problems) {
    let Some(fields) = Fields::read(source, node, &RELEASE, problems) else { return };
    settings.release_on_inconclusive = fields.flag("release_on_inconclusive", problems).unwrap_or_default();
    settings.release_on_mixed = fields.flag("release_on_mixed", problems).unwrap_or_default();
    settings.release_on_scripted = fields.flag("release_on_scripted", problems).unwrap_or_default();
    let environments = if fields.has("environments") { fields.map("environments", problems) } else { None };
    if environments.is_none_or(<[_]>::is_empty) {
        let problem = source.error(fields.mark, "`release` names no environment");
        problems.push(problem.help("write environments: {prod: {ssm: \"/prod/llm/{name}\"}}"));
    }
    for (key, node) in environments.unwrap_or_default() {
        if let Some(environment) = Environment::read(source, key, node, problems) {
            settings.environments.insert(key.text.clone(), environment);
        }
    }
    settings.default = fields.text("default", problems).map(str::to_owned);
    if let Some(default) = &settings.default
        && !settings.environments.contains_key(default)
    {
        let problem = fields.error("default", format!("`default` names no environment: `{default}`"));
        problems.push(problem.help("name one of `environments`"));
    }
}

/// Two prompts with one name would overwrite each other at every release; a pattern may produce bad
/// names.
fn clashes(tree: &dyn Tree, prompts: &[Prompt], settings: &Settings, problems: &mut Problems) {
    for environment in settings.environments.values() {
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        let mut managed: BTreeMap<String, &str> = BTreeMap::new();
        for prompt in prompts {
            // Each problem reads the catalog once more, for its line.
            if problems.is_full() {
                return;
            }
            let Some(destination) = settings.destination(environment, &prompt.id) else { continue };
            let at = |message| placed(tree, prompt, prompt.mark, message);
            let (fault, help) = match environment.appconfig {
                None => (
                    parameter_fault(&destination.name),
                    "name its parameter: release: {ssm: /prod/llm/other}, or release: false",
                ),
                Some(_) => (
                    profile_fault(&destination.name),
                    "name its profile: release: {appconfig: other}, or release: false",
                ),
            };
            if let (false, Some((message, _))) = (destination.is_own, fault) {
                problems.push(at(message).help(help));
            }
            if let Some(other) = taken.insert(destination.name.clone(), &prompt.id) {
                let message = format!(
                    "the prompts `{other}` and `{}` are both released to `{}` in `{}`",
                    prompt.id, destination.name, environment.name
                );
                problems.push(at(message).help("give one of them another name"));
                continue;
            }
            if environment.prompt_management.is_none() {
                continue;
            }
            if let Some((message, help)) = prompt_management::parameter_fault(&destination.name) {
                problems.push(at(message).help(help));
            }
            let name = prompt_management::name_of(&destination.name);
            if let Some(other) = managed.insert(name.clone(), &prompt.id) {
                let message = format!(
                    "the prompts `{other}` and `{}` would both be the prompt `{name}` of Prompt Management in `{}`",
                    prompt.id, environment.name
                );
                problems.push(at(message).help("give one of them a parameter with other letters or digits"));
            }
        }
    }
}

impl Settings {
    /// The environment that is meant.
    ///
    /// # Errors
    /// When there is none, or several and none is named.
    pub fn environment(&self, name: Option<&str>) -> Result<&Environment, Problem> {
        let known: Vec<&str> = self.environments.keys().map(String::as_str).collect();
        let list = known.join("`, `");
        let problem = match (name.or(self.default.as_deref()), known.as_slice()) {
            (Some(name), _) if self.environments.contains_key(name) => return Ok(&self.environments[name]),
            (None, [only]) => return Ok(&self.environments[*only]),
            (_, []) => Problem::error("prompt-assay.yaml says nothing about releases")
                .help("write release: {environments: {prod: {ssm: \"/prod/llm/{name}\"}}}; to try it out, add directory: released"),
            (Some(name), _) => Problem::error(format!("there is no environment `{name}`"))
                .help(format!("there are `{list}`")),
            (None, _) => Problem::error("several environments, and none is named")
                .help(format!("pass `--env` with one of `{list}`, or set `default` under `release:`")),
        };
        Err(problem)
    }

    /// Where a prompt goes; `None`: nowhere.
    pub fn destination(&self, environment: &Environment, prompt: &str) -> Option<Destination> {
        let own = self.own.get(prompt).map(Vec::as_slice).unwrap_or_default();
        let said = |name: Option<&String>| {
            own.iter().find(|own| own.environment.as_ref() == name && own.target.is_for(environment))
        };
        match said(Some(&environment.name)).or_else(|| said(None)).map(|own| &own.target) {
            Some(OwnTarget::Never) => None,
            Some(OwnTarget::Parameter(name) | OwnTarget::Profile(name)) => {
                Some(Destination { prompt: prompt.to_owned(), name: name.clone(), is_own: true })
            }
            None => environment.pattern.as_ref().map(|pattern| Destination {
                prompt: prompt.to_owned(),
                name: pattern.replace(NAME, prompt),
                is_own: false,
            }),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::catalog;
    use crate::config;
    use crate::tree::MemoryTree;

    /// What a configuration and a catalog say, and what is wrong with them.
    pub(in crate::release) fn reading(config: &str, catalog: &str) -> (Settings, String) {
        let tree = MemoryTree::new([("prompt-assay.yaml", config), ("prompts.yaml", catalog)]);
        let mut problems = Problems::new();
        let config = config::read_into(&tree, None, &mut problems).unwrap();
        let prompts = catalog::read(&tree, &config, &mut problems).prompts;
        let settings = read(&tree, &config, &prompts, &mut problems);
        (settings, problems.to_string())
    }

    #[test]
    fn prompts_go_where_they_say_else_where_the_environment_says() {
        let (settings, problems) = reading(
            "release:\n  default: prod\n  environments:\n    prod: {region: eu-central-1, ssm: \"/prod/llm/{name}\", s3: {bucket: b}}\n    dev: {directory: released, ssm: \"/dev/{name}\"}\n",
            "a: A\nb: {text: B, release: {ssm: /x/b}}\nc: {text: C, release: {dev: {ssm: /y/c}}}\nd: {text: D, release: false}\n",
        );
        assert_eq!(problems, "");
        let names = |environment: &str| {
            let environment = settings.environment(Some(environment)).unwrap();
            let name = |prompt| settings.destination(environment, prompt).map(|found| found.name);
            ["a", "b", "c", "d"].map(|prompt| name(prompt).unwrap_or_default())
        };
        assert_eq!(names("prod"), ["/prod/llm/a", "/x/b", "/prod/llm/c", ""]);
        assert_eq!(names("dev"), ["/dev/a", "/x/b", "/y/c", ""]);
        assert_eq!(settings.environment(None).unwrap().name, "prod");
        let bucket = ("b".to_owned(), "prompts/".to_owned());
        assert_eq!(settings.environment(None).unwrap().bucket, Some(bucket));
    }

    #[test]
    fn prompts_below_levels_and_in_lists_go_where_they_say() {
        let (settings, problems) = reading(
            "release: {environments: {prod: {ssm: \"/prod/{name}\"}}}\n",
            "shop:\n  refund: {text: A, release: {ssm: /x/a}}\n  draft: {text: B, release: false}\n",
        );
        assert_eq!(problems, "");
        let prod = settings.environment(None).unwrap();
        let name = |prompt| settings.destination(prod, prompt).map(|found| found.name);
        assert_eq!([name("shop.refund"), name("shop.draft")], [Some("/x/a".to_owned()), None]);
        let (settings, problems) = reading(
            "release: {environments: {prod: {ssm: \"/prod/{name}\"}}}\n",
            "prompts:\n  - {name: a, text: A, release: {ssm: /x/a}}\n  - {name: b, text: B, release: {ssm: x/y}}\n",
        );
        let prod = settings.environment(None).unwrap();
        assert_eq!(settings.destination(prod, "a").map(|found| found.name), Some("/x/a".to_owned()));
        insta::assert_snapshot!(problems, @r#"
        error: the parameter name `x/y` has levels but does not begin with `/`
          --> prompts.yaml:3:39
           |   - {name: b, text: B, release: {ssm: x/y}}
           = begin it with `/`
        "#);
    }

    #[test]
    fn every_mistake_is_said_with_its_place() {
        let (_, problems) = reading(
            "release:\n  default: pord\n  environments:\n    prod:\n      ssm: /aws/llm\n      label: 1st\n      buckt: x\n      directory: ../out\n      s3: {prefix: p}\n    qa: {ssm: \"/qa/{name}\"}\n",
            "a: {text: A, release: {ssm: \"x/y\"}}\nb: {text: B, release: {prdo: {ssm: /b}}}\nc: {text: C, release: 7}\n\"d e\": D\nf: {text: F, release: {ssm: /same}}\ng: {text: G, release: {ssm: /same}}\n",
        );
        insta::assert_snapshot!(problems, @r#"
        error: `default` names no environment: `pord`
          --> prompt-assay.yaml:2:12
           |   default: pord
           = name one of `environments`

        error: `ssm` of an environment needs `{name}` instead of the prompt's name
          --> prompt-assay.yaml:5:12
           |       ssm: /aws/llm
           = write, for example, /prod/llm/{name}

        error: the parameter name `/aws/llm` begins with `aws` or `ssm`, which SSM reserves
          --> prompt-assay.yaml:5:12
           |       ssm: /aws/llm
           = begin it with another word

        error: the label `1st` begins with a digit
          --> prompt-assay.yaml:6:14
           |       label: 1st
           = begin it with a letter

        error: unknown key `buckt` in an environment
          --> prompt-assay.yaml:7:7
           |       buckt: x
           = its keys are `region`, `directory`, `ssm`, `secure`, `key`, `advanced`, `tags`, `label`, `s3`, `appconfig`, `prompt_management`

        error: `../out` is outside the repository
          --> prompt-assay.yaml:8:18
           |       directory: ../out
           = write a path inside the repository

        error: `directory` and `s3` exclude each other
          --> prompt-assay.yaml:9:7
           |       s3: {prefix: p}
           = keep one of the two

        error: `s3` needs `bucket`
          --> prompt-assay.yaml:9:11
           |       s3: {prefix: p}
           = name the bucket

        error: the parameter name `x/y` has levels but does not begin with `/`
          --> prompts.yaml:1:29
           | a: {text: A, release: {ssm: "x/y"}}
           = begin it with `/`

        error: unknown key `prdo` in `release`
          --> prompts.yaml:2:24
           | b: {text: B, release: {prdo: {ssm: /b}}}
           = did you mean `prod`?

        error: `release` of a prompt must be a mapping
          --> prompts.yaml:3:14
           | c: {text: C, release: 7}
           = write {ssm: /prod/llm/name}, {prod: {ssm: /prod/llm/name}}, or false

        error: the parameter name `/qa/d e` holds ' '
          --> prompts.yaml:4:1
           | "d e": D
           = name its parameter: release: {ssm: /prod/llm/other}, or release: false

        error: the prompts `f` and `g` are both released to `/same` in `prod`
          --> prompts.yaml:6:1
           | g: {text: G, release: {ssm: /same}}
           = give one of them another name

        error: the prompts `f` and `g` are both released to `/same` in `qa`
          --> prompts.yaml:6:1
           | g: {text: G, release: {ssm: /same}}
           = give one of them another name
        "#);
    }

    #[test]
    fn prompts_of_prompt_management_are_told_apart_by_letters_and_digits() {
        let (settings, problems) = reading(
            "release:\n  environments:\n    prod: {ssm: \"/prod/{name}\", prompt_management: {keep: 8}}\n    all: {ssm: \"/all/{name}\", prompt_management: {}}\n    few: {ssm: \"/few/{name}\", prompt_management: {keep: 1}}\n    try: {directory: out, prompt_management: {}}\n    app: {appconfig: {application: a, environment: b}, prompt_management: {}}\n",
            "a.b: A\na-b: {text: B, release: {prod: {ssm: /prod/a/b}, all: false, few: false, app: false}}\n",
        );
        let keep = |name: &str| settings.environments[name].prompt_management.map(|of| of.keep);
        assert_eq!((keep("prod"), keep("all"), keep("app")), (Some(Some(8)), Some(None), Some(None)));
        insta::assert_snapshot!(problems, @r#"
        error: `keep` must be a whole number, at least 3 and at most 10000, found 1
          --> prompt-assay.yaml:5:57
           |     few: {ssm: "/few/{name}", prompt_management: {keep: 1}}

        error: `directory` and `prompt_management` exclude each other
          --> prompt-assay.yaml:6:27
           |     try: {directory: out, prompt_management: {}}
           = keep one of the two

        error: `appconfig` and `prompt_management` exclude each other
          --> prompt-assay.yaml:7:56
           |     app: {appconfig: {application: a, environment: b}, prompt_management: {}}
           = keep one of the two

        error: the prompts `a.b` and `a-b` would both be the prompt `prod-a-b` of Prompt Management in `prod`
          --> prompts.yaml:2:1
           | a-b: {text: B, release: {prod: {ssm: /prod/a/b}, all: false, few: false, app: false}}
           = give one of them a parameter with other letters or digits
        "#);
    }

    #[test]
    fn an_environment_that_is_not_clear_is_asked_for() {
        let said = |settings: &Settings, name| settings.environment(name).unwrap_err().to_string();
        let (two, _) = reading(
            "release: {environments: {prod: {ssm: \"/p/{name}\"}, dev: {ssm: \"/d/{name}\"}}}",
            "a: A\n",
        );
        let all = [said(&Settings::default(), None), said(&two, None), said(&two, Some("qa"))].join("\n");
        insta::assert_snapshot!(all, @r#"
        error: prompt-assay.yaml says nothing about releases
           = write release: {environments: {prod: {ssm: "/prod/llm/{name}"}}}; to try it out, add directory: released
        error: several environments, and none is named
           = pass `--env` with one of `dev`, `prod`, or set `default` under `release:`
        error: there is no environment `qa`
           = there are `dev`, `prod`
        "#);
    }
}
