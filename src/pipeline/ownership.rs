//! Ownership: what a pipeline made by dltflow records in its `configuration`, and whose it therefore is.

use std::collections::BTreeMap;

use super::key::Marks;
use super::{Adopt, ProjectIdentity, Settings};
use crate::source::hash;

pub use super::key::{OwnershipKey, PREFIX};

/// Keys that every run sets, or that follow from the others: they make no difference between two definitions.
const NOT_COMPARED: [OwnershipKey; 5] =
    [OwnershipKey::Folder, OwnershipKey::Commit, OwnershipKey::Run, OwnershipKey::Repository, OwnershipKey::Definition];

/// Whose pipelines a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The project.
    pub identity: ProjectIdentity,
    /// The environment.
    pub environment: String,
    /// The preview's key, such as `pr42`; `None` for the shared pipelines.
    pub preview: Option<String>,
    /// Numeric id of the repository; a laptop knows none.
    pub repository: Option<String>,
    /// The other projects of the checkout; `None` where not all of them are known.
    pub others: Option<Vec<ProjectIdentity>>,
    /// What is taken over though it is not ours; shared pipelines only.
    pub adopts: Vec<Adopt>,
}

/// Commit and run, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The commit that is deployed.
    pub commit: Option<String>,
    /// Id of the run.
    pub run: Option<String>,
}

/// Whose a pipeline is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is ours.
    Ours,
    /// It differs from ours in the project alone, and the repository that deployed it, which is ours, has no such project
    /// any more: ours was renamed, moved to another folder, or given an id. The text says which project it was.
    Former(String),
    /// It is not ours and was named as what is to be taken over. The text says whose it was, as a clause.
    Adopted(String),
    /// It carries no ownership: a person or another tool made it.
    Unowned,
    /// It belongs to something else; the text says which key differs.
    Foreign(String),
    /// It exists, but its settings cannot be read with this token.
    Hidden,
}

impl Owner {
    /// The key of its identity in the names of files: 8 hex digits.
    pub fn file_key(&self) -> String {
        self.identity.hash()[..8].to_owned()
    }

    /// Whose the pipeline `name` with those settings is. Project, environment, preview and name must agree; folder and
    /// repository veto only if both sides know one.
    pub fn claim(&self, name: &str, settings: &Settings) -> Claim {
        let marks: Marks<'_, '_> = &|key| settings.owned(key);
        let renamed = settings.owned(OwnershipKey::Name) != Some(name);
        let claim = self.judge(marks, renamed.then_some(OwnershipKey::Name));
        let named = |line: &&Adopt| line.names(name, settings);
        // A project of that name may be alive in a repository that is not known here.
        let is_known = self.repository.is_some() || marks(OwnershipKey::Repository).is_none();
        let may = |line: &Adopt| {
            matches!(line, Adopt::Pipeline(_)) || (!renamed && is_known && self.differs_in_project_alone(marks))
        };
        let is_taken = self.preview.is_none() && self.adopts.iter().filter(named).any(may);
        if is_taken && claim != Claim::Ours { Claim::Adopted(former_owner(marks)) } else { claim }
    }

    /// The project of the pipeline `name` if it might be ours under a former identity, which only the projects of the checkout
    /// could tell, and not all of these are known.
    pub fn may_have_been(&self, name: &str, settings: &Settings) -> Option<String> {
        let alone = Self { others: Some(Vec::new()), ..self.clone() };
        match alone.claim(name, settings) {
            Claim::Former(project) if self.others.is_none() => Some(project),
            _ => None,
        }
    }

    /// Whose a schema with those properties is.
    pub fn claim_schema(&self, properties: &BTreeMap<String, String>) -> Claim {
        self.judge(&|key| properties.get(key.text()).map(String::as_str), None)
    }

    /// `other` is a key that differs for a reason of its own.
    fn judge(&self, marks: Marks<'_, '_>, other: Option<OwnershipKey>) -> Claim {
        if marks(OwnershipKey::Project).is_none() {
            return Claim::Unowned;
        }
        let project = self.identity.differs(marks);
        let place = self.place_differs(marks).or(other).or_else(|| self.repository_differs(marks));
        match (project, place) {
            (None, None) => Claim::Ours,
            (Some(_), None) if self.is_left_by(marks) => Claim::Former(project_of(marks)),
            (Some(key), _) | (None, Some(key)) => {
                let is = marks(key).map_or("not set".to_owned(), |is| format!("`{is}`"));
                Claim::Foreign(format!("its `{}` is {is}", key.text()))
            }
        }
    }

