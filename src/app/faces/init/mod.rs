//! The face of `init`: there is no project yet, and afterwards there is one.

mod answers;

use uuid::Uuid;

use crate::app::context::end;
use crate::app::deliver::log::{self, Verbosity};
use crate::app::deliver::{self, terminal};
use crate::app::record::{self, Conclusion, Record};
use crate::app::steps::files::PROJECT_FILE;
use crate::cli::InitArgs;
use crate::clock::{self, Stop};
use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};
use crate::env::{self, Env};
use crate::fs::{self, Checkout, Present, ReadError};
use crate::pipeline::ProjectIdentity;
use crate::project::Project;
use crate::report;
use crate::scaffold::Scaffold;
use crate::secret::Secrets;
use crate::source::{RepoPath, Source};
use crate::yaml::{self, Limits};

use answers::Answers;

/// Starts a project and gives the exit code.
pub async fn init(arguments: &InitArgs, env: &Env, stop: Stop) -> u8 {
    let redactor = Secrets::default().redactor();
    log::start(&redactor, Verbosity::Quiet);
    let mut record = Record::of(report::RunInfo { started: Some(clock::now()), ..report::RunInfo::default() });
    let ended = end(run(arguments, &stop, &mut record).await, &stop);
    let finished = record::finish(record, ended.as_ref().map(drop), &redactor);
    let colors = terminal::colors(arguments.color, env);
    deliver::to_terminal(&finished, arguments.output, colors, &redactor);
    finished.exit_code
}

async fn run(arguments: &InitArgs, stop: &Stop, record: &mut Record) -> Result<()> {
    let typed = &arguments.working_directory;
    let started = env::current_folder().or_kind(Kind::Input, "cannot find out the current folder")?;
    let root = fs::resolve(&started.join(typed)).or_kind(Kind::Input, format!("cannot open the folder `{typed}`"))?;
    let folder = Checkout::open(&root)?;
    let Answers { name, environment, conf, workflows, template } = Answers::of(arguments, &root, stop).await?;
    let before = identity(&folder)?;
    let id = match &before {
        Some(ProjectIdentity { project, folder: None }) => project.clone(),
        _ => Uuid::new_v4().to_string(),
    };
    let scaffold = Scaffold { name, id, environment, conf, workflows, template };
    let folders = scaffold.folders().map_err(Error::input)?;
    let files = changed(&folder, scaffold.files());
    check(&folder, &folders, &files, arguments.overwrite)?;
    write(&folder, &folders, &files)?;
    if let (Some(project), _) = Project::decode(&scaffold.project_file()) {
        record.project(&project);
    }
    for note in notes(arguments, before.as_ref()) {
        record.note("init", note);
    }
    let written = files.iter().map(|file| file.path.to_string()).collect();
    record.conclude(Conclusion::Initialized { written, next: next(&scaffold) });
    Ok(())
}

/// What the project that is in the folder already is known by.
///
/// # Errors
/// A file of it that cannot be read: its `id` would be lost.
fn identity(folder: &Checkout) -> Result<Option<ProjectIdentity>> {
    let path = RepoPath::parse(PROJECT_FILE).map_err(Error::input)?;
    let Ok(source) = folder.read_text(&path, Limits::SPEC.bytes) else { return Ok(None) };
    if yaml::parse(&source).0.is_none() && !source.text.trim().is_empty() {
        return Err(Error::input(format!("`{path}` cannot be read, so its `id` would be lost; nothing was written"))
            .hint("mend it, as `dltflow check` shows, or delete it"));
    }
    Ok(Project::identity_in(&source, Some(&RepoPath::root())))
}

/// The files that are not there yet as they are.
fn changed(folder: &Checkout, mut files: Vec<Source>) -> Vec<Source> {
    files.retain(|file| folder.read(&file.path, file.text.len()).ok().as_deref() != Some(file.text.as_bytes()));
    files
}

/// Looks at every place before anything is written.
fn check(folder: &Checkout, folders: &[RepoPath], files: &[Source], overwrite: bool) -> Result<()> {
    let mut existing = Vec::new();
    for path in folders {
        are_folders(folder, path)?;
    }
    for Source { path, .. } in files {
        are_folders(folder, &path.parent().unwrap_or_default())?;
        match at(folder, path)? {
            None => {}
            Some(Present::File) => existing.push(format!("`{path}`")),
            Some(_) => return Err(Error::input(format!("`{path}` is not a regular file"))),
        }
    }
    if overwrite || existing.is_empty() {
        return Ok(());
    }
    let verb = if existing.len() == 1 { "exists" } else { "exist" };
    Err(Error::input(format!("{} {verb} already; nothing was written", existing.join(", ")))
        .hint("`--overwrite` replaces what exists"))
}

/// Refuses a path that could not be a folder, nor in one.
fn are_folders(folder: &Checkout, path: &RepoPath) -> Result<()> {
    let mut next = Some(path.clone());
    while let Some(path) = next {
        if !matches!(at(folder, &path)?, None | Some(Present::Folder)) {
            return Err(Error::input(format!("`{path}` is a file where a folder is needed; nothing was written")));
        }
        next = path.parent();
    }
    Ok(())
}

fn at(folder: &Checkout, path: &RepoPath) -> Result<Option<Present>> {
    folder.present(path).map_err(|error| Error::input(format!("`{path}` {error}; nothing was written")))
}

fn write(folder: &Checkout, folders: &[RepoPath], files: &[Source]) -> Result<()> {
    let cannot = |path: &RepoPath, error: ReadError| Error::input(format!("cannot write `{path}`: {error}"));
    for path in folders {
        folder.create_folder(path).map_err(|error| cannot(path, error))?;
    }
    // What makes it a project comes last.
    for Source { path, text } in files.iter().rev() {
        folder.write(path, text).map_err(|error| cannot(path, error))?;
    }
    Ok(())
}

/// What somebody should know who comes from the original, or had a project here.
fn notes(arguments: &InitArgs, before: Option<&ProjectIdentity>) -> Vec<String> {
    let shared = arguments.shared.then(|| {
        "`--shared` has no effect: nothing is stored on DBFS any more, but in `root_path`, a folder of the workspace".to_owned()
    });
    let adopt = before.filter(|before| before.folder.is_some()).map(|ProjectIdentity { project, .. }| {
        format!(
            "`{PROJECT_FILE}` had no id, and what was deployed is known by the name `{project}`: \
             add `--adopt 'project: {project}'` to the next deployment"
        )
    });
    shared.into_iter().chain(adopt).collect()
}

fn next(scaffold: &Scaffold) -> String {
    let Scaffold { name, workflows, template, .. } = scaffold;
    if *template {
        format!("try `dltflow check`, then `dltflow run-local --workflow {name}-orders`")
    } else {
        format!("describe a pipeline in `{workflows}`, then try `dltflow check`")
    }
}
