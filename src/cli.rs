//! The command line.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use crate::desired::Template;
use crate::inputs::duration;
use crate::pipeline::Adopt;
use crate::route::Prune;

const WORKSPACE: &str = "The workspace is set by DATABRICKS_HOST and DATABRICKS_TOKEN; where the host serves several, by DATABRICKS_WORKSPACE_ID.";
const EXIT_CODES: &str = "\
Exit codes:
  0        success, or nothing to do
  1        unexpected error, or a local run failed
  2        invalid input or configuration
  3        invalid specs or files; in a local run, a violated expectation with `fail`
  4        the deployment failed, nothing was changed
  5        the deployment failed part-way
  6        the service refused access
  130 143  stopped by SIGINT or SIGTERM";

/// Preview, deploy and destroy Databricks declarative pipelines
#[derive(Debug, Parser)]
#[command(name = "dltflow", version, max_term_width = 100)]
#[command(after_help = WORKSPACE, after_long_help = format!("{WORKSPACE}\n\n{EXIT_CODES}"))]
pub struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run as a step of a GitHub workflow: read the event and `INPUT_*`, write outputs, summary and comment
    Action,
    /// Start a project in this folder: asks what its options leave open, and nothing without a terminal
    Init(InitArgs),
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    Workflows(WorkflowCommand),
}

/// The commands about the workflows of a project.
#[derive(Debug, Subcommand)]
pub enum WorkflowCommand {
    /// Check specs, configurations and code, offline
    Check(CheckArgs),
    /// Run a workflow on this machine with Spark, as it would be deployed
    RunLocal(RunLocalArgs),
    /// Show what a deployment would change
    #[command(after_help = WORKSPACE)]
    Plan(PlanArgs),
    /// Deploy the workflows of one spec file
    #[command(after_help = WORKSPACE, visible_alias = "deploy-py-dlt")]
    Deploy(DeployArgs),
    /// Delete deployed pipelines, and the notebooks and wheels of previews
    #[command(after_help = WORKSPACE)]
    Destroy(DestroyArgs),
    /// List previews, wheels and notebooks that are no longer needed, and delete them with --yes
    #[command(after_help = WORKSPACE)]
    Sweep(SweepArgs),
    /// Show what is deployed: environments and previews, whose they are, and how old
    #[command(after_help = WORKSPACE)]
    Status(StatusArgs),
}

/// `init`
#[derive(Args, Debug)]
pub struct InitArgs {
    /// Environment to deploy to: the first target of dltflow.yml [default: dev]
    #[arg(long, short, value_name = "NAME")]
    pub profile: Option<String>,
    /// Name of the project, and of the folder of its code
    #[arg(long, short = 'n', value_name = "NAME")]
    pub project_name: Option<String>,
    /// Folder of the configurations [default: conf]
    #[arg(long, short, value_name = "FOLDER")]
    pub config_path: Option<String>,
    /// Folder of the specs [default: workflows]
    #[arg(long, short, value_name = "FOLDER")]
    pub workflows_path: Option<String>,
    /// Also write a small pipeline: code, configuration, spec and rows to run it with
    #[arg(long, short = 't')]
    pub build_template: bool,
    /// Replace files that exist; the id of the project stays
    #[arg(long, short)]
    pub overwrite: bool,
    /// Has no effect, as nothing is stored on DBFS any more
    #[arg(long, short = 'd')]
    pub shared: bool,
    /// Folder of the project
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub working_directory: String,
    /// Format of the report; JSON asks nothing
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
    /// When to use colors; `auto` is on a terminal, unless `NO_COLOR` is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

/// Options of every command about workflows.
#[derive(Args, Debug)]
pub struct CommonArgs {
    /// Run in this folder; dltflow.yml is in it or a parent folder
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub working_directory: String,
    /// Format of the report, which is written to stdout; progress and diagnostics are written to stderr
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
    /// When to use colors; `auto` is on a terminal, unless `NO_COLOR` is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Log each request
    #[arg(long, short)]
    pub verbose: bool,
}

/// Format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// `check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Environment to check [default: all targets; with --pull-request, the default one]
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Check the preview of that pull request
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<u64>,
    /// Spec files or globs to check [default: all specs of the project]
    #[arg(value_name = "GLOB")]
    pub workflows: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub changed: ChangedArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: CommonArgs,
}

/// `run-local`
#[derive(Args, Debug)]
pub struct RunLocalArgs {
    /// Workflow to run; optional if the environment has only one
    #[arg(long, value_name = "NAME")]
    pub workflow: Option<String>,
    /// Engine: plain Spark, or Spark Declarative Pipelines (`sdp`), which support neither changes nor snapshots
    #[arg(long, value_enum, default_value_t = Engine::Spark)]
    pub engine: Engine,
    /// Environment of the workflow [default: the default target]
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Folder of the tables, kept between runs [default: a folder in `.dltflow` beside dltflow.yml]
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Python interpreter with pyspark [default: an environment that is created and cached]
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: CommonArgs,
}

