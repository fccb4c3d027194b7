//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::desired::Template;
use crate::settings::duration;

const WORKSPACE: &str = "The workspace comes from DATABRICKS_HOST and DATABRICKS_TOKEN.";
const EXIT_CODES: &str = "\
Exit codes:
  0        done, or nothing to do
  1        unforeseen; a local run failed
  2        bad input or configuration
  3        a spec, or what it names, is invalid; in a local run, a row fails an expectation with `fail`
  4        the deployment failed, nothing was changed
  5        the deployment failed part-way
  6        the service refused
  130 143  stopped by SIGINT or SIGTERM";

/// Preview, deploy and retire Databricks declarative pipelines from workflow specs
#[derive(Debug, Parser)]
#[command(name = "dltflow", version, max_term_width = 100)]
#[command(after_help = WORKSPACE, after_long_help = format!("{WORKSPACE}\n\n{EXIT_CODES}"))]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run as a step of a GitHub workflow: reads the event and `INPUT_*`, writes outputs, summary and comment
    Action,
    /// Check the specs, the configuration and the code that they name; contacts nobody
    Check(Check),
    /// Run a workflow on this machine, on real Spark, as it would be deployed
    RunLocal(RunLocal),
    /// Show what a deployment would do; writes nothing
    #[command(after_help = WORKSPACE)]
    Plan(Deployment),
    /// Deploy the workflows of one spec file
    #[command(after_help = WORKSPACE)]
    DeployPyDlt(DeployPyDlt),
    /// Delete what was deployed: pipelines, and a preview's notebooks and wheels
    #[command(after_help = WORKSPACE)]
    Destroy(Destroy),
}

/// What every command but `action` takes.
#[derive(Args, Debug)]
pub struct Common {
    /// Work as if started in this folder; dltflow.yml lies in it or above it
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub working_directory: String,
    /// Form of the report: text goes to stderr, JSON to stdout
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Show each request
    #[arg(long, short)]
    pub verbose: bool,
}

/// Form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// `check`
#[derive(Args, Debug)]
pub struct Check {
    /// Environment to check; the default target where it is not given
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Spec files to check, or globs of them; every spec of the project where none is given
    #[arg(value_name = "GLOB")]
    pub workflows: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub changed: Changed,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: Common,
}

/// `run-local`
#[derive(Args, Debug)]
pub struct RunLocal {
    /// Workflow to run; may be left out where the environment has only one
    #[arg(long, value_name = "NAME")]
    pub workflow: Option<String>,
    /// What runs it: plain Spark, or Spark's own declarative pipelines (`sdp`), which know no changes and no snapshots
    #[arg(long, value_enum, default_value_t = Engine::Spark)]
    pub engine: Engine,
    /// Environment whose workflow is run; the default target where it is not given
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Where tables are kept from one run to the next; below `.dltflow` beside dltflow.yml where it is not given
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Interpreter to run with as it is; else one with Spark is made in the user's cache, and used again
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: Common,
}

/// What runs the pipelines of a workflow on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Spark's own declarative pipelines.
    Sdp,
    /// Plain Spark.
    Spark,
}

impl Engine {
    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sdp => "sdp",
            Self::Spark => "spark",
        }
    }

    /// Its name in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sdp => "Spark Declarative Pipelines",
            Self::Spark => "plain Spark",
        }
    }
}

/// Which workflows are looked at.
#[derive(Args, Debug)]
pub struct Changed {
    /// Look only at workflows touched since this revision, uncommitted changes included
    #[arg(long, value_name = "REV")]
    pub changed_since: Option<String>,
}

/// `plan`, and what `deploy-py-dlt` shares with it
#[derive(Args, Debug)]
pub struct Deployment {
    /// Spec file to deploy; every spec of the project where it is not given
    #[arg(long, value_name = "FILE")]
    pub deployment_file: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub to: To,
}

/// `deploy-py-dlt`
#[derive(Args, Debug)]
pub struct DeployPyDlt {
    /// Spec file to deploy
    #[arg(long, value_name = "FILE")]
    pub deployment_file: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub to: To,
}

/// Where to, and how.
#[derive(Args, Debug)]
pub struct To {
    /// Environment to deploy to: a target of dltflow.yml and a key of the spec
    #[arg(long, value_name = "NAME")]
    pub environment: String,
    /// Deploy beside the shared pipelines: names get the prefix `[{environment}_{user}]`, schema and storage your suffix
    #[arg(long)]
    pub as_individual: bool,
    /// Template of the names of individual deployments
    #[arg(long, value_name = "TEMPLATE", value_parser = Template::parse, default_value = "[{environment}_{user}] {name}")]
    pub preview_name: Template,
    /// Allow a pipeline to be dropped and made anew where a field cannot be changed
    #[arg(long)]
    pub allow_recreate: bool,
    /// How long the run may take
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30m")]
    pub timeout: Duration,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub changed: Changed,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: Common,
}

/// `destroy`
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct Destroy {
    /// Environment to delete from
    #[arg(long, value_name = "NAME")]
    pub environment: String,
    /// Your individual deployment
    #[arg(long, group = "what")]
    pub as_individual: bool,
    /// The preview of that pull request
    #[arg(long, value_name = "NUMBER", group = "what")]
    pub pull_request: Option<u64>,
    /// The shared pipelines of that spec file; needs --yes
    #[arg(long, value_name = "FILE", group = "what", requires = "yes")]
    pub deployment_file: Option<String>,
    /// Confirm that shared pipelines are deleted, on Unity Catalog with their tables
    #[arg(long)]
    pub yes: bool,
    /// How long the run may take
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30m")]
    pub timeout: Duration,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: Common,
}