    fn place_differs(&self, marks: Marks<'_, '_>) -> Option<OwnershipKey> {
        let expected = [
            (OwnershipKey::Environment, Some(self.environment.as_str())),
            (OwnershipKey::Preview, self.preview.as_deref()),
        ];
        expected.into_iter().find(|(key, expected)| marks(*key) != *expected).map(|(key, _)| key)
    }

    fn repository_differs(&self, marks: Marks<'_, '_>) -> Option<OwnershipKey> {
        let (ours, is) = self.repository.as_deref().zip(marks(OwnershipKey::Repository))?;
        (ours != is).then_some(OwnershipKey::Repository)
    }

    /// Whether it could be ours but for the project, which is none of the checkout's as far as these are known.
    fn differs_in_project_alone(&self, marks: Marks<'_, '_>) -> bool {
        let has = |other: &ProjectIdentity| other.differs(marks).is_none();
        let differs = self.place_differs(marks).or_else(|| self.repository_differs(marks));
        differs.is_none() && !self.others.iter().flatten().any(has)
    }

    /// Whether our repository deployed it, for a project that the checkout does not have.
    fn is_left_by(&self, marks: Marks<'_, '_>) -> bool {
        let of_repository = self.repository.is_some() && self.repository.as_deref() == marks(OwnershipKey::Repository);
        of_repository && self.others.is_some() && self.differs_in_project_alone(marks)
    }

    /// The other environment that a pipeline of the same preview belongs to.
    pub fn elsewhere<'a>(&self, settings: &'a Settings) -> Option<&'a str> {
        let marks: Marks<'a, '_> = &|key| settings.owned(key);
        let preview = self.preview.is_some() && marks(OwnershipKey::Preview) == self.preview.as_deref();
        let ours = self.identity.differs(marks).or_else(|| self.repository_differs(marks)).is_none();
        let environment = marks(OwnershipKey::Environment)?;
        (preview && ours && environment != self.environment).then_some(environment)
    }

    /// The same ownership as properties of a schema.
    pub fn properties(&self) -> BTreeMap<String, String> {
        let folder = self.identity.folder.as_ref().map(ToString::to_string);
        let properties = [
            (OwnershipKey::Project, Some(&self.identity.project)),
            (OwnershipKey::Folder, folder.as_ref()),
            (OwnershipKey::Environment, Some(&self.environment)),
            (OwnershipKey::Preview, self.preview.as_ref()),
            (OwnershipKey::Repository, self.repository.as_ref()),
        ];
        properties.into_iter().filter_map(|(key, value)| Some((key.text().to_owned(), value?.clone()))).collect()
    }

    /// Makes the pipeline `name` ours, as that of `workflow` in the file `spec`, deployed by `run`.
    pub fn claim_settings(
        &self,
        settings: &mut Settings,
        name: &str,
        (workflow, spec): (&str, &str),
        run: &Provenance,
    ) {
        let folder = self.identity.folder.as_ref().map(ToString::to_string);
        let values = [
            (OwnershipKey::Project, Some(self.identity.project.as_str())),
            (OwnershipKey::Folder, folder.as_deref()),
            (OwnershipKey::Name, Some(name)),
            (OwnershipKey::Workflow, Some(workflow)),
            (OwnershipKey::Spec, Some(spec)),
            (OwnershipKey::Environment, Some(&self.environment)),
            (OwnershipKey::Preview, self.preview.as_deref()),
            (OwnershipKey::Repository, self.repository.as_deref()),
            (OwnershipKey::Commit, run.commit.as_deref()),
            (OwnershipKey::Run, run.run.as_deref()),
        ];
        for (key, value) in values.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            settings.own(key, value);
        }
    }
}

impl Claim {
    /// Whether it belongs to this preview, under the identity that its project has or had: what goes when the preview goes.
    pub fn is_of_preview(&self) -> bool {
        matches!(self, Self::Ours | Self::Former(_))
    }
}

/// The project that the marks name.
fn project_of(marks: Marks<'_, '_>) -> String {
    let project = marks(OwnershipKey::Project).unwrap_or_default();
    match marks(OwnershipKey::Folder) {
        Some(folder) => format!("`{project}` in the folder `{folder}`"),
        None => format!("`{project}`"),
    }
}

/// Whose a pipeline was before it was taken over, as a clause.
fn former_owner(marks: Marks<'_, '_>) -> String {
    if marks(OwnershipKey::Project).is_none() {
        return "which dltflow had not made".to_owned();
    }
    let environment = marks(OwnershipKey::Environment).unwrap_or_default();
    format!("which belonged to the environment `{environment}` of the project {}", project_of(marks))
}