/// The engine of a local run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Spark Declarative Pipelines.
    Sdp,
    /// Plain Spark.
    Spark,
}

impl WorkflowCommand {
    /// What every command takes.
    pub fn common(&self) -> &CommonArgs {
        match self {
            Self::Check(check) => &check.common,
            Self::RunLocal(run) => &run.common,
            Self::Plan(plan) => &plan.to.common,
            Self::Deploy(deploy) => &deploy.to.common,
            Self::Destroy(destroy) => &destroy.common,
            Self::Sweep(sweep) => &sweep.common,
            Self::Status(status) => &status.common,
        }
    }
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

/// Selection of workflows.
#[derive(Args, Debug)]
pub struct ChangedArgs {
    /// Only workflows affected by changes since this revision, or since HEAD forked from it, including uncommitted changes
    #[arg(long, value_name = "REV")]
    pub changed_since: Option<String>,
}

/// `plan`
#[derive(Args, Debug)]
pub struct PlanArgs {
    /// Spec files to plan, or globs of them [default: all specs of the project]
    #[arg(long, value_name = "GLOB")]
    pub deployment_file: Vec<String>,
    /// Plan the preview of that pull request
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["as_individual", "prune", "drop_tables", "adopt"])]
    pub pull_request: Option<u64>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub to: ToArgs,
}

/// `deploy`
#[derive(Args, Debug)]
pub struct DeployArgs {
    /// Spec file to deploy
    #[arg(long, value_name = "FILE")]
    pub deployment_file: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub to: ToArgs,
}

/// Target and options of a deployment.
#[derive(Args, Debug)]
pub struct ToArgs {
    /// Environment to deploy to: a target of dltflow.yml and a key of the spec
    #[arg(long, value_name = "NAME")]
    pub environment: String,
    /// Deploy a personal copy beside the shared pipelines: names get the prefix `[{environment}_{user}]`, schema and storage a suffix
    #[arg(long)]
    pub as_individual: bool,
    /// Template of the names of individual deployments
    #[arg(long, value_name = "TEMPLATE", value_parser = Template::parse, default_value = "[{environment}_{user}] {name}")]
    pub preview_name: Template,
    /// Allow pipelines to be dropped and recreated if an immutable field changes
    #[arg(long)]
    pub allow_recreate: bool,
    /// What happens to shared pipelines whose workflow no spec of the project has any more: `report` or `destroy`
    #[arg(long, value_name = "WHAT", default_value = "report", conflicts_with = "as_individual")]
    pub prune: Prune,
    /// Existing pipeline that is taken over, by its exact name, or `project: OLD` for those of a project that was called OLD
    #[arg(long, value_name = "LINE", value_parser = Adopt::from_str, conflicts_with = "as_individual")]
    pub adopt: Vec<Adopt>,
    /// Drop the tables of shared pipelines that are pruned or recreated, in Unity Catalog
    #[arg(long, conflicts_with = "as_individual")]
    pub drop_tables: bool,
    /// Time limit of the run
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30m")]
    pub timeout: Duration,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub changed: ChangedArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: CommonArgs,
}

/// `destroy`
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct DestroyArgs {
    /// Environment to delete from
    #[arg(long, value_name = "NAME")]
    pub environment: String,
    /// Your individual deployment
    #[arg(long, group = "what")]
    pub as_individual: bool,
    /// The preview of this pull request
    #[arg(long, value_name = "NUMBER", group = "what")]
    pub pull_request: Option<u64>,
    /// The shared pipelines of this spec file
    #[arg(long, value_name = "FILE", group = "what")]
    pub deployment_file: Option<String>,
    /// Do not ask; without a terminal, the answer for shared pipelines and for previews of a repository that is not known to be this one
    #[arg(long)]
    pub yes: bool,
    /// Drop the tables of shared pipelines, too, in Unity Catalog
    #[arg(long, requires = "deployment_file", conflicts_with_all = ["as_individual", "pull_request"])]
    pub drop_tables: bool,
    /// Time limit of the run
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30m")]
    pub timeout: Duration,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: CommonArgs,
}

/// `sweep`
#[derive(Args, Debug)]
pub struct SweepArgs {
    /// Environment to sweep [default: the default target]
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Delete what is listed
    #[arg(long)]
    pub yes: bool,
    /// Time limit of the run
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30m")]
    pub timeout: Duration,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: CommonArgs,
}

/// `status`
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Environment to look at [default: all targets]
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Time limit of the run
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30m")]
    pub timeout: Duration,
    #[command(flatten)]
    #[expect(missing_docs, reason = "documented on the type")]
    pub common: CommonArgs,
}
