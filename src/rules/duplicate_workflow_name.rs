//! `duplicate-workflow-name`: pipelines are found by their name, so two of one name would be one.

use std::collections::{BTreeMap, BTreeSet};

use super::InEnvironment;
use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::spec::Workflow;

/// Gives the names that several workflows have.
///
/// A finding is at the selected one of two workflows, which is what the run would write; the environment is not in it, as
/// two environments may share both workflows by an anchor. Of those that the run is not about, nothing is said.
pub(super) fn check<'a>(
    workflows: InEnvironment<'a>,
    selected: &mut Diagnostics,
    untouched: &mut Diagnostics,
) -> BTreeSet<&'a str> {
    let mut seen = BTreeMap::new();
    let mut repeated = BTreeSet::new();
    let mut nothing = Diagnostics::default();
    for (workflows, found) in
        [(workflows.aside, &mut nothing), (workflows.untouched, untouched), (workflows.selected, selected)]
    {
        for workflow in workflows {
            let name = workflow.name.value.as_str();
            let Some(other) = seen.insert(name, workflow) else { continue };
            repeated.insert(name);
            found.push(finding(workflow, other));
        }
    }
    repeated
}

fn finding(workflow: &Workflow, other: &Workflow) -> Diagnostic {
    let message = format!("`{}` is also the name of another workflow", workflow.name.value);
    let finding = Diagnostic::of(Rule::DuplicateWorkflowName, &workflow.spec, workflow.name.span, message);
    finding.related(&other.spec, other.name.span, "the other one").help("give each its own name")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TARGETS, all, codes, files, project};
    use time::Date;

    use super::InEnvironment;
    use crate::codebase::Codebase;
    use crate::diagnostic::Diagnostics;
    use crate::rules::check;

    #[test]
    fn a_name_is_looked_for_among_all_workflows_of_the_environment_and_counts_where_the_run_writes() {
        let project = project(TARGETS);
        let named = |names: &str| {
            let pairs: Vec<(&str, &str)> = names.split_whitespace().map(|name| (name, "")).collect();
            all(&project, &pairs)
        };
        for (selected, untouched, aside, errors, warnings) in [
            ("a b", "c d", "e f", 0, 0),
            ("a", "a", "", 1, 0),
            ("a", "b", "a", 1, 0),
            ("a b a", "b", "b", 2, 1),
            ("a", "b b", "", 0, 1),
            ("a", "b", "b", 0, 1),
            ("a", "b", "c c", 0, 0),
        ] {
            let [selected, untouched, aside] = [selected, untouched, aside].map(named);
            let workflows =
                InEnvironment { today: Date::MIN, selected: &selected, untouched: &untouched, aside: &aside };
            let codebase = Codebase::new(&project, files(), selected.iter().chain(&untouched));
            let checked = check(&project, workflows, &codebase, Diagnostics::default());
            let counts = (codes(&checked.findings).len(), codes(&checked.of_untouched).len());
            assert_eq!((counts, checked.selected.is_empty()), ((errors, warnings), errors > 0), "{workflows:?}");
        }
    }
}