/// The ownership among the settings.
impl Settings {
    /// The value of an ownership key.
    pub fn owned(&self, key: OwnershipKey) -> Option<&str> {
        self.configuration(key.text())
    }

    /// Sets the value of an ownership key.
    pub fn own(&mut self, key: OwnershipKey, value: &str) {
        self.set_configuration(key.text(), value);
    }

    /// Sets the hash of the definition, after everything else is set.
    pub fn seal(&mut self) {
        let definition = self.definition();
        self.own(OwnershipKey::Definition, &definition);
    }

    /// The settings without the ownership that is not compared.
    #[must_use]
    pub fn comparable(&self) -> Self {
        let mut settings = self.clone();
        settings.retain_configuration(|key| NOT_COMPARED.iter().all(|not_compared| not_compared.text() != key));
        settings
    }

    /// Hash of a whole definition, 16 hex digits; the same settings give the same hash whatever commit and run.
    pub fn definition(&self) -> String {
        // The JSON of a sorted map is the same for the same content.
        hash(self.comparable().to_value().to_string())[..16].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, Owner, OwnershipKey, ProjectIdentity, Settings};
    use crate::source::RepoPath;

    fn settings(ownership: &[(OwnershipKey, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (key, value) in ownership {
            settings.own(*key, value);
        }
        settings
    }

    fn identity(project: &str, folder: Option<&str>) -> ProjectIdentity {
        ProjectIdentity { project: project.into(), folder: folder.map(|folder| RepoPath::parse(folder).unwrap()) }
    }

    /// The preview of pull request 1 in a checkout of repository 7, where the folder `b` has another project `shop`.
    fn owner(project: &str, folder: Option<&str>) -> Owner {
        Owner {
            identity: identity(project, folder),
            environment: "dev".into(),
            preview: Some("pr1".into()),
            repository: Some("7".into()),
            others: Some(vec![identity("shop", Some("b"))]),
            adopts: Vec::new(),
        }
    }

    #[test]
    fn a_pipeline_is_ours_only_where_its_whole_identity_agrees() {
        let owner = owner("shop", Some("a"));
        let ours = [
            (OwnershipKey::Project, "shop"),
            (OwnershipKey::Environment, "dev"),
            (OwnershipKey::Preview, "pr1"),
            (OwnershipKey::Name, "n"),
        ];
        let claim = |ownership: &[(OwnershipKey, &str)]| owner.claim("n", &settings(ownership));
        assert_eq!(claim(&ours), Claim::Ours);
        assert_eq!(claim(&[]), Claim::Unowned);
        assert_eq!(claim(&[&ours[..], &[(OwnershipKey::Repository, "7")]].concat()), Claim::Ours);
        for other in [
            (OwnershipKey::Project, "x"),
            (OwnershipKey::Folder, "b"),
            (OwnershipKey::Environment, "prod"),
            (OwnershipKey::Preview, "pr11"),
            (OwnershipKey::Name, "m"),
            (OwnershipKey::Repository, "8"),
        ] {
            let ownership = [&ours[..], &[other]].concat();
            assert_eq!(claim(&ownership), Claim::Foreign(format!("its `{}` is `{}`", other.0.text(), other.1)));
        }
        assert!(matches!(claim(&[ours[0], ours[1], ours[3]]), Claim::Foreign(_)), "a shared pipeline is not a preview");
    }

    #[test]
    fn a_project_that_was_renamed_or_moved_is_known_where_the_checkout_has_it_no_more() {
        let of = |marks: &[(OwnershipKey, &str)]| {
            let place = [
                (OwnershipKey::Environment, "dev"),
                (OwnershipKey::Preview, "pr1"),
                (OwnershipKey::Name, "n"),
                (OwnershipKey::Repository, "7"),
            ];
            settings(&[&place, marks].concat())
        };
        let former = |is: &str| Claim::Former(is.to_owned());
        let [project, folder, spec] = [OwnershipKey::Project, OwnershipKey::Folder, OwnershipKey::Spec];
        let renamed = owner("store", Some("a"));
        assert_eq!(renamed.claim("n", &of(&[(project, "shop"), (folder, "a")])), former("`shop` in the folder `a`"));
        assert_eq!(renamed.claim("n", &of(&[(project, "shop"), (spec, "a/w/x.yml")])), former("`shop`"));
        assert_eq!(
            owner("shop", Some("c")).claim("n", &of(&[(project, "shop"), (folder, "a")])),
            former("`shop` in the folder `a`")
        );
        let foreign = |owner: &Owner, settings: &Settings| matches!(owner.claim("n", settings), Claim::Foreign(_));
        for others in [&[(folder, "b")], &[(spec, "b/w/x.yml")]] {
            assert!(
                foreign(&renamed, &of(&[&[(project, "shop")], &others[..]].concat())),
                "it belongs to the folder b"
            );
        }
        let gone = of(&[(project, "shop"), (folder, "a")]);
        for unknown in [Owner { others: None, ..renamed.clone() }, Owner { repository: None, ..renamed.clone() }] {
            assert!(foreign(&unknown, &gone), "{unknown:?}");
        }
        for (key, other) in [(OwnershipKey::Repository, "8"), (OwnershipKey::Preview, "pr2"), (OwnershipKey::Name, "m")]
        {
            let mut elsewhere = gone.clone();
            elsewhere.own(key, other);
            assert!(foreign(&renamed, &elsewhere), "{other}");
        }
    }

    #[test]
    fn what_is_taken_over_is_named_exactly_or_differs_in_the_project_alone() {
        let place = [(OwnershipKey::Environment, "dev"), (OwnershipKey::Name, "n")];
        let of = |marks: &[(OwnershipKey, &str)]| settings(&[&place, marks].concat());
        let [project, folder] = [OwnershipKey::Project, OwnershipKey::Folder];
        let shared = Owner { preview: None, ..owner("store", Some("a")) };
        let is_taken = |line: &str, owner: &Owner, settings: &Settings| {
            let owner = Owner { adopts: vec![line.parse().unwrap()], ..owner.clone() };
            matches!(owner.claim("n", settings), Claim::Adopted(_))
        };
        let foreign = of(&[(project, "shop"), (OwnershipKey::Environment, "prod"), (OwnershipKey::Repository, "8")]);
        for (settings, by_name, by_project) in [
            (of(&[]), true, false),
            (of(&[(project, "shop"), (OwnershipKey::Spec, "a/w/x.yml")]), true, true),
            (of(&[(project, "shop"), (OwnershipKey::Spec, "b/w/x.yml")]), true, false),
            (of(&[(project, "shop")]), true, false),
            (of(&[(project, "shop"), (folder, "a"), (OwnershipKey::Repository, "7")]), true, true),
            (of(&[(project, "shopping")]), true, false),
            (of(&[(project, "shop"), (folder, "b")]), true, false),
            (of(&[(project, "shop"), (OwnershipKey::Name, "m")]), true, false),
            (of(&[(project, "shop"), (OwnershipKey::Preview, "pr1")]), true, false),
            (foreign, true, false),
            (of(&[(project, "store"), (folder, "a")]), false, false),
        ] {
            let taken = ["n", "project: shop"].map(|line| is_taken(line, &shared, &settings));
            assert_eq!(taken, [by_name, by_project], "{settings:?}");
            for line in ["m", "%", "*", "N", "project: m", "project: *"] {
                assert!(!is_taken(line, &shared, &settings), "{line} {settings:?}");
            }
            let preview = owner("store", Some("a"));
            assert!(!is_taken("n", &preview, &settings) && !is_taken("project: shop", &preview, &settings));
        }
    }

    #[test]
    fn the_folder_is_among_the_properties_and_the_settings_and_makes_no_difference() {
        let owner = owner("shop", Some(""));
        assert_eq!(owner.properties()["dltflow.folder"], ".");
        assert_eq!(owner.claim_schema(&owner.properties()), Claim::Ours);
        let mut settings = Settings::default();
        owner.claim_settings(&mut settings, "n", ("n", "w/x.yml"), &super::Provenance::default());
        assert_eq!((settings.owned(OwnershipKey::Folder), owner.claim("n", &settings)), (Some("."), Claim::Ours));
        let with = settings.definition();
        settings.own(OwnershipKey::Folder, "elsewhere");
        assert_eq!(settings.definition(), with);
    }

    #[test]
    fn commit_and_run_are_not_part_of_a_definition() {
        let of = |ownership: &[(OwnershipKey, &str)]| settings(ownership).definition();
        assert_eq!(
            of(&[(OwnershipKey::Commit, "a"), (OwnershipKey::Run, "1"), (OwnershipKey::Closure, "c")]),
            of(&[(OwnershipKey::Commit, "b"), (OwnershipKey::Closure, "c")])
        );
        assert_ne!(of(&[(OwnershipKey::Closure, "c")]), of(&[(OwnershipKey::Closure, "d")]));
    }
}
