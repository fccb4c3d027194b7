//! Checks workflows: workflows and the codebase → diagnostics. Only this module makes a [`Validated`].
//!
//! A rule is a file here with one function, one line in `CHECKS`, and one line in the catalogue
//! ([`Rule`]) with its code, severity and reason.

mod autoscale_range;
mod bad_value;
mod bad_wheel;
mod bad_wheel_name;
mod continuous_trigger;
mod dash_in_target;
mod dbfs_dependency;
mod dotted_target;
mod duplicate_dataset;
mod duplicate_workflow_name;
mod edition_too_small;
mod exclusive_fields;
mod foreign_syntax;
mod incompatible_settings;
mod incomplete_notification;
mod invalid_config;
mod invalid_cron;
mod invalid_python;
mod long_parameters;
mod lfs_pointer;
mod absence;
mod missing_config_file;
mod missing_python_file;
mod missing_wheel;
mod module_collision;
mod not_shipped;
mod preview_fixed_place;
mod preview_run_as;
mod python_file_outside_code;
mod relative_storage;
mod run_as_identity;
mod stray_quote;
mod too_many_items;
mod too_many_tags;
mod unknown_time_zone;
mod unread_config;

pub use module_collision::owner_of_module;

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::Value;
use time::Date;

use crate::codebase::{Codebase, ItemFiles};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity};
use crate::project::Project;
use crate::source::{RepoPath, Span};
use crate::spec::Workflow;

/// Something that passed every rule; only this module makes one, and only such a thing is released or planned.
#[derive(Clone, Debug)]
pub struct Validated<T>(T);

impl<T> Validated<T> {
    /// What passed.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// What a rule looks at.
struct RuleInput<'a> {
    project: &'a Project,
    workflow: &'a Workflow,
    codebase: &'a Codebase,
    /// The files of its items, in their order.
    items: Vec<ItemFiles<'a>>,
    /// The configurations of its items, sorted by path.
    configs: Vec<(&'a RepoPath, &'a Config)>,
    /// Those of the configurations that no earlier workflow has.
    fresh: Vec<&'a RepoPath>,
    /// Whether an earlier workflow has the same set of configurations.
    same_configs: bool,
    /// How many more paths are suggested, of all workflows.
    suggestions: &'a Cell<usize>,
    /// The day of the run, in UTC.
    today: Date,
}

/// Paths that are suggested for missing ones: finding one takes a look at all files, and reports are shorter than that.
const MAX_SUGGESTIONS: usize = 100;

type RuleCheck = fn(&RuleInput<'_>, &mut Diagnostics);

/// The rules about one workflow.
const CHECKS: &[RuleCheck] = &[
    stray_quote::check,
    foreign_syntax::check,
    missing_python_file::check,
    python_file_outside_code::check,
    module_collision::check,
    missing_config_file::check,
    not_shipped::check,
    unread_config::check,
    lfs_pointer::check,
    invalid_config::check,
    duplicate_dataset::check,
    missing_wheel::check,
    bad_wheel_name::check,
    bad_wheel::check,
    dbfs_dependency::check,
    exclusive_fields::check,
    continuous_trigger::check,
    relative_storage::check,
    dotted_target::check,
    dash_in_target::check,
    autoscale_range::check,
    too_many_tags::check,
    run_as_identity::check,
    bad_value::check,
    invalid_cron::check,
    unknown_time_zone::check,
    edition_too_small::check,
    incompatible_settings::check,
    incomplete_notification::check,
    too_many_items::check,
    long_parameters::check,
];

/// The workflows of one environment, as a run looks at them.
#[derive(Clone, Copy, Debug)]
pub struct InEnvironment<'a> {
    /// The day of the run, in UTC: schedules begin then.
    pub today: Date,
    /// Those that it has selected.
    pub selected: &'a [Workflow],
    /// The others of the specs that it is about.
    pub untouched: &'a [Workflow],
    /// Those that it is not about: only rules over several workflows look at them.
    pub aside: &'a [Workflow],
}

impl InEnvironment<'_> {
    /// None yet, for a run on that day.
    pub fn on(today: Date) -> Self {
        Self { today, selected: &[], untouched: &[], aside: &[] }
    }
}

/// What passed the rules, and what they found.
#[derive(Debug, Default)]
pub struct Checked {
    /// All workflows that were selected, or none: a run deploys all that it selected, or nothing.
    pub selected: Vec<Validated<Workflow>>,
    /// The untouched workflows without an error.
    pub untouched: Vec<Validated<Workflow>>,
    /// About the selected workflows, alone and together with any other of the environment.
    pub findings: Diagnostics,
    /// About the untouched workflows alone: errors are warnings, as they cannot fail a run.
    pub of_untouched: Diagnostics,
}

/// Checks the workflows of an environment, alone and together.
///
/// `known` is what is known so far about what was selected, such as what a spec file as a whole has wrong, or [`preview`].
/// It is given back with what reading the workflows found and what the rules find. One error among them, and nothing that
/// was selected is validated.
pub fn check(project: &Project, workflows: InEnvironment<'_>, codebase: &Codebase, known: Diagnostics) -> Checked {
    let mut findings = known;
    let mut of_untouched = Diagnostics::default();
    findings.extend(each(project, workflows.today, workflows.selected, codebase).into_iter().flatten());
    if !workflows.selected.is_empty() {
        let mut code = Diagnostics::default();
        invalid_python::check(codebase, &mut code);
        findings.extend(project.apply_severities(code));
    }
    let untouched = each(project, workflows.today, workflows.untouched, codebase);
    let names = duplicate_workflow_name::check(workflows, &mut findings, &mut of_untouched);
    let is_unique = |workflow: &&Workflow| !names.contains(workflow.name.value.as_str());
    let valid = sound(workflows.untouched, &untouched, codebase)
        .into_iter()
        .filter(is_unique)
        .cloned()
        .map(Validated)
        .collect();
    of_untouched.extend(untouched.into_iter().flatten());
    let selected = if findings.has_errors() { &[] } else { workflows.selected };
    let selected = selected.iter().cloned().map(Validated).collect();
    Checked { selected, untouched: valid, findings, of_untouched: of_untouched.downgraded() }
}

