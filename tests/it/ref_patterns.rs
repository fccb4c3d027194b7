//! Patterns of branches and tags: tables of pairs, git's own opinion of names, and a slow reference.

use dltflow::event::Ref;
use dltflow::ref_filter::{BadPattern, RefFilter, RefNames, RefPattern, Verdict};
use proptest::prelude::*;

use crate::support::{Repo, Stage};

const GIVEN: &str = include_str!("../corpora/ref_patterns/given.tsv");
const DOCUMENTED: &str = include_str!("../corpora/ref_patterns/documented.tsv");
const NEVER: &str = include_str!("../corpora/ref_patterns/never.tsv");

/// Rows of a table: patterns, name, what is expected.
fn rows(table: &str) -> impl Iterator<Item = (Vec<String>, &str, &str)> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let [patterns, name, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        (serde_json::from_str(patterns).unwrap(), name, expected)
    })
}

fn filter(patterns: &[String]) -> Result<RefFilter, BadPattern> {
    RefFilter::parse(&patterns.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What is refused since no name is matched matches none, as the tables say.
fn deploys(patterns: &[String], name: &str) -> &'static str {
    match filter(patterns) {
        Ok(filter) => match filter.verdict(name) {
            Some(Verdict::Included(_)) => "true",
            Some(Verdict::Excluded(_)) | None => "false",
        },
        Err(BadPattern::Never(_)) => "false",
        Err(_) => "error",
    }
}

#[test]
fn patterns_match_what_they_match_on_github() {
    let mut pairs = 0;
    for (patterns, name, expected) in rows(GIVEN).chain(rows(DOCUMENTED)) {
        assert_eq!(deploys(&patterns, name), expected, "{patterns:?} and {name}");
        pairs += 1;
    }
    assert!(pairs >= 150, "{pairs}");
}

#[test]
fn a_pattern_that_no_ref_matches_is_refused_with_the_reason() {
    let git = |name: &str| {
        let git = std::process::Command::new("git").args(["check-ref-format", &format!("refs/heads/{name}")]).status();
        git.unwrap().success()
    };
    for (patterns, name, reason) in rows(NEVER) {
        let refused = filter(&patterns).err();
        if reason.is_empty() {
            assert_eq!((refused, deploys(&patterns, name), git(name)), (None, "true", true), "{patterns:?} and {name}");
        } else {
            let Some(BadPattern::Never(said)) = refused else { panic!("{patterns:?}: {refused:?}") };
            assert!(said.contains(reason), "{patterns:?}: {said}");
            assert!(!git(name), "{name}");
        }
    }
}

#[test]
fn full_refs_are_those_of_branches_and_tags() {
    for (text, full, expected) in [
        ("refs/heads/main", "refs/heads/main", Ok(true)),
        ("refs/*/v[0-9]+", "refs/tags/v10", Ok(true)),
        ("refs/**", "refs/heads/a/b", Ok(true)),
        ("refs/h+eads/main", "refs/heads/main", Ok(true)),
        ("refs/tags/**", "refs/heads/a", Ok(false)),
        ("refs/pull/*/merge", "", Err("only refs that begin with")),
        ("refs/heads", "", Err("only refs that begin with")),
        ("refs/heads/", "", Err("only refs that begin with")),
        ("refs/heads/a..b", "", Err("`..`")),
    ] {
        let matched = RefPattern::parse(text, RefNames::Full).map(|pattern| pattern.matches(full));
        match (matched, expected) {
            (Err(BadPattern::Never(said)), Err(reason)) => assert!(said.contains(reason), "{text}: {said}"),
            (matched, expected) => assert_eq!(matched.ok(), expected.ok(), "{text}"),
        }
    }
}

#[test]
fn the_pattern_that_decided_is_named_as_it_was_written() {
    let filter = RefFilter::parse(&["v*", "!v1*", "v1.2"]).unwrap();
    assert_eq!(filter.verdict("v2"), Some(Verdict::Included("v*")));
    assert_eq!(filter.verdict("v1.3"), Some(Verdict::Excluded("!v1*")));
    assert_eq!(filter.verdict("v1.2"), Some(Verdict::Included("v1.2")));
    assert_eq!(filter.verdict("main"), None);
    assert!(!filter.only_excludes() && RefFilter::parse(&["!a", "!b"]).unwrap().only_excludes());
}

#[test]
fn a_pattern_costs_little_however_it_is_built() {
    for text in ["a*".repeat(150), "**a".repeat(100), "[a-z]?".repeat(50), format!("**a{}", "[ab]".repeat(70))] {
        let started = std::time::Instant::now();
        let pattern = RefPattern::parse(&text, RefNames::Short).unwrap();
        assert!(!pattern.matches(&format!("{}/", "a".repeat(4000))));
        // Exponential time would be years.
        assert!(started.elapsed().as_secs() < 20, "{text}");
    }
    assert_eq!(RefPattern::parse(&"a".repeat(301), RefNames::Short), Err(BadPattern::TooLong));
}

/// A project whose `dev` is deployed as `deploy` says.
fn deployed_by(deploy: &str) -> Stage {
    let repo = Repo::of("examples/shop");
    let file = repo.read("dltflow.yml");
    let targets =
        format!("targets: {{dev: {{workspace: {{root_path: /Shared/.dltflow/shop}}, deploy: {{{deploy}}}}}}}\n");
    repo.write("dltflow.yml", format!("{}{targets}", &file[..file.find("targets:").unwrap()])).commit("patterns");
    Stage::with(repo)
}

#[test]
fn a_release_is_deployed_by_the_pattern_of_its_workflow_and_an_excluded_branch_is_not() {
    let stage = deployed_by(r#"tags: ["v[0-9]+.[0-9]+.[0-9]+"], branches: ["releases/**", "!releases/**/old"]"#);
    for (reference, result, told) in [
        ("refs/tags/v1.2.3-rc1", "skipped", "no rule matches the tag `v1.2.3-rc1`"),
        ("refs/heads/releases/1/old", "skipped", "the branch `releases/1/old` is excluded by `!releases/**/old` in"),
        ("refs/tags/v1.2.3", "deployed", "maps to `dev` by `v[0-9]+.[0-9]+.[0-9]+` in"),
        ("refs/heads/releases/1/new", "unchanged", "maps to `dev` by `releases/**` in"),
    ] {
        stage.repo.git(&["update-ref", reference, "HEAD"]);
        let ran = stage.run(&stage.on_push(reference, None));
        ran.ended(0, result);
        assert!(ran.stdout.contains(told) || ran.stderr.contains(told), "{reference}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_pattern_that_cannot_match_ends_the_run_and_says_where() {
    let stage = deployed_by(r#"branches: ["v 1"]"#);
    let ran = stage.run(&stage.on_push("refs/heads/main", None));
    ran.ended(2, "failed");
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("`v 1` can never match") && said.contains("dltflow.yml"), "{said}");
    let stage = deployed_by("branches: [main]");
    let mut runner = stage.on_push("refs/heads/main", None);
    runner.input("environments", "**: dev\n!main: dev");
    let ran = stage.run(&runner);
    ran.ended(2, "failed");
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("`!main` in line 2 of the input `environments`"));
}

/// What a pattern is made of, for the reference below.
#[derive(Clone, Debug)]
enum Part {
    One(Vec<char>),
    Within,
    Anything,
    Folders,
}

#[derive(Clone, Debug)]
struct Token {
    text: String,
    part: Part,
    least: usize,
    most: usize,
}

/// Tries every way to split the name: slow, and nothing like an automaton.
fn reference(tokens: &[Token], name: &[char]) -> bool {
    let Some((token, rest)) = tokens.split_first() else { return name.is_empty() };
    let fits = |taken: &[char]| match &token.part {
        Part::One(set) => (token.least..=token.most).contains(&taken.len()) && taken.iter().all(|c| set.contains(c)),
        Part::Within => !taken.contains(&'/'),
        Part::Anything => true,
        Part::Folders => taken.is_empty() || (taken.len() > 1 && taken.ends_with(&['/'])),
    };
    (0..=name.len()).any(|length| fits(&name[..length]) && reference(rest, &name[length..]))
}

fn token() -> impl Strategy<Value = Token> {
    let one = |text: &str, set: &str| (text.to_owned(), Part::One(set.chars().collect()));
    let characters = prop::sample::select(vec![
        one("a", "a"),
        one("b", "b"),
        one("-", "-"),
        one("(", "("),
        one("|", "|"),
        one("$", "$"),
        one("é", "é"),
        one(r"\+", "+"),
        one(r"\!", "!"),
        one("[a-c]", "abc"),
        one("[b1-3]", "b123"),
        one("[_]", "_"),
        one("/", "/"),
    ]);
    let counts =
        prop::sample::select(vec![("", 1, 1), ("", 1, 1), ("?", 0, 1), ("+", 1, 99), ("+?", 1, 99), ("??", 0, 1)]);
    let counted = (characters, counts).prop_map(|((text, part), (count, least, most))| Token {
        text: format!("{text}{count}"),
        part,
        least,
        most,
    });
    let wild = |text: &str, part| Token { text: text.to_owned(), part, least: 0, most: 0 };
    let wild = prop::sample::select(vec![wild("*", Part::Within), wild("**", Part::Anything)]);
    prop_oneof![4 => counted, 1 => wild]
}

/// Tokens whose texts do not run into each other: a `*` after another would be read as one with it, and `**/` is a token of
/// its own where a part begins.
fn pattern() -> impl Strategy<Value = Vec<Token>> {
    let folders = Token { text: "**/".to_owned(), part: Part::Folders, least: 0, most: 0 };
    let begins_with_folders = any::<bool>();
    (begins_with_folders, prop::collection::vec(token(), 1..6)).prop_map(move |(begins, mut tokens)| {
        tokens.dedup_by(|next, before| next.text.starts_with('*') && before.text.starts_with('*'));
        let runs_on = |at: usize, tokens: &[Token]| {
            tokens[at].text == "**"
                && (at == 0 || ["/", "**/"].contains(&tokens[at - 1].text.as_str()))
                && tokens.get(at + 1).is_some_and(|next| next.text.starts_with('/'))
        };
        if begins {
            if tokens[0].text.starts_with('*') {
                tokens.remove(0);
            }
            tokens.insert(0, folders.clone());
        }
        while let Some(at) = (0..tokens.len()).find(|at| runs_on(*at, &tokens)) {
            tokens.remove(at);
        }
        tokens
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn every_pattern_matches_what_a_slow_search_matches(tokens in pattern(), name in "[abc1_/(|$+!é-]{0,7}") {
        let text: String = tokens.iter().map(|token| token.text.as_str()).collect();
        let expected = reference(&tokens, &name.chars().collect::<Vec<_>>());
        match RefPattern::parse(&text, RefNames::Short) {
            Ok(pattern) => prop_assert_eq!(pattern.matches(&name), expected, "{} and {}", text, name),
            Err(BadPattern::Never(_)) => {
                let is_ref = Ref::parse(&format!("refs/heads/{name}")).is_some() && !name.ends_with('/');
                prop_assert!(!(expected && is_ref), "{} and {}", text, name);
            }
            Err(bad) => prop_assert!(false, "{text}: {bad}"),
        }
    }

    #[test]
    fn no_text_is_more_than_a_pattern_or_an_error(text in r"\PC{0,40}", name in r"\PC{0,40}") {
        if let Ok(pattern) = RefPattern::parse(&text, RefNames::Short) {
            pattern.matches(&name);
        }
    }
}