/// The findings about the selected workflows of an environment that the run does not deploy, as [`check`] has them.
pub fn examine(project: &Project, workflows: InEnvironment<'_>, codebase: &Codebase) -> Diagnostics {
    let mut findings = Diagnostics::default();
    findings.extend(each(project, workflows.today, workflows.selected, codebase).into_iter().flatten());
    duplicate_workflow_name::check(workflows, &mut findings, &mut Diagnostics::default());
    findings
}

/// Those of the `workflows` without an error among what was `found` in each, or in a configuration that they share with
/// another one, which has the finding.
fn sound<'w>(workflows: &'w [Workflow], found: &[Diagnostics], codebase: &Codebase) -> Vec<&'w Workflow> {
    let errors = found.iter().flat_map(Diagnostics::iter).filter(|finding| finding.severity == Severity::Error);
    let wrong: BTreeSet<&RepoPath> = errors.map(|finding| &finding.at.path).collect();
    let shares = |workflow: &Workflow| codebase.configurations(workflow).iter().any(|(path, _)| wrong.contains(path));
    let is_sound =
        |found: &Diagnostics, workflow: &Workflow| !found.has_errors() && (wrong.is_empty() || !shares(workflow));
    let all = workflows.iter().zip(found);
    all.filter(|(workflow, found)| is_sound(found, workflow)).map(|(workflow, _)| workflow).collect()
}

/// The findings about each of `workflows` by itself: those of decoding and those of the rules. A finding in a
/// configuration that several of them share is that of the first.
fn each(project: &Project, today: Date, workflows: &[Workflow], codebase: &Codebase) -> Vec<Diagnostics> {
    let mut seen = Seen::default();
    let suggestions = Cell::new(MAX_SUGGESTIONS);
    let mut findings = Vec::new();
    for workflow in workflows {
        let input = seen.input(project, today, workflow, codebase, &suggestions);
        let mut found = Diagnostics::default();
        for check in CHECKS {
            check(&input, &mut found);
        }
        let mut all = workflow.findings.clone();
        all.extend(project.apply_severities(found));
        findings.push(all);
    }
    findings
}

/// What an earlier workflow covered, so that a mistake in a shared file is reported once.
#[derive(Default)]
struct Seen<'a> {
    configs: BTreeSet<&'a RepoPath>,
    sets: BTreeSet<Vec<&'a RepoPath>>,
}

impl<'a> Seen<'a> {
    fn input(
        &mut self,
        project: &'a Project,
        today: Date,
        workflow: &'a Workflow,
        codebase: &'a Codebase,
        suggestions: &'a Cell<usize>,
    ) -> RuleInput<'a> {
        let configs = codebase.configurations(workflow);
        let paths: Vec<&RepoPath> = configs.iter().map(|(path, _)| *path).collect();
        let fresh = paths.iter().copied().filter(|path| self.configs.insert(path)).collect();
        let items = workflow.items.iter().map(|item| codebase.item(item)).collect();
        let same_configs = !self.sets.insert(paths);
        RuleInput { project, workflow, codebase, items, configs, fresh, same_configs, suggestions, today }
    }
}

/// The findings about previews of `workflows`.
pub fn preview(project: &Project, workflows: &[Workflow], codebase: &Codebase) -> Diagnostics {
    let mut found = Diagnostics::default();
    for workflow in workflows {
        preview_run_as::check(project, workflow, &mut found);
    }
    preview_fixed_place::check(project, workflows, codebase, &mut found);
    project.apply_severities(found)
}

impl RuleInput<'_> {
    /// A finding of `rule` at `span` of the spec.
    fn finding(&self, rule: Rule, span: Span, message: String) -> Diagnostic {
        Diagnostic::of(rule, &self.workflow.spec, span, message)
    }

    /// A finding of `rule` at the setting of a JSON pointer.
    fn at(&self, rule: Rule, pointer: &str, message: String) -> Diagnostic {
        self.finding(rule, self.workflow.place(pointer), message)
    }

    /// The file that was probably meant by a path that does not exist.
    fn similar(&self, path: &RepoPath) -> Option<String> {
        let left = self.suggestions.get().checked_sub(1)?;
        self.suggestions.set(left);
        self.codebase.similar(path)
    }

    fn setting(&self, field: &str) -> Option<&Value> {
        self.workflow.settings.get(field)
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.setting(field).and_then(Value::as_str)
    }

    fn is_on(&self, field: &str) -> bool {
        self.setting(field) == Some(&Value::Bool(true))
    }

    /// The clusters, each with its JSON pointer.
    fn clusters(&self) -> impl Iterator<Item = (String, &Value)> {
        let clusters = self.setting("clusters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        clusters.iter().enumerate().map(|(index, cluster)| (format!("/clusters/{index}"), cluster))
    }
}

#[cfg(test)]
mod tests;
